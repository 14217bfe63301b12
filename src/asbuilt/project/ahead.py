"""Partitions of the coming periods: made ahead by `maintain`, and no surprise to a plan."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime, time

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

MAKE = "make partition"


def horizon_of(design: Design, table: str) -> Horizon:
    """Return how far ahead the document wants the partitions of a table made."""
    stated = ahead_of(design, table)
    return Horizon(stated.periods or 0, stated.seconds) if stated else Horizon()


def unfinished(journal: Journal) -> str:
    """Return in words which plan is not finished, and how it is; empty where there is none."""
    begun = next((e for e in journal.entries() if e.is_open or e.state == "expanded"), None)
    if begun is None:
        return ""
    end = "`asbuilt apply --contract`" if begun.state == "expanded" else "`asbuilt apply`"
    return (
        f"plan {begun.number} is not finished ({begun.state}), and no partition is made or retired meanwhile: "
        f"go on with {end}, or back with `asbuilt rollback`"
    )


def partitions_ahead(wanted: DatabaseState, design: Design, allowed: Collection[str] = ()) -> Finding:
    """Return what finds the partitions that the coming periods lack; where a plan is not finished, none."""

    def found(session: Session, journal: Journal) -> Chores:
        actual, today = session.inspect(), today_of(journal)
        each = [series for series in series_of(wanted) if series.parent.name in actual.tables]

        def starts(session: Session, series: Series) -> list[date]:
            return starts_of(session, series, default_of(series, actual), actual, design, today)

        due = [(s, t) for s in each for t in missing(s, actual, starts(session, s))]
        if due and (note := unfinished(journal)):
            return Chores(notes=(note,))
        told = [_told(session, series, table, actual, wanted, today, allowed) for series, table in due]
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


def _told(
    session: Session,
    series: Series,
    table: TableState,
    actual: DatabaseState,
    wanted: DatabaseState,
    today: date,
    allowed: Collection[str],
) -> Chore | str:
    """Return the chore that makes a partition; in words why it is not made where that would hold up others for long."""
    parent, new = series.parent.name, replace(table, parents=(series.parent.name,))
    title = f"{MAKE} {new.name} of {parent}"
    default = default_of(series, actual)
    division = Division(session, new, default, actual) if default else None
    if division is None or not division.has_rows:
        return _chore(title, new, series.statements(new, wanted), today)
    if division.seconds >= LONG_SECONDS and Hazard.LONG_EXCLUSIVE_LOCK not in allowed:
        return (
            f"{parent} gets no partition {new.name} yet: {division.told}, and {parent} is locked meanwhile, about "
            f"{division.seconds:.1f} s; `--allow {Hazard.LONG_EXCLUSIVE_LOCK}` does it, best when few are at work"
        )
    return _chore(f"{title}: {division.told}", new, division.statements, today)


def _chore(title: str, table: TableState, statements: tuple[str, ...], today: date) -> Chore:
    deed = Deed(MAKE, table.name, table.parents[0], title)
    return Chore(MAKE, title, at_midnight(today), statements, changes_schema=True, deed=deed)
