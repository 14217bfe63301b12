"""The values that a write is given: by name, plain or reckoned from the row."""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

import msgspec

from asbuilt.access.conditions import Expression, Shape
from asbuilt.access.fields import unknown
from asbuilt.access.refusals import QueryRefused
from asbuilt.access.schema import Column, Table
from asbuilt.access.types import JSON


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


def records(table: Table, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """Yield the values of rows, in the order of the first one's names; refuse a row with other names."""
    names = tuple(rows[0])
    columns = [table.by_attribute[name] for name in names]
    has_json = any(column.type in JSON for column in columns)
    values = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
    for at, row in enumerate(rows):
        try:
            found = values(row)
        except KeyError:
            raise _other(table, at) from None
        if len(row) != len(names):
            raise _other(table, at)
        yield tuple(map(given_to, columns, found)) if has_json else found


def _other(table: Table, at: int) -> QueryRefused:
    told = f"{table.accessor}: row {at} has other fields than row 0"
    return QueryRefused(told, help="give the same fields in every row")


def arrays(table: Table, names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """Return the values of rows as one list a column."""
    columns = [table.by_name[name] for name in names]
    lists = list(zip(*records(table, rows), strict=True))
    return [_list(column, values) for column, values in zip(columns, lists, strict=True)]


def _list(column: Column, values: Sequence[Any]) -> list[Any]:
    if column.type in JSON:
        return [None if value is None else bytes(value).decode() for value in values]
    return list(values)


def given_to(column: Column, value: Any) -> Any:
    """Return a value as a driver takes it for a column: JSON is written already."""
    return msgspec.Raw(msgspec.json.encode(value)) if value is not None and column.type in JSON else value
