"""The server as the judge of a condition: rows that nobody has written, looked at by the real expressions."""

from collections.abc import Sequence

from asbuilt.engines.base import Session
from asbuilt.engines.state import TableState
from asbuilt.errors import ServerRefused
from asbuilt.seed import sql
from asbuilt.seed.limits import Row

Verdicts = list[tuple[bool | None, ...]]


def judge(session: Session, table: TableState, rows: Sequence[Row], conditions: Sequence[str]) -> Verdicts:
    """Return for every row what each condition makes of it; no verdicts where the server cannot say."""
    if not rows or not conditions:
        return [() for _ in rows]
    try:
        with session.attempt():
            found = session.rows(_statement(table, rows, conditions))
    except ServerRefused:
        return _one_by_one(session, table, rows, conditions)
    return [tuple(row[1:]) for row in sorted(found)] if len(found) == len(rows) else [() for _ in rows]


def _one_by_one(session: Session, table: TableState, rows: Sequence[Row], conditions: Sequence[str]) -> Verdicts:
    if len(rows) == 1:
        return [(None,) * len(conditions)]
    return [verdict for row in rows for verdict in judge(session, table, [row], conditions)]


def _statement(table: TableState, rows: Sequence[Row], conditions: Sequence[str]) -> str:
    written = [c for c in table.columns if c.generated is None]
    names = ", ".join(sql.name(c.name) for c in written)
    values = ", ".join(
        f"({number}, {', '.join(_plain(row.get(c.name)) for c in written)})" for number, row in enumerate(rows)
    )
    typed = ", ".join(f"{sql.name(c.name)}::text::{c.type} AS {sql.name(c.name)}" for c in written)
    computed = "".join(f", {c.generated} AS {sql.name(c.name)}" for c in table.columns if c.generated is not None)
    inner = f"SELECT asbuilt_n, {typed} FROM (VALUES {values}) AS v(asbuilt_n, {names})"
    outer = f"SELECT *{computed} FROM ({inner}) AS typed"
    asked = ", ".join(f"({condition})" for condition in conditions)
    known_as = sql.name(table.name.rpartition(".")[2])
    return f"SELECT asbuilt_n, {asked} FROM ({outer}) AS {known_as}"


def _plain(value: str | None) -> str:
    return "NULL" if value == sql.DEFAULT else sql.literal(value)
