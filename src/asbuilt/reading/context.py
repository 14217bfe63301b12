"""Where a block stands: chapter, entity, store, dialect, from the headings and labels above it."""

import re
from functools import cached_property, lru_cache

from asbuilt.document.blocks import Block, Document, Fence, Heading, List, Table
from asbuilt.evidence import Chapter
from asbuilt.model.entities import Store
from asbuilt.reading.chapter_names import chapter_named, names_the_whole, speaks_of_the_future
from asbuilt.reading.headings import entity_named, is_path, names_a_part, names_plainly
from asbuilt.reading.reader import Context
from asbuilt.text import Excerpt

_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
# From this level on a heading that names an entity says nothing of the chapter.
_DEEP = 3
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
        self._store = document_store(document.source.text)
        self._known: dict[int, Context] = {}

    def of(self, block: Block) -> Context:
        innermost = block.path[-1].span.start if block.path else -1
        context = self._known.get(innermost)
        if context is None:
            context = self._known[innermost] = self._under(block.path)
        label = block.label if isinstance(block, Fence | Table | List) else None
        return self._labelled(context, label) if label is not None else context

    def _under(self, path: tuple[Heading, ...]) -> Context:
        titles = [words_of(heading) for heading in reversed(path)]
        store = next((store for title in titles if (store := store_named(title))), None)
        entity = _entity(path)
        if any(is_path(heading.text.text) for heading in path):
            store = store or self._store_of_paths
            entity = entity if store == Store.FIRESTORE else None
        return Context(
            self._document,
            chapter=_chapter(path),
            entity=entity.text if entity else None,
            entity_span=entity.span() if entity else None,
            store=store or self._store,
            dialect=next((d for title in titles if (d := dialect_named(title))), self._dialect),
            is_planned=any(map(speaks_of_the_future, titles)),
        )

    @cached_property
    def _store_of_paths(self) -> Store | None:
        """The store of headings that are paths (`users/{userId}`): Firestore where the document speaks of it; else they are an API's."""
        text = self._document.source.text.lower()
        return Store.FIRESTORE if "firestore" in text or "firebase" in text else None

    def _labelled(self, context: Context, label: Excerpt) -> Context:
        """A label (`**SQLite:**`, `Users table:`) tells more than the headings above it."""
        named = entity_named(label) if names_plainly(label.text) else None
        return Context(
            context.document,
            context.chapter,
            named.text if named else context.entity,
            named.span() if named else context.entity_span,
            store_named(label.text) or context.store,
            dialect_named(label.text) or context.dialect,
            context.is_planned or speaks_of_the_future(label.text),
        )


def _chapter(path: tuple[Heading, ...]) -> Chapter:
    """The innermost heading with a meaning decides; what only names an entity (`health_records`) leaves it to those above."""
    titles = [h for h in reversed(path) if h.level < _DEEP or entity_named(h.text, h.raw) is None]
    telling = [h for h in titles or reversed(path) if not (h.level == 1 and names_the_whole(h.text.text))]
    found = [c for heading in telling if (c := chapter_named(words_of(heading)))]
    if not found:
        return Chapter.OVERVIEW
    if found[0] == Chapter.ENTITIES:
        outer = next((c for c in found[1:] if c not in (Chapter.ENTITIES, Chapter.OVERVIEW)), None)
        return outer or Chapter.ENTITIES
    return found[0]


def words_of(heading: Heading) -> str:
    """Return what a heading says in words: a name in code (`` `migrations` ``) is the name of something, and says nothing."""
    return _CODE.sub(" ", heading.raw) if "`" in heading.raw else heading.text.text


def _entity(path: tuple[Heading, ...]) -> Excerpt | None:
    """Return the entity that the innermost telling heading names; parts (`Indexes`) pass the question upwards."""
    for heading in reversed(path):
        found = entity_named(heading.text, heading.raw)
        if found is not None:
            is_title = heading.level == 1 and not names_plainly(heading.text.text, heading.raw)
            return None if is_title else found
        if not names_a_part(heading.text.text):
            return None
    return None


@lru_cache(maxsize=4096)
def store_named(text: str) -> Store | None:
    """Return the kind of store that a heading or label speaks of, if any."""
    lowered = text.lower()
    return next((store for store, word in _STORES if word in lowered), None)


def document_store(text: str) -> Store:
    """Return the store of a document: the relational one unless it speaks of another one and of nothing relational."""
    lowered = text.lower()
    if "create table" in lowered or any(word in lowered for _, word in _DIALECTS):
        return Store.RELATIONAL
    found = (store for store, word in _STORES if word in lowered and _MARKS.get(store, word) in lowered)
    return next(found, Store.RELATIONAL)


_MARKS = {Store.MONGODB: "objectid", Store.FIRESTORE: "collection", Store.DYNAMODB: "partition"}
"""What a document says too that has its data in such a store."""


@lru_cache(maxsize=4096)
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
