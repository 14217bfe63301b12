"""Statistics of a sample made those of a size that is to come: what grows with the rows, and what stays as it is.

Counters go on; a key to a table that grows has more values, each with a smaller share; a label stays as frequent as it is.
Times lie as the rows came in: what was stated of growth says how many of them are how old.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from asbuilt.engines.state import ColumnState, ConstraintState, DatabaseState, TableState
from asbuilt.engines.statistics import ColumnStatistics, RelationStatistics
from asbuilt.model.types import Family, type_name
from asbuilt.volume.projection import TableProjection, root_of

_YEAR = timedelta(days=365.25)
_PROPORTIONAL = 0.1
"""From this share of different values on, their number is told as a share of the rows, as the planner's own statistics do."""
_SMALL = 64
_PAGE, _HEAD, _ENTRY, _FILL = 8_152, 32, 16, 0.9
"""Bytes of a page for rows, what a row and an entry of an index have besides their values, and how full an index is made."""
_TEMPORAL = (Family.TIMESTAMP, Family.DATE)


@dataclass(frozen=True, slots=True)
class Size:
    """The size that statistics are made for: `now` is the moment, in so many `years` from today."""

    years: float
    now: datetime


def scaled(
    known: Iterable[RelationStatistics], state: DatabaseState, projected: Mapping[str, TableProjection], size: Size
) -> tuple[RelationStatistics, ...]:
    """Return the statistics of a sample as they will be at a size."""
    sample = {one.name: one for one in known}
    scale = _Scale(sample, state, projected, size)
    return tuple(scale.relation(one) for one in sample.values())


class _Scale:
    def __init__(
        self,
        sample: Mapping[str, RelationStatistics],
        state: DatabaseState,
        projected: Mapping[str, TableProjection],
        size: Size,
    ) -> None:
        self._sample = sample
        self._state = state
        self._projected = projected
        self._size = size

    def relation(self, one: RelationStatistics) -> RelationStatistics:
        factor = self.factor(one.table or one.name)
        table = self._state.tables.get(one.table or one.name)
        columns = tuple(self._column(one, table, column) for column in one.columns)
        pages = self._filled(one, table)
        return replace(
            one,
            pages=max(one.pages, round(pages * factor)) if factor >= 1 else one.pages,
            visible=max(one.visible, round(min(one.visible, pages) * factor)),
            rows=one.rows * factor if one.rows else 0.0,
            toast=round(one.toast * factor),
            columns=columns,
        )

    def _filled(self, one: RelationStatistics, table: TableState | None) -> float:
        """Return how many pages the rows need: a small relation has some that are empty yet, which do not grow with it."""
        if table is None or one.pages > _SMALL or not one.rows:
            return one.pages
        widths = {column.name: column.width for column in self._sample[table.name].columns if not column.is_inherited}
        if not one.is_index:
            return min(one.pages, one.rows * (_HEAD + sum(widths.values())) / _PAGE)
        index = next((index for index in table.indexes if index.name == one.name.rpartition(".")[2]), None)
        keys = index.keys if index and index.method == "btree" else ()
        if not keys or not all(key in widths for key in keys):
            return one.pages
        entry = _ENTRY + sum(widths[key] for key in keys)
        return min(one.pages, one.rows * entry / (_PAGE * _FILL))

    def factor(self, name: str) -> float:
        """Return how many rows there will be for each that the sample has; a partition takes its share of its parent's."""
        one, root = self._sample.get(name), self._root(name)
        projection = self._projected.get(root)
        total = self._rows_of(root)
        if one is None or projection is None or not total:
            return 1.0
        return projection.rows(self._size.years) / total

    def _root(self, name: str) -> str:
        return root_of(self._state, name) if name in self._state.tables else name

    def _rows_of(self, root: str) -> float:
        """Return the rows that the sample has of a table, or of all partitions of it."""
        table = self._state.tables.get(root)
        if table is None or table.partition_key is None:
            return self._sample[root].rows if root in self._sample else 0.0
        return sum(
            one.rows
            for name, one in self._sample.items()
            if not one.table and not one.is_parent and self._root(name) == root
        )

    def _column(self, one: RelationStatistics, table: TableState | None, known: ColumnStatistics) -> ColumnStatistics:
        column = table.column(known.name) if table and not one.table else None
        if table is None or column is None:
            return known
        key = _key_on(table, column.name)
        if key is not None and key.target:
            known = self._of_key(one, known, key.target)
        if _counts(self._state, table, column):
            return _counted(known, self.factor(key.target if key and key.target else one.name))
        if _is_time(column) and table.partition_bound is None and table.partition_key is None:
            return self._in_time(table, known)
        return known

    def _of_key(self, one: RelationStatistics, known: ColumnStatistics, target: str) -> ColumnStatistics:
        """Return a key's statistics: as large a part of the rows that it points at is pointed at, each by a part of the rows."""
        parents, growth = self._rows_of(self._root(target)), self.factor(target)
        if not parents or not one.rows:
            return known
        rows = one.rows * self.factor(one.name)
        different = known.distinct if known.distinct > 0 else -known.distinct * one.rows
        more = min(different * growth, rows)
        distinct = -more / rows if more / rows > _PROPORTIONAL else more
        return replace(known, distinct=distinct, shares=tuple(share / growth for share in known.shares))

    def _in_time(self, table: TableState, known: ColumnStatistics) -> ColumnStatistics:
        """Return when the rows of a table came in, if the last of those of the sample came in just now."""
        bounds = [_moment(text) for text in known.histogram]
        if len(bounds) < 2 or None in bounds:
            return known
        moments = [moment for moment in bounds if moment is not None]
        history = moments[-1] - moments[0]
        ages = list(_ages(self._projected[table.name], self._size.years, history, len(moments) - 1))
        texts = tuple(_text(self._size.now - age, known.histogram[-1]) for age in ages)
        return replace(known, common=(), shares=(), histogram=tuple(dict.fromkeys(texts)))


def _ages(projection: TableProjection, years: float, history: timedelta, parts: int) -> Iterator[timedelta]:
    """Yield the ages that divide the rows into parts of equal size, the oldest first."""
    total = projection.rows(years)
    for part in range(parts + 1):
        wanted = total * part / parts
        yield _age(projection, wanted, years, history)


def _age(projection: TableProjection, wanted: float, years: float, history: timedelta) -> timedelta:
    """Return how old the row is that was the `wanted` one: before today they came in evenly."""
    if wanted <= projection.now or not years:
        share = wanted / max(projection.now, 1)
        return history * (1 - min(share, 1.0)) + _YEAR * years
    low, high = 0.0, years
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if projection.rows(middle) < wanted else (low, middle)
    return _YEAR * (years - high)


def _key_on(table: TableState, column: str) -> ConstraintState | None:
    return next((c for c in table.constraints if c.kind == "foreign key" and c.columns == (column,)), None)


def _counts(state: DatabaseState, table: TableState, column: ColumnState) -> bool:
    """Tell whether a column holds a counter's numbers, its own or those of what it points at."""
    if column.identity or "nextval(" in (column.default or ""):
        return True
    key = _key_on(table, column.name)
    target = state.tables.get(key.target or "") if key else None
    if key is None or target is None or target.name == table.name:
        return False
    pointed = target.column(key.target_columns[0]) if key.target_columns else None
    return pointed is not None and bool(pointed.identity or "nextval(" in (pointed.default or ""))


def _counted(known: ColumnStatistics, growth: float) -> ColumnStatistics:
    try:
        numbers = [int(text) for text in known.histogram]
    except ValueError:
        return known
    return replace(known, histogram=tuple(dict.fromkeys(str(round(number * growth)) for number in numbers)))


def _is_time(column: ColumnState) -> bool:
    known = type_name(column.type)
    return known is not None and known.family in _TEMPORAL and not column.type.endswith("[]")


def _moment(text: str) -> datetime | None:
    """Return a time as the server writes it; None where it lies beyond what a calendar holds."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _text(moment: datetime, like: str) -> str:
    """Return a time written as another is: a day, or a time with its zone or without."""
    if len(like) == len("2024-01-01"):
        return date(moment.year, moment.month, moment.day).isoformat()
    written = moment.astimezone(UTC).isoformat(" ", "microseconds")
    return written if "+" in like[10:] or like[10:].count("-") else written.partition("+")[0]
