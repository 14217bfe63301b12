"""What the planner makes of the stated queries at sizes that are to come: plans, costs, and where a plan turns into another."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from asbuilt.engines.base import Session
from asbuilt.engines.state import DatabaseState
from asbuilt.engines.statistics import ColumnStatistics, RelationStatistics
from asbuilt.errors import ServerRefused
from asbuilt.model.design import Design
from asbuilt.model.sql import QueryPattern
from asbuilt.text import Span
from asbuilt.verify.parameters import executed, numbered, prepared
from asbuilt.verify.query_plans import explained, nodes, words
from asbuilt.volume.capacity import CounterEnd, Disk, TableSize
from asbuilt.volume.projection import TableProjection


class Draw(StrEnum):
    """Which value of a column a parameter gets."""

    COMMON = "common"
    RARE = "rare"


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan of a query at a time. `shape` is what it does without its numbers; `scanned` are rows read by sequential scans."""

    years: float
    words: str
    cost: float
    rows: float
    shape: tuple[str, ...]
    indexes: tuple[str, ...]
    scanned: int = 0


@dataclass(frozen=True, slots=True)
class QueryForecast:
    """A stated query: its plans in the order of the times, for common values, and for rare ones where those are planned otherwise.

    `refusal` is why no plan can be made, empty where there are plans.
    """

    title: str
    statement: str
    span: Span
    plans: tuple[Planned, ...] = ()
    rare: tuple[Planned, ...] = ()
    refusal: str = ""

    @property
    def turns(self) -> tuple[Planned, ...]:
        """The plans that are other ones than those before them."""
        return tuple(
            later for earlier, later in zip(self.plans, self.plans[1:], strict=False) if earlier.shape != later.shape
        )


@dataclass(frozen=True, slots=True)
class Forecast:
    """What will be: the rows of each table, and each stated query at each of the times; the room that they take, and what fills up.

    `notes` say what it does not know.
    """

    years: tuple[float, ...]
    tables: Mapping[str, TableProjection]
    queries: tuple[QueryForecast, ...]
    sizes: tuple[TableSize, ...] = ()
    counters: tuple[CounterEnd, ...] = ()
    disks: tuple[Disk, ...] = ()
    notes: tuple[str, ...] = ()


def planned_at(
    design: Design,
    session: Session,
    state: DatabaseState,
    known: Sequence[RelationStatistics],
    times: Sequence[float],
    reach: Callable[[float], None],
) -> tuple[QueryForecast, ...]:
    """Return the forecast of each stated query; `reach` makes the session's database plan as it will at a time.

    `known` are the statistics that values for parameters are drawn from.
    """
    found = [_Query(pattern) for pattern in design.of(QueryPattern)]
    for years in times:
        reach(years)
        for query in found:
            query.plan(session, state, known, years)
    return tuple(query.forecast() for query in found)


class _Query:
    """A stated query, and the plans that were made for it so far."""

    def __init__(self, pattern: QueryPattern) -> None:
        self._pattern = pattern
        self._statement = numbered(pattern.statement.sql)
        self._plans: dict[Draw, list[Planned]] = {draw: [] for draw in Draw}
        self._refusal = ""

    def plan(self, session: Session, state: DatabaseState, known: Sequence[RelationStatistics], years: float) -> None:
        if self._refusal:
            return
        with session.attempt():
            try:
                prepared(session, self._statement, state, partial(drawn, known, Draw.COMMON))
                for draw, plans in self._plans.items():
                    execute = executed(session, self._statement, state, partial(drawn, known, draw))
                    plans.append(_planned(years, explained(session, execute)))
            except ServerRefused as refusal:
                self._refusal = str(refusal)

    def forecast(self) -> QueryForecast:
        title = self._pattern.title or " ".join(self._pattern.statement.sql.split())[:60]
        span = self._pattern.statement.span
        if self._refusal:
            return QueryForecast(title, self._statement, span, refusal=self._refusal)
        common, rare = (tuple(self._plans[draw]) for draw in Draw)
        is_other = [one.shape for one in common] != [one.shape for one in rare]
        return QueryForecast(title, self._statement, span, common, rare if is_other else ())


def drawn(known: Sequence[RelationStatistics], draw: Draw, table: str, column: str) -> str | None:
    """Return a value of a column by its statistics: the most frequent one, or one of the least; None where there is none."""
    found = next((c for one in known if one.name == table for c in one.columns if c.name == column), None)
    return _value(found, draw) if found else None


def _value(column: ColumnStatistics, draw: Draw) -> str | None:
    if draw == Draw.COMMON and column.common:
        return column.common[0]
    if column.histogram:
        return column.histogram[len(column.histogram) // 2 if draw == Draw.COMMON else -2]
    return column.common[-1] if column.common else None


def _planned(years: float, plan: Any) -> Planned:
    every = list(nodes(plan))
    indexes = dict.fromkeys(node["Index Name"] for node in every if node.get("Index Name"))
    read = sum(float(node["Plan Rows"]) for node in every if node["Node Type"] == "Seq Scan")
    return Planned(years, words(plan), plan["Total Cost"], plan["Plan Rows"], shape(plan), tuple(indexes), round(read))


def shape(plan: Any) -> tuple[str, ...]:
    """Return what the nodes of a plan do, and on what, without their numbers."""
    names = ((node["Node Type"], node.get("Index Name") or node.get("Relation Name")) for node in nodes(plan))
    return tuple(" ".join(filter(None, both)) for both in names)
