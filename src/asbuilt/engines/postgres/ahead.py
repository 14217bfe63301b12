"""Partitions by time that a design leads to and does not write: those of the coming periods."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from asbuilt.engines.inherited import partitions
from asbuilt.engines.postgres.changing.bounds import DEFAULT, elements, may_overlap, strategy
from asbuilt.engines.postgres.changing.joining import made
from asbuilt.engines.postgres.periods import Scheme, later, scheme_of
from asbuilt.engines.state import DatabaseState, TableState

AHEAD = 2
"""How many periods after the one that is under way have their partitions made, where the document does not say."""
_MOST = 1000
"""What no one wants more partitions ahead than, whatever a document says."""
_BOUND = re.compile(
    r"FOR VALUES FROM \('(\d{4}-\d\d-\d\d)( 00:00:00(?:\+00)?)?'\) TO \('(\d{4}-\d\d-\d\d)(?: 00:00:00(?:\+00)?)?'\)\Z"
)


@dataclass(frozen=True, slots=True)
class Series:
    """A table whose partitions follow a scheme; each is like the `model`, its days written with `clock` behind them."""

    parent: TableState
    model: TableState
    scheme: Scheme
    clock: str

    def partition(self, start: date) -> TableState:
        """Return the partition for the period that begins at `start`."""
        low, high = (f"'{day}{self.clock}'" for day in (start, self.scheme.next(start)))
        return replace(
            self.model,
            name=self.scheme.name(start),
            partition_bound=f"FOR VALUES FROM ({low}) TO ({high})",
            comment=None,
        )

    def statements(self, partition: TableState, wanted: DatabaseState) -> tuple[str, ...]:
        return made(partition, wanted)


def series_of(wanted: DatabaseState) -> Iterator[Series]:
    """Yield the tables that are divided by time, and whose partitions are whole periods and named alike."""
    for parent in wanted.tables.values():
        key = parent.partition_key or ""
        if strategy(key) == "RANGE" and len(elements(key)) == 1 and (found := _series(parent, wanted)):
            yield found


def _series(parent: TableState, wanted: DatabaseState) -> Series | None:
    below = [table for table in partitions(wanted, parent.name) if table.partition_bound != DEFAULT]
    found = [(table, match) for table in below if (match := _BOUND.match(table.partition_bound or ""))]
    if not found or len(found) < len(below) or any(table.partition_key for table in below):
        return None
    scheme = scheme_of({t.name: (date.fromisoformat(m[1]), date.fromisoformat(m[3])) for t, m in found})
    return Series(parent, found[-1][0], scheme, found[-1][1][2] or "") if scheme else None


def following(wanted: DatabaseState, actual: DatabaseState) -> Iterator[tuple[Series, TableState]]:
    """Yield the partitions that stand in `actual` and are not written, but follow from what is."""
    for series in series_of(wanted):
        for table in partitions(actual, series.parent.name):
            found = _BOUND.match(table.partition_bound or "")
            if found and table.name not in wanted.tables and _fits(series, table, date.fromisoformat(found[1])):
                yield series, series.partition(date.fromisoformat(found[1]))


def _fits(series: Series, table: TableState, start: date) -> bool:
    due = series.partition(start)
    return (due.name, due.partition_bound) == (table.name, table.partition_bound)


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far ahead partitions are made: so many `periods` after the one that is under way, or so many `seconds` from now on."""

    periods: int = AHEAD
    seconds: int | None = None

    def starts(self, scheme: Scheme, today: date) -> Iterator[date]:
        """Yield when each period begins whose partition there has to be."""
        start, last = scheme.start(today), later(today, self.seconds or 0)
        for _ in range(_MOST if self.seconds else self.periods + 1):
            if self.seconds and start > last:
                return
            yield start
            start = scheme.next(start)


def missing(series: Series, actual: DatabaseState, starts: Iterable[date]) -> Iterator[TableState]:
    """Yield the partitions that the periods which begin then lack in `actual`."""
    there = [table.partition_bound or "" for table in partitions(actual, series.parent.name)]
    for start in starts:
        table = series.partition(start)
        if not any(may_overlap(table.partition_bound or "", bound) for bound in there if bound != DEFAULT):
            yield table


def begun(series: Series, actual: DatabaseState) -> date | None:
    """Return the first day of the oldest partition in `actual` that has one."""
    found = [_BOUND.match(table.partition_bound or "") for table in partitions(actual, series.parent.name)]
    return min((date.fromisoformat(match[1]) for match in found if match), default=None)


def default_of(series: Series, actual: DatabaseState) -> TableState | None:
    """Return the partition that takes what no other does."""
    found = partitions(actual, series.parent.name)
    return next((table for table in found if table.partition_bound == DEFAULT), None)
