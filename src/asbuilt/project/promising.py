"""The claims about a database as a whole: what its journal says, what the document's migrations promise."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from asbuilt.engines.base import Progress
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.state import DatabaseState
from asbuilt.evidence import Evidence
from asbuilt.model.design import Design
from asbuilt.plan.claims import recorded
from asbuilt.plan.migration_claims import migrated, unverified
from asbuilt.project.suiting import fill_for
from asbuilt.project.telling import entries_of, migrations_of
from asbuilt.verify import NOT_YET


def promised(design: Design, wanted: DatabaseState, url: str, server: str, progress: Progress) -> tuple[Evidence, ...]:
    """Return the evidence for what goes beyond the parts of a schema; `wanted` is what the document asks for."""
    found = [*recorded(POSTGRES, url, design), *_migrated(design, wanted, url, progress)]
    return tuple(replace(e, server=e.server or server, taken_at=e.taken_at or datetime.now(UTC)) for e in found)


def unproved(design: Design) -> tuple[Evidence, ...]:
    """Return what the document's migrations promise, nothing of it checked."""
    return tuple(unverified(migrations_of(design), NOT_YET))


def _migrated(design: Design, wanted: DatabaseState, url: str, progress: Progress) -> Iterator[Evidence]:
    migrations = migrations_of(design)
    if not migrations:
        return
    progress("verify: trying the migrations", 0, 0)
    with POSTGRES.connect(url, read_only=True) as session:
        entries = entries_of(session)
    yield from migrated(POSTGRES, url, wanted, migrations, entries, fill_for, design.source.path)
