"""What a document promises of its queries in use: fast enough, by the index that it names, without reading a whole table.

A promise is made for the rows that the document expects. Where there are far fewer, nothing is proved, and that is said.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from asbuilt.engines.state import DatabaseState
from asbuilt.evidence import Chapter, Claim, Evidence, Verdict
from asbuilt.model.design import Design
from asbuilt.model.sql import QueryPattern
from asbuilt.verify.parameters import numbered
from asbuilt.verify.queries import is_named, subjects
from asbuilt.volume.capacity import CounterEnd
from asbuilt.volume.measuring import Measured
from asbuilt.volume.projection import TableProjection
from asbuilt.volume.targets import Bound, bounds_of

MANY = 10_000
"""Rows of a table from which on a query that is said to be fast may not read all of them."""
_NEARLY = 0.9
"""The part of its numbers that a counter may have used."""
_ENOUGH = 0.5
"""The part of the expected rows from which on a promise is proved by them."""


@dataclass(frozen=True, slots=True)
class Promised:
    """A stated query and what is promised of it: times, indexes and, where an index is to serve it, that it reads no table whole."""

    pattern: QueryPattern
    subject: str
    bounds: tuple[tuple[Bound, Claim], ...]
    indexes: tuple[tuple[str, Claim], ...]
    scan: Claim | None

    @property
    def claims(self) -> Iterator[Claim]:
        yield from (claim for _, claim in self.bounds)
        yield from (claim for _, claim in self.indexes)
        if self.scan:
            yield self.scan


def promises(design: Design, state: DatabaseState) -> tuple[Promised, ...]:
    """Return what the document promises of each of its queries in use."""
    return tuple(_promised(design, state, pattern, subject) for pattern, subject in subjects(design))


def _promised(design: Design, state: DatabaseState, pattern: QueryPattern, subject: str) -> Promised:
    bounds = bounds_of(design, pattern, state)
    place = pattern.statement.span
    fast = tuple(
        (bound, Claim("query_fast", Chapter.VOLUME, subject, (bound.span, place), bound.words, (subject, bound.words)))
        for bound in bounds
    )
    used = tuple(
        (index, Claim("query_served", Chapter.VOLUME, subject, (span, place), f"{index} serves it", (subject, index)))
        for index, span in pattern.served_by
    )
    words = f"it reads no table of more than {MANY:,} rows from end to end"
    served = tuple(span for _, span in pattern.served_by)
    scan = Claim("query_selective", Chapter.VOLUME, subject, (*served, place), words, (subject,)) if served else None
    return Promised(pattern, subject, fast, used, scan)


@dataclass(frozen=True, slots=True)
class There:
    """The database that queries were run in: the rows of each table, those that are expected, and the names that an index has there."""

    rows: Mapping[str, int]
    projected: Mapping[str, TableProjection]
    names_of: Callable[[str], frozenset[str]]


def judged(promised: Promised, measured: Measured, there: There) -> Iterator[Evidence]:
    """Yield the evidence that running a query gave."""
    statement = numbered(promised.pattern.statement.sql)
    if measured.refusal and not measured.is_too_long:
        yield from (Evidence(c, Verdict.UNKNOWN, reason=measured.refusal, statement=statement) for c in promised.claims)
        return
    few = _too_few(statement, there)
    for bound, claim in promised.bounds:
        yield _fast(claim, bound, measured, statement, few)
    if measured.refusal:
        for claim in (*(claim for _, claim in promised.indexes), *([promised.scan] if promised.scan else ())):
            yield Evidence(claim, Verdict.UNKNOWN, reason=measured.refusal, statement=statement)
        return
    for index, claim in promised.indexes:
        yield _served(claim, index, measured, statement, there)
    if promised.scan:
        yield _selective(promised.scan, measured, statement, few)


def _fast(claim: Claim, bound: Bound, measured: Measured, statement: str, few: str) -> Evidence:
    if measured.refusal:
        return Evidence(claim, Verdict.BROKEN, f"it was stopped: {measured.refusal}", statement=statement)
    reached = measured.percentile(bound.percentile)
    seen = f"p{bound.percentile:g} {reached:.3g} ms; {told(measured)}"
    if reached >= bound.milliseconds:
        return Evidence(claim, Verdict.BROKEN, seen, statement=statement)
    return Evidence(claim, Verdict.UNKNOWN if few else Verdict.HOLDS, seen, few, statement)


def _served(claim: Claim, index: str, measured: Measured, statement: str, there: There) -> Evidence:
    wanted = there.names_of(index)
    if any(is_named(name, wanted) for name in measured.indexes):
        return Evidence(claim, Verdict.HOLDS, measured.plan, statement=statement)
    most = max(_named(statement, there).values(), default=0)
    if most < MANY:
        reason = f"there are {most:,} rows, too few for an index to pay: {measured.plan}"
        return Evidence(claim, Verdict.UNKNOWN, reason=reason, statement=statement)
    return Evidence(claim, Verdict.BROKEN, f"{measured.plan}, over {most:,} rows", statement=statement)


def _selective(claim: Claim, measured: Measured, statement: str, few: str) -> Evidence:
    if measured.scanned > MANY:
        seen = f"it reads {measured.scanned:,} rows of {measured.scanned_table} to return {measured.rows:,}"
        return Evidence(claim, Verdict.BROKEN, seen, statement=statement)
    seen = f"it touches {_plural(measured.pages, 'page')}: {measured.plan}"
    return Evidence(claim, Verdict.UNKNOWN if few else Verdict.HOLDS, seen, few, statement)


def counted(there: There) -> Iterator[Evidence]:
    """Yield how many rows there are beside those that the document expects today and, at most, later."""
    for name, table in there.projected.items():
        if table.spans:
            rows, most = there.rows.get(name, 0), max(count for _, count in table.points)
            claim = Claim("volume", Chapter.VOLUME, name, table.spans, f"no more than {_plural(most, 'row')}", (name,))
            seen = f"{_plural(rows, 'row')}, by the planner's count; {table.now:,} expected today"
            verdict = Verdict.HOLDS if rows <= most else Verdict.BROKEN
            yield Evidence(claim, verdict, seen, statement=f"SELECT count(*) FROM {name}")


def lasting(design: Design, ends: Iterable[CounterEnd], projected: Mapping[str, TableProjection]) -> Iterator[Evidence]:
    """Yield whether the numbers of small counters last for the rows that the document expects at most."""
    for end in ends:
        entity = design.entity(end.table.rpartition(".")[2])
        field = entity.field(end.column) if entity else None
        if field is None:
            continue
        name = f"{end.table}.{end.column}"
        spans = (field.span, *projected[end.table].spans)
        claim = Claim(
            "counter_lasts", Chapter.VOLUME, name, spans, "its numbers last for all rows that are expected", (name,)
        )
        reached = f"at this rate it ends in {end.years:.1f} years" if end.years is not None else "no end is in sight"
        seen = f"{end.used:,} of {end.last:,} numbers of an {end.type} are used; {reached}"
        horizon = projected[end.table].points[-1][0]
        is_near = end.used > end.last * _NEARLY or (end.years is not None and end.years <= horizon)
        statement = f"SELECT last_value FROM pg_sequences -- of {name}"
        yield Evidence(claim, Verdict.BROKEN if is_near else Verdict.HOLDS, seen, statement=statement)


def told(measured: Measured) -> str:
    """Return the times of a query in words."""
    half, most = (measured.percentile(percent) for percent in (50, 99))
    runs = f"p50 {half:.3g}, p99 {most:.3g} ms of {len(measured.times)} runs"
    return f"{runs}; up to {_plural(measured.rows, 'row')}, {_plural(measured.pages, 'page')}"


def _plural(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _too_few(statement: str, there: There) -> str:
    """Return why what was seen proves nothing, empty where there are as many rows as are expected."""
    for table, count in _named(statement, there).items():
        projection = there.projected.get(table)
        expected = projection.now if projection and projection.spans else 0
        if count < expected * _ENOUGH:
            return f"{table} has {count:,} rows, and {expected:,} are expected: `asbuilt seed --year 0` makes them"
    return ""


def _named(statement: str, there: There) -> dict[str, int]:
    """Return the rows of the tables that a statement names."""
    named = {word.lower() for word in re.findall(r"[\w.]+", statement)}
    return {table: count for table, count in there.rows.items() if table.lower() in named}
