"""Rows for trying a plan in which its migrations find what they look for."""

import re
from collections.abc import Iterator, Sequence

from asbuilt import seed
from asbuilt.engines.base import Session
from asbuilt.engines.postgres.changing.written import Written, taken_apart
from asbuilt.engines.postgres.quoting import identifier, literal, relation
from asbuilt.engines.state import DatabaseState
from asbuilt.model.sql import Migration
from asbuilt.plan.proving import Fill

ROWS_TRIED = 3
_FROM_JSON = re.compile(r"(?:\w+\.)?\"?(?P<json>\w+)\"?\s*->>\s*'(?P<key>\w+)'")
_JSON = ("json", "jsonb")


def fill_for(migrations: Sequence[Migration], after: DatabaseState) -> Fill:
    """Return what puts a few rows into every table, those that migrations read JSON of with the keys that they look for."""

    def fill(session: Session, state: DatabaseState) -> None:
        seed.run(session, seed.plan(state, dict.fromkeys(state.tables, ROWS_TRIED)))
        for written in _updates(migrations):
            _suit(session, written, state, after)

    return fill


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
