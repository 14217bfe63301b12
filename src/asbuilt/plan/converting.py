"""Values that have another type now: what they have to be, and whether the old shape has a place for them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from asbuilt.engines.base import Contents, Engine, Row, Session
from asbuilt.engines.state import ColumnState, DatabaseState, Item, TableState
from asbuilt.plan.comparing import Difference
from asbuilt.plan.steps import Plan

_AT_ONCE = 20_000
Pair = tuple[ColumnState, ColumnState]
"""A column as it was and as it is now."""


def carried(old: DatabaseState, now: DatabaseState) -> DatabaseState:
    """Return the old shape for new rows: where text has become another type, an application has written such values before."""
    tables = {name: _carried_table(table, now.tables.get(name)) for name, table in old.tables.items()}
    return replace(old, tables=tables)


def _carried_table(table: TableState, now: TableState | None) -> TableState:
    def typed(column: ColumnState) -> ColumnState:
        other = now.column(column.name) if now else None
        is_text = column.type == "text" or column.type.startswith("character")
        return replace(column, type=other.type) if other and is_text else column

    return replace(table, columns=tuple(typed(column) for column in table.columns))


def not_converted(
    engine: Engine,
    session: Session,
    plan: Plan,
    old: DatabaseState,
    now: DatabaseState,
    stood: Contents,
    found: Contents,
) -> tuple[list[str], list[Difference]]:
    """Return the columns that have another type now by no statement of the document's, and their values that are not what stood as that type has it."""
    written = {i for step in plan.steps if step.migration for o in step.operations for i in o.makes | o.touches}
    columns, wrong = [], []
    for table, (before, after) in _retyped(old, now):
        if Item("column", after.name, table) in written or table not in stood or table not in found:
            continue
        columns.append(f"{table}.{after.name}")
        for keys in _in_parts(stood[table]):
            values = {key: value for key in keys if (value := stood[table][key][before.name]) is not None}
            expected = (
                engine.through(session, sorted(set(values.values())), (before.type, after.type)) if values else {}
            )
            for key, value in values.items():
                other = found[table].get(key, {}).get(after.name)
                if expected[value] not in (None, other):
                    wrong.append(Difference(table, key, after.name, expected[value], other))
    return columns, wrong


def _in_parts(keys: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield some of the keys at a time, as all values at once would be many."""
    left = iter(keys)
    while part := list(islice(left, _AT_ONCE)):
        yield part


def _retyped(old: DatabaseState, now: DatabaseState) -> Iterator[tuple[str, Pair]]:
    for name, table in old.tables.items():
        other = now.tables.get(name)
        if other and table.has_own_rows and table.primary_key and table.primary_key == other.primary_key:
            for column in table.columns:
                new = other.column(column.name)
                if new and new.type != column.type and new.generated is None:
                    yield name, (column, new)


def is_converted(
    engine: Engine, session: Session, old: DatabaseState, now: DatabaseState, found: Sequence[Difference]
) -> set[Difference]:
    """Return the differences whose values read as they have to after they went through the type that their column has now."""
    read = [difference for difference in found if difference.found is not None]
    return _right(engine, session, old, now, read, lambda o, n: (o.type, n.type, o.type), lambda d: d.found)


def has_place(
    engine: Engine, session: Session, plan: Plan, old: DatabaseState, now: DatabaseState, found: Sequence[Difference]
) -> list[Difference]:
    """Return the differences whose values the old shape could have kept: their column stood there, of a type that they fit, or came of another."""
    retyped = [
        d for d in found if (pair := _pair(old, now, d)) and pair[0].type != pair[1].type and d.value is not None
    ]
    fits = _right(engine, session, old, now, retyped, lambda o, n: (n.type, o.type, n.type), lambda d: d.value)
    filled = {item for step in plan.steps for o in step.operations if o.backfill for item in o.makes}
    return [d for d in found if (d in fits if d in retyped else _could_stand(old, filled, d))]


def _could_stand(old: DatabaseState, filled: set[Item], difference: Difference) -> bool:
    table = old.tables.get(difference.table)
    if table is None or not difference.column:
        return table is not None
    return table.column(difference.column) is not None or Item("column", difference.column, difference.table) in filled


def _pair(old: DatabaseState, now: DatabaseState, difference: Difference) -> Pair | None:
    table, other = old.tables.get(difference.table), now.tables.get(difference.table)
    before = table.column(difference.column) if table else None
    after = other.column(difference.column) if other else None
    return (before, after) if before and after else None


def _right(
    engine: Engine,
    session: Session,
    old: DatabaseState,
    now: DatabaseState,
    found: Sequence[Difference],
    way: Callable[[ColumnState, ColumnState], tuple[str, ...]],
    wanted: Callable[[Difference], str | None],
) -> set[Difference]:
    """Return the differences whose value, gone through some types, is what is wanted."""
    by_way: dict[tuple[str, ...], list[Difference]] = defaultdict(list)
    for difference in found:
        pair = _pair(old, now, difference)
        if pair and pair[0].type != pair[1].type and difference.value is not None:
            by_way[way(*pair)].append(difference)
    right = set()
    for types, some in by_way.items():
        became = engine.through(session, sorted({str(d.value) for d in some}), types)
        right |= {d for d in some if became[str(d.value)] == wanted(d)}
    return right
