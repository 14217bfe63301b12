"""The round trip of a schema: SQL loaded, a document written from it, that built elsewhere; nothing may be different then.

Takes any `.sql` file, or a folder of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.engines.state import DatabaseState
from asbuilt.errors import AsbuiltError
from asbuilt.plan.difference import difference
from asbuilt.plan.steps import fingerprint
from asbuilt.project.initial import Draft, init

_PLACE = re.compile(r"^(?:Written by|# |- \*\*Not written).*\n", re.MULTILINE)


@dataclass(slots=True)
class Outcome:
    """What came of a round trip: the draft, and in words whatever went wrong."""

    draft: Draft | None = None
    problems: list[str] = field(default_factory=list)
    unloadable: str = ""


def schemas(place: Path) -> Iterator[Path]:
    """Yield a `.sql` file, or those in a folder and below it."""
    yield from sorted(place.rglob("*.sql")) if place.is_dir() else [place]


def round_trip(sql: str) -> Outcome:
    """Load `sql` into an empty database, write a document from it, build that in another one, compare, and write again."""
    outcome = Outcome()
    with scratch_database() as origin, scratch_database() as copy:
        try:
            with POSTGRES.connect(origin) as session:
                session.execute(sql)
                session.execute("RESET ALL")
        except AsbuiltError as error:
            outcome.unloadable = str(error)
            return outcome
        outcome.draft = init(origin)
        outcome.problems += _faults(outcome.draft)
        try:
            outcome.draft.project.build(copy)
        except AsbuiltError as error:
            outcome.problems.append(f"build: {error}")
            return outcome
        outcome.problems += _differences(_state(origin), _state(copy))
        if _PLACE.sub("", init(copy).text) != _PLACE.sub("", outcome.draft.text):
            outcome.problems.append("written again, the document reads otherwise")
    return outcome


def _state(url: str) -> DatabaseState:
    with POSTGRES.connect(url, read_only=True) as session:
        return session.inspect()


def _faults(draft: Draft) -> Iterator[str]:
    """Yield what is wrong with a document beside the database that it was written from."""
    yield from (f"finding: {d.code}: {d.message}" for d in draft.check.diagnostics if str(d.severity) != "info")
    yield from (f"broken: {e.claim.kind} {e.claim.subject}: {e.observed}" for e in draft.run.broken)
    yield from (f"unlike: {name}" for name in draft.unlike)
    yield from (f"note: {note}" for note in draft.run.notes)
    yield from (f"not understood: {draft.project.source[span]}" for span in draft.check.coverage.not_understood)


def _differences(before: DatabaseState, after: DatabaseState) -> Iterator[str]:
    if fingerprint(before) != fingerprint(after):
        found = [str(change.item) for change in difference(after, before)]
        yield f"differs: {', '.join(found) or 'in a part that the difference leaves out'}"
