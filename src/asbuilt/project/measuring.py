"""The stated queries, run on a live database, which is only read."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from asbuilt.engines.base import Progress
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.measuring import counted_rows, timed
from asbuilt.engines.postgres.projecting import counted as numbers_used
from asbuilt.engines.postgres.projecting import statistics
from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.engines.state import DatabaseState
from asbuilt.errors import ServerRefused
from asbuilt.evidence import Evidence
from asbuilt.model.design import Design
from asbuilt.verify import Run
from asbuilt.verify.queries import names_of
from asbuilt.volume.capacity import counters
from asbuilt.volume.claims import Promised, There, counted, judged, lasting, promises
from asbuilt.volume.measuring import measured
from asbuilt.volume.projection import project, root_of


def with_measures(
    run: Run, design: Design, wanted: DatabaseState, url: str, progress: Progress, *, is_measured: bool
) -> Run:
    """Return a run with how much there is at `url` and, where it `is_measured`, how fast the stated queries are there.

    What nobody measures stays what it is, a target in words.
    """
    found = promises(design, wanted) if is_measured else ()
    try:
        with POSTGRES.connect(url, read_only=True) as session:
            there, seen = _seen(session, design, found, progress)
    except ServerRefused as refusal:
        return replace(run, notes=(*run.notes, f"no rows were counted and no query was measured: {refusal}"))
    told = tuple(replace(evidence, server=run.server, taken_at=datetime.now(UTC)) for evidence in seen)
    return replace(run, evidence=(*_untold(run.evidence, found, there), *told))


def _seen(
    session: PostgresSession, design: Design, found: Sequence[Promised], progress: Progress
) -> tuple[There, list[Evidence]]:
    state = session.inspect()
    there = There(_rows(session, state), project(design, state), partial(names_of, session))
    today = project(design, state, there.rows)
    ends = counters(state, today, numbers_used(session))
    return there, [
        *counted(there),
        *lasting(design, ends, today),
        *_measured(session, state, found, there, progress),
    ]


def _untold(evidence: Sequence[Evidence], found: Sequence[Promised], there: There) -> Iterator[Evidence]:
    """Yield what is not said in words only that the promises of a query or the rows of a table say, too."""
    spans = {bound.span for one in found for bound, _ in one.bounds}
    spans |= {span for table in there.projected.values() for span in table.spans}
    return (e for e in evidence if not (e.claim.kind in ("target", "volume") and spans & set(e.claim.spans)))


def _measured(
    session: PostgresSession, state: DatabaseState, found: Sequence[Promised], there: There, progress: Progress
) -> Iterator[Evidence]:
    known = statistics(session)
    for number, one in enumerate(found):
        progress(f"verify: measuring {one.subject}", number, len(found))
        yield from judged(one, measured(session, partial(timed, session), one.pattern, state, known), there)


def _rows(session: PostgresSession, state: DatabaseState) -> dict[str, int]:
    """Return how many rows there are in each table, those of its partitions included."""
    found: dict[str, int] = {}
    for name, rows in counted_rows(session).items():
        if name in state.tables:
            root = root_of(state, name)
            found[root] = found.get(root, 0) + rows
    return found
