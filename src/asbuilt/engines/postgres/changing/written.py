"""Statements that write rows, as a document's migration states them: taken apart, and made operations that can go back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from asbuilt.engines.changes import Danger, Hazard, Operation
from asbuilt.engines.postgres.changing import keeping
from asbuilt.engines.postgres.quoting import columns, identifier, relation
from asbuilt.engines.state import DatabaseState, Item, TableState

_CLAUSES = ("SET", "FROM", "WHERE", "RETURNING", "USING")


@dataclass(frozen=True, slots=True)
class Written:
    """A statement that writes rows of one table, taken apart.

    `kind` is update, insert or delete; `table` as the states name it, `alias` as the statement calls its row. `values` are
    the expressions of `columns`, none where several are assigned at once. `sources` are what else it reads (`FROM`,
    `USING`), `condition` its `WHERE`, `opening` what stands before its verb (`WITH …`); empty where it has none.
    """

    kind: str
    table: str
    alias: str
    columns: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    sources: str = ""
    condition: str = ""
    opening: str = ""

    @property
    def is_row_wise(self) -> bool:
        """Whether each row's new values follow from the row alone."""
        return self.kind == "update" and not self.sources and not self.opening and bool(self.values)


@lru_cache(maxsize=256)
def taken_apart(sql: str) -> Written | None:
    """Return the parts of an `UPDATE`, `INSERT` or `DELETE`; None for every other statement."""
    import postgast

    try:
        [statement] = postgast.parse(sql).stmts
    except (postgast.PgQueryError, ValueError):
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
    return replace(written, columns=tuple(dict.fromkeys(names)), values=values if len(values) == len(names) else ())


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
    import postgast

    depth = 0
    found = []
    for token in postgast.scan(data.decode()).tokens:
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
    import postgast

    data = text.encode()
    depth, start, found = 0, 0, []
    for token in postgast.scan(text).tokens if text else ():
        word = data[token.start : token.end]
        depth += (word in (b"(", b"[")) - (word in (b")", b"]"))
        if word == b"," and not depth:
            found.append(data[start : token.start].decode())
            start = token.end
    return [*found, data[start:].decode()] if text else []


def operation(sql: str, state: DatabaseState, made: frozenset[Item], place: str) -> Operation:
    """Return the operation that runs a document's statement where `state` stands.

    What it overwrites or deletes is kept aside in the table `place`, unless the plan itself `made` it: then it goes with that.
    """
    written = taken_apart(sql)
    table = state.tables.get(written.table) if written else None
    if written is None or table is None:
        danger = Danger(Hazard.DATA_LOST, "nobody can tell what the statement changes; it does not come back by itself")
        return Operation("run a statement that writes rows", (sql,), (), dangers=(danger,))
    title = _title(written, made)
    touches = frozenset({Item("table", table.name), *(Item("column", c, table.name) for c in written.columns)})
    if Item("table", table.name) in made:
        return Operation(title, (sql,), (), touches=touches)
    kept = _KEEPERS[written.kind](sql, written, table, made, place)
    return replace(kept, title=title, touches=touches)


def _title(written: Written, made: frozenset[Item]) -> str:
    if written.kind == "insert":
        return f"put rows into {written.table}"
    if written.kind == "delete":
        return f"delete rows of {written.table}"
    is_new = all(Item("column", name, written.table) in made for name in written.columns)
    return f"{'fill' if is_new else 'write over'} {', '.join(f'{written.table}.{name}' for name in written.columns)}"


def _updating(sql: str, written: Written, table: TableState, made: frozenset[Item], place: str) -> Operation:
    """Keep the values that stood in columns of before, beside the row's key, with what was written over them."""
    old = tuple(c for c in written.columns if Item("column", c, table.name) not in made)
    wait = (_waiting(written),)
    if not old:
        return Operation("", (sql,), (), dangers=wait)
    key = keeping.key(table)
    names = ", ".join(f"{table.name}.{name}" for name in old)
    if not key or set(key) & set(old):
        lost = f"the values of {names} that are written over; without a key that stays they cannot be kept"
        return Operation("", (sql,), (), dangers=(Danger(Hazard.DATA_LOST, lost, count=_count(written)), *wait))
    own = written.alias
    fresh = f"{place}_before"
    picked = ", ".join(f"{identifier(own)}.{identifier(name)}" for name in (*key, *old))
    once = f"DISTINCT ON ({', '.join(f'{identifier(own)}.{identifier(k)}' for k in key)}) " if written.sources else ""
    keep = " ".join(
        filter(None, [f"CREATE TABLE {fresh} AS", written.opening, f"SELECT {once}{picked} {_from(written)}"])
    )
    after = ", ".join(f"live.{identifier(name)}::text AS {identifier('asbuilt_' + name)[:63]}" for name in old)
    match = _matching(key)
    join = f"CREATE TABLE {place} AS SELECT kept.*, {after} FROM {fresh} AS kept JOIN {relation(table.name)} AS live ON {match}"
    unchanged = " AND ".join(
        f"live.{identifier(n)}::text IS NOT DISTINCT FROM kept.{identifier('asbuilt_' + n)[:63]}" for n in old
    )
    given = ", ".join(f"{identifier(n)} = kept.{identifier(n)}" for n in old)
    back = f"UPDATE {relation(table.name)} AS live SET {given} FROM {place} AS kept WHERE {match} AND {unchanged}"
    lost = f"the values of {names} that are written over, kept aside"
    return Operation(
        "",
        (*_room(place, fresh), keep, sql, join, f"DROP TABLE {fresh}"),
        (back, f"DROP TABLE {place}"),
        dangers=(Danger(Hazard.DATA_LOST, lost, count=_count(written)), *wait),
    )


def _waiting(written: Written) -> Danger:
    text = f"rows of {written.table} are written in one statement: whoever writes one of them waits until it ends"
    return Danger(Hazard.LONG_EXCLUSIVE_LOCK, text, count=_count(written))


def _inserting(sql: str, written: Written, table: TableState, made: frozenset[Item], place: str) -> Operation:
    """Keep the keys of the rows that are put in, so that those rows can be taken out again."""
    key = keeping.key(table)
    if not key or "RETURNING" in sql.upper():
        danger = Danger(Hazard.DATA_LOST, f"the rows put into {table.name} cannot be told from others on the way back")
        return Operation("", (sql,), (), dangers=(danger,))
    own = identifier(table.name.rpartition(".")[2])
    keys = ", ".join(f"{own}.{identifier(k)}" for k in key)
    shape = f"CREATE TABLE {place} AS SELECT {columns(key)} FROM {relation(table.name)} LIMIT 0"
    body = _bare_end(sql)
    insert = f"WITH made AS ({body} RETURNING {keys}) INSERT INTO {place} SELECT * FROM made"
    back = f"DELETE FROM {relation(table.name)} AS live USING {place} AS kept WHERE {_matching(key)}"
    return Operation("", (*_room(place), shape, insert), (back, f"DROP TABLE {place}"))


def _deleting(sql: str, written: Written, table: TableState, made: frozenset[Item], place: str) -> Operation:
    """Keep the rows that are deleted, whole."""
    real = tuple(c.name for c in table.columns if c.generated is None)
    shape = f"CREATE TABLE {place} AS SELECT {columns(real)} FROM {relation(table.name)} LIMIT 0"
    picked = ", ".join(f"{identifier(written.alias)}.{identifier(name)}" for name in real)
    delete = f"WITH gone AS ({_bare_end(sql)} RETURNING {picked}) INSERT INTO {place} SELECT * FROM gone"
    back = (
        f"INSERT INTO {relation(table.name)} ({columns(real)}) OVERRIDING SYSTEM VALUE "
        f"SELECT {columns(real)} FROM {place} ON CONFLICT DO NOTHING"
    )
    lost = Danger(Hazard.DATA_LOST, f"the rows of {table.name} that are deleted, kept aside", count=_count(written))
    return Operation("", (*_room(place), shape, delete), (back, f"DROP TABLE {place}"), dangers=(lost,))


_KEEPERS = {"update": _updating, "insert": _inserting, "delete": _deleting}


def _bare_end(sql: str) -> str:
    """Return a statement without its semicolon and what follows, so that a clause can be added."""
    import postgast

    [only] = postgast.split(sql)
    return str(only).strip().rstrip(";")


def _room(*places: str) -> tuple[str, ...]:
    schema = places[0].rpartition(".")[0]
    return (f"CREATE SCHEMA IF NOT EXISTS {schema}", *(f"DROP TABLE IF EXISTS {place}" for place in places))


def _matching(key: tuple[str, ...]) -> str:
    return " AND ".join(f"kept.{identifier(k)} = live.{identifier(k)}" for k in key)


def _from(written: Written) -> str:
    sources = f", {written.sources}" if written.sources else ""
    where = f" WHERE {written.condition}" if written.condition else ""
    return f"FROM {relation(written.table)} AS {identifier(written.alias)}{sources}{where}"


def _count(written: Written) -> str:
    return f"{written.opening} SELECT count(*) {_from(written)}".strip()


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
