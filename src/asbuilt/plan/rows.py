"""The rows of a database as text, to see whether they are the same at another time."""

from collections import Counter
from collections.abc import Iterator, Mapping

from asbuilt.engines.base import Session
from asbuilt.engines.state import DatabaseState, TableState

Rows = Mapping[str, Counter[str]]
"""How often each row stands in each table, columns in the order of their names."""


def rows_of(session: Session, state: DatabaseState) -> Rows:
    """Return all rows of the tables of `state`, partitions through their parents; meant for small databases."""
    tables = (t for t in state.tables.values() if t.partition_bound is None and t.kind != "foreign table")
    return {table.name: Counter(row for (row,) in session.rows(_query(table))) for table in tables}


def _query(table: TableState) -> str:
    names = ", ".join(quoted(column.name) for column in sorted(table.columns, key=lambda c: c.name))
    return f"SELECT ROW({names})::text FROM {'.'.join(map(quoted, table.name.split('.', 1)))}"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def unlike(before: Rows, after: Rows) -> Iterator[str]:
    """Yield in words of which tables rows are not as before."""
    for table, rows in before.items():
        lost = sum((rows - after.get(table, Counter())).values())
        if lost:
            yield f"{lost} row{'' if lost == 1 else 's'} of {table} {'is' if lost == 1 else 'are'} not as before"
