"""How much room the rows take, now and later; when a counter has no number left, and when a disk is full."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from asbuilt.engines.state import ColumnState, DatabaseState
from asbuilt.engines.statistics import RelationStatistics
from asbuilt.model.chapters import Target
from asbuilt.model.design import Design
from asbuilt.text import Span
from asbuilt.volume.projection import TableProjection, root_of

PAGE = 8192
HORIZON = 30.0
"""Years after which nothing is foretold."""
_LARGEST = {"smallint": 2**15 - 1, "integer": 2**31 - 1}
_STEPS = 50
_ROOM = re.compile(
    r"disk|storage|database size|data size|capacity|volume size|磁盘|存储|容量|디스크|диск|ディスク", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class TableSize:
    """The bytes of a table at each of the times, without and with its indexes; what a row takes of both."""

    table: str
    heap: tuple[int, ...]
    indexes: tuple[int, ...]
    row: float
    row_in_indexes: float

    @property
    def total(self) -> tuple[int, ...]:
        return tuple(heap + indexes for heap, indexes in zip(self.heap, self.indexes, strict=True))


@dataclass(frozen=True, slots=True)
class CounterEnd:
    """A counter of small whole numbers: where it stands, its last number, and in how many years it is there (None: not foreseeable)."""

    table: str
    column: str
    type: str
    used: int
    last: int
    years: float | None


@dataclass(frozen=True, slots=True)
class Disk:
    """Room that there is: `span` is where the document states it. In so many `years` it is full (None: not foreseeable)."""

    bytes: int
    years: float | None
    span: Span | None = None


def sizes(
    state: DatabaseState, projected: Mapping[str, TableProjection], at_times: Sequence[Sequence[RelationStatistics]]
) -> tuple[TableSize, ...]:
    """Return the size of each table from the statistics at each of the times; partitions count for what they divide."""
    roots = {name: root_of(state, name) for name in state.tables}
    heaps = [_bytes(known, roots, is_index=False) for known in at_times]
    indexes = [_bytes(known, roots, is_index=True) for known in at_times]
    found = []
    for name in projected:
        heap, index = (tuple(one.get(name, 0) for one in times) for times in (heaps, indexes))
        rows = max(sum(one.rows for one in at_times[0] if not one.is_index and roots.get(one.name) == name), 1.0)
        found.append(TableSize(name, heap, index, heap[0] / rows, index[0] / rows))
    return tuple(found)


def _bytes(known: Sequence[RelationStatistics], roots: Mapping[str, str], *, is_index: bool) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in known:
        root = roots.get(one.table or one.name)
        if root is not None and one.is_index == is_index and not one.is_parent:
            found[root] = found.get(root, 0) + (one.pages + one.toast) * PAGE
    return found


def counters(
    state: DatabaseState, projected: Mapping[str, TableProjection], used: Mapping[tuple[str, str], int]
) -> Iterator[CounterEnd]:
    """Yield the counters of small whole numbers; `used` are those that have counted so far, by table and column.

    A counter goes on as fast as its table grows, numbers that were lost so far included.
    """
    for name, table in projected.items():
        for column in state.tables[name].columns:
            last = _LARGEST.get(column.type)
            if last is not None and is_counter(column):
                count = used.get((name, column.name), table.now)
                share = max(count, 1) / max(table.now, 1)
                yield CounterEnd(name, column.name, column.type, count, last, _reached(table, last / share))


def is_counter(column: ColumnState) -> bool:
    return bool(column.identity or "nextval(" in (column.default or ""))


def _reached(table: TableProjection, rows: float) -> float | None:
    """Return in how many years there are so many rows."""
    return when(table.rows, rows)


def disks(
    design: Design, projected: Mapping[str, TableProjection], tables: Sequence[TableSize], given: int | None
) -> Iterator[Disk]:
    """Yield when the disks are full that the document states or somebody has `given`."""
    for target in design.of(Target):
        if target.unit == "bytes" and target.value and _ROOM.search(f"{target.subject} {target.text}"):
            yield Disk(int(target.value), _full(projected, tables, int(target.value)), target.span)
    if given is not None:
        yield Disk(given, _full(projected, tables, given))


def _full(projected: Mapping[str, TableProjection], tables: Sequence[TableSize], room: int) -> float | None:
    """Return in how many years the tables and their indexes take so many bytes."""
    sized = [(projected[one.table], one) for one in tables]

    def taken(years: float) -> float:
        return sum(one.total[0] * table.rows(years) / max(table.now, 1) for table, one in sized)

    return when(taken, room)


def when(amount: Callable[[float], float], limit: float) -> float | None:
    """Return the year from now in which an amount that only grows reaches a limit; None where that is not foreseeable."""
    if amount(HORIZON) < limit:
        return None
    low, high = 0.0, HORIZON
    if amount(low) >= limit:
        return 0.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if amount(middle) < limit else (low, middle)
    return high
