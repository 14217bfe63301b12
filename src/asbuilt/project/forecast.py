"""A forecast of a document: its queries planned at the sizes that it states, in a scratch database that holds next to nothing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from asbuilt import seed
from asbuilt.engines.base import Progress, Session, silent
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.projecting import counted, restore, statistics
from asbuilt.engines.state import DatabaseState
from asbuilt.engines.statistics import RelationStatistics
from asbuilt.volume.capacity import counters, disks, sizes
from asbuilt.volume.forecasting import Forecast, planned_at
from asbuilt.volume.projection import project as tabled
from asbuilt.volume.scaling import Size, scaled

if TYPE_CHECKING:
    from asbuilt.project.facade import Project

YEARS = (0.0, 1.0, 3.0)
_SAMPLE = 1_000
"""Rows of each table that are made to learn how long they are and how their values lie."""
_MADE_UP = (
    "how values lie is taken from rows that were made; name a live database with --to, and its own statistics count"
)


def forecast(
    project: "Project",
    url: str | None = None,
    years: Sequence[float] = YEARS,
    progress: Progress = silent,
    *,
    disk: int | None = None,
) -> Forecast:
    """Return what the planner will make of the document's queries in so many years.

    Where a live database is named, its statistics and its rows of today are what it begins with; it is only read. Otherwise
    a sample is made, and the document's own numbers count. `disk` are bytes to fill, beside those that the document states.
    """
    times = tuple(sorted({0.0, *years}))
    with _ground(project, url, progress) as ground:
        projected = tabled(project.design, ground.state, ground.today)
        problems: list[str] = []
        at_times: list[tuple[RelationStatistics, ...]] = []

        def reach(years: float) -> None:
            progress(f"plan: in {years:g} years", 0, 0)
            at_times.append(scaled(ground.known, ground.state, projected, Size(years, datetime.now(UTC))))
            problems.extend(restore(ground.session, at_times[-1]))

        queries = planned_at(project.design, ground.session, ground.state, ground.known, times, reach)
    unknown = tuple(f"statistics of {name} are not known" for name in dict.fromkeys(problems))
    sized = sizes(ground.state, projected, at_times)
    return Forecast(
        times,
        projected,
        queries,
        sized,
        tuple(counters(ground.state, projected, ground.counted)),
        tuple(disks(project.design, projected, sized, disk)),
        (*ground.notes, *unknown),
    )


@dataclass(frozen=True, slots=True)
class _Ground:
    """A scratch database with the structure that is planned for; `known` are statistics of it.

    `today` are the rows of a live one, `counted` how far its counters are.
    """

    session: Session
    state: DatabaseState
    known: tuple[RelationStatistics, ...]
    today: dict[str, int] | None = None
    counted: Mapping[tuple[str, str], int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def _ground(project: "Project", url: str | None, progress: Progress) -> AbstractContextManager[_Ground]:
    return _sample(project, progress) if url is None else _twin(url, progress)


@contextmanager
def _sample(project: "Project", progress: Progress) -> Iterator[_Ground]:
    """Build the document and put a few rows into it."""
    with POSTGRES.scratch() as session:
        trial = POSTGRES.trial(project.design, session, progress)
        state = session.inspect()
        counts = {name: min(_SAMPLE, table.now) for name, table in tabled(project.design, state).items()}
        made = seed.run(session, seed.plan(state, counts), progress)
        session.execute("VACUUM (FULL)")
        session.execute("VACUUM (ANALYZE)")
        refused = [f"not built, and not planned for: {failure.step.subject}" for failure in trial.failures]
        yield _Ground(session, state, statistics(session), notes=(*refused, *made.problems, _MADE_UP))


@contextmanager
def _twin(url: str, progress: Progress) -> Iterator[_Ground]:
    """Make a copy of a live database's structure, and take over what its planner knows."""
    progress("copy: structure and statistics", 0, 0)
    with POSTGRES.connect(url, read_only=True) as live:
        known, count = statistics(live), counted(live)
        today = {one.name: round(one.rows) for one in known if not one.is_index}
    with POSTGRES.twin(url) as session:
        state = session.inspect()
        gaps = tuple(f"not copied, and not planned for: {gap.step.subject}" for gap in session.gaps)
        notes = (*gaps, *_never_analysed(state, known))
        yield _Ground(session, state, known, _with_parents(state, today), count, notes)


def _with_parents(state: DatabaseState, today: dict[str, int]) -> dict[str, int]:
    """Return the rows with those of a divided table being the sum of its partitions'."""
    for name, table in state.tables.items():
        parent = state.tables.get(table.parents[0]) if table.parents and table.partition_bound is not None else None
        if parent is not None and table.partition_key is None:
            today[parent.name] = today.get(parent.name, 0) + today.get(name, 0)
    return today


def _never_analysed(state: DatabaseState, known: tuple[RelationStatistics, ...]) -> Iterator[str]:
    for one in known:
        if one.name in state.tables and one.rows and not one.columns and not one.is_parent:
            yield f"{one.name} was never analysed: run ANALYZE there, or the planner guesses"
