"""A statement as written to the statement that is run: pseudo-SQL and other dialects made right, parameters numbered."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from asbuilt.reading.sql.findings import Repair
from asbuilt.reading.sql.lexing import COMMENT, PARAMETER, SINGLE_BODY, SYMBOL, WORD, Token
from asbuilt.reading.sql.mysql import has_marks, quoted_names, table_changes
from asbuilt.reading.sql.repairs import (
    Body,
    InlineIndex,
    inline_indexes,
    item_repairs,
    single_bodies,
    table_body,
    without_items,
)
from asbuilt.reading.sql.rewriting import Change, cut, rewritten
from asbuilt.text import Excerpt

_OTHER_DIALECTS = frozenset({"mysql", "mariadb", "sqlite"})
_WITH_PARAMETERS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "MERGE", "EXPLAIN", "VALUES", "CALL"})


class Prepared(Struct, frozen=True):
    """`sql` is what is parsed and run; `indexes` are statements of their own, as (text, sql); `repairs` what to report."""

    sql: Excerpt
    indexes: tuple[tuple[Excerpt, Excerpt], ...] = ()
    repairs: tuple[Repair, ...] = ()
    parameters: tuple[str, ...] = ()
    is_repaired: bool = False


def prepare(text: Excerpt, tokens: Sequence[Token], dialect: str) -> Prepared:
    """Return what a statement means; `tokens` are those of `text`, comments included."""
    bare = [t for t in tokens if t.kind != COMMENT]
    if bare[0].word in _WITH_PARAMETERS:
        numbered, parameters = _numbered(text.text, bare)
        changes = (*numbered, *quoted_names(text.text, bare))
        return Prepared(rewritten(text, changes) if changes else text, (), (), parameters, len(changes) > len(numbered))
    body = table_body(text.text, bare)
    if body is None:
        return _plain(text, bare, dialect)
    return _table(text, body, dialect)


def _plain(text: Excerpt, tokens: list[Token], dialect: str) -> Prepared:
    if not any(t.kind in (SINGLE_BODY, "backtick") for t in tokens):
        return Prepared(text)
    repairs = tuple(single_bodies(tokens))
    names = tuple(quoted_names(text.text, tokens))
    changes = (*names, *(c for repair in repairs for c in repair.changes))
    if names and dialect not in _OTHER_DIALECTS:
        repairs = (*repairs, _mysql(text.text, names))
    return Prepared(rewritten(text, changes), (), repairs, (), True)


def _table(text: Excerpt, body: Body, dialect: str) -> Prepared:
    indexes = inline_indexes(body)
    repairs = list(item_repairs(body))
    gone = [(i.first, i.end) for i in indexes]
    kept = tuple(c for c in _foreign(body, dialect) if not any(_inside(body, c, item) for item in gone))
    own = [(_excerpt(text, body, i), rewritten_index(text, body, i)) for i in indexes]
    if dialect not in _OTHER_DIALECTS:
        repairs += _index_repairs(body, indexes, own)
        repairs += [_mysql(text.text, kept)] if kept else []
    gone += _elided(body, repairs)
    apart = (c for r in repairs if r.code in ("trailing_comma", "elided_sql") for c in r.changes)
    changes = (*without_items(body, gone), *apart, *kept)
    return Prepared(rewritten(text, changes) if changes else text, tuple(own), tuple(repairs), (), bool(changes))


def _foreign(body: Body, dialect: str) -> tuple[Change, ...]:
    if dialect not in _OTHER_DIALECTS and not has_marks(body.tokens):
        return ()
    return (*quoted_names(body.text, body.tokens), *table_changes(body))


def _inside(body: Body, change: Change, item: tuple[int, int]) -> bool:
    return body.tokens[item[0]].start <= change.start and change.end <= body.tokens[item[1] - 1].end


def _elided(body: Body, repairs: list[Repair]) -> list[tuple[int, int]]:
    places = {r.start for r in repairs if r.code == "elided_sql"}
    return [item for item in body.items if item[0] < item[1] and body.tokens[item[0]].start in places]


def _excerpt(text: Excerpt, body: Body, index: InlineIndex) -> Excerpt:
    return cut(text, body.tokens[index.first].start, body.tokens[index.end - 1].end)


def rewritten_index(text: Excerpt, body: Body, index: InlineIndex) -> Excerpt:
    """Return an inline index as the statement that makes it."""
    start, end = body.tokens[index.first].start, body.tokens[index.end - 1].end
    names = quoted_names(body.text, body.tokens[index.first : index.end])
    changes = (*index.changes, *names)
    local = tuple(Change(c.start - start, c.end - start, c.text.replace("`", "")) for c in changes)
    return rewritten(cut(text, start, end), local)


def _index_repairs(body: Body, indexes: Sequence[InlineIndex], own: list[tuple[Excerpt, Excerpt]]) -> list[Repair]:
    """One fix takes all of a table's indexes out, so that it can be applied alone; each index is told of."""
    removed = without_items(body, [(i.first, i.end) for i in indexes])
    after = "".join(f"\n\n{sql.text};" for _, sql in own)
    found: list[Repair] = []
    table = body.table.replace("`", "")
    for index in indexes:
        start, end = body.tokens[index.first].start, body.tokens[index.end - 1].end
        message = f"an index inside `CREATE TABLE {table}` is MySQL's syntax"
        help = "write a `CREATE INDEX` after the table"
        if found:
            found.append(Repair("inline_index", message, start, end, (), help))
        else:
            title = "move the index behind the table" if len(indexes) == 1 else "move the indexes behind the table"
            found.append(Repair("inline_index", message, start, end, removed, help, title, after))
    return found


def _mysql(text: str, changes: Sequence[Change]) -> Repair:
    first = min(changes)
    written = (
        text[first.start : text.find(text[first.start], first.end) + 1]
        if text[first.start] == "`"
        else text[first.start : first.end]
    )
    shown = written.strip("`")[:40]
    message = f"`{shown}` is MySQL's syntax in a document for PostgreSQL"
    return Repair(
        "mysql_syntax",
        message,
        first.start,
        first.end,
        tuple(changes),
        "write it as PostgreSQL does",
        "write it as PostgreSQL does",
    )


def with_quoted_names(text: Excerpt, tokens: Sequence[Token]) -> Prepared | None:
    """Return a statement with its hyphenated names (`shop-db`) quoted, or None where it has none."""
    found = list(_hyphenated(tokens))
    if not found:
        return None
    changes = tuple(Change(at, at, '"') for pair in found for at in pair)
    start, end = found[0]
    name = text.text[start:end]
    message = f"`{name}` has a hyphen and must stand in double quotes"
    repair = Repair("unquoted_name", message, start, end, changes, f'write `"{name}"`', "quote the name")
    return Prepared(rewritten(text, changes), (), (repair,), (), True)


def _hyphenated(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Yield where words stand joined by hyphens, without a space between."""
    first: int | None = None
    for before, token in pairwise(tokens):
        joins = token.start == before.end and "-" in (token.word, before.word) and WORD in (token.kind, before.kind)
        if joins and first is None and before.kind == WORD:
            first = before.start
        elif not joins and first is not None:
            yield first, before.end
            first = None
    if first is not None:
        yield first, tokens[-1].end


def _numbered(text: str, tokens: Sequence[Token]) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """Return the changes that number `?` and `:name`, and the parameters as written, in order."""
    changes: list[Change] = []
    found: dict[str, int] = {}
    numbers = [
        int(text[t.start + 1 : t.end])
        for t in tokens
        if t.kind == PARAMETER and text[t.start] == "$" and t.end - t.start < 6
    ]
    used = max(numbers, default=0)
    written: list[str] = [f"${n}" for n in sorted(set(numbers))]
    for at, token in enumerate(tokens):
        raw = text[token.start : token.end]
        if token.kind == PARAMETER and raw[0] == ":":
            if raw not in found:
                used += 1
                found[raw] = used
                written.append(raw)
            changes.append(Change(token.start, token.end, f"${found[raw]}"))
        elif token.kind == SYMBOL and raw.endswith("?") and _is_parameter(tokens, at):
            used += 1
            written.append("?")
            changes.append(Change(token.end - 1, token.end, f"${used}"))
    return tuple(changes), tuple(written)


_BEFORE = frozenset(
    {
        "=",
        "<",
        ">",
        "<=",
        ">=",
        "<>",
        "!=",
        "||",
        "+",
        "-",
        "*",
        "/",
        "%",
        "(",
        ",",
        "@@",
        "@>",
        "<@",
        "&&",
        "~",
        "~*",
        "[",
        "->",
        "->>",
        "#>",
    }
)
_KEYWORDS = frozenset(
    ["LIMIT", "OFFSET", "IN", "LIKE", "ILIKE", "AND", "OR", "NOT", "BETWEEN", "VALUES", "SELECT", "WHERE", "THEN", "ELSE", "WHEN", "SET", "RETURNING", "BY", "ANY", "ALL", "INTERVAL", "ON", "TO", "IS", "FROM", "CASE", "HAVING", "FETCH", "FIRST", "TABLESAMPLE"]
)  # fmt: skip


def _is_parameter(tokens: Sequence[Token], at: int) -> bool:
    """`?` is a parameter where a value is due; behind a value it is the operator on JSON."""
    word = tokens[at].word
    if len(word) > 1:
        return word[:-1] in _BEFORE
    before = tokens[at - 1] if at else None
    if before is None:
        return False
    return before.word in (_BEFORE if before.kind == SYMBOL else _KEYWORDS if before.kind == WORD else frozenset())
