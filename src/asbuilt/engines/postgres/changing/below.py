"""Defaults that partitions and children have by themselves: what is done to the table above goes down to them, and is undone there."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.changes import Operation
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.postgres.quoting import identifier, relation
from asbuilt.engines.state import ColumnState, DatabaseState, Item, TableState


def with_own_defaults(
    operation: Operation, item: Item, before: ColumnState, after: ColumnState, ground: Ground
) -> Operation:
    """Return the operation with what lets the tables below keep the defaults that are not those of the table itself."""
    if (before.type, before.default) == (after.type, after.default):
        return operation
    old, new = (dict(_own(item, state)) for state in (ground.before, ground.after))
    old = {name: default for name, default in old.items() if name in ground.after.tables}
    new = {name: default for name, default in new.items() if name in ground.before.tables}
    return replace(
        operation,
        statements=(*_dropped(item, old), *operation.statements, *_given(item, new)),
        reverse=(*_dropped(item, new), *operation.reverse, *_given(item, old)),
    )


def _own(item: Item, state: DatabaseState) -> Iterator[tuple[str, str | None]]:
    """Yield the tables below, and their defaults, where these are others than that of the table."""
    above = state.tables[item.table].column(item.name) if item.table in state.tables else None
    for table in _below(item.table, state):
        column = table.column(item.name)
        if above and column and column.generated is None and column.default != above.default:
            yield table.name, column.default


def _below(name: str, state: DatabaseState) -> Iterator[TableState]:
    for table in state.tables.values():
        if name in table.parents:
            yield table
            yield from _below(table.name, state)


def _dropped(item: Item, own: dict[str, str | None]) -> Iterator[str]:
    yield from (f"{_alter(table, item)} DROP DEFAULT" for table, default in own.items() if default is not None)


def _given(item: Item, own: dict[str, str | None]) -> Iterator[str]:
    for table, default in own.items():
        yield f"{_alter(table, item)} {'DROP DEFAULT' if default is None else f'SET DEFAULT {default}'}"


def _alter(table: str, item: Item) -> str:
    return f"ALTER TABLE {relation(table)} ALTER COLUMN {identifier(item.name)}"
