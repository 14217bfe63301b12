"""A partition for rows that the default one took: what making it takes, and how long that locks the table."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from asbuilt.engines.base import Session
from asbuilt.engines.postgres.ahead import Series
from asbuilt.engines.postgres.changing.bounds import elements, takes
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.postgres.changing.regrouping import regrouped
from asbuilt.engines.postgres.measuring import table_bytes
from asbuilt.engines.postgres.quoting import relation
from asbuilt.engines.postgres.retiring import PLACE, is_empty
from asbuilt.engines.state import DatabaseState, TableState

_ROWS_A_SECOND = 50_000
_BYTES_A_SECOND = 500_000_000


def periods_in(session: Session, holder: TableState, series: Series, first: date, last: date) -> set[date]:
    """Return when the periods begin of which rows lie in a table, the default partition or one yet to be divided, from `first` on."""
    [key] = elements(series.parent.partition_key or "")
    day = f"({key} AT TIME ZONE 'UTC')::date" if series.clock.endswith("+00") else f"({key})::date"
    found = session.rows(
        f"SELECT DISTINCT {day} FROM {relation(holder.name)} WHERE {day} BETWEEN %s AND %s",
        [first, series.scheme.next(series.scheme.start(last)) - timedelta(days=1)],
    )
    return {series.scheme.start(row[0]) for row in found}


@dataclass(frozen=True)
class Division:
    """A new partition of a table with a `default` one, whose rows it takes over in one transaction."""

    session: Session
    table: TableState
    default: TableState
    actual: DatabaseState

    @cached_property
    def has_rows(self) -> bool:
        """Tell whether rows lie in the default partition, so that PostgreSQL looks through them while all others wait."""
        return not is_empty(self.session, relation(self.default.name))

    @cached_property
    def rows(self) -> int:
        """How many rows move."""
        condition = takes(self.actual.tables[self.table.parents[0]], self.table.partition_bound or "")
        return int(self.session.rows(f"SELECT count(*) FROM {relation(self.default.name)} WHERE {condition}")[0][0])

    @cached_property
    def seconds(self) -> float:
        """About how long the table is locked: while rows move, and others are looked through, those that point at it included."""
        parent = self.table.parents[0]
        pointing = [t.name for t in self.actual.tables.values() if any(c.target == parent for c in t.constraints)]
        size = sum(table_bytes(self.session, name) for name in (self.default.name, *pointing))
        return self.rows / _ROWS_A_SECOND + size / _BYTES_A_SECOND

    @property
    def told(self) -> str:
        if not self.rows:
            return f"the rows of {self.default.name} are looked through, none moves"
        return f"{self.rows:,} row{' moves' if self.rows == 1 else 's move'} there from {self.default.name}"

    @property
    def statements(self) -> tuple[str, ...]:
        tables = {**self.actual.tables, self.table.name: self.table}
        ground = Ground(self.actual, replace(self.actual, tables=tables), {}, {}, PLACE)
        return regrouped(self.table.parents[0], (self.table.name,), ground).statements
