"""What is wanted of a database as time goes on: the partitions made ahead stand, those whose time is over do not."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date

from asbuilt.engines.base import Session
from asbuilt.engines.postgres.ahead import Series, following, missing, series_of
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.public import left_alone
from asbuilt.engines.postgres.quoting import relation
from asbuilt.engines.state import DatabaseState, TableState
from asbuilt.errors import ServerRefused
from asbuilt.model.design import Design
from asbuilt.plan.planning import Side
from asbuilt.project.ahead import starts_of, today_of
from asbuilt.project.cut_off import in_sight
from asbuilt.project.retiring import retired_since


def in_time(scratch: Session, wanted: Side, url: str, design: Design) -> Side:
    """Return what is wanted with the partitions that stand at `url` and follow from it, without those that were retired there.

    A table that becomes a divided one has those of its rows and those to come. They are made and dropped in `scratch`; one
    that something else needs stays.
    """
    if not any(table.partition_key for table in wanted.state.tables.values()):
        return wanted
    with POSTGRES.connect(url, read_only=True) as session:
        actual, today = in_sight(session, session.inspect()), today_of(POSTGRES.journal(session))
        new = [*following(wanted.state, actual), *_from_the_beginning(session, wanted.state, actual, design, today)]
    made = [sql for series, table in new for sql in series.statements(table, wanted.state)]
    gone = list(retired_since(wanted.state, actual, design, today))
    for sql in made:
        scratch.execute(sql)
    for table in gone:
        with suppress(ServerRefused), scratch.transaction():
            scratch.execute(f"DROP TABLE {relation(table.name)}")
    return Side(scratch.inspect(), POSTGRES.needs(scratch)) if made or gone else wanted


def _from_the_beginning(
    session: Session, wanted: DatabaseState, actual: DatabaseState, design: Design, today: date
) -> Iterator[tuple[Series, TableState]]:
    """Yield the partitions that a plain table needs when it becomes a divided one, so that no writer finds none."""
    for series in series_of(wanted):
        plain = actual.tables.get(series.parent.name)
        if plain and plain.partition_key is None:
            starts = starts_of(session, series, plain, wanted, design, today)
            yield from ((series, replace(t, parents=(plain.name,))) for t in missing(series, wanted, starts))


def without_retired(wanted: DatabaseState, actual: DatabaseState, design: Design, session: Session) -> DatabaseState:
    """Return what is wanted without the partitions that were retired in `actual`."""
    gone = {table.name for table in retired_since(wanted, actual, design, today_of(POSTGRES.journal(session)))}
    kept = {n: t for n, t in wanted.tables.items() if n not in gone and not gone & set(t.parents)}
    return replace(wanted, tables=kept) if gone else wanted


def made_ahead(wanted: DatabaseState, actual: DatabaseState) -> set[str]:
    """Return the names of the partitions in `actual` that follow from what is wanted."""
    return {table.name for _, table in following(wanted, actual)} if any(series_of(wanted)) else set()


def is_as_written(actual: DatabaseState, wanted: DatabaseState, design: Design, session: Session) -> bool:
    """Tell whether a database is what is wanted by now, nothing more: what was made ahead is, what was retired is not."""
    ahead = made_ahead(wanted, actual)
    rest = {name: table for name, table in actual.tables.items() if name not in ahead}
    return replace(actual, tables=rest) == left_alone(without_retired(wanted, actual, design, session), actual)
