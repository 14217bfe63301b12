"""The rows of tables as an application reads and writes them, as text, under the names that a state has for them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import tee

from asbuilt.engines.base import Contents, Row, Session
from asbuilt.engines.contents import packed
from asbuilt.engines.postgres.quoting import columns, identifier, literal, relation
from asbuilt.engines.state import DatabaseState, TableState
from asbuilt.errors import ServerRefused

_AT_A_TIME = 10_000


def written_columns(table: TableState) -> list[str]:
    """Return the columns of a table that hold what was written, not what the server makes of it."""
    return [column.name for column in table.columns if column.generated is None]


def keyed(table: TableState, names: Sequence[str], rows: Iterable[Row]) -> Iterator[Row]:
    """Yield what identifies each row: its primary key, or else None, all of it, and how many of that kind came before."""
    at = [names.index(name) for name in table.primary_key if name in names]
    seen: dict[Row, int] = {}
    for row in rows:
        if at and len(at) == len(table.primary_key):
            yield tuple(row[n] for n in at)
        else:
            seen[row] = seen.get(row, 0) + 1
            yield (None, *row, seen[row])


def contents(session: Session, state: DatabaseState, known: Contents | None = None) -> Contents:
    """Return the rows of each table as text, by their keys; a table that cannot be read under its name is left out.

    Values are read as the types of `state`, whatever type the column of that name has. What is as it was in an earlier
    reading, `known`, takes no room again.
    """
    found: Contents = {}
    for name, table in state.tables.items():
        names = tuple(column.name for column in table.columns)
        if not table.has_own_rows or not names:
            continue
        listed = ", ".join(f"{identifier(column.name)}::{column.type}::text" for column in table.columns)
        with suppress(ServerRefused), session.transaction():
            rows, again = tee(_streamed(session, f"SELECT {listed} FROM {relation(name)}"))
            found[name] = packed(names, zip(keyed(table, names, rows), again, strict=True), (known or {}).get(name))
    return found


def _streamed(session: Session, query: str) -> Iterator[Row]:
    """Yield the rows of a query, a part of them at a time in memory; in a transaction that is open."""
    session.execute(f"DECLARE asbuilt_rows NO SCROLL CURSOR FOR {query}")
    while part := session.rows(f"FETCH {_AT_A_TIME} FROM asbuilt_rows"):
        yield from part
    session.execute("CLOSE asbuilt_rows")


def touch(session: Session, table: TableState, keys: Sequence[Row]) -> None:
    """Write the rows of some primary keys again as they are."""
    names = [column.name for column in table.columns if column.generated is None and column.identity != "always"]
    if names and keys:
        sets = ", ".join(f"{identifier(name)} = {identifier(name)}" for name in names)
        session.execute(f"UPDATE {relation(table.name)} SET {sets} WHERE {_among(table, keys)}")


def change(session: Session, table: TableState, key: Row, values: Mapping[str, str | None]) -> None:
    """Give some columns of the row of a primary key other values."""
    sets = ", ".join(f"{identifier(n)} = {'NULL' if v is None else literal(v)}" for n, v in values.items())
    session.execute(f"UPDATE {relation(table.name)} SET {sets} WHERE {_among(table, [key])}")


def delete(session: Session, table: TableState, key: Row) -> None:
    """Delete the row of a primary key."""
    session.execute(f"DELETE FROM {relation(table.name)} WHERE {_among(table, [key])}")


def _among(table: TableState, keys: Sequence[Row]) -> str:
    listed = ", ".join(f"({', '.join(literal(str(value)) for value in key)})" for key in keys)
    return f"({columns(table.primary_key)}) IN ({listed})"


def through(session: Session, values: Sequence[str], types: Sequence[str]) -> dict[str, str | None]:
    """Return what values, as text, are after they were of some types one after the other; None where one does not take it."""
    casts = "".join(f"::{type}" for type in types)
    try:
        with session.attempt():
            rows = session.rows(f"SELECT v, (v{casts})::text FROM unnest(%s::text[]) AS v", [list(values)])
            return dict(rows)
    except ServerRefused:
        if len(values) == 1:
            return {values[0]: None}
    half = len(values) // 2
    return {**through(session, values[:half], types), **through(session, values[half:], types)}
