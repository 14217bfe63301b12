"""Rows for trying a plan in which its migrations find what they look for."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import cycle

from asbuilt import seed
from asbuilt.engines.base import Session
from asbuilt.engines.postgres.changing.written import Written, taken_apart
from asbuilt.engines.postgres.quoting import identifier, literal, relation
from asbuilt.engines.state import DatabaseState
from asbuilt.errors import ServerRefused
from asbuilt.model.sql import Migration
from asbuilt.plan.proving import Fill
from asbuilt.reading.sql.expressions import sought, tables_of

ROWS_TRIED = 3
_FROM_JSON = re.compile(r"(?:\w+\.)?\"?(?P<json>\w+)\"?\s*->>\s*'(?P<key>\w+)'")
_JSON = ("json", "jsonb")


def fill_for(migrations: Sequence[Migration], after: DatabaseState) -> Fill:
    """Return what puts a few rows into every table, with the values and the keys of JSON that migrations look for there."""

    def fill(session: Session, state: DatabaseState) -> None:
        seed.run(session, seed.plan(state, dict.fromkeys(state.tables, ROWS_TRIED)))
        for (table, column), values in _sought(migrations, state).items():
            _spread(session, table, column, values)
        for written in _updates(migrations):
            _suit(session, written, state, after)

    return fill


def _sought(migrations: Sequence[Migration], state: DatabaseState) -> dict[tuple[str, str], list[str]]:
    """Return by table and column the constants that migrations compare them with: which rows of a table go where."""
    found: dict[tuple[str, str], list[str]] = {}
    for statement in (s for migration in migrations for s in migration.forward):
        named = [name.removeprefix("public.") for name in tables_of(statement.sql)]
        tables = [state.tables[name] for name in named if name in state.tables]
        for column, values in sought(statement.sql):
            for table in (table for table in tables if table.column(column)):
                known = found.setdefault((table.name, column), [])
                known += [value for value in values if value not in known]
    return found


def _spread(session: Session, table: str, column: str, values: Sequence[str]) -> None:
    """Give the rows of a table some values by turns; where there is one only, others stay. What is refused is left out."""
    places = session.rows(f"SELECT ctid::text FROM {relation(table)}")
    for (place,), value in zip(places, cycle(values) if len(values) > 1 else values, strict=False):
        with suppress(ServerRefused), session.transaction():
            session.execute(
                f"UPDATE {relation(table)} SET {identifier(column)} = {literal(value)} WHERE ctid = {literal(place)}"
            )


def _updates(migrations: Sequence[Migration]) -> Iterator[Written]:
    for migration in migrations:
        for statement in migration.forward:
            written = taken_apart(statement.sql) if statement.kind == "update" else None
            if written and written.values:
                yield written


def _suit(session: Session, written: Written, state: DatabaseState, after: DatabaseState) -> None:
    for column, value in zip(written.columns, written.values, strict=True):
        found = _FROM_JSON.search(value)
        table, goal = state.tables.get(written.table), after.tables.get(written.table)
        source = table.column(found["json"]) if found and table else None
        if found and source and source.type in _JSON and goal and goal.column(column):
            values = seed.sample(after, written.table, column, ROWS_TRIED)
            _put(session, written.table, source.name, source.type, found["key"], values)


def _put(session: Session, table: str, column: str, type: str, key: str, values: Sequence[str]) -> None:
    """Give the rows of a table values under a key of their JSON."""
    name = identifier(column)
    places = session.rows(f"SELECT ctid::text FROM {relation(table)}")
    for (place,), value in zip(places, values, strict=False):
        whole = f"CASE WHEN jsonb_typeof({name}::jsonb) = 'object' THEN {name}::jsonb ELSE '{{}}' END"
        more = f"jsonb_build_object({literal(key)}, {literal(value)}::text)"
        session.execute(
            f"UPDATE {relation(table)} SET {name} = ({whole} || {more})::{type} WHERE ctid = {literal(place)}"
        )
