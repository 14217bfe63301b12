"""Partitions of the coming periods: made ahead by `maintain`, and no surprise to a plan."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import cached_property

from asbuilt.engines.base import Session
from asbuilt.engines.changes import Hazard
from asbuilt.engines.journal import Deed, Journal
from asbuilt.engines.postgres.ahead import Horizon, Series, begun, default_of, missing, series_of
from asbuilt.engines.postgres.dividing import Division, periods_in
from asbuilt.engines.postgres.periods import oldest_kept
from asbuilt.engines.state import DatabaseState, TableState
from asbuilt.model.design import Design
from asbuilt.model.partition_rules import ahead_of, kept_of
from asbuilt.plan.risks import LONG_SECONDS
from asbuilt.plan.upkeep import Chore, Chores, Finding
from asbuilt.project.moving import MAKE, errand_of, moved_out

FELT_SECONDS = 0.05
"""How long writers may wait before rows move beside them."""


def horizon_of(design: Design, table: str) -> Horizon:
    """Return how far ahead the document wants the partitions of a table made."""
    stated = ahead_of(design, table)
    return Horizon(stated.periods or 0, stated.seconds) if stated else Horizon()


def unfinished(journal: Journal) -> str:
    """Return in words which plan is not finished, and how it is; empty where there is none."""
    begun = next((e for e in journal.entries() if e.is_open or e.state == "expanded"), None)
    if begun is None:
        return ""
    if begun.state == "running" and errand_of(begun):
        return "what `asbuilt maintain` was cut off in comes first, and all else about partitions waits for it"
    end = "`asbuilt apply --contract`" if begun.state == "expanded" else "`asbuilt apply`"
    return (
        f"plan {begun.number} is not finished ({begun.state}), and no partition is made or retired meanwhile: "
        f"go on with {end}, or back with `asbuilt rollback`"
    )


def partitions_ahead(wanted: DatabaseState, design: Design, allowed: Collection[str] = ()) -> tuple[Finding, ...]:
    """Return what finds the partitions that the coming periods lack, table by table; where a plan is not finished, none."""
    return tuple(_ahead(series, wanted, design, allowed) for series in series_of(wanted))


def _ahead(series: Series, wanted: DatabaseState, design: Design, allowed: Collection[str]) -> Finding:
    def found(session: Session, journal: Journal) -> Chores:
        actual, today = session.inspect(), today_of(journal)
        if series.parent.name not in actual.tables:
            return Chores()
        starts = starts_of(session, series, default_of(series, actual), actual, design, today)
        tables = list(missing(series, actual, starts))
        if tables and (note := unfinished(journal)):
            return Chores(notes=(note,))
        told = list(_made(_Making(session, journal, series, actual, wanted, design, allowed), tables))
        chores = tuple(chore for chore in told if isinstance(chore, Chore))
        return Chores(chores, notes=tuple(dict.fromkeys(note for note in told if isinstance(note, str))))

    return found


def starts_of(
    session: Session, series: Series, holder: TableState | None, state: DatabaseState, design: Design, today: date
) -> list[date]:
    """Return when the periods begin that ought to have a partition: the coming ones, and those of rows that the `holder` holds.

    None is older than the first partition in `state`, or past its time.
    """
    name = series.parent.name
    coming = list(horizon_of(design, name).starts(series.scheme, today))
    first = begun(series, state)
    if holder is None or first is None:
        return coming
    rule = kept_of(design, name)
    oldest = max(first, oldest_kept(today, rule.seconds)) if rule else first
    return sorted({*coming, *periods_in(session, holder, series, oldest, coming[-1])})


def today_of(journal: Journal) -> date:
    return journal.now().astimezone(UTC).date()


def at_midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


@dataclass(frozen=True)
class _Making:
    """Partitions to make for a table, where `actual` stands."""

    session: Session
    journal: Journal
    series: Series
    actual: DatabaseState
    wanted: DatabaseState
    design: Design
    allowed: Collection[str]

    @cached_property
    def default(self) -> TableState | None:
        return default_of(self.series, self.actual)

    def division(self, table: TableState) -> Division | None:
        """Return what making the partition takes where rows lie in a default one; None where none do."""
        found = Division(self.session, table, self.default, self.actual) if self.default else None
        return found if found and found.has_rows else None


def _made(work: _Making, tables: Sequence[TableState]) -> Iterator[Chore | str]:
    """Yield the chores that make partitions, each by itself or all beside the writers, or in words why one is not made."""
    new = [replace(table, parents=(work.series.parent.name,)) for table in tables]
    divisions = [(table, work.division(table)) for table in new]
    long = [division for _, division in divisions if division and division.seconds >= FELT_SECONDS]
    beside = _beside(work, new, [d for _, d in divisions if d]) if long else ""
    if isinstance(beside, Chore):
        yield beside
        return
    yield from (_alone(work, table, division, beside) for table, division in divisions)


def _beside(work: _Making, tables: Sequence[TableState], divisions: Sequence[Division]) -> Chore | str:
    default = divisions[0].default
    rows = sum(division.rows for division in divisions)
    told = f"{rows:,} row{' moves' if rows == 1 else 's move'} there from {default.name}"
    return moved_out(work.session, work.journal, tables, default, work.actual, told, work.design.source.path)


def _alone(work: _Making, table: TableState, division: Division | None, hindrance: str) -> Chore | str:
    """Return the chore that makes one partition; in words why it is not made where that would hold up others for long."""
    parent = table.parents[0]
    title = f"{MAKE} {table.name} of {parent}"
    due = at_midnight(today_of(work.journal))
    if division is None:
        return _chore(title, table, work.series.statements(table, work.wanted), due)
    if division.seconds >= LONG_SECONDS and Hazard.LONG_EXCLUSIVE_LOCK not in work.allowed:
        return (
            f"{parent} gets no partition {table.name} yet: {division.told}, and {parent} is locked meanwhile, about "
            f"{division.seconds:.1f} s, as {hindrance}; `--allow {Hazard.LONG_EXCLUSIVE_LOCK}` does it, best when few are at work"
        )
    return _chore(f"{title}: {division.told}", table, division.statements, due)


def _chore(title: str, table: TableState, statements: tuple[str, ...], due: datetime) -> Chore:
    deed = Deed(MAKE, table.name, table.parents[0], title)
    return Chore(MAKE, title, due, statements, changes_schema=True, deed=deed)
