"""The indexes that a sentence states: `INDEX idx_a ON t(created_at DESC)`, `idx_users_email (email) - for login`, `post: title, language`."""

import re
from collections.abc import Iterator

from asbuilt.model.entities import IndexKey, IndexMention, PrimaryKeyMention
from asbuilt.model.fact import Fact, Form
from asbuilt.model.revising import revised
from asbuilt.reading.phrases.index_keys import groups_in, keys_in, method_in, says_unique
from asbuilt.reading.phrases.pieces import bare
from asbuilt.reading.reader import Context
from asbuilt.text import Excerpt

_BALANCED = r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"
_NAME = r"(?P<name>(?:idx|ix|uq|uk|ux|pk|index|uniq|unique)_\w+|\w+_(?:idx|key|index|uniq|pkey|gin|gist|uk))(?![A-Za-z0-9_])"
_NAME_ALONE = re.compile(r"(?:idx|ix|uq|uk|ux)_\w+|\w+_(?:idx|pkey|gin|gist)", re.IGNORECASE)
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
LISTED = re.compile(r"^[\W]*(?P<entity>[A-Za-z_]\w*)[`*]*\s*[:：]\s*(?P<list>.+)$", re.DOTALL)
_BARE = re.compile(
    rf"^\W*?(?P<keys>{_BALANCED}|[A-Za-z_]\w*(?:\s+(?:DESC|ASC))?(?:\s*[,+、]\s*[A-Za-z_]\w*(?:\s+(?:DESC|ASC))?)*)(?P<rest>(?:\s*[(（:：\-–—].*|\s+(?:for|to|by|used)\b.*)?)$",
    re.DOTALL,
)


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
    listed = LISTED.match(text.text)
    if listed:
        return tuple(listed_indexes(text.cut(*listed.span("list")), listed["entity"], None)) or _described(
            text, listed, entity
        )
    plain = _BARE.match(text.text)
    if not plain or not entity or plain["keys"][0].isupper() or _is_name(plain["keys"], entity):
        return ()
    return _one(text, plain, entity)


def _is_name(word: str, entity: str) -> bool:
    """`idx_users_email`, `fk_orders_user` under `orders`: the name of an index or a key alone says nothing of its columns."""
    return _NAME_ALONE.fullmatch(word) is not None or word.lower().startswith(f"fk_{entity.lower()}_")


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


def listed_indexes(listed: Excerpt, entity: str, rationale: str | None) -> Iterator[Fact]:
    """Yield an index for each column of the list, and one for each bracket; nothing where a piece is neither or names an index."""
    found: list[Fact] = []
    for piece in groups_in(listed):
        named = _NAMED.match(piece.text)
        own = _one(piece, named, named["entity"] or named["owner"] or entity) if named else ()
        if own:
            found += own
            continue
        name = bare(piece)
        unique = re.fullmatch(r"(?P<key>[A-Za-z_]\w*|\([^()]*\))\s*\((?P<remark>[^()]+)\)", name.text)
        keys = keys_in(name.cut(*unique.span("key")) if unique else name)
        if keys is None or _NAME_ALONE.fullmatch(name.text):
            return
        found.append(_mention(piece, entity, keys, rationale=rationale or "", said=unique["remark"] if unique else ""))
    yield from found


def in_store(fact: Fact, context: Context) -> Fact:
    """Return an index or a key as one of the store that the block speaks of."""
    return revised(fact, store=context.store) if isinstance(fact, IndexMention | PrimaryKeyMention) else fact
