"""The rows of a database as text, to see whether they are the same at another time."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from asbuilt.engines.base import Session
from asbuilt.engines.state import DatabaseState, TableState

Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class TableRows:
    """How often each row stands in a table: values in the order of `columns`; those at the places `key` tell rows apart."""

    columns: tuple[str, ...]
    key: tuple[int, ...]
    counts: Counter[Row]

    def apart(self, row: Row) -> Row:
        return tuple(row[at] for at in self.key)

    def column(self, at: int) -> Counter[str | None]:
        return Counter(row[at] for row in self.counts.elements())


Rows = Mapping[str, TableRows]


def rows_of(session: Session, state: DatabaseState) -> Rows:
    """Return all rows of the tables of `state`, partitions through their parents; meant for small databases."""
    tables = (t for t in state.tables.values() if t.partition_bound is None and t.kind != "foreign table")
    return {table.name: _rows(session, table) for table in tables}


def _rows(session: Session, table: TableState) -> TableRows:
    names = tuple(sorted(column.name for column in table.columns))
    values = ", ".join(f"{quoted(name)}::text" for name in names)
    found = session.rows(f"SELECT ARRAY[{values}]::text[] FROM {'.'.join(map(quoted, table.name.split('.', 1)))}")
    return TableRows(names, tuple(map(names.index, table.primary_key)), Counter(tuple(row) for (row,) in found))


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def unlike(before: Rows, after: Rows) -> Iterator[str]:
    """Yield in words of which tables rows are not as before, and in which columns, where the rows are still there."""
    for table, rows in before.items():
        others = after.get(table, TableRows(rows.columns, rows.key, Counter()))
        gone, came = (
            TableRows(one.columns, one.key, one.counts - other.counts)
            for one, other in ((rows, others), (others, rows))
        )
        if number := gone.counts.total():
            told = f"{number} row{'' if number == 1 else 's'} of {table} {'is' if number == 1 else 'are'} not as before"
            names = _differing(gone, came)
            yield f"{told} in {', '.join(names)}" if names else told


def _differing(gone: TableRows, came: TableRows) -> list[str]:
    """Return the columns in which rows have other values now; none where rows are missing."""
    if gone.key:
        now = {came.apart(row): row for row in came.counts}
        pairs = [(row, now.get(gone.apart(row))) for row in gone.counts]
        found = [{at for at, value in enumerate(row) if value != new[at]} for row, new in pairs if new]
        places = set().union(*found) if len(found) == len(pairs) else set()
    else:
        is_whole = gone.counts.total() == came.counts.total()
        places = {at for at in range(len(gone.columns)) if is_whole and gone.column(at) != came.column(at)}
    return [gone.columns[at] for at in sorted(places)]
