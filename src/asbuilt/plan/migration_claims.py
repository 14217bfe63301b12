"""What a document's migrations promise: each has been applied, and can go back."""

from collections.abc import Iterator, Sequence

from asbuilt.engines.base import Engine
from asbuilt.engines.journal import Entry
from asbuilt.engines.state import DatabaseState
from asbuilt.errors import ServerRefused, ServerUnavailable
from asbuilt.evidence import Chapter, Claim, Evidence, Verdict
from asbuilt.model.sql import Migration, SqlStatement
from asbuilt.plan.claims import command
from asbuilt.plan.going_back import Back, FillFor, tried_back
from asbuilt.plan.reached import Reached, reached, reached_untried

_VERDICTS = {True: Verdict.HOLDS, False: Verdict.BROKEN, None: Verdict.UNKNOWN}


def migrated(
    engine: Engine,
    url: str,
    wanted: DatabaseState,
    migrations: Sequence[Migration],
    entries: Sequence[Entry],
    fill_for: FillFor,
    document: str,
) -> Iterator[Evidence]:
    """Yield for each migration whether the database at `url` has gone through it, and whether it can go back.

    Both are seen in a twin; `wanted` is what the document asks for, `entries` what the journal says.
    """
    if not migrations:
        return
    try:
        with engine.twin(url) as twin:
            found = reached(engine, twin, wanted, migrations, entries)
            backs = tried_back(engine, twin, found, fill_for)
    except (ServerRefused, ServerUnavailable) as error:
        reason = f"no twin could be made: {error}"
        with engine.connect(url, read_only=True) as session:
            found = reached_untried(session.inspect(), wanted, migrations, entries, reason)
        backs = {m.name: Back(m, Verdict.UNKNOWN, reason) for m in migrations}
    for seen in found:
        yield _applied(seen, command("plan", document))
        yield _back(backs[seen.migration.name], command("verify", document))


def unverified(migrations: Sequence[Migration], reason: str) -> Iterator[Evidence]:
    """Yield the same claims, none of them checked."""
    for migration in migrations:
        yield Evidence(_applied_claim(migration), Verdict.UNKNOWN, reason=reason)
        yield Evidence(_back_claim(migration), Verdict.UNKNOWN, reason=reason)


def _applied(seen: Reached, reproduce: str) -> Evidence:
    is_known = seen.is_applied is not None
    return Evidence(
        _applied_claim(seen.migration),
        _VERDICTS[seen.is_applied],
        ("" if seen.is_applied else "not applied: ") + seen.told if is_known else "",
        reason="" if is_known else seen.told,
        statement=_text(seen.migration.forward),
        reproduce=reproduce,
    )


def _back(back: Back, reproduce: str) -> Evidence:
    is_known = back.verdict != Verdict.UNKNOWN
    return Evidence(
        _back_claim(back.migration),
        back.verdict,
        back.told if is_known else "",
        reason="" if is_known else back.told,
        statement=_text(back.migration.rollback),
        reproduce=reproduce,
    )


def _applied_claim(migration: Migration) -> Claim:
    return Claim("migration_applied", Chapter.MIGRATION, migration.name, (migration.span,), "applied on the target")


def _back_claim(migration: Migration) -> Claim:
    place = migration.rollback_span or migration.span
    return Claim(
        "migration_can_go_back", Chapter.MIGRATION, migration.name, (place,), "its rollback leads back, rows included"
    )


def _text(statements: Sequence[SqlStatement]) -> str:
    return ";\n".join(statement.sql.strip().rstrip(";") for statement in statements)
