"""Keys that had to wait until what they point at was there."""

from collections.abc import Callable, Iterator, Sequence

from asbuilt.engines.base import Session
from asbuilt.engines.state import TableState
from asbuilt.seed import sql
from asbuilt.seed.parents import KeyValues
from asbuilt.seed.plan import TablePlan
from asbuilt.seed.recipe import Key

_PAGE = 5000
_Pools = dict[KeyValues, Sequence[KeyValues]]


def complete(
    session: Session, table: TablePlan, key: Key, pool: Sequence[KeyValues], noted: Callable[[], None]
) -> None:
    """Fill in a key that had to wait, page by page: every row but some points at what stands now.

    Each page is `noted` in its transaction.
    """
    primary = table.recipe.table.primary_key
    fixed = _fixed(table, key)
    pools = _by_values(pool, [key.columns.index(n) for n in fixed])
    if not pool or not primary:
        return
    number = 0
    for rows in _pages(session, table.recipe.table, primary, fixed):
        chosen: list[tuple[KeyValues, KeyValues]] = []
        for row in rows:
            found = pools.get(row[len(primary) :])
            if found and (number % 5 != 0 or not key.is_nullable):
                chosen.append((row[: len(primary)], _chosen(table, key, found, number)))
            number += 1
        if chosen:
            with session.transaction():
                session.execute(_update(table.recipe.table, key, primary, chosen))
                noted()


def _pages(
    session: Session, table: TableState, primary: Sequence[str], fixed: Sequence[str]
) -> Iterator[list[KeyValues]]:
    """Yield the keys of all rows in order, and what is fixed of each."""
    listed = ", ".join(f"{sql.name(n)}::text" for n in (*primary, *fixed))
    order = ", ".join(map(sql.name, primary))
    last: KeyValues | None = None
    while True:
        after = f" WHERE ({order}) > ({_typed(table, primary, last)})" if last else ""
        statement = f"SELECT {listed} FROM {sql.table_name(table.name)}{after} ORDER BY {order} LIMIT {_PAGE}"
        rows = session.rows(statement)
        if not rows:
            return
        yield rows
        last = rows[-1][: len(primary)]


def _typed(table: TableState, names: Sequence[str], values: KeyValues) -> str:
    return ", ".join(f"{sql.literal(value)}::{_type(table, name)}" for name, value in zip(names, values, strict=True))


def _type(table: TableState, name: str) -> str:
    column = table.column(name)
    return column.type if column is not None else "text"


def _fixed(table: TablePlan, key: Key) -> tuple[str, ...]:
    """Return the columns of a waiting key that have their value already: those that may not be empty, beside others that may."""
    required = {c.name for c in table.recipe.columns if not c.is_nullable}
    return tuple(name for name in key.columns if name in required) if key.is_nullable else ()


def _by_values(pool: Sequence[KeyValues], places: Sequence[int]) -> _Pools:
    """Return the keys of a pool by what they hold in some places."""
    if not places:
        return {(): pool}
    found: dict[KeyValues, list[KeyValues]] = {}
    for values in pool:
        found.setdefault(tuple(values[place] for place in places), []).append(values)
    return dict(found)


def _chosen(table: TablePlan, key: Key, pool: Sequence[KeyValues], number: int) -> KeyValues:
    if key.target == table.recipe.name:
        return pool[max(number - 1, 0) // 2 % len(pool)]
    return pool[number % len(pool)] if not key.is_nullable else pool[(number * 7 + 3) % len(pool)]


def _update(table: TableState, key: Key, primary: Sequence[str], chosen: Sequence[tuple[KeyValues, KeyValues]]) -> str:
    listed = ", ".join(f"({', '.join(map(sql.literal, (*identity, *values)))})" for identity, values in chosen)
    ids = [f"k{number}" for number in range(len(primary))]
    news = [f"v{number}" for number in range(len(key.columns))]
    settings = ", ".join(
        f"{sql.name(c)} = {v}::text::{_type(table, c)}" for c, v in zip(key.columns, news, strict=True)
    )
    same = " AND ".join(f"t.{sql.name(c)} = {k}::text::{_type(table, c)}" for c, k in zip(primary, ids, strict=True))
    return (
        f"UPDATE {sql.table_name(table.name)} AS t SET {settings} "
        f"FROM (VALUES {listed}) AS v ({', '.join((*ids, *news))}) WHERE {same}"
    )
