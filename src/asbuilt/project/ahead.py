"""Partitions of the coming periods: made ahead by `maintain`, and no surprise to a plan."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time

from asbuilt.engines.base import Session
from asbuilt.engines.journal import Journal
from asbuilt.engines.postgres.ahead import Series, default_of, following, missing, series_of
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.quoting import relation
from asbuilt.engines.state import DatabaseState
from asbuilt.plan.planning import Side
from asbuilt.plan.upkeep import Chore, Chores, Finding


def with_following(scratch: Session, wanted: Side, url: str) -> Side:
    """Return what is wanted with the partitions that stand at `url` and follow from it; they are made in `scratch`."""
    if not any(series_of(wanted.state)):
        return wanted
    with POSTGRES.connect(url, read_only=True) as session:
        found = list(following(wanted.state, session.inspect()))
    for series, table in found:
        for sql in series.statements(table, wanted.state):
            scratch.execute(sql)
    return Side(scratch.inspect(), POSTGRES.needs(scratch)) if found else wanted


def partitions_ahead(wanted: DatabaseState) -> Finding:
    """Return what finds the partitions that the coming periods lack; where a plan is not finished, none."""

    def found(session: Session, journal: Journal) -> Chores:
        actual, today = session.inspect(), journal.now().astimezone(UTC).date()
        each = [series for series in series_of(wanted) if series.parent.name in actual.tables]
        chores = [chore for series in each for chore in _chores(series, actual, wanted, today)]
        begun = next((e for e in journal.entries() if e.is_open or e.state == "expanded"), None)
        if chores and begun:
            end = "`asbuilt apply --contract`" if begun.state == "expanded" else "`asbuilt apply`"
            note = f"plan {begun.number} is not finished ({begun.state}), and no partition is made meanwhile"
            return Chores(notes=(f"{note}: go on with {end}, or back with `asbuilt rollback`",))
        blocked = {series.parent.name: note for series in each if (note := _in_default(session, series, actual))}
        due = tuple(chore for name, chore in chores if name not in blocked)
        return Chores(due, notes=tuple(note for name, note in blocked.items() if name in dict(chores)))

    return found


def _chores(series: Series, actual: DatabaseState, wanted: DatabaseState, today: date) -> Iterator[tuple[str, Chore]]:
    since = datetime.combine(today, time(), UTC)
    for _, table in missing(series, actual, today):
        title = f"make partition {table.name} of {series.parent.name}"
        statements = series.statements(replace(table, parents=(series.parent.name,)), wanted)
        yield series.parent.name, Chore("make partition", title, since, statements, changes_schema=True)


def _in_default(session: Session, series: Series, actual: DatabaseState) -> str:
    """Return in words why no partition is made: attaching would look through all rows of the default one, locked."""
    table = default_of(series, actual)
    if table is None or not session.rows(f"SELECT EXISTS (SELECT FROM {relation(table.name)})")[0][0]:
        return ""
    return (
        f"{series.parent.name} gets no new partition while rows lie in {table.name}: making one would lock that while its "
        "rows are looked through. Write the partition in the document, and `asbuilt plan` moves them there"
    )
