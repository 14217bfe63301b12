"""Statements that write rows as operations: done range by range where they can be, and able to go back."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt import sql_parser
from asbuilt.engines.changes import Aside, Backfill, Danger, Hazard, Operation
from asbuilt.engines.postgres.changing import keeping
from asbuilt.engines.postgres.changing.written import Written, taken_apart
from asbuilt.engines.postgres.filling import noted, refilled, whole
from asbuilt.engines.postgres.quoting import columns, identifier, relation
from asbuilt.engines.state import DatabaseState, Item, TableState


def operations(sql: str, state: DatabaseState, made: frozenset[Item], place: str) -> tuple[Operation, ...]:
    """Return what runs a document's statement where `state` stands.

    What it writes over or deletes is kept aside in the table `place`, unless the plan itself `made` it: then it goes with that.
    """
    written = taken_apart(sql)
    table = state.tables.get(written.table) if written else None
    if written is None or table is None:
        danger = Danger(Hazard.DATA_LOST, "nobody can tell what the statement changes; it does not come back by itself")
        return (Operation("run a statement that writes rows", (sql,), (), dangers=(danger,)),)
    touches = frozenset({Item("table", table.name), *(Item("column", c, table.name) for c in written.columns)})
    found = _operations(sql, written, table, made, place)
    return tuple(replace(operation, touches=touches) for operation in found)


def returning(sql: str, state: DatabaseState) -> Operation:
    """Return what does nothing forward and runs a document's statement on the way back, range by range where it can be."""
    written = taken_apart(sql)
    table = state.tables.get(written.table) if written else None
    title = f"on the way back: {_title(written)}" if written else "on the way back: run a statement that writes rows"
    refill = backfill_of(written, table, keeping.key(table)) if written and table else None
    return Operation(title, (), (sql,), is_alone=refill is not None, refill=refill)


def _operations(
    sql: str, written: Written, table: TableState, made: frozenset[Item], place: str
) -> Iterator[Operation]:
    is_new = Item("table", table.name) in made
    if written.kind == "update":
        old = tuple(c for c in written.columns if Item("column", c, table.name) not in made and not is_new)
        yield from _updates(sql, written, table, old, place)
    elif is_new:
        yield Operation(_title(written), (sql,), ())
    elif written.kind == "insert":
        yield _inserts(sql, written, table, place)
    else:
        yield _deletes(sql, written, table, place)


def _title(written: Written, *, is_filled: bool = False) -> str:
    if written.kind == "insert":
        return f"put rows into {written.table}"
    if written.kind == "delete":
        return f"delete rows of {written.table}"
    names = ", ".join(f"{written.table}.{name}" for name in written.columns)
    return f"{'fill' if is_filled else 'write over'} {names}"


def backfill_of(written: Written, table: TableState, key: tuple[str, ...]) -> Backfill | None:
    """Return an update as what is done by ranges of the key; None where it has to be one statement."""
    if not key or not written.is_range_wise or set(key) & set(written.columns):
        return None
    alias = "" if written.alias == table.name else written.alias
    return Backfill(table.name, written.assignments, written.condition, key, written.sources, alias)


def _updates(sql: str, written: Written, table: TableState, old: tuple[str, ...], place: str) -> Iterator[Operation]:
    """Yield an update; the values that stood in the columns `old` are kept beside the row's key, with what is written over them."""
    key = keeping.key(table)
    title = _title(written, is_filled=not old)
    backfill = backfill_of(written, table, key)
    wait = () if backfill else (_waiting(written),)
    if not old:
        yield Operation(title, (sql,), (), dangers=wait, is_alone=backfill is not None, backfill=backfill)
        return
    names = ", ".join(f"{table.name}.{name}" for name in old)
    if not key or set(key) & set(old):
        text = f"the values of {names} that are written over; without a key that stays they cannot be kept"
        yield Operation(title, (sql,), (), dangers=(Danger(Hazard.DATA_LOST, text, count=written.count), *wait))
        return
    lost = Danger(Hazard.DATA_LOST, f"the values of {names} that are written over, kept aside", count=written.count)
    aside = _aside(table, key, old, place)
    if backfill is None:
        backfill = Backfill(table.name, written.assignments, written.condition, key, written.sources, written.alias)
        kept = replace(backfill, aside=place, kept=old)
        inside = _in_one(sql, written, kept)
        back = whole(refilled(kept))
        yield replace(
            aside,
            title=title,
            statements=(*aside.statements, *inside),
            reverse=(back, *aside.reverse),
            dangers=(lost, *wait),
        )
        return
    kept = replace(backfill, aside=place, kept=old)
    yield aside
    yield Operation(
        title, (sql,), (whole(refilled(kept)),), dangers=(lost,), is_alone=True, backfill=kept, refill=refilled(kept)
    )


def _aside(table: TableState, key: tuple[str, ...], old: tuple[str, ...], place: str) -> Operation:
    """Return the operation that makes the table in which what is written over is kept."""
    texts = "".join(f", NULL::text AS {noted(name)}" for name in old)
    return Operation(
        f"make room for the values of {table.name} that are written over",
        (
            keeping.make_schema(place.rpartition(".")[0].strip('"')),
            f"DROP TABLE IF EXISTS {place}",
            f"CREATE TABLE {place} AS SELECT {columns((*key, *old))}{texts} FROM {relation(table.name)} LIMIT 0",
            f"ALTER TABLE {place} ADD PRIMARY KEY ({columns(key)})",
        ),
        (f"DROP TABLE {place}",),
        asides=_asides(
            place, f"the values of {', '.join(f'{table.name}.{name}' for name in old)} that are written over"
        ),
    )


def _asides(place: str, what: str) -> tuple[Aside, ...]:
    return (Aside(place.rpartition(".")[2].strip('"'), what),)


def _in_one(sql: str, written: Written, kept: Backfill) -> tuple[str, str, str]:
    """Return the statements that keep the values, write over them as the document says, and note what was written."""
    own = identifier(written.alias)
    picked = ", ".join(f"{own}.{identifier(name)}" for name in (*kept.key, *kept.kept))
    into = f"INSERT INTO {kept.aside} ({columns((*kept.key, *kept.kept))})"
    select = f"SELECT {picked} {written.rows} ON CONFLICT DO NOTHING"
    keep = " ".join(filter(None, [written.opening, into, select]))
    given = ", ".join(f"{noted(name)} = live.{identifier(name)}::text" for name in kept.kept)
    match = " AND ".join(f"kept.{identifier(k)} = live.{identifier(k)}" for k in kept.key)
    note = f"UPDATE {kept.aside} AS kept SET {given} FROM {relation(kept.table)} AS live WHERE {match}"
    return keep, sql, note


def _waiting(written: Written) -> Danger:
    text = f"rows of {written.table} are written in one statement: whoever writes one of them waits until it ends"
    return Danger(Hazard.LONG_EXCLUSIVE_LOCK, text, count=written.count)


def _inserts(sql: str, written: Written, table: TableState, place: str) -> Operation:
    """Return an insert that keeps the keys of its rows, so that those can be taken out again."""
    key = keeping.key(table)
    title = _title(written)
    if not key or "RETURNING" in sql.upper():
        danger = Danger(Hazard.DATA_LOST, f"the rows put into {table.name} cannot be told from others on the way back")
        return Operation(title, (sql,), (), dangers=(danger,))
    own = identifier(written.alias)
    keys = ", ".join(f"{own}.{identifier(k)}" for k in key)
    insert = f"WITH made AS ({_bare(sql)} RETURNING {keys}) INSERT INTO {place} SELECT * FROM made"
    match = " AND ".join(f"kept.{identifier(k)} = live.{identifier(k)}" for k in key)
    back = f"DELETE FROM {relation(table.name)} AS live USING {place} AS kept WHERE {match}"
    asides = _asides(place, f"which rows were put into {table.name}, to take them out again")
    return Operation(title, (*_room(table, key, place), insert), (back, f"DROP TABLE {place}"), asides=asides)


def _deletes(sql: str, written: Written, table: TableState, place: str) -> Operation:
    """Return a delete that keeps its rows whole."""
    real = tuple(c.name for c in table.columns if c.generated is None)
    picked = ", ".join(f"{identifier(written.alias)}.{identifier(name)}" for name in real)
    delete = f"WITH gone AS ({_bare(sql)} RETURNING {picked}) INSERT INTO {place} SELECT * FROM gone"
    back = (
        f"INSERT INTO {relation(table.name)} ({columns(real)}) OVERRIDING SYSTEM VALUE "
        f"SELECT {columns(real)} FROM {place} ON CONFLICT DO NOTHING"
    )
    lost = Danger(Hazard.DATA_LOST, f"the rows of {table.name} that are deleted, kept aside", count=written.count)
    statements = (*_room(table, real, place), delete)
    return Operation(
        _title(written),
        statements,
        (back, f"DROP TABLE {place}"),
        dangers=(lost, _waiting(written)),
        asides=_asides(place, f"the rows of {table.name} that are deleted"),
    )


def _room(table: TableState, names: tuple[str, ...], place: str) -> tuple[str, ...]:
    return (
        keeping.make_schema(place.rpartition(".")[0].strip('"')),
        f"DROP TABLE IF EXISTS {place}",
        f"CREATE TABLE {place} AS SELECT {columns(names)} FROM {relation(table.name)} LIMIT 0",
    )


def _bare(sql: str) -> str:
    """Return a statement without its semicolon and what follows, so that a clause can be added."""
    [only] = sql_parser.split(sql)
    return str(only).strip().rstrip(";")
