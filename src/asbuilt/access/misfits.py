"""Which value of a question does not fit the field that it is held to: looked for once the server, or its driver, has refused one.

They say what is wrong with a value, and not where it stands. Nothing is looked at before: what is sound costs nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from asbuilt.access.checks.values import fault_of
from asbuilt.access.conditions import Shape
from asbuilt.access.refusals import InvalidRow, Problem
from asbuilt.access.schema import Column, Schema, Table

Held = tuple[Table, Column, Any]
"""A value that is held to a column of a table."""
_TAKES_ONE = frozenset(
    {"value", "path", "like", "ilike", "matches", "has key", "contains json", "has", "contains", "overlaps"}
)


def of_key(schema: Schema, table: Table, columns: Iterable[str], key: Sequence[Any]) -> InvalidRow | None:
    """Return what is wrong with the values of a key; None where nothing is seen."""
    return _refused(schema, ((table, table.by_name[name], value) for name, value in zip(columns, key, strict=False)))


def of_condition(schema: Schema, table: Table, shape: Shape | None, values: Sequence[Any]) -> InvalidRow | None:
    """Return what is wrong with the values in a condition on a table's rows; None where nothing is seen."""
    try:
        return _refused(schema, _held(schema, table, shape, iter(values)))
    except StopIteration:
        return None


def _refused(schema: Schema, held: Iterable[Held]) -> InvalidRow | None:
    for table, column, value in held:
        fault = None if value is None else fault_of(column, value)
        if fault is not None:
            several = "; several are looked for by `is_in(…)`" if isinstance(value, list | tuple | set) else ""
            problem = Problem(column.attribute, fault.rule, f"{fault.told(column)}{several}", column.line)
            return InvalidRow(table.entity, (problem,), document=schema.document)
    return None


def _held(schema: Schema, table: Table, shape: Shape | None, values: Iterator[Any]) -> Iterator[Held]:
    """Yield the values of a condition that are held to a column, in the order in which they are given."""
    kind = shape[0] if shape else ""
    inner: tuple[Any, ...] = shape[1:] if shape else ()
    if kind in ("any", "many"):
        path = inner[0] if kind == "any" else inner[1]
        inner = inner[1:] if kind == "any" else inner[2:]
        table = _behind(schema, table, path)
    if kind != "column":
        for part in inner:
            if isinstance(part, tuple):
                yield from _held(schema, table, part, values)
    if kind in ("is", "in"):
        given = next(values)
        yield from _of_column(schema, table, inner[-1], given if kind == "in" else [given])
    elif kind in _TAKES_ONE:
        next(values)


def _of_column(schema: Schema, table: Table, shape: Shape, given: Iterable[Any]) -> Iterator[Held]:
    if shape[0] == "column":
        _, path, name = shape
        target = _behind(schema, table, path)
        yield from ((target, target.by_name[name], value) for value in given)


def _behind(schema: Schema, table: Table, path: Sequence[str]) -> Table:
    for name in path:
        table = schema.by_name[table.by_relation[name].target]
    return table
