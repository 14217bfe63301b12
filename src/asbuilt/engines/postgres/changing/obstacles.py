"""What may stand in the way of the way back: rows written since that what comes back does not take."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.changes import Change, Danger, Hazard, Operation
from asbuilt.engines.postgres.changing import keeping, types
from asbuilt.engines.postgres.changing.converting import base
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.postgres.quoting import columns, identifier, literal, relation
from asbuilt.engines.state import ColumnState, ConstraintState, IndexState, ObjectState, TableState

_KEYS = ("primary key", "unique")
_BITS = {"smallint": 15, "integer": 31, "bigint": 63}


def told(change: Change, ground: Ground, operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """Return the operations of a change with the queries that find what stands in the way of taking them back."""
    found = tuple(_of(change, ground))
    return tuple(replace(operation, obstacles=found) for operation in operations) if found else operations


def of_rows(table: TableState, text: str, condition: str) -> Danger:
    """Return the obstacle that rows of a table, called `live` in the condition, are: counted, and some shown by their key."""
    rows = f"FROM {relation(table.name)} AS live WHERE {condition}"
    key = keeping.key(table)
    sample = f"SELECT {', '.join(f'live.{identifier(name)}' for name in key)} {rows} LIMIT 5" if key else ""
    return Danger(Hazard.CONSTRAINT_OVER_EXISTING_ROWS, text, count=f"SELECT count(*) {rows}", sample=sample)


def _of(change: Change, ground: Ground) -> Iterator[Danger]:
    before, after = change.before, change.after
    if isinstance(before, ObjectState) and before.kind == "enum" and isinstance(after, ObjectState):
        yield from _of_labels(change, before, after, ground)
    table = ground.after.tables.get(change.item.table)
    if table is None:
        return
    if isinstance(before, ConstraintState):
        yield from _of_constraint(table, before)
    elif isinstance(before, IndexState) and before.is_unique and not before.backs:
        yield from _of_unique(table, before.keys, f"unique index {before.name}", before.predicate or "")
    elif isinstance(before, ColumnState) and isinstance(after, ColumnState):
        yield from _of_column(table, before, after)


def _of_constraint(table: TableState, constraint: ConstraintState) -> Iterator[Danger]:
    name = f"{constraint.kind} {constraint.name}"
    if constraint.kind in _KEYS:
        yield from _of_unique(table, tuple(map(identifier, constraint.columns)), name)
    elif constraint.kind == "check" and constraint.expression:
        yield of_rows(table, f"rows of {table.name} that do not keep {name}", f"NOT ({constraint.expression})")
    elif constraint.kind == "foreign key" and constraint.target:
        pairs = zip(constraint.columns, constraint.target_columns, strict=True)
        match = " AND ".join(f"parent.{identifier(there)} = live.{identifier(here)}" for here, there in pairs)
        known = " AND ".join(f"live.{identifier(name)} IS NOT NULL" for name in constraint.columns)
        lost = f"{known} AND NOT EXISTS (SELECT FROM {relation(constraint.target)} AS parent WHERE {match})"
        yield of_rows(
            table, f"rows of {table.name} whose {columns(constraint.columns)} is not in {constraint.target}", lost
        )


def _of_unique(table: TableState, keys: tuple[str, ...], name: str, only: str = "") -> Iterator[Danger]:
    """Yield rows that share what was unique: of values that are there, and where the index holds."""
    shared, there = (
        ", ".join(keys),
        " AND ".join([*(f"({key}) IS NOT NULL" for key in keys), *([f"({only})"] if only else [])]),
    )
    double = f"SELECT {shared} FROM {relation(table.name)} WHERE {there} GROUP BY {shared} HAVING count(*) > 1"
    text = f"rows of {table.name} that share ({shared}), against {name}"
    yield of_rows(table, text, f"{there} AND ({shared}) IN ({double})")


def _of_column(table: TableState, before: ColumnState, after: ColumnState) -> Iterator[Danger]:
    name = f"live.{identifier(after.name)}"
    if after.is_nullable and not before.is_nullable:
        yield of_rows(table, f"rows of {table.name} without {after.name}", f"{name} IS NULL")
    text = f"values of {table.name}.{after.name} that do not fit {before.type}"
    if (
        before.type != after.type
        and before.type in _BITS
        and base(after.type) in ("numeric", "real", "double precision", *_BITS)
    ):
        most = 2 ** _BITS[before.type]
        yield of_rows(table, text, f"round({name}::numeric) NOT BETWEEN -{most} AND {most - 1}")


def _of_labels(change: Change, before: ObjectState, after: ObjectState, ground: Ground) -> Iterator[Danger]:
    new = [label for label in types.labels(after) if label not in types.labels(before)]
    listed = ", ".join(map(literal, new))
    for name, column in types.columns_of(change.item, ground) if new else ():
        table = ground.after.tables[name]
        text = f"rows of {name} with a {column.name} that {before.name} did not have ({', '.join(new)})"
        yield of_rows(table, text, f"live.{identifier(column.name)}::text IN ({listed})")
