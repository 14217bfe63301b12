"""Text that is not PostgreSQL's, but plainly means something, made right: what to change, and how to say so."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from asbuilt.model.types import KNOWN
from asbuilt.reading.sql.findings import Repair
from asbuilt.reading.sql.lexing import COMMENT, ELISION, NUMBER, SINGLE_BODY, SYMBOL, WORD, Token
from asbuilt.reading.sql.rewriting import Change

_INDEX_WORDS = frozenset({"INDEX", "KEY"})
_LEADS = frozenset({"UNIQUE", "FULLTEXT", "SPATIAL"})
_NAMES = (WORD, "quoted", "backtick")


class Body(Struct, frozen=True):
    """The bracket of a `CREATE TABLE`: the table's name as written, the items as index ranges, the closing bracket's index."""

    text: str
    tokens: Sequence[Token]
    table: str
    items: tuple[tuple[int, int], ...]
    close: int


class InlineIndex(Struct, frozen=True):
    """An index inside a table's brackets: its tokens, and what makes a statement of its own of them."""

    first: int
    end: int
    changes: tuple[Change, ...]


def table_body(text: str, tokens: Sequence[Token]) -> Body | None:
    """Return the bracket of a `CREATE TABLE`, or None where the tokens are something else. `tokens` hold no comments."""
    words = [t.word for t in tokens[:9]]
    if words[:1] != ["CREATE"] or "TABLE" not in words[1:4]:
        return None
    at = words.index("TABLE") + 1
    at += 3 if words[at : at + 3] == ["IF", "NOT", "EXISTS"] else 0
    opening = next((i for i in range(at, min(at + 8, len(tokens))) if tokens[i].word == "("), None)
    if opening is None or opening == at or any(t.word in ("AS", "OF") for t in tokens[at:opening]):
        return None
    items, close = _items(tokens, opening + 1)
    return Body(text, tokens, text[tokens[at].start : tokens[opening - 1].end], tuple(items), close)


def _items(tokens: Sequence[Token], first: int) -> tuple[list[tuple[int, int]], int]:
    found: list[tuple[int, int]] = []
    depth = 0
    for at in range(first, len(tokens)):
        word = tokens[at].word
        if word == "(":
            depth += 1
        elif word == ")":
            depth -= 1
            if depth < 0:
                return [*found, (first, at)], at
        elif word == "," and not depth:
            found.append((first, at))
            first = at + 1
    return [*found, (first, len(tokens))], len(tokens)


def inline_indexes(body: Body) -> tuple[InlineIndex, ...]:
    """Return the indexes among a table's items, written MySQL's way."""
    return tuple(found for first, end in body.items if (found := _inline_index(body, first, end)) is not None)


def _inline_index(body: Body, first: int, end: int) -> InlineIndex | None:
    """`[UNIQUE | FULLTEXT] {INDEX | KEY} [name] (columns)`; a column named `key` or `index` is none."""
    tokens = body.tokens
    lead = tokens[first].word if first < end and tokens[first].word in _LEADS else ""
    at = first + bool(lead)
    if at + 1 >= end or tokens[at].word not in _INDEX_WORDS:
        if lead in ("", "UNIQUE") or at >= end:
            return None
        at -= 1
    name = at + 1 if tokens[at + 1].kind in _NAMES and tokens[at + 1].word != "USING" else None
    after = (at if name is None else name) + 1
    if after + 1 < end and tokens[after].word == "USING":
        after += 2
    if after >= end or tokens[after].word != "(" or not _holds_columns(tokens, after + 1, end):
        return None
    if name is not None and not lead and tokens[name].word.lower() in KNOWN:
        return None
    return InlineIndex(first, end, tuple(_as_statement(body, lead, name, after, first, end)))


def _holds_columns(tokens: Sequence[Token], first: int, end: int) -> bool:
    return first < end and tokens[first].kind in (*_NAMES, SYMBOL) and tokens[first].word not in ("(", ")")


def _as_statement(body: Body, lead: str, name: int | None, opening: int, first: int, end: int) -> Iterator[Change]:
    tokens = body.tokens
    kind = "UNIQUE INDEX" if lead == "UNIQUE" else "INDEX"
    written = f" {body.text[tokens[name].start : tokens[name].end]}" if name is not None else ""
    using = " USING gin" if lead == "FULLTEXT" else " USING gist" if lead == "SPATIAL" else ""
    yield Change(tokens[first].start, tokens[opening].start, f"CREATE {kind}{written} ON {body.table}{using} ")
    closing = next((i for i in range(end - 1, opening, -1) if tokens[i].word == ")"), end - 1)
    if lead == "FULLTEXT":
        columns = [body.text[t.start : t.end] for t in tokens[opening + 1 : closing] if t.kind in _NAMES]
        joined = " || ' ' || ".join(f"coalesce({c}, '')" for c in columns)
        yield Change(tokens[opening].end, tokens[closing].start, f"to_tsvector('simple', {joined})")
    else:
        yield from _without_lengths(tokens, opening + 1, closing)
    if tokens[closing].end < tokens[end - 1].end:
        yield Change(tokens[closing].end, tokens[end - 1].end, "")


def _without_lengths(tokens: Sequence[Token], first: int, end: int) -> Iterator[Change]:
    """MySQL indexes the first characters of a text: `name(20)`."""
    for at in range(first, end - 2):
        if tokens[at].word == "(" and tokens[at + 1].kind == NUMBER and tokens[at + 2].word == ")":
            yield Change(tokens[at].start, tokens[at + 2].end, "")


def without_items(body: Body, dropped: Sequence[tuple[int, int]]) -> tuple[Change, ...]:
    """Return the changes that take items out of a table's bracket, and the commas that would be left over."""
    gone = set(dropped)
    last_kept = max((i for i, item in enumerate(body.items) if item not in gone and item[0] < item[1]), default=-1)
    changes: list[Change] = []
    for i, item in enumerate(body.items):
        first, end = item
        if item in gone and end > first:
            changes.append(_removal(body, body.tokens[first].start, body.tokens[end - 1].end))
        has_comma = i + 1 < len(body.items) and end < len(body.tokens)
        if has_comma and (item in gone or i >= last_kept):
            changes.append(Change(body.tokens[end].start, body.tokens[end].end, ""))
    return tuple(changes)


def _removal(body: Body, start: int, end: int) -> Change:
    """Take the line with it where nothing else stands there."""
    text = body.text
    line = text.rfind("\n", 0, start)
    rest = text[end:].lstrip(" \t").removeprefix(",").lstrip(" \t\r")
    if line < 0 or text[line:start].strip() or not rest.startswith("\n"):
        return Change(start, end, "")
    return Change(line - (text[line - 1 : line] == "\r"), end, "")


def item_repairs(body: Body) -> Iterator[Repair]:
    """Yield what is wrong among a table's items: a comma too many, something left out."""
    for i, (first, end) in enumerate(body.items):
        if first == end and i and body.close < len(body.tokens) and i + 1 == len(body.items):
            comma = body.tokens[first - 1]
            change = Change(comma.start, comma.end, "")
            yield Repair(
                "trailing_comma",
                "a comma before the closing bracket",
                comma.start,
                comma.end,
                (change,),
                "remove the comma",
                "remove the comma",
            )
        elif stop := _elided_until(body, first, end):
            place = (body.tokens[first].start, body.tokens[stop - 1].end)
            changes = without_items(body, [(first, end)]) if stop == end else (_removal(body, *place),)
            yield Repair(
                "elided_sql",
                "columns are left out here",
                *place,
                changes,
                "write them out, or leave it to the other places that define them",
            )


def _elided_until(body: Body, first: int, end: int) -> int | None:
    """Return the index behind an elision that an item begins with: all of the item, or the dots on a line of their own."""
    if first == end:
        return None
    if is_elision(body.text, body.tokens[first:end]):
        return end
    line = body.text.find("\n", body.tokens[first].start)
    stop = next((i for i in range(first, end) if line >= 0 and body.tokens[i].start > line), end)
    return stop if body.tokens[first].kind == ELISION and is_elision(body.text, body.tokens[first:stop]) else None


def is_elision(text: str, tokens: Sequence[Token]) -> bool:
    """Tell whether tokens stand for something left out: `...`, `… other columns`, `[Include all tables from above]`."""
    inside = [t for t in tokens if t.kind != COMMENT]
    bare = [t for t in inside if t.kind != ELISION]
    if len(bare) < len(inside) and all(t.kind in (WORD, NUMBER) for t in bare):
        return not bare or inside[0].kind == ELISION or inside[-1].kind == ELISION
    is_bracketed = bool(bare) and bare[0].word == "[" and bare[-1].word == "]"
    return is_bracketed and " " in text[bare[0].start : bare[-1].end] and all(t.word != "[" for t in bare[1:])


def single_bodies(tokens: Sequence[Token]) -> Iterator[Repair]:
    """A function's body between single `$` signs."""
    for token in tokens:
        if token.kind == SINGLE_BODY:
            changes = (Change(token.start, token.start + 1, "$$"), Change(token.end - 1, token.end, "$$"))
            message = "the body stands between single `$` signs, PostgreSQL quotes with `$$`"
            yield Repair(
                "single_dollar_body",
                message,
                token.start,
                token.start + 1,
                changes,
                "write `$$` on both sides",
                "quote the body with `$$`",
            )
