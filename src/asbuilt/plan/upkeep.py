"""What time asks for: chores, each done on its own, so that one that fails holds up no other."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from asbuilt.engines.base import Engine, Session
from asbuilt.engines.journal import Deed, Entry, Journal
from asbuilt.errors import GroundMoved, ServerRefused
from asbuilt.plan.drifting import drift
from asbuilt.plan.keeping import Keeping, keepings, told_of
from asbuilt.plan.running import LOCK_SECONDS, carry_out
from asbuilt.plan.steps import Plan, fingerprint
from asbuilt.plan.storing import state_to_bytes

_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
_LOCK_NOT_HAD = ("55P03", "40P01")


@dataclass(frozen=True, slots=True)
class Chore:
    """Something that is `due` at a time: `kind` (`purge`, …), `title` in words, and the statements that do it.

    They run in one transaction, or each on its own where the chore `is_alone`; then `is_done` is a query that tells whether
    it has been done already, and `clean` ends what an earlier try left half done. `entry` is the number of the plan in the
    journal that it belongs to, 0 where there is none; its `deed` is what the journal is told of it, which is made where it
    `needs_journal`. Where it `changes_schema`, what the last plan left moves on with it, so that this is no drift. A chore
    that is not due yet may leave its statements open. What takes several steps is a `plan`, which runs instead.
    """

    kind: str
    title: str
    due: datetime
    statements: tuple[str, ...] = ()
    entry: int = 0
    is_alone: bool = False
    changes_schema: bool = False
    is_done: str = ""
    clean: tuple[str, ...] = ()
    deed: Deed | None = None
    needs_journal: bool = False
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class Chores:
    """All that time asks for: chores that are due, those that are `later`, and in words what keeps others from being done."""

    due: tuple[Chore, ...] = ()
    later: tuple[Chore, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a chore: `trouble` says why it was not done, empty where it was."""

    chore: Chore
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What was done, or, in a dry run, would be, and what there is to do later."""

    chores: Chores
    outcomes: tuple[Outcome, ...] = ()
    is_dry: bool = field(default=False, kw_only=True)

    @property
    def has_failed(self) -> bool:
        return any(outcome.trouble for outcome in self.outcomes)


Finding = Callable[[Session, Journal], Chores]
"""Finds the chores of one kind; a dry run only reads."""


def due(engine: Engine, url: str, findings: Sequence[Finding]) -> Upkeep:
    """Return what is due at `url` and what will be, and do nothing of it."""
    with engine.connect(url, read_only=True) as session:
        journal = engine.journal(session)
        return Upkeep(_joined([find(session, journal) for find in findings]), is_dry=True)


def maintain(engine: Engine, url: str, findings: Sequence[Finding]) -> Upkeep:
    """Do what is due at `url`, one chore after the other; raise `TargetBusy` where somebody is at work there.

    What is found later may follow from what was done before.
    """
    with engine.connect(url) as session:
        engine.prepare(session)
        journal = engine.journal(session)
        with journal.lock():
            found, outcomes = [], []
            for find in findings:
                found.append(chores := find(session, journal))
                outcomes += [Outcome(chore, _trouble(engine, session, journal, chore)) for chore in chores.due]
            return Upkeep(_joined(found), tuple(outcomes))


def _joined(found: Sequence[Chores]) -> Chores:
    return Chores(
        tuple(chore for chores in found for chore in chores.due),
        tuple(sorted((chore for chores in found for chore in chores.later), key=lambda chore: chore.due)),
        tuple(dict.fromkeys(note for chores in found for note in chores.notes)),
    )


def _trouble(engine: Engine, session: Session, journal: Journal, chore: Chore) -> str:
    """Do a chore; return why it was not done, empty where it was. A lock that is not to be had is asked for again."""
    if chore.plan:
        return _trouble_with(engine, session, journal, chore.plan)
    for pause in (*_PAUSES, None):
        try:
            _do(session, journal, chore)
        except ServerRefused as refusal:
            is_locked = refusal.sqlstate in _LOCK_NOT_HAD
            if pause is None or not is_locked:
                holders = f" (at work there: {'; '.join(journal.holders())})" if is_locked else ""
                return f"{refusal}{holders}"
            time.sleep(pause)
        else:
            break
    return ""


def _trouble_with(engine: Engine, session: Session, journal: Journal, plan: Plan) -> str:
    try:
        carry_out(engine, session, journal, plan)
    except (ServerRefused, GroundMoved) as refusal:
        return f"{refusal}; the next `asbuilt maintain` goes on with it, `asbuilt rollback` takes back what was begun"
    return ""


def _do(session: Session, journal: Journal, chore: Chore) -> None:
    if chore.is_alone:
        _do_alone(session, journal, chore)
        return
    with session.transaction():
        session.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS * 1000:.0f}ms'")
        if chore.entry or chore.needs_journal:
            journal.make_room()
        left = _left(session, journal, chore)
        for sql in chore.statements:
            session.execute(sql)
        if chore.deed:
            journal.note(chore.deed)
        _move_on(session, journal, left)


def _do_alone(session: Session, journal: Journal, chore: Chore) -> None:
    """Do a chore that no transaction can hold. What is begun is written down first, so that whoever is killed, it is known."""
    session.execute(f"SET lock_timeout = '{LOCK_SECONDS * 1000:.0f}ms'")
    if chore.deed and chore.deed.kind != next(
        (d.kind for d in reversed(journal.deeds()) if d.table == chore.deed.table), ""
    ):
        with session.transaction():
            journal.make_room()
            journal.note(chore.deed)
    left = _left(session, journal, chore)
    for sql in chore.clean:
        session.execute(sql)
    if not (chore.is_done and session.rows(chore.is_done)[0][0]):
        for sql in chore.statements:
            session.execute(sql)
    with session.transaction():
        _move_on(session, journal, left)


def _left(session: Session, journal: Journal, chore: Chore) -> Entry | None:
    """Return the entry whose plan left what stands now, but for what upkeep is at work on; None where it is otherwise."""
    if not chore.changes_schema:
        return None
    left = drift(journal, journal.entries(), session.inspect())
    return left.last if left and not left.is_there else None


def _move_on(session: Session, journal: Journal, left: Entry | None) -> None:
    if left:
        stood = session.inspect()
        journal.move_on(left.number, fingerprint(stood), state_to_bytes(stood))


def purges(stated: int = 0) -> Finding:
    """Return what finds the plans whose time to keep things aside is over; `stated` are the seconds that the document says now."""

    def found(session: Session, journal: Journal) -> Chores:
        entries = journal.entries()
        kept = [keeping for keeping in keepings(journal, entries, stated) if keeping.until and not keeping.purge]
        now = journal.now()
        overdue = [keeping for keeping in kept if keeping.is_overdue(now)]
        later = tuple(_purge(keeping) for keeping in kept if keeping not in overdue)
        if overdue and (begun := next((entry for entry in entries if entry.is_open), None)):
            return Chores(later=later, notes=(_waiting(begun),))
        return Chores(tuple(_purge(keeping, journal) for keeping in overdue), later)

    return found


def _waiting(begun: Entry) -> str:
    return (
        f"plan {begun.number} is not finished ({begun.state}), and nothing is purged meanwhile: "
        "go on with `asbuilt apply`, or back with `asbuilt rollback`"
    )


def _purge(keeping: Keeping, journal: Journal | None = None) -> Chore:
    """Return the chore that purges what a plan keeps aside; with its statements where there is a journal to ask."""
    assert keeping.until
    lost = tuple(_lost(keeping, journal)) if journal else ()
    held = [thing.held for thing in keeping.things]
    words = told_of(lost) if journal else ", ".join(thing.what for thing in keeping.things)
    title = f"purge what plan {keeping.number} kept aside: {words}"
    statements = journal.purging(keeping.number, held, lost) if journal else ()
    return Chore("purge", title, keeping.until, statements, keeping.number)


def _lost(keeping: Keeping, journal: Journal) -> Iterator[tuple[str, int]]:
    for thing in keeping.things:
        if rows := journal.rows_of(thing.held):
            yield thing.what, rows
