"""What stops working for an application that knows the database as it was."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.changes import Change, Danger, Hazard, Operation, Verb
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.postgres.quoting import relation
from asbuilt.engines.state import ColumnState


def told(change: Change, ground: Ground, operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """Return the operations of a change, the first of them with what an application of before runs into."""
    table = change.item.table or change.item.name
    if not operations or table not in ground.before.tables or ground.is_new(table):
        return operations
    count = f"SELECT count(*) FROM {relation(table)}"
    found = tuple(Danger(Hazard.APPLICATION_BREAKS, text, count=count) for text in _texts(change, table, ground))
    return (replace(operations[0], dangers=(*operations[0].dangers, *found)), *operations[1:])


def of_prepared(table: str, column: str) -> str:
    """Say what a column's other type is for statements that clients have prepared."""
    return (
        f"a statement that a client has prepared and that returns {table}.{column} is refused from then on (`cached plan must not "
        "change result type`): it has to be prepared anew, or its connection opened anew"
    )


def _texts(change: Change, table: str, ground: Ground) -> Iterator[str]:
    item, before, after = change.item, change.before, change.after
    if change.verb == Verb.DROP and item.kind in ("column", "table"):
        name = f"column {table}.{item.name}" if item.table else f"table {table}"
        yield f"an application that still asks for {name} does not find it"
    elif isinstance(after, ColumnState) and change.verb in (Verb.CREATE, Verb.ALTER):
        yield from _of_column(table, before if isinstance(before, ColumnState) else None, after, ground)


def _of_column(table: str, before: ColumnState | None, after: ColumnState, ground: Ground) -> Iterator[str]:
    written = _written(table, after, ground)
    is_filled = written.default or written.identity or written.generated
    was_free = before is None or before.is_nullable
    if was_free and not after.is_nullable and not is_filled:
        yield f"an application that writes rows into {table} without {after.name} is refused"


def _written(table: str, column: ColumnState, ground: Ground) -> ColumnState:
    """Return the column that applications write to: that of a partition is its parent's, and a default of its own counts for nothing."""
    state = ground.after.tables[table]
    above = ground.after.tables.get(state.parents[0]) if state.partition_bound is not None else None
    return _written(above.name, above.column(column.name) or column, ground) if above else column
