"""The rows of two times compared, row by row and column by column."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from asbuilt.engines.base import Contents, Row
from asbuilt.engines.state import DatabaseState

Columns = Mapping[str, Sequence[str]]
"""Which columns of which tables."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not there any more (`column` empty), or a `value` that is another (`found`). Values are not told: they may be personal."""

    table: str
    key: Row
    column: str = ""
    value: str | None = None
    found: str | None = None

    @property
    def told(self) -> str:
        key = ", ".join(str(value) for value in self.key)
        return f"{self.table} ({key}): {f'{self.column} is another' if self.column else 'the row is gone'}"


def common(old: DatabaseState, new: DatabaseState) -> dict[str, list[str]]:
    """Return the columns that two states have alike, by table: the same names, types and primary key."""
    found = {}
    for name, table in old.tables.items():
        other = new.tables.get(name)
        if other is None or table.primary_key != other.primary_key or table.partition_bound is not None:
            continue
        alike = [
            c.name
            for c in table.columns
            if (o := other.column(c.name)) and (o.type, o.generated) == (c.type, c.generated)
        ]
        if set(table.primary_key) <= set(alike):
            found[name] = alike
    return found


def compared(before: Contents, after: Contents, columns: Columns | None = None) -> list[Difference]:
    """Return what of `before` is missing or another in `after`; rows that are new there are no difference."""
    tables = before.keys() if columns is None else [name for name in columns if name in before]
    return [found for name in tables for found in _in_table(name, before, after, columns)]


def _in_table(name: str, before: Contents, after: Contents, columns: Columns | None) -> Iterator[Difference]:
    there = after.get(name, {})
    for key, row in before[name].items():
        other = there.get(key)
        if other is None:
            yield Difference(name, key)
            continue
        for column in row if columns is None else columns[name]:
            if row[column] != other.get(column):
                yield Difference(name, key, column, row[column], other.get(column))
