"""Statements that write rows, as a document's migration states them, taken apart."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from asbuilt import sql_parser
from asbuilt.engines.postgres.quoting import identifier, relation
from asbuilt.engines.state import DatabaseState, TableState
from asbuilt.reading.sql.expressions import tables_of

_CLAUSES = ("SET", "FROM", "WHERE", "RETURNING", "USING")


@dataclass(frozen=True, slots=True)
class Written:
    """A statement that writes rows of one table, taken apart.

    `kind` is update, insert or delete; `table` as the states name it, `alias` as the statement calls its row. `values` are
    the expressions of `columns`, none where several are assigned at once; `assignments` the text of both. `sources` are what
    else it reads (`FROM`, `USING`), `condition` its `WHERE`, `opening` what stands before its verb (`WITH …`); empty where
    it has none.
    """

    kind: str
    table: str
    alias: str
    columns: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    assignments: str = ""
    sources: str = ""
    condition: str = ""
    opening: str = ""

    @property
    def rows(self) -> str:
        """The `FROM … WHERE …` that finds the rows that are written."""
        sources = f", {self.sources}" if self.sources else ""
        where = f" WHERE {self.condition}" if self.condition else ""
        return f"FROM {relation(self.table)} AS {identifier(self.alias)}{sources}{where}"

    @property
    def count(self) -> str:
        """The query that counts them."""
        return f"{self.opening} SELECT count(*) {self.rows}".strip()

    @property
    def is_row_wise(self) -> bool:
        """Whether each row's new values follow from the row alone."""
        return self.kind == "update" and not self.sources and not self.opening and bool(self.values)

    @property
    def is_range_wise(self) -> bool:
        """Whether an update comes to the same when it is done some rows at a time: it does not look at its own table's other rows."""
        if self.kind != "update" or self.opening or not self.values:
            return False
        sources = f" FROM {self.sources}" if self.sources else ""
        where = f" WHERE {self.condition}" if self.condition else ""
        own = {self.table, self.table.rpartition(".")[2], f"public.{self.table}"}
        return not own & set(tables_of(f"SELECT {', '.join(self.values)}{sources}{where}"))


@lru_cache(maxsize=256)
def taken_apart(sql: str) -> Written | None:
    """Return the parts of an `UPDATE`, `INSERT` or `DELETE`; None for every other statement."""
    try:
        [statement] = sql_parser.parse(sql).stmts
    except (sql_parser.PgQueryError, ValueError):
        return None
    kind = statement.stmt.WhichOneof("node")
    if kind not in ("update_stmt", "insert_stmt", "delete_stmt"):
        return None
    node = getattr(statement.stmt, kind)
    at = node.relation
    name = at.relname if at.schemaname in ("", "public") else f"{at.schemaname}.{at.relname}"
    alias = at.alias.aliasname or at.relname
    clauses = _clauses(sql)
    found = Written(
        kind.removesuffix("_stmt"),
        name,
        alias,
        sources=clauses.get("FROM") or clauses.get("USING") or "",
        condition=clauses.get("WHERE", ""),
        opening=clauses[""],
    )
    return _with_assignments(found, node, clauses.get("SET", "")) if found.kind == "update" else found


def _with_assignments(written: Written, node: Any, text: str) -> Written:
    """Return an update with the columns that it writes and, where each has an expression of its own, those."""
    names = tuple(target.res_target.name for target in node.target_list)
    is_single = all(target.res_target.val.WhichOneof("node") != "multi_assign_ref" for target in node.target_list)
    is_plain = all(not target.res_target.indirection for target in node.target_list)
    parts = _split(text) if is_single and is_plain else []
    values = tuple(part.partition("=")[2].strip() for part in parts)
    values = values if len(values) == len(names) else ()
    return replace(written, columns=tuple(dict.fromkeys(names)), values=values, assignments=text)


def _clauses(sql: str) -> dict[str, str]:
    """Return the text of each clause of the outermost statement by its word; under no word what stands before its verb."""
    data = sql.encode()
    places: list[tuple[str, int, int]] = []
    for word, start, end in _outer_words(data):
        is_verb = word in ("UPDATE", "INSERT", "DELETE") and not places
        is_clause = word in _CLAUSES and places and all(word != other for other, _, _ in places)
        is_deletes_own = word == "FROM" and places and places[0][0] == "DELETE" and len(places) == 1
        if is_verb or (is_clause and not is_deletes_own):
            places.append((word, start, end))
    starts = [start for _, start, _ in places[1:]] + [len(data)]
    found = {w: data[e:stop].decode().strip().rstrip(";") for (w, _, e), stop in zip(places, starts, strict=True)}
    return {"": _bare(data[: places[0][1]].decode()) if places else "", **found}


def _bare(text: str) -> str:
    """Return what stands before a verb, comments left out."""
    lines = [line.partition("--")[0] for line in text.splitlines()]
    return " ".join(" ".join(lines).split())


def _outer_words(data: bytes) -> list[tuple[str, int, int]]:
    """Return the words outside all brackets with their places in bytes."""
    depth = 0
    found = []
    for token in sql_parser.scan(data.decode()).tokens:
        text = data[token.start : token.end].decode()
        if text in ("(", "["):
            depth += 1
        elif text in (")", "]"):
            depth -= 1
        elif not depth and text.isalpha():
            found.append((text.upper(), token.start, token.end))
    return found


def _split(text: str) -> list[str]:
    """Return the parts of a list between its outer commas."""
    data = text.encode()
    depth, start, found = 0, 0, []
    for token in sql_parser.scan(text).tokens if text else ():
        word = data[token.start : token.end]
        depth += (word in (b"(", b"[")) - (word in (b")", b"]"))
        if word == b"," and not depth:
            found.append(data[start : token.start].decode())
            start = token.end
    return [*found, data[start:].decode()] if text else []


def foreseen(query: str, statements: Sequence[str], before: DatabaseState, now: DatabaseState) -> str:
    """Return a query over what `now` will stand, as one over `before` in which the row-wise updates have been made.

    So a plan can count, before anything is touched, the rows that a constraint will not take after the backfill.
    """
    found: dict[str, list[Written]] = {}
    for sql in statements:
        written = taken_apart(sql)
        if written and written.is_row_wise and written.table in before.tables and written.table in now.tables:
            found.setdefault(written.table, []).append(written)
    views = [_written_view(before.tables[t], now.tables[t], updates) for t, updates in found.items() if "." not in t]
    return f"WITH {', '.join(views)} {query}" if views and query and not query.upper().startswith("WITH") else query


def _written_view(before: TableState, now: TableState, updates: list[Written]) -> str:
    """Return a table as a named query, with the columns that come and the values that the updates give."""
    fresh = [c for c in now.columns if before.column(c.name) is None and c.generated is None]
    more = "".join(f", ({c.default or 'NULL'})::{c.type} AS {identifier(c.name)}" for c in fresh)
    name = identifier(before.name)
    query = f"SELECT *{more} FROM {name}"
    types = {c.name: c.type for c in (*before.columns, *fresh)}
    for written in updates:
        value = dict(zip(written.columns, written.values, strict=True))
        when = f"WHEN {written.condition}" if written.condition else "WHEN true"
        picked = ", ".join(
            f"CASE {when} THEN ({value[n]})::{types[n]} ELSE {identifier(written.alias)}.{identifier(n)} END AS {identifier(n)}"
            if n in value
            else identifier(n)
            for n in types
        )
        query = f"SELECT {picked} FROM ({query}) AS {identifier(written.alias)}"
    return f"{name} AS ({query})"
