"""What a document tells of the way to it: its renames, and those of its migrations that a database has no record of."""

from collections.abc import Sequence
from dataclasses import replace

from asbuilt.engines.base import Session
from asbuilt.engines.journal import Entry
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.owning import not_owned
from asbuilt.engines.postgres.replicas import following
from asbuilt.errors import GroundMoved, ServerRefused
from asbuilt.model.chapters import KeptAside
from asbuilt.model.design import Design
from asbuilt.model.names import normal
from asbuilt.model.renames import renames_of
from asbuilt.model.revising import revised
from asbuilt.model.sql import Migration
from asbuilt.plan.making import Told
from asbuilt.plan.steps import PlacedMigration, Plan, tables_of
from asbuilt.plan.storing import from_text
from asbuilt.project.moving import errand_of
from asbuilt.project.moving import told_of as told_of_errand

_NO_RIGHT = "42501"
_NAMED = 5
_STANDING = ("applied", "expanded", "contracting")


def told_of(design: Design, entries: Sequence[Entry] = ()) -> Told:
    """Return what the document tells, less the migrations up to the last one that `entries`, the journal's, record."""
    stated = migrations_of(design)
    done = {normal(placed.name) or placed.name for placed in recorded(entries)}
    last = max((at for at, m in enumerate(stated) if (normal(m.name) or m.name) in done), default=-1)
    return Told(renames_of(design), stated[last + 1 :], is_recorded=last >= 0)


def migrations_of(design: Design) -> tuple[Migration, ...]:
    """Return the document's migrations in their order; what several fences state under one name is one."""
    found: dict[str, Migration] = {}
    for migration in design.of(Migration):
        name = normal(migration.name) or migration.name
        known = found.get(name)
        found[name] = migration if known is None else _joined(known, migration)
    return tuple(migration for migration in found.values() if migration.forward)


def _joined(one: Migration, other: Migration) -> Migration:
    return revised(
        one,
        forward=(*one.forward, *other.forward),
        rollback=(*one.rollback, *other.rollback),
        rollback_span=one.rollback_span or other.rollback_span,
    )


def recorded(entries: Sequence[Entry]) -> tuple[PlacedMigration, ...]:
    """Return the migrations that plans went through which stand."""
    return tuple(m for entry in entries if entry.state in _STANDING for m in from_text(entry.plan).migrations)


def kept_seconds(design: Design) -> int:
    """Return how long the document wants kept what changes would destroy: the longest that it states, 0 where it states nothing."""
    return max((fact.seconds for fact in design.of(KeptAside)), default=0)


def entries_of(session: Session) -> list[Entry]:
    """Return the entries of the journal; none where the role may not read it."""
    try:
        return POSTGRES.journal(session).entries()
    except ServerRefused as refusal:
        if refusal.sqlstate != _NO_RIGHT:
            raise
        return []


def entries_for_plan(session: Session) -> list[Entry]:
    """Return the same; raise `ServerRefused` where it may not be read and a plan is under way, whose leftovers would be anybody's.

    Raises `GroundMoved` where a plan was begun and is not finished: what stands then is neither the old nor the new.
    """
    entries = entries_of(session)
    if begun := next((entry for entry in entries if entry.is_open), None):
        errand = errand_of(begun)
        what = f"upkeep ({told_of_errand(errand)})" if errand else f"plan {begun.number}"
        end = "`asbuilt maintain`" if errand else "`asbuilt apply`"
        raise GroundMoved(
            f"{what} was begun by {begun.made_by} in {session.server} on {begun.started_at:%Y-%m-%d %H:%M}, and is not finished",
            help=f"wait where it is still at work; else finish it, with {end}, or take it back, with `asbuilt rollback`; then plan again",
        )
    if not entries and (under_way := POSTGRES.journal(session).under_way()):
        raise _hidden(session, under_way)
    return entries


def _hidden(session: Session, under_way: str) -> ServerRefused:
    [(role,)] = session.rows("SELECT quote_ident(current_user)")
    rights = f"GRANT USAGE ON SCHEMA asbuilt TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA asbuilt TO {role}"
    return ServerRefused(
        f"{under_way} in {session.server}, and {role} may not read the journal, which says what of it still stands there",
        sqlstate=_NO_RIGHT,
        help=f"let the owner of the journal run: {rights}",
    )


def told_of_owners(plan: Plan, session: Session) -> Plan:
    """Return the plan with a note on the tables that who plans could not change."""
    role, tables = not_owned(session, tables_of(plan.steps))
    if not tables:
        return plan
    named = ", ".join(tables[:_NAMED]) + (f" and {len(tables) - _NAMED} more" if len(tables) > _NAMED else "")
    note = f"{role} owns none of these and cannot change them; to apply it, connect as their owner, or have that role granted: {named}"
    return replace(plan, notes=(*plan.notes, note))


def told_of_replicas(plan: Plan, session: Session) -> Plan:
    """Return the plan with a note on the replicas that its backfills wait for, or cannot."""
    count, unseen = following(session) if any(step.filling() for step in plan.steps) else (0, 0)
    if not count:
        return plan
    note = f"followed there by {count} replica{'' if count == 1 else 's'}: backfills wait while one is more than 10 s behind (`apply --max-lag`)"
    if unseen:
        note = (
            f"followed there by {count} replica{'' if count == 1 else 's'}, and this role may not see how far behind: no backfill waits "
            "for them, unless it is granted pg_read_all_stats"
        )
    return replace(plan, notes=(*plan.notes, note))
