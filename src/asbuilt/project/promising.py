"""The claims about a database as a whole: what its journal says, what the document's migrations promise, what others are like."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from asbuilt.engines.base import Progress, silent
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.public import left_alone
from asbuilt.engines.state import DatabaseState
from asbuilt.errors import NothingToDo
from asbuilt.evidence import Evidence
from asbuilt.model.design import Design
from asbuilt.plan.claims import recorded
from asbuilt.plan.environments import Environment, agreeing
from asbuilt.plan.migration_claims import migrated, unverified
from asbuilt.project.suiting import fill_for
from asbuilt.project.telling import entries_of, migrations_of
from asbuilt.server_url import place, without_password
from asbuilt.verify import NOT_YET

_NAMED = re.compile(r"(?P<name>[^=:/?@]+)=(?P<url>\w+://.*)", re.DOTALL)


def environments_of(words: Sequence[str], url: str) -> tuple[Environment, ...]:
    """Return the databases that `name=URL` and `URL` mean; raise `NothingToDo` for what means none, the one at `url`, or two by one name."""
    found: dict[str, Environment] = {}
    for word in words:
        named = _NAMED.fullmatch(word.strip())
        other = Environment(named["name"].strip(), named["url"]) if named else Environment(place(word), word.strip())
        if "://" not in word and "dbname=" not in word:
            told = without_password(word.strip(), word) or "it is empty"
            raise NothingToDo(
                f"`--also` names no database: {told}", help="write --also production=postgresql://user@host/database"
            )
        if other.url == url:
            raise NothingToDo(f"{other.name} is the database that it would be compared with", help="name another one")
        if other.name in found:
            raise NothingToDo(
                f"two databases are called {other.name}", help="name them: --also staging=URL --also production=URL"
            )
        found[other.name] = other
    return tuple(found.values())


def promised(
    design: Design,
    wanted: DatabaseState,
    url: str,
    server: str,
    others: Sequence[Environment] = (),
    progress: Progress = silent,
) -> tuple[Evidence, ...]:
    """Return the evidence for what goes beyond the parts of a schema; `wanted` is what the document asks for."""
    found = [*recorded(POSTGRES, url, design), *_migrated(design, wanted, url, progress)]
    if others:
        progress("verify: comparing environments", 0, 0)
    found += agreeing(POSTGRES, url, others, design)
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
        wanted = left_alone(wanted, session.inspect())
    yield from migrated(POSTGRES, url, wanted, migrations, entries, fill_for, design.source.path)
