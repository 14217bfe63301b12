"""Partitions for many rows of a default one: a plan of upkeep's own, so that whoever is killed, the next run goes on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time

from asbuilt.engines.base import Session
from asbuilt.engines.journal import Deed, Entry, Journal
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.postgres.changing.moving_out import MovingOut
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.state import DatabaseState, TableState
from asbuilt.plan.drifting import drift
from asbuilt.plan.steps import Errand, Plan, Step, fingerprint, identity, schema_of
from asbuilt.plan.storing import from_text
from asbuilt.plan.upkeep import Chore, Chores, Finding

MAKE = "make partition"


def going_on() -> Finding:
    """Return what finds an errand that was begun and not finished."""

    def found(session: Session, journal: Journal) -> Chores:
        begun = [entry for entry in journal.entries() if entry.state == "running" and errand_of(entry)]
        return Chores(tuple(_continued(entry) for entry in begun))

    return found


def errand_of(entry: Entry) -> Errand | None:
    """Return what makes the plan of an entry one of upkeep; None where it is a document's."""
    return from_text(entry.plan).errand


def _continued(entry: Entry) -> Chore:
    plan = from_text(entry.plan)
    assert plan.errand
    done = sum(state == "done" for state in entry.steps.values())
    return _chore(
        f"{told_of(plan.errand)}, begun and cut off, {done} of {len(plan.steps)} steps done", plan, entry.started_at
    )


def told_of(errand: Errand) -> str:
    """Return in words what an errand does."""
    names = [deed.table for deed in errand.deeds]
    return f"{MAKE}{'s' if len(names) > 1 else ''} {', '.join(names)} of {errand.deeds[0].parent}"


def moved_out(
    session: Session, journal: Journal, tables: Sequence[TableState], default: TableState, actual: DatabaseState, told: str, document: str
) -> Chore | str:  # fmt: skip
    """Return the chore that makes partitions beside the writers; in words why that cannot be."""
    [parent] = {table.parents[0] for table in tables}
    names = tuple(table.name for table in tables)
    after = replace(actual, tables={**actual.tables, **{table.name: table for table in tables}})
    before, then = fingerprint(actual), fingerprint(after)
    id = identity(before, then, "upkeep")
    ground = Ground(actual, after, POSTGRES.needs(session), {}, schema_of(id))
    way = MovingOut(parent, names, default, ground)
    if way.hindrance:
        return way.hindrance
    steps = tuple(Step(number, (operation,)) for number, operation in enumerate(way.operations(), 1))
    deeds = tuple(Deed(MAKE, name, parent, f"{MAKE} {name} of {parent}, for rows of {default.name}") for name in names)
    left = drift(journal, journal.entries(), actual)
    errand = Errand(deeds, left.last.number if left and not left.is_there else 0)
    plan = Plan(id, steps, before, then, ground.kept, session.server, document, errand=errand)
    return _chore(
        f"{told_of(errand)} beside the writers: {told}",
        plan,
        datetime.combine(journal.now().astimezone(UTC).date(), time(), UTC),
    )


def _chore(title: str, plan: Plan, due: datetime) -> Chore:
    statements = tuple(sql for step in plan.steps for sql in step.statements)
    return Chore(MAKE, title, due, statements, plan=plan)
