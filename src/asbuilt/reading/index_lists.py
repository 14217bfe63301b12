"""Bullets and lines about indexes: `idx_users_email (email) - for login`, `post：title、language、以及 (post_id, created_at)`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from asbuilt.document.blocks import Block, Item, List, Paragraph
from asbuilt.evidence import Chapter
from asbuilt.model.entities import EntityMention, FieldMention, IndexKey, IndexMention, PrimaryKeyMention
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.index_keys import groups_in, keys_in, method_in, says_unique
from asbuilt.reading.leftovers import facts_in_words
from asbuilt.reading.pieces import bare, is_identifier
from asbuilt.reading.placeholders import find_placeholders
from asbuilt.reading.reader import Context, Reading
from asbuilt.reading.table_layouts import INDEX_WORD
from asbuilt.text import Excerpt

_CHAPTERS = frozenset({Chapter.OVERVIEW, Chapter.ENTITIES, Chapter.INTEGRITY, Chapter.VOLUME})
_BALANCED = r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"
_NAME = r"(?P<name>(?:idx|ix|uq|uk|ux|pk|index|uniq|unique)_\w+|\w+_(?:idx|key|index|uniq|pkey|gin|gist|uk))"
_STATEMENT = re.compile(
    rf"^\W*(?:create\s+)?(?P<unique>unique\s+)?(?:(?P<kind>primary\s+key)|(?:(?P<how>\w+)\s+)?(?:index|key))\s*(?:{_NAME.replace('?P<name>', '?P<named>')}\s*)?"
    rf"(?:[:：]?\s*on\s+(?P<entity>[A-Za-z_]\w*)\s*)?(?:using\s+(?P<method>\w+)\s*)?(?P<keys>{_BALANCED})(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_NAMED = re.compile(
    rf"^\W*{_NAME}\s*[:：]?\s*(?:on\s+)?(?:(?P<entity>[A-Za-z_]\w*)\s*(?=\()|(?P<owner>[A-Za-z_]\w*)\.(?=\w))?(?P<keys>{_BALANCED}|[A-Za-z_]\w*)(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_SPOKEN = re.compile(
    rf"^\W*(?P<how>(?:(?:unique|composite|compound|partial|b-?tree|gin|gist|hash|brin|full[\s-]?text|covering|foreign\s+key|secondary|primary)\s+)*)index(?:es)?\s+(?:on|for|over)\s+"
    rf"(?:(?P<entity>[A-Za-z_]\w*)\s*(?=\()|(?P<owner>[A-Za-z_]\w*)\.(?=\w))?(?P<keys>{_BALANCED}|[A-Za-z_]\w*(?:\s*(?:,|\+)\s*(?!unique\b)[A-Za-z_]\w*)*)(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_OWNED = re.compile(
    rf"^\W*(?P<entity>[A-Za-z_]\w*)\s*(?:\.\s*(?P<column>[A-Za-z_]\w*)|(?P<keys>{_BALANCED}))(?P<rest>.*)$", re.DOTALL
)
_LISTED = re.compile(r"^[\W]*(?P<entity>[A-Za-z_]\w*)[`*]*\s*[:：]\s*(?P<list>.+)$", re.DOTALL)
_BARE = re.compile(
    rf"^\W*?(?P<keys>{_BALANCED}|[A-Za-z_]\w*(?:\s+(?:DESC|ASC))?(?:\s*[,+、]\s*[A-Za-z_]\w*(?:\s+(?:DESC|ASC))?)*)(?P<rest>(?:\s*[(（:：\-–—].*|\s+(?:for|to|by|used)\b.*)?)$",
    re.DOTALL,
)
_MUST_HOLD = re.compile(r"包含|include|contain|содерж|포함|含む", re.IGNORECASE)
_LABEL = re.compile(
    r"^\W*(?:indexes|indices|index|索引|индексы|인덱스|インデックス|índices|indeksler|indeks)\W*[:：]\W*(?P<list>.+)$",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Standing:
    """Whose indexes are listed here, and whether anything above says that indexes are listed."""

    entity: str | None
    is_about_indexes: bool


def read_index_list(block: List, context: Context) -> Reading | None:
    """Read a list most of whose items state indexes."""
    if context.chapter not in _CHAPTERS:
        return None
    standing = _Standing(context.entity, _is_about_indexes(block))
    found = [(item, _facts_of(item, standing, context)) for item in block.items if item.text.text.strip()]
    told = sum(bool(facts) for _, facts in found)
    if not told or told * 2 < len([item for item, _ in found if not find_placeholders(item.raw)]):
        return None
    return Reading(
        tuple(_stored(fact, context) for item, facts in found for fact in facts or facts_in_words(item, block, context))
    )


def read_index_line(block: Block, context: Context) -> Reading | None:
    """Read a line `**Indexes**: email, (user_id, created_at)` under an entity's heading."""
    if not isinstance(block, Paragraph) or not context.entity or "\n" in block.text.text.strip():
        return None
    label = _LABEL.match(block.text.text)
    if not label or find_placeholders(block.raw):
        return None
    found = tuple(_groups(block.text.cut(*label.span("list")), context.entity, None))
    return Reading(tuple(_stored(index, context) for index in found)) if found else None


def _stored(fact: Fact, context: Context) -> Fact:
    return replace(fact, store=context.store) if isinstance(fact, IndexMention | PrimaryKeyMention) else fact


def _is_about_indexes(block: List) -> bool:
    label = block.label.text if block.label else ""
    heading = block.heading.text.text if block.heading else ""
    return bool(INDEX_WORD.search(label) or (not label and INDEX_WORD.search(heading)) or INDEX_WORD.search(heading))


def _facts_of(item: Item, standing: _Standing, context: Context) -> tuple[Fact, ...]:
    """Return what an item states: itself, or, where it only names the entity, its nested items."""
    text = item.text.strip()
    own = indexes_in(text, standing.entity, is_about_indexes=standing.is_about_indexes)
    nested = [child for child in item.children if isinstance(child, List)]
    if own or not nested or not standing.is_about_indexes:
        return own or (_kept_fields(item, context) if standing.is_about_indexes else ())
    name = bare(text).text.rstrip(":：")
    inner = _Standing(name if re.fullmatch(r"[A-Za-z_]\w*", name) else standing.entity, True)
    return tuple(fact for child in nested for one in child.items for fact in _facts_of(one, inner, context))


def indexes_in(text: Excerpt, entity: str | None, *, is_about_indexes: bool) -> tuple[Fact, ...]:
    """Return the indexes that a bullet states; without a word about indexes above, the bullet must say it itself."""
    statement = _STATEMENT.match(text.text)
    if statement:
        return _from_statement(statement, text, entity)
    found = _NAMED.match(text.text) or _SPOKEN.match(text.text)
    if found:
        return _one(text, found, found["entity"] or found["owner"] or entity)
    if not is_about_indexes:
        return ()
    return _unsaid(text, entity)


def _unsaid(text: Excerpt, entity: str | None) -> tuple[Fact, ...]:
    """Bullets that are about indexes only because of what stands above them."""
    owned = _OWNED.match(text.text)
    if (
        owned
        and (owned["column"] or not entity or "(" in text.text[: owned.end("keys")])
        and not _is_gloss(owned, entity)
    ):
        return _one(text, owned, owned["entity"])
    listed = _LISTED.match(text.text)
    if listed:
        return tuple(_groups(text.cut(*listed.span("list")), listed["entity"], None)) or _described(
            text, listed, entity
        )
    plain = _BARE.match(text.text)
    return _one(text, plain, entity) if plain and entity and not plain["keys"][0].isupper() else ()


def _is_gloss(owned: re.Match[str], entity: str | None) -> bool:
    """`email (unique)` under an entity's heading is a column with a remark, `users (email)` an entity with a column."""
    inner = (owned["keys"] or "").strip("()").lower()
    return (
        bool(entity)
        and not owned["column"]
        and (says_unique(inner) or method_in(inner) is not None or " " in inner.replace(", ", ","))
    )


def _described(text: Excerpt, listed: re.Match[str], entity: str | None) -> tuple[Fact, ...]:
    """`email: for login`: a column of the heading's entity and why it has an index."""
    if not entity:
        return ()
    name = text.cut(*listed.span("entity"))
    key = IndexKey(name.text, name.span())
    return (_mention(text, entity, (key,), rationale=listed["list"].strip(), said=listed["list"]),)


def _from_statement(found: re.Match[str], text: Excerpt, entity: str | None) -> tuple[Fact, ...]:
    owner = found["entity"] or entity
    keys = keys_in(text.cut(*found.span("keys")))
    if not owner or keys is None:
        return ()
    if found["kind"]:
        columns = tuple(key.text for key in keys)
        return (PrimaryKeyMention(span=text.span(), form=Form.LISTING, entity=owner, columns=columns),)
    said = f"{found['method'] or ''} {found['how'] or ''} {'unique' if found['unique'] else ''}"
    return (_mention(text, owner, keys, found["named"], found["rest"], said, _predicate(found["rest"])),)


def _one(text: Excerpt, found: re.Match[str], entity: str | None) -> tuple[Fact, ...]:
    groups = found.groupdict()
    column = "column" if groups.get("column") else "keys"
    keys = keys_in(text.cut(*found.span(column)))
    if not entity or keys is None:
        return ()
    rest = re.sub(r"^\s*,\s*unique\s*:\s*true", "(unique)", groups["rest"] or "", flags=re.IGNORECASE)
    said = f"{groups.get('how') or ''} {' '.join(re.findall(r'[(（]([^()（）]*)[)）]', rest))} {((groups.get('name') or '')[:3] in ('uq_', 'uk_', 'ux_') and 'unique') or ''}"
    return (_mention(text, entity, keys, groups.get("name"), rest, said, _predicate(rest)),)


def _predicate(rest: str) -> str | None:
    found = re.match(r"\s*where\s+(?P<predicate>.+?)\s*(?:$|\s[-–—]\s)", rest, re.IGNORECASE | re.DOTALL)
    return found["predicate"] if found else None


def _mention(
    text: Excerpt,
    entity: str,
    keys: tuple[IndexKey, ...],
    name: str | None = None,
    rationale: str = "",
    said: str = "",
    predicate: str | None = None,
) -> IndexMention:
    why = "" if predicate and predicate in rationale else rationale.strip(" \t-–—:：,.。`;()（）")
    return IndexMention(
        span=text.span(),
        form=Form.LISTING,
        entity=entity,
        name=name,
        keys=keys,
        method=method_in(said) or method_in(rationale),
        is_unique=says_unique(said),
        predicate=predicate,
        rationale="" if says_unique(why) and len(why) < 8 else why,
    )


def _groups(listed: Excerpt, entity: str, rationale: str | None) -> Iterator[IndexMention]:
    """Yield an index for each column of the list, and one for each bracket; nothing where a piece is neither."""
    found: list[IndexMention] = []
    for piece in groups_in(listed):
        name = bare(piece)
        unique = re.fullmatch(r"(?P<key>[A-Za-z_]\w*|\([^()]*\))\s*\((?P<remark>[^()]+)\)", name.text)
        keys = keys_in(name.cut(*unique.span("key")) if unique else name)
        if keys is None:
            return
        found.append(_mention(piece, entity, keys, rationale=rationale or "", said=unique["remark"] if unique else ""))
    yield from found


def _kept_fields(item: Item, context: Context) -> tuple[Fact, ...]:
    """`ai_tasks: must contain category, …` in a list of indexes names fields that have to be there."""
    listed = _LISTED.match(item.text.text)
    fields = tuple(
        FieldMention(span=code.span(), form=Form.LISTING, name=code.text, name_span=code.span())
        for code in item.codes
        if is_identifier(code.text)
    )
    if not listed or not fields or not _MUST_HOLD.search(listed["list"]):
        return ()
    owner = item.text.cut(*listed.span("entity"))
    span = item.text.strip().span()
    return (
        EntityMention(
            span=span, form=Form.LISTING, name=owner.text, name_span=owner.span(), fields=fields, store=context.store
        ),
    )
