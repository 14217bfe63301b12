"""The stated queries, run on the rows that are there: how long they take, what they read, and which plan they have."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any

from asbuilt.engines.base import Session
from asbuilt.engines.state import DatabaseState
from asbuilt.engines.statistics import ColumnStatistics, RelationStatistics
from asbuilt.errors import ServerRefused
from asbuilt.model.sql import QueryPattern
from asbuilt.verify.parameters import executed, numbered, prepared
from asbuilt.verify.query_plans import nodes, read_plan, words

Timer = Callable[[str], float]
"""Runs a statement, fetches all of it, and returns how many milliseconds that took."""

RUNS = 60
"""How often each query is run, each time with other values, unless it is slow."""
_PLANNED = 3
_AT_MOST = 4_000.0
"""Milliseconds that one query may take of a measurement, once it has run often enough to tell."""
_FEWEST = 12
_READS = frozenset({"select", "with", "values", "table"})
_TOO_LONG = "57014"


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of running a query: `times` in milliseconds, sorted; the largest numbers of its plans.

    `rows` is what it returns at most, `pages` what it touches, `scanned` the most rows that one sequential scan reads.
    `refusal` says why it was not run, or not to its end (`is_too_long`).
    """

    times: tuple[float, ...] = ()
    rows: int = 0
    pages: int = 0
    scanned: int = 0
    scanned_table: str = ""
    plan: str = ""
    indexes: frozenset[str] = frozenset()
    refusal: str = ""
    is_too_long: bool = False

    def percentile(self, percent: float) -> float:
        """Return the time that so many percent of the runs stay below or reach."""
        return self.times[max(ceil(len(self.times) * percent / 100), 1) - 1]


def measured(
    session: Session, timer: Timer, pattern: QueryPattern, state: DatabaseState, known: Sequence[RelationStatistics]
) -> Measured:
    """Run a query with frequent, rare and absent values in turn; it may only read."""
    statement = numbered(pattern.statement.sql)
    first = statement.split(None, 1)[0].lower() if statement else ""
    if first not in _READS:
        return Measured(refusal=f"it is not run: what a {first.upper() or 'statement without words'} writes would stay")
    try:
        prepared(session, statement, state, partial(_value, known, state, 0))
        calls = [executed(session, statement, state, partial(_value, known, state, n)) for n in range(RUNS)]
        plans = [read_plan(session, call, "ANALYZE, BUFFERS") for call in dict.fromkeys(calls[:_PLANNED])]
        with session.attempt():
            times = tuple(sorted(_times(timer, calls)))
    except ServerRefused as refusal:
        return Measured(refusal=str(refusal), is_too_long=refusal.sqlstate == _TOO_LONG)
    return _told(times, plans)


def _times(timer: Timer, calls: Sequence[str]) -> Iterator[float]:
    """Yield the times of the calls, of the first only after it has warmed up what all of them need."""
    timer(calls[0])
    spent = 0.0
    for number, call in enumerate(calls):
        if spent > _AT_MOST and number >= _FEWEST:
            return
        taken = timer(call)
        spent += taken
        yield taken


def _told(times: tuple[float, ...], plans: Sequence[Any]) -> Measured:
    every = [node for plan in plans for node in nodes(plan)]
    scans = [(_read(node), node.get("Relation Name", "")) for node in every if node["Node Type"] == "Seq Scan"]
    scanned, table = max(scans, default=(0, ""))
    return Measured(
        times,
        max(round(plan["Actual Rows"]) for plan in plans),
        max(plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0) for plan in plans),
        scanned,
        table,
        words(plans[0]),
        frozenset(node["Index Name"] for node in every if node.get("Index Name")),
    )


def _read(node: Any) -> int:
    """Return how many rows a sequential scan reads, those that it leaves out and those of all workers included."""
    read = float(node["Actual Rows"]) + float(node.get("Rows Removed by Filter", 0))
    return round(read * int(node["Actual Loops"]))


def _value(known: Sequence[RelationStatistics], state: DatabaseState, turn: int, table: str, column: str) -> str | None:
    """Return a value for a turn: of three, one gets a frequent value, one a rare one, one a value that nobody has."""
    found = next((c for one in known if one.name == table for c in one.columns if c.name == column), None)
    if found is None or not (found.common or found.histogram):
        return None
    if turn % 3 == 2 and (absent := _absent(state, table, column, turn)) is not None:
        return absent
    return (_rare if turn % 3 == 1 else _frequent)(found, turn // 3)


def _frequent(column: ColumnStatistics, turn: int) -> str | None:
    if column.common:
        return column.common[turn % min(len(column.common), 5)]
    return column.histogram[(len(column.histogram) // 2 + turn) % len(column.histogram)]


def _rare(column: ColumnStatistics, turn: int) -> str | None:
    if column.histogram:
        return column.histogram[-(2 + 7 * turn) % len(column.histogram)]
    return column.common[-(1 + turn) % len(column.common)]


def _absent(state: DatabaseState, table: str, column: str, turn: int) -> str | None:
    """Return a value that no row has, where one of the type is easily told."""
    found = state.tables[table].column(column) if table in state.tables else None
    base = found.type.split("(")[0] if found else ""
    if base in ("text", "character varying"):
        return f"nobody-{turn}"
    if base == "uuid":
        return f"00000000-0000-4000-8000-{turn:012d}"
    return str(-1 - turn) if base in ("integer", "bigint") else None
