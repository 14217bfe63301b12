"""Where a block stands: chapter, entity, store, dialect, from the headings and labels above it."""

import re
from collections.abc import Iterator
from functools import lru_cache

from asbuilt.document.blocks import Block, Document, Fence, Heading, List, Table
from asbuilt.evidence import Chapter
from asbuilt.model.entities import Store
from asbuilt.model.names import words
from asbuilt.reading.chapters import chapter_named, speaks_of_the_future
from asbuilt.reading.reader import Context
from asbuilt.text import Excerpt

_NUMBER = re.compile(r"^\s*(?:(?:\d+(?:\.\d+)*|[IVX]+|[A-Z])[.)、:]?\s+|\d+(?:\.\d+)*[.)、]\s*)")
_GLOSS = re.compile(r"\s*(?:[-–—:：|]\s|[(（\[【]|\s[-–—]{1,2}\s).*$", re.DOTALL)
_NOUN = re.compile(
    r"^(?:the\s+)?(?:table|entity|collection|model|таблица|сущность|tabela|tabla|entidade|entidad|表|テーブル|테이블)\s*[:：]?\s+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s*(?:tables?|entit(?:y|ies)|collections?|models?|schema|表|テーブル|테이블|엔티티|таблица)\s*$", re.IGNORECASE
)
_NAME = re.compile(r"^[A-Za-z_][\w.$]*(?:[ -][A-Za-z_][\w]*){0,2}$")
_GENERIC = frozenset(
    ["core", "main", "common", "shared", "base", "basic", "general", "key", "other", "additional", "entity", "entities", "table", "tables", "field", "fields", "column", "columns", "attribute", "attributes", "schema", "schemas", "data", "database", "databases", "model", "models", "definition", "definitions", "specification", "specifications", "description", "details", "overview", "purpose", "example", "examples", "notes", "note", "structure", "design", "diagram", "summary", "list", "reference", "types", "type", "sql", "nosql", "implementation", "index", "indexes", "indices", "relationship", "relationships", "relations", "constraint", "constraints", "lifecycle", "values", "enum", "enums", "ddl", "erd", "trigger", "triggers", "function", "functions", "view", "views", "rules", "policies", "policy", "properties", "json", "interface", "typescript", "usage", "queries", "query", "management"]
)
_PARTS = frozenset(
    ["field", "fields", "column", "columns", "attribute", "attributes", "schema", "index", "indexes", "indices", "relationship", "relationships", "relations", "constraint", "constraints", "purpose", "lifecycle", "notes", "note", "values", "trigger", "triggers", "rules", "ddl", "sql", "definition", "structure", "description", "example", "examples", "properties", "key", "keys", "字段", "索引", "约束", "说明", "关系", "поля", "индексы", "필드", "인덱스", "フィールド", "インデックス", "campos", "índices"]
)
_ABSTRACT = frozenset(
    ["strategy", "strategies", "plan", "plans", "planning", "policies", "policy", "control", "controls", "security", "management", "trail", "testing", "monitoring", "maintenance", "schedule", "schedules", "procedure", "procedures", "pattern", "patterns", "optimization", "optimisation", "considerations", "performance", "integrity", "validation", "recovery", "backup", "backups", "caching", "cache", "migration", "migrations", "retention", "privacy", "encryption", "compliance", "keys", "projections", "projection", "targets", "partitioning", "indexing", "seeding", "fixtures", "scenarios", "observability", "versioning", "rollback", "access", "crud", "flow", "sources", "synchronization", "transformations", "uploads", "storage", "checklist", "steps", "log", "changelog", "requirements", "handling", "layer", "api", "volume", "metrics", "alerts", "checks", "erasure", "anonymization", "classification", "deletion", "search", "scaling", "sharding", "replication", "logging", "authentication", "authorization"]
)
_STORES: tuple[tuple[Store, str], ...] = (
    (Store.MONGODB, "mongo"),
    (Store.DYNAMODB, "dynamo"),
    (Store.FIRESTORE, "firestore"),
    (Store.FIRESTORE, "firebase"),
)
_DIALECTS = (
    ("postgresql", "postgres"),
    ("mysql", "mysql"),
    ("mysql", "mariadb"),
    ("sqlite", "sqlite"),
    ("tsql", "sql server"),
    ("tsql", "mssql"),
    ("oracle", "oracle"),
)


def contexts(document: Document) -> "Contexts":
    """Return a lookup from a block of `document` to its context."""
    return Contexts(document)


class Contexts:
    """The contexts of one document's blocks; blocks under the same headings share the work."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._dialect = document_dialect(document.source.text)
        self._known: dict[tuple[Heading, ...], Context] = {}

    def of(self, block: Block) -> Context:
        context = self._known.get(block.path)
        if context is None:
            context = self._known[block.path] = self._under(block.path)
        label = block.label if isinstance(block, Fence | Table | List) else None
        return self._labelled(context, label) if label is not None else context

    def _under(self, path: tuple[Heading, ...]) -> Context:
        entity = next(_entities(path), None)
        titles = [h.text.text for h in reversed(path)]
        return Context(
            self._document,
            chapter=_chapter(titles),
            entity=entity.text if entity else None,
            entity_span=entity.span() if entity else None,
            store=next((store for title in titles if (store := store_named(title))), Store.RELATIONAL),
            dialect=next((d for title in titles if (d := dialect_named(title))), self._dialect),
            is_planned=any(map(speaks_of_the_future, titles)),
        )

    def _labelled(self, context: Context, label: Excerpt) -> Context:
        """A label (`**SQLite:**`, `Users table:`) tells more than the headings above it."""
        named = entity_named(label) if _TAIL.search(label.text.rstrip(" :：")) else None
        return Context(
            context.document,
            context.chapter,
            named.text if named else context.entity,
            named.span() if named else context.entity_span,
            store_named(label.text) or context.store,
            dialect_named(label.text) or context.dialect,
            context.is_planned or speaks_of_the_future(label.text),
        )


def _chapter(titles: list[str]) -> Chapter:
    """The innermost heading with a meaning decides; a mere part of an entity (`Fields`) leaves it to those above."""
    found = [chapter for title in titles if (chapter := chapter_named(title))]
    if not found:
        return Chapter.OVERVIEW
    if found[0] == Chapter.ENTITIES:
        outer = next((c for c in found[1:] if c not in (Chapter.ENTITIES, Chapter.OVERVIEW)), None)
        return outer or Chapter.ENTITIES
    return found[0]


def _entities(path: tuple[Heading, ...]) -> Iterator[Excerpt]:
    """Yield the entity that the innermost telling heading names; parts (`Indexes`) pass the question upwards."""
    for heading in reversed(path):
        found = entity_named(heading.text)
        if found is not None:
            yield found
            return
        if not _is_part(heading.text.text):
            return


def _is_part(title: str) -> bool:
    spoken = set(words(_NUMBER.sub("", title)))
    return bool(spoken) and spoken <= _PARTS | {"and", "of", "the"}


def entity_named(title: Excerpt) -> Excerpt | None:
    """Return the entity that a heading or label names, as written there, or None.

    `2.1 users - 用户表`, `Users Table`, `### Table: users` and `` `users` `` name one; `Core Entities` does not.
    """
    start, end = _trim(title.text)
    name = title.text[start:end]
    if not _NAME.match(name) or not any(c.isalpha() for c in name):
        return None
    spoken = words(name)
    if all(word in _GENERIC for word in spoken) or _is_chapter_title(name, title.text):
        return None
    return title.cut(start, end)


@lru_cache(maxsize=4096)
def _trim(text: str) -> tuple[int, int]:
    """Return where the bare name stands in a heading's text: no number, noun, gloss, quotes."""
    number = _NUMBER.match(text)
    start = number.end() if number else 0
    start += len(text[start:]) - len(text[start:].lstrip(" `*\"'📋🔑👤📦"))
    noun = _NOUN.match(text[start:])
    start += noun.end() if noun else 0
    gloss = _GLOSS.search(text, start)
    end = gloss.start() if gloss and gloss.start() > start else len(text)
    tail = _TAIL.search(text[start:end])
    if tail and tail.start() > 0:
        end = start + tail.start()
    while end > start and text[end - 1] in " `*\"':：":
        end -= 1
    while start < end and text[start] in "`*\"' ":
        start += 1
    return start, end


def _is_chapter_title(name: str, title: str) -> bool:
    """`Backup Strategy` opens a chapter; `backup_jobs`, `User Sessions` and `Roles Table` name an entity."""
    if "_" in name or _TAIL.search(title) or "`" in title:
        return False
    return chapter_named(name) is not None and words(name)[-1] in _GENERIC | _ABSTRACT


def store_named(text: str) -> Store | None:
    """Return the kind of store that a heading or label speaks of, if any."""
    lowered = text.lower()
    return next((store for store, word in _STORES if word in lowered), None)


def dialect_named(text: str) -> str | None:
    """Return the SQL dialect that a heading or label speaks of, if it speaks of exactly one."""
    lowered = text.lower()
    found = {dialect for dialect, word in _DIALECTS if word in lowered}
    return found.pop() if len(found) == 1 else None


def document_dialect(text: str) -> str:
    """Return the dialect of a document: PostgreSQL where it is named at all or nothing is, else what is named first."""
    lowered = text.lower()
    places = sorted((at, dialect) for dialect, word in _DIALECTS if (at := lowered.find(word)) >= 0)
    if not places or any(dialect == "postgresql" for _, dialect in places):
        return "postgresql"
    return places[0][1]
