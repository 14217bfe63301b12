"""Cache keys outside code: YAML and plain text in fences, lists, tables, label lines."""

import re
from collections.abc import Iterator

from asbuilt.document.blocks import Block, Fence, Item, List, Paragraph, Row, Table
from asbuilt.evidence import Chapter
from asbuilt.model.chapters import CacheKey
from asbuilt.model.fact import Fact, Form, Statement
from asbuilt.model.revising import revised
from asbuilt.reading.chapters.cache_lines import (
    PATTERN,
    is_pattern,
    key_in,
    key_of,
    ttl_value,
    with_invalidation,
)
from asbuilt.reading.code.languages import Language, language_of
from asbuilt.reading.code.yaml_lines import Node, parse, unquoted
from asbuilt.reading.phrases.pieces import cell_at, is_nothing
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Excerpt, Span

_KEYS = ("key", "pattern", "keypattern", "cachekey", "rediskey", "keyformat")
_TTLS = ("ttl", "expires", "expiry", "expiration", "expire", "ttlseconds", "lifetime", "expiresin")
_INVALIDATIONS = (
    "invalidate",
    "invalidateon",
    "invalidation",
    "invalidates",
    "invalidatedby",
    "invalidatedon",
    "evict",
    "eviction",
    "evicton",
)
_COMMAND = re.compile(
    r"^\s*(?P<verb>SET|SETEX|PSETEX|HSET|HMSET|HGETALL|GET|DEL|EXPIRE|INCR|SADD|ZADD|LPUSH|RPUSH|UNLINK)\s+(?P<key>\S+)(?P<rest>.*)$",
    re.IGNORECASE,
)


def read_cache_fence(block: Block, context: Context) -> Reading | None:
    """Read keys with their TTL and invalidation: groups of lines, nested mappings, commands, one key a line.

    Example: `key: "user:{id}"` with `ttl: 3600` below it is a key that lives for an hour.
    """
    if language_of(block) != Language.CACHE or not isinstance(block, Fence):
        return None
    root = parse(block.body)
    found = {entry.pattern_span: entry for entry in (*_grouped(root), *_loose(root))}
    facts = tuple(sorted(found.values(), key=lambda entry: entry.span))
    return Reading(facts, prose=(block.span,), unread=() if facts else (block.body.strip().span(),))


def _grouped(node: Node) -> Iterator[CacheKey]:
    """Yield an entry for each line that names a key; the lines up to the next such line belong to it."""
    starts = [i for i, child in enumerate(node.children) if child.word in _KEYS and child.value is not None]
    for start, end in zip(starts, [*starts[1:], len(node.children)], strict=False):
        first = node.children[start]
        if first.value is None or not _is_key(first.text):
            continue
        lines = node.children[start if len(starts) > 1 else 0 : end]
        name = first.title or (node.key if len(starts) == 1 and node.key else None) or _named(lines)
        span = Span.cover([line.span for line in lines] + ([node.line] if len(starts) == 1 and node.key else []))
        yield _with_lines(key_of(first.value, name or "", span, Form.YAML), lines)
    for child in node.children:
        yield from _grouped(child)


def _named(lines: list[Node]) -> Excerpt | None:
    return next((line.value for line in lines if line.word in ("name", "cache", "entity")), None)


def _is_key(text: str) -> bool:
    """A value under `Key` may be any word of a key's letters; a sentence or a column's type is none."""
    return is_pattern(text) or (re.fullmatch(r"[\w.{}<>$*:-]+", text) is not None and bool(re.search(r"[:{<*]", text)))


def _with_lines(entry: CacheKey, lines: list[Node]) -> CacheKey:
    for line in lines:
        if line.word in _TTLS and line.value is not None and entry.ttl_span is None:
            ttl = ttl_value(line.value)
            entry = revised(entry, ttl_seconds=ttl.seconds, ttl_span=ttl.span) if ttl else entry
        elif line.word in _INVALIDATIONS and entry.invalidation is None:
            entry = with_invalidation(entry, line.value) if line.value else _listed(entry, line)
    return entry


def _listed(entry: CacheKey, line: Node) -> CacheKey:
    values = [child.value for child in line.children for child in child.walk() if child.value is not None]
    if not values:
        return entry
    span = Span.cover(value.span() for value in values)
    return revised(entry, invalidation=", ".join(value.text for value in values), invalidation_span=span)


def _loose(root: Node) -> Iterator[CacheKey]:
    """Yield keys that are a mapping's keys themselves (`user:{id}: 3600`), commands, and one key a line."""
    for node in root.walk():
        if node.key is not None and is_pattern(node.key.text):
            entry = _with_lines(key_of(node.key, node.title or "", node.span, Form.YAML), node.children)
            ttl = ttl_value(node.value) if node.value is not None else None
            yield (
                revised(entry, ttl_seconds=ttl.seconds, ttl_span=ttl.span) if ttl and ttl.seconds is not None else entry
            )
        elif node.word not in (*_KEYS, *_TTLS, *_INVALIDATIONS) and not node.children:
            found = _loose_key(node, node.written) if node.written is not None else None
            if found is not None:
                yield found


def _loose_key(node: Node, line: Excerpt) -> CacheKey | None:
    """A command, or a line that begins with a key, or a name and its key."""
    command = _COMMAND.match(line.text)
    if command is None:
        text, name = (line, "") if PATTERN.match(line.text) else (node.value or line, node.key or node.title or "")
        entry = key_in(text, name, Form.YAML)
        return revised(entry, span=node.line) if entry else None
    entry = key_in(line.cut(command.start("key"), len(line.text)), node.title or "", Form.YAML)
    seconds = re.match(r"\s*(\d{1,9})\b", command["rest"]) if command["verb"].upper() in ("SETEX", "EXPIRE") else None
    if entry is None or seconds is None:
        return revised(entry, span=node.line) if entry else None
    start = command.start("rest")
    span = line.cut(start + seconds.start(1), start + seconds.end(1)).span()
    return revised(entry, span=node.line, ttl_seconds=int(seconds[1]), ttl_span=span)


def read_cache_list(block: Block, context: Context) -> Reading | None:
    """Read a list whose items are cache keys, or name one and what belongs to it.

    Example: ``- `user:{id}` (TTL 5 min)`` is a key that lives for five minutes.
    """
    if not isinstance(block, List) or not _may_hold_keys(block.items, context):
        return None
    facts: list[Fact] = []
    for item in block.items:
        entry = _item_key(item)
        if entry is not None:
            facts.append(entry)
        elif _belongs(item) and facts and isinstance(facts[-1], CacheKey):
            facts[-1] = _with_item(facts[-1], item)
        else:
            facts.append(
                Statement(
                    span=item.raw.span(), form=Form.LISTING, chapter=context.chapter, subject="", text=item.text.text
                )
            )
    return Reading(tuple(facts)) if any(isinstance(f, CacheKey) for f in facts) else None


def _may_hold_keys(items: tuple[Item, ...], context: Context) -> bool:
    """Most items hold a key, in the chapter of caches or beside a word for how long they live."""
    if context.chapter != Chapter.CACHE and not _is_about_caches(items):
        return False
    keys = [item for item in items if _item_key(item) is not None]
    others = [item for item in items if _item_key(item) is None and not _belongs(item)]
    return bool(keys) and len(others) <= len(keys)


_CACHE_WORD = re.compile(r"\b(?:ttl|cache|redis|expires?)\b|缓存|キャッシュ|캐시")
_LIKELY = re.compile(
    "ttl|cache|redis|expire|缓存|キャッシュ|캐시"
)  # the same words anywhere, found in a tenth of the time


def _is_about_caches(items: tuple[Item, ...]) -> bool:
    text = " ".join(item.text.text for item in items).lower()
    return _LIKELY.search(text) is not None and _CACHE_WORD.search(text) is not None


def _belongs(item: Item) -> bool:
    word = re.sub(r"[\s_*-]", "", item.text.text.partition(":")[0]).lower()
    return word in (*_TTLS, *_INVALIDATIONS)


def _item_key(item: Item) -> CacheKey | None:
    """Return the entry of an item: its key in backticks or bare, its TTL beside it or in the items below."""
    head, _, _rest = item.text.text.partition(":")
    is_label = re.sub(r"[\s_*-]", "", head).lower() in _KEYS
    code = next((c for c in item.codes if _is_key(c.text)), None)
    name: Excerpt | str = item.bolds[0] if item.bolds else ""
    if is_label and not code:
        value = unquoted(item.text.cut(len(head) + 1, len(item.text.text)).strip())
        return _with_children(key_of(value, "", item.raw.span(), Form.LISTING), item) if _is_key(value.text) else None
    entry = key_in(item.text, name)
    if entry is None and code is not None and is_label:
        entry = key_of(code, "", item.text.span(), Form.LISTING)
    if entry is None:
        return _nested_key(item)
    return _with_children(revised(entry, span=item.raw.span()), item)


def _nested_key(item: Item) -> CacheKey | None:
    """`- User profile` with `- Key: user:{id}` and `- TTL: 1h` below it."""
    below = [inner for child in item.children if isinstance(child, List) for inner in child.items]
    keys = [
        e
        for inner in below
        if re.match(r"\W*(?:cache |redis )?(?:key|pattern)", inner.text.text, re.IGNORECASE) and (e := _item_key(inner))
    ]
    if len(keys) != 1:
        return None
    entry = revised(
        keys[0], name=item.text.text.strip(" :*"), span=Span.cover([item.raw.span(), *(i.raw.span() for i in below)])
    )
    for inner in below:
        entry = _with_item(entry, inner)
    return entry


def _with_children(entry: CacheKey, item: Item) -> CacheKey:
    for child in item.children:
        for inner in child.items if isinstance(child, List) else ():
            entry = revised(_with_item(entry, inner), span=Span.cover([entry.span, inner.raw.span()]))
    return entry


def _with_item(entry: CacheKey, item: Item) -> CacheKey:
    head, colon, _ = item.text.text.replace("：", ":", 1).partition(":")
    if not colon:
        return entry
    value = item.text.cut(len(head) + 1, len(item.text.text)).strip()
    node = Node(0, item.raw.span(), item.text.cut(0, len(head)).strip(), value)
    found = _with_lines(entry, [node])
    return found if found == entry else revised(found, span=Span.cover([entry.span, item.raw.span()]))


_COLUMNS = (
    (
        "key",
        re.compile(r"\b(?:cache |redis )?key(?:s|\s*(?:pattern|format|name))?\b|^pattern$|键|キー|키", re.IGNORECASE),
    ),
    ("ttl", re.compile(r"\bttl\b|\bexpir\w+|\blifetime|过期|有效期|有効期限|만료", re.IGNORECASE)),
    ("invalidation", re.compile(r"\binvalidat\w+|\bevict\w*|\brefresh|失效|無効化|무효화", re.IGNORECASE)),
)
_NAME_COLUMN = re.compile(
    r"^(?:name|cache|data|entity|what|purpose|description|item|type|object|数据|名称|用途)", re.IGNORECASE
)


def read_cache_table(block: Block, context: Context) -> Reading | None:
    """Read a table of cache keys: a column of patterns and one of TTLs or of what invalidates them.

    Example: `| user:{id} | 1 h |` under `Key` and `TTL` is a key that lives for an hour.
    """
    if not isinstance(block, Table):
        return None
    columns = _columns(block)
    keys = columns.get("key")
    if keys is None or (len(columns) < 2 and context.chapter != Chapter.CACHE):
        return None
    cells = [row.cells[keys] for row in block.rows if keys < len(row.cells)]
    if not any(PATTERN.search(cell.text.text) for cell in cells):
        return None
    facts: list[CacheKey] = []
    unread: list[Span] = []
    for row in block.rows:
        found = tuple(_row_keys(row, columns))
        facts += found
        if not found and not all(is_nothing(cell.text.text) for cell in row.cells):
            unread.append(row.span)
    return Reading(tuple(facts), unread=tuple(unread))


def _columns(table: Table) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(table.header.cells):
        role = next((name for name, words in _COLUMNS if name not in found and words.search(cell.text.text)), None)
        if role is not None:
            found[role] = at
        elif "name" not in found and _NAME_COLUMN.match(cell.text.text.strip()):
            found["name"] = at
    return {name: at for name, at in found.items() if name != "name"} | (
        {"name": found["name"]} if "name" in found and "key" in found else {}
    )


def _row_keys(row: Row, columns: dict[str, int]) -> Iterator[CacheKey]:
    cell = cell_at(row, columns["key"])
    if cell is None:
        return
    name, ttl, by = (cell_at(row, columns.get(role)) for role in ("name", "ttl", "invalidation"))
    for pattern in cell.codes or (unquoted(cell.text.strip()),):
        if not _is_key(pattern.text):
            continue
        entry = key_of(pattern, name.text if name else "", row.span, Form.TABLE)
        if ttl is not None and (found := ttl_value(ttl.text)):
            entry = revised(entry, ttl_seconds=found.seconds, ttl_span=found.span)
        yield with_invalidation(entry, by.text.strip() if by else None)


def read_cache_labels(block: Block, context: Context) -> Reading | None:
    """Read a paragraph of label lines that state keys in backticks (`**Cache Keys**: …`)."""
    if not isinstance(block, Paragraph) or not re.match(
        r"\s*(?:cache|redis)\s+keys?\s*[:：]", block.text.text, re.IGNORECASE
    ):
        return None
    if "\n" in block.text.text.strip():
        return None
    found = [m for m in PATTERN.finditer(block.text.text) if is_pattern(m["pattern"])]
    if not found:
        return None
    facts: list[CacheKey] = []
    for match, following in zip(found, [*(m.start() for m in found[1:]), len(block.text.text)], strict=False):
        entry = key_in(block.text.cut(match.start("pattern"), following).strip())
        facts += [entry] if entry else []
    return Reading(tuple(facts))
