"""The rows of two times compared, row by row and column by column."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from asbuilt.engines.base import Contents, Row
from asbuilt.engines.contents import is_alike
from asbuilt.engines.state import DatabaseState

Columns = Mapping[str, Sequence[str]]
"""Which columns of which tables."""
_TELLS_NOBODY = re.compile(r"\d{1,12}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\d[ T0-9:.+-]*")
_HIDDEN = "…"


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not there any more (`column` empty), a `value` that is another (`found`), or a row that should not be there (`is_extra`)."""

    table: str
    key: Row
    column: str = ""
    value: str | None = None
    found: str | None = None
    is_extra: bool = False

    @property
    def turned(self) -> "Difference":
        """The same, as it is seen from the later time."""
        return replace(self, value=self.found, found=self.value)

    @property
    def told(self) -> str:
        """In words: values are not told, nor keys that are no numbers, UUIDs or times, as they may be personal."""
        what = (
            f"{self.column} is another" if self.column else "the row is there" if self.is_extra else "the row is gone"
        )
        return f"{self.table} {told_key(self.key)}: {what}"


def told_key(key: Row) -> str:
    """Return a row's key in brackets, without what may be personal."""
    if key[0] is None:
        return "(a row without a key)"
    return f"({', '.join(str(part) if _TELLS_NOBODY.fullmatch(str(part)) else _HIDDEN for part in key)})"


def common(old: DatabaseState, new: DatabaseState) -> dict[str, list[str]]:
    """Return the columns that two states have alike, by table: the same names, types and primary key."""
    found = {}
    for name, table in old.tables.items():
        other = new.tables.get(name)
        if other is None or table.primary_key != other.primary_key or not table.has_own_rows:
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
    stood, there = before[name], after.get(name, {})
    for key in stood:
        if is_alike(stood, there, key):
            continue
        row, other = stood[key], there.get(key)
        if other is None:
            yield Difference(name, key)
            continue
        for column in row if columns is None else columns[name]:
            if row[column] != other.get(column):
                yield Difference(name, key, column, row[column], other.get(column))


def extra(before: Contents, after: Contents, tables: Iterable[str]) -> list[Difference]:
    """Return the rows of some tables that are in `after` only."""
    return [
        Difference(name, key, is_extra=True)
        for name in tables
        for key in after.get(name, {}).keys() - before.get(name, {}).keys()
    ]
