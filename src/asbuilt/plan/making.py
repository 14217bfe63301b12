"""Making a plan: the two sides compared, the document's own migrations gone through, all of it ordered and numbered."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from asbuilt.engines.base import Engine, Session
from asbuilt.engines.changes import Danger, Hazard, Operation
from asbuilt.engines.state import DatabaseState, Item, spelled_like
from asbuilt.model.renames import Rename
from asbuilt.model.sql import Migration, SqlStatement
from asbuilt.plan.choosing import IsUsed, chosen, nothing_used
from asbuilt.plan.difference import difference, things
from asbuilt.plan.legs import Leg, straight, through
from asbuilt.plan.migrating import Way, digest, way_of
from asbuilt.plan.ordering import Group
from asbuilt.plan.planning import Side, groups_of
from asbuilt.plan.renaming import fitting
from asbuilt.plan.steps import Phase, PlacedMigration, Plan, Step, fingerprint, identity, schema_of

Copy = Callable[[], AbstractContextManager[Session]]
"""Opens a session in a copy of the target's structure, where things may be tried."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the document tells of how to get there: what was renamed, and the migrations that are in no record yet.

    `is_recorded`: earlier migrations of the document are recorded.
    """

    renames: tuple[Rename, ...] = ()
    migrations: tuple[Migration, ...] = ()
    is_recorded: bool = False


NOTHING_TOLD = Told()


def side(engine: Engine, session: Session) -> Side:
    """Return what stands in the session's database, and what needs what there."""
    return Side(session.inspect(), engine.needs(session))


def make(
    engine: Engine,
    before: Side,
    after: Side,
    told: Told = NOTHING_TOLD,
    copy: Copy | None = None,
    is_used: IsUsed = nothing_used,
) -> Plan:
    """Return the plan that makes a database like `before` into one like `after`; without steps where they are alike.

    What is told and fits is done first: things are renamed, migrations gone through; how that turns out is seen in `copy`.
    What is used changes side by side with its old shape, and that goes later.
    """
    old, new = fingerprint(before.state), fingerprint(after.state)
    way, legs = _legs(engine, before, after, told, copy, is_used)
    renames = dict.fromkeys(rename for leg in legs for rename in leg.renames)
    placed = tuple(PlacedMigration(m.name, digest(m)) for m in way.pending)
    words = (*(f"{r.table}.{r.column} {r.old}" for r in renames), *(word for leg in legs for word in leg.words))
    name = identity(old, new, *words, *(p.digest for p in placed))
    now = (draft for number in range(len(legs)) for draft in _drafts(engine, before, legs, number, name))
    waiting = (Step(0, (operation,), Phase.CONTRACT) for leg in legs for operation in leg.contract)
    steps = tuple(replace(step, number=number) for number, step in enumerate((*now, *waiting), 1))
    notes = (*_refused(legs), *map(_unknown, way.unknown))
    later = sum(len(leg.contract) for leg in legs)
    contract = len(steps) - later + 1 if later else 0
    left = tuple(item for leg in legs for item in leg.leftovers)
    return Plan(
        name, steps, old, new, schema_of(name), migrations=placed, notes=notes, contract=contract, leftovers=left
    )


def _legs(
    engine: Engine, before: Side, after: Side, told: Told, copy: Copy | None, is_used: IsUsed
) -> tuple[Way, tuple[Leg, ...]]:
    fits = fitting(told.renames, before.state, after.state)
    if copy is None or not (told.migrations or fits or not chosen(engine, fits, before, after, is_used).is_empty):
        return Way(), (_spelled(straight(engine, None, before, after, (), is_used)),)
    with copy() as session:
        way = way_of(engine, session, before, after, told.migrations, is_recorded=told.is_recorded)
        if not way.pending:
            return way, (_spelled(straight(engine, session, before, after, told.renames, is_used)),)
        return way, tuple(map(_spelled, through(engine, session, before, after, told.renames, way, is_used)))


def _spelled(leg: Leg) -> Leg:
    return replace(leg, before=Side(spelled_like(leg.before.state, leg.after.state), leg.before.needs))


def _drafts(engine: Engine, before: Side, legs: Sequence[Leg], number: int, name: str) -> Iterator[Step]:
    """Yield the steps of a leg, not numbered yet: its structure, then the statements of the document's that write rows."""
    leg, kept = legs[number], schema_of(name, number)
    changer = engine.changer(leg.before.state, leg.after.state, leg.before.needs, kept, leg.remade, leg.crowded)
    writes = [statement.sql for earlier in legs[:number] for statement in earlier.writes]
    beyond = _beyond(legs) if number == len(legs) - 1 else {}
    begun = legs[number - 1].after.state if number else before.state
    named = [((operation,), begun) for operation in leg.named]
    for group, stands in (*named, *((group, leg.before.state) for group in groups_of(leg.before, leg.after, changer))):
        foreseen = (_foreseen(engine, operation, writes, before.state, stands) for operation in group)
        told = tuple(_reasoned(_warned(operation, beyond), leg) for operation in foreseen)
        yield Step(0, told, _phase(group), migration=leg.migration.name if leg.migration else "")
    made = frozenset(item for done in legs[: number + 1] for item in _made(done))
    for at, statement in enumerate(leg.writes, 1):
        is_last = all(later.migration is not leg.migration for later in legs[number + 1 :])
        for operation in engine.write_operations(statement.sql, leg.after.state, made, kept, at):
            phase = Phase.CONTRACT if is_last and not operation.touches & made else Phase.BACKFILL
            wide = replace(operation, touches=operation.touches | _read(statement))
            yield Step(0, (wide,), phase, (statement.span,), migration=leg.migration.name if leg.migration else "")


def _made(leg: Leg) -> frozenset[Item]:
    old, new = things(leg.before.state, leg.after.state)
    return frozenset(new) - frozenset(old)


def _read(statement: SqlStatement) -> frozenset[Item]:
    """Return the tables that a statement names."""
    names = (need.name for need in statement.needs if need.name.kind == "table")
    return frozenset(Item("table", n.name if n.schema in (None, "public") else f"{n.schema}.{n.name}") for n in names)


def _foreseen(
    engine: Engine, operation: Operation, writes: Sequence[str], before: DatabaseState, stands: DatabaseState
) -> Operation:
    """Return an operation whose dangers can be counted on the target, though rows are written before `stands` is there."""
    if not writes:
        return operation
    dangers = (engine.foreseen(danger, writes, before, stands) for danger in operation.dangers)
    return replace(operation, dangers=tuple(dangers))


def _beyond(legs: Sequence[Leg]) -> dict[Item, str]:
    """Return what the document says otherwise than its migrations leave it, with the migration's name."""
    left = {
        change.item: leg.migration.name
        for leg in legs
        if leg.migration
        for change in difference(leg.before.state, leg.after.state)
    }
    return {c.item: left[c.item] for c in difference(legs[-1].before.state, legs[-1].after.state) if c.item in left}


def _warned(operation: Operation, beyond: dict[Item, str]) -> Operation:
    found = [i for i in sorted(operation.makes | operation.removes | operation.touches) if i in beyond]
    dangers = (
        Danger(
            Hazard.MIGRATION_LEADS_ELSEWHERE,
            f"the migration `{beyond[item]}` leaves {item} otherwise than the document says: the plan goes on to what it says",
        )
        for item in found
    )
    return replace(operation, dangers=(*operation.dangers, *dangers))


def _reasoned(operation: Operation, leg: Leg) -> Operation:
    """Return an operation with why it changes at once what is in use, where it does."""
    reasons = dict(leg.reasons)
    about = operation.makes | (operation.touches if len(operation.touches) == 1 else frozenset())
    found = [reasons[item] for item in sorted(about) if item in reasons]
    return replace(operation, at_once="; ".join(dict.fromkeys(found))) if found else operation


def _refused(legs: Sequence[Leg]) -> Iterator[str]:
    for leg in legs:
        for statement, why in leg.refused:
            name = leg.migration.name if leg.migration else ""
            yield f"the migration `{name}` cannot run there as it is written: {why} (in: {' '.join(statement.sql.split())[:80]})"


def _unknown(migration: Migration) -> str:
    return f"nothing tells whether the migration `{migration.name}` ran there, which only writes rows: the plan leaves it out"


def _phase(group: Group) -> Phase:
    if any(operation.backfill for operation in group):
        return Phase.BACKFILL
    takes_away = all(operation.removes and not operation.makes for operation in group)
    return Phase.CONTRACT if takes_away else Phase.EXPAND
