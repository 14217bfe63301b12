"""The values that a write is given: by name, plain or reckoned from the row."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any
from uuid import UUID

import msgspec

from asbuilt.access.conditions import Expression, Shape
from asbuilt.access.copying.texts import text_of
from asbuilt.access.fields import unknown
from asbuilt.access.refusals import QueryRefused
from asbuilt.access.schema import Column, Table
from asbuilt.access.types import JSON, bare


def parted(table: Table, values: Mapping[str, Any]) -> tuple[dict[str, Shape | None], tuple[Any, ...]]:
    """Return the shape that each column is set to, None for a plain value, and all values in that order."""
    shapes: dict[str, Shape | None] = {}
    given: list[Any] = []
    for name, value in values.items():
        column = table.by_attribute.get(name)
        if column is None:
            raise unknown(name, table)
        if not column.is_written:
            raise QueryRefused(f"{table.accessor}.{name} is made by the server, it cannot be written")
        is_reckoned = isinstance(value, Expression)
        shapes[column.name] = value.shape if is_reckoned else None
        given += value.values if is_reckoned else (given_to(column, value),)
    return shapes, tuple(given)


def keyed(table: Table, key: Any) -> tuple[Any, ...]:
    """Return a primary key as a tuple, one value or several."""
    whole = key if isinstance(key, tuple) else (key,)
    if len(whole) != len(table.primary_key):
        names = ", ".join(table.primary_key)
        raise QueryRefused(f"the key of {table.accessor} is ({names}); {len(whole)} values were given")
    return whole


def tuples(
    table: Table, names: Sequence[str], rows: Sequence[Mapping[str, Any]], first: int = 0
) -> list[tuple[Any, ...]]:
    """Return the values of rows by these names; refuse a row that has others. `first` is the number of the first row."""
    values = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
    try:
        found = list(map(values, rows))
    except KeyError:
        raise _other(table, names, rows, first) from None
    if set(map(len, rows)) != {len(names)}:
        raise _other(table, names, rows, first)
    return found


def _other(table: Table, names: Sequence[str], rows: Sequence[Mapping[str, Any]], first: int) -> QueryRefused:
    at = next(n for n, row in enumerate(rows, first) if row.keys() != set(names))
    told = f"{table.accessor}: row {at} has other fields than row 0"
    return QueryRefused(told, help="give the same fields in every row")


def arrays(table: Table, names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """Return the values of rows as one list a column."""
    columns = [table.by_attribute[name] for name in names]
    lists = zip(*tuples(table, names, rows), strict=True)
    return [_list(column, values) for column, values in zip(columns, lists, strict=True)]


def _list(column: Column, values: Sequence[Any]) -> list[Any]:
    """Return a column's values as one array, all of one type; those that are arrays themselves, or JSON, as text."""
    if column.type in JSON or column.type.endswith("[]"):
        make: Callable[[Any], Any] | None = text_of(column)
    else:
        make = _ALIKE.get(bare(column.type)) if len({*map(type, values)}) > 1 else None
    return list(values) if make is None else [None if value is None else make(value) for value in values]


_ALIKE: dict[str, Callable[[Any], Any]] = {
    "numeric": Decimal,
    **dict.fromkeys(("real", "double precision"), float),
    "uuid": lambda value: UUID(str(value)),
}
"""What makes values of one type that may be given as several."""


def given_to(column: Column, value: Any) -> Any:
    """Return a value as a driver takes it for a column: JSON is written already."""
    if value is None or bare(column.type) not in JSON:
        return value
    if column.type.endswith("[]"):
        return [None if one is None else msgspec.Raw(msgspec.json.encode(one)) for one in value]
    return msgspec.Raw(msgspec.json.encode(value))
