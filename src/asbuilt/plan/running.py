"""Carrying a plan out, and taking it back: each step once, whatever happens in between."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NoReturn, TypeVar

from asbuilt.engines.base import Engine, Progress, Session, silent
from asbuilt.engines.changes import Backfill, Hazard
from asbuilt.engines.journal import Entry, Journal, Origin, Purge, Reach
from asbuilt.errors import (
    AsbuiltError,
    DataGone,
    GroundMoved,
    NothingToDo,
    ServerRefused,
    ServerUnavailable,
    TargetBusy,
)
from asbuilt.plan.backfilling import LAG_SECONDS, fill
from asbuilt.plan.drifting import drift_since
from asbuilt.plan.errands import end_errand
from asbuilt.plan.keeping import told_of
from asbuilt.plan.steps import Plan, Step, fingerprint
from asbuilt.plan.stopping import in_the_way, stopped
from asbuilt.plan.storing import from_text, state_to_bytes, to_text

T = TypeVar("T")
LOCK_SECONDS = 0.5
"""How long a step waits for a lock before it lets others pass and tries again: less than the second after which
PostgreSQL looks for a deadlock, so that it is never a writer who is stopped for one."""
GIVE_UP_SECONDS = 300
"""How long a step is tried again before the plan stops where it is."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0
_MOST_CONNECTIONS = 14
"""How often a connection is made again, about a minute in all."""
_LOCK_NOT_HAD = ("55P03", "40P01")
_BROKEN_BY_ROWS = "23"
"""The class of what PostgreSQL says where rows break a constraint."""


def apply(
    engine: Engine,
    url: str,
    plan: Plan | None,
    progress: Progress = silent,
    origin: Callable[[], Origin] | None = None,
    lag_limit: float = LAG_SECONDS,
) -> Entry:
    """Carry out `plan`, or what is left of one that was begun; return its entry in the journal.

    `origin` says where the plan comes from. It is asked once nobody else can begin, and may make a dump then. Backfills
    wait while a replica is more than `lag_limit` seconds behind.
    Raises `GroundMoved` where the target is not what the plan was made for, `NothingToDo` where there is no plan at all.
    """
    return _reconnecting(
        engine, url, "apply", progress, lambda session: _apply(engine, session, plan, progress, origin, lag_limit)
    )


def roll_back(
    engine: Engine,
    url: str,
    to: int | None = None,
    progress: Progress = silent,
    *,
    is_loss_allowed: bool = False,
    lag_limit: float = LAG_SECONDS,
) -> list[Entry]:
    """Take back the last plan, or all after number `to`, the last one first; return what was taken back.

    Raises `DataGone` where rows that would come back were purged, unless that is allowed.
    """
    return _reconnecting(
        engine,
        url,
        "rollback",
        progress,
        lambda session: _roll_back(engine, session, to, progress, is_loss_allowed, lag_limit),
    )


def _reconnecting(engine: Engine, url: str, act: str, progress: Progress, work: Callable[[Session], T]) -> T:
    """Do the work in a session, in a new one where the connection is lost: the journal tells how far it came.

    After a loss the lock may be held by our own former session for a while, until the server notices.
    """
    was_lost = False
    trouble: AsbuiltError | None = None
    for pause in islice(_pauses(), _MOST_CONNECTIONS):
        is_in = False
        try:
            with engine.connect(url) as session:
                engine.prepare(session)
                is_in = True
                return work(session)
        except (ServerUnavailable, TargetBusy) as error:
            was_lost = was_lost or (is_in and isinstance(error, ServerUnavailable))
            if not was_lost:
                raise
            trouble = error
            progress(f"{act}: the connection was lost, connecting again", 0, 0)
        time.sleep(pause)
    assert trouble
    trouble.help = f"{trouble.help}. What was done stays: `asbuilt apply` goes on, `asbuilt rollback` goes back"
    raise trouble


def _pauses() -> Iterator[float]:
    """Yield ever longer pauses in seconds, with some chance in them so that two do not meet again and again."""
    pause = _FIRST_PAUSE
    yield pause
    while True:
        pause = min(pause * 2, _LONGEST_PAUSE)
        yield pause * random.uniform(0.5, 1.0)


def _apply(
    engine: Engine,
    session: Session,
    plan: Plan | None,
    progress: Progress,
    origin: Callable[[], Origin] | None,
    lag_limit: float,
) -> Entry:
    journal = engine.journal(session)
    with journal.lock():
        return carry_out(engine, session, journal, plan, progress, origin, lag_limit)


def carry_out(
    engine: Engine,
    session: Session,
    journal: Journal,
    plan: Plan | None,
    progress: Progress = silent,
    origin: Callable[[], Origin] | None = None,
    lag_limit: float = LAG_SECONDS,
) -> Entry:
    """Do the same where nobody else can begin, as the journal's lock is held."""
    entry = _open_entry(journal)
    if entry is None:
        entry = _begun(journal, session, plan, origin)
    elif entry.state == "rolling back":
        raise half_taken_back(entry)
    stored = from_text(entry.plan)
    is_whole = entry.state == "contracting"
    work = _Work(engine, session, journal, entry.number, progress, lag_limit)
    work.do_all(entry, stored.steps if is_whole else stored.now)
    if stored.errand:
        return end_errand(journal, session, _entry(journal, entry.number), stored.errand)
    state = "expanded" if stored.later and not is_whole else "applied"
    _mark_reached(journal, session, entry.number, state)
    return _entry(journal, entry.number)


def half_taken_back(entry: Entry) -> GroundMoved:
    """Return the error for a plan that nothing can be done after before it is taken back whole."""
    return GroundMoved(f"plan {entry.number} is half taken back", help="finish that first: `asbuilt rollback`")


def contract(engine: Engine, url: str, progress: Progress = silent, lag_limit: float = LAG_SECONDS) -> Entry:
    """Carry out the steps of a plan that wait until nobody uses the old names any more; return its entry.

    Raises `NothingToDo` where no plan waits, `GroundMoved` where the target has changed since it was expanded.
    """
    return _reconnecting(
        engine, url, "apply", progress, lambda session: _contract(engine, session, progress, lag_limit)
    )


def _contract(engine: Engine, session: Session, progress: Progress, lag_limit: float) -> Entry:
    journal = engine.journal(session)
    with journal.lock():
        found = [entry for entry in journal.entries() if entry.state in ("expanded", "contracting")]
        if not found:
            raise NothingToDo(
                "no plan waits for its contract there", help="`asbuilt history` lists what was carried out"
            )
        [entry] = found
        if entry.state == "expanded":
            _unmoved(journal, session, entry)
            journal.mark(entry.number, "contracting", entry.after)
        _Work(engine, session, journal, entry.number, progress, lag_limit).do_all(entry, from_text(entry.plan).steps)
        _mark_reached(journal, session, entry.number, "applied")
        return _entry(journal, entry.number)


def _mark_reached(journal: Journal, session: Session, number: int, state: str) -> None:
    stood = session.inspect()
    journal.mark(number, state, fingerprint(stood), state_to_bytes(stood))


def _unmoved(journal: Journal, session: Session, entry: Entry) -> None:
    found = drift_since(journal, entry, session.inspect())
    if found.is_there:
        raise GroundMoved(
            f"{session.server} has changed since plan {entry.number} was carried out: {found.told}",
            help="nothing was changed; take the later change back first",
        )


def _open_entry(journal: Journal) -> Entry | None:
    return next((entry for entry in journal.entries() if entry.is_open), None)


def _entry(journal: Journal, number: int) -> Entry:
    return next(entry for entry in journal.entries() if entry.number == number)


def _begun(journal: Journal, session: Session, plan: Plan | None, origin: Callable[[], Origin] | None) -> Entry:
    if waiting := next((entry for entry in journal.entries() if entry.state == "expanded"), None):
        raise GroundMoved(
            f"plan {waiting.number} waits for its contract",
            help="carry that out first, with `asbuilt apply --contract`, or take it back, with `asbuilt rollback`",
        )
    if plan is None:
        raise NothingToDo("no plan was begun there that could be finished", help="make one: `asbuilt plan`")
    if fingerprint(session.inspect()) != plan.before:
        raise GroundMoved(
            f"{session.server} has changed since plan {plan.id} was made", help="nothing was changed; plan again"
        )
    titles = [step.title for step in plan.steps]
    stated = origin() if origin else Origin(plan.document, plan.revision)
    return _entry(journal, journal.begin(plan.id, to_text(plan), titles, stated))


def _roll_back(
    engine: Engine, session: Session, to: int | None, progress: Progress, is_loss_allowed: bool, lag_limit: float
) -> list[Entry]:
    journal = engine.journal(session)
    with journal.lock():
        chosen = _to_take_back(journal.entries(), to)
        purges = journal.purges()
        if not is_loss_allowed:
            _refuse_loss(chosen, purges)
        for entry in chosen:
            lacks = entry.number in purges and bool(purges[entry.number].lost)
            work = _Work(engine, session, journal, entry.number, progress, lag_limit, is_back=True, lacks_rows=lacks)
            _take_back(work, entry)
        return [_entry(journal, entry.number) for entry in chosen]


def _to_take_back(entries: Sequence[Entry], to: int | None) -> list[Entry]:
    standing = [entry for entry in reversed(entries) if entry.state != "rolled back"]
    chosen = standing[:1] if to is None else [entry for entry in standing if entry.number > to]
    if not chosen:
        raise NothingToDo("there is no plan to take back", help="`asbuilt history` lists what was carried out")
    return chosen


def _refuse_loss(chosen: Sequence[Entry], purges: Mapping[int, Purge]) -> None:
    """Raise `DataGone` where what a plan kept aside was purged; one that is half taken back was allowed to."""
    gone = [(e, purges[e.number]) for e in chosen if e.number in purges and e.state != "rolling back"]
    told = tuple(
        f"plan {entry.number}, purged on {purge.at:%Y-%m-%d %H:%M} by {purge.by}: {told_of(purge.lost)}"
        + (f"; the dump {entry.backup} was made before it" if entry.backup else "")
        for entry, purge in gone
        if purge.lost
    )
    if told:
        raise DataGone(Hazard.DATA_LOST, told)


def _take_back(work: "_Work", entry: Entry) -> None:
    plan = from_text(entry.plan)
    if entry.state in ("applied", "expanded"):
        _unmoved(work.journal, work.session, entry)
    work.journal.mark(entry.number, "rolling back")
    for step in reversed(plan.steps):
        state = entry.steps.get(step.number)
        can_be_half_done = step.is_alone or step.filling(is_back=True) is not None
        if state in ("done", "running", "failed") and (state == "done" or can_be_half_done):
            work.progress(f"rollback: {step.title}", len(plan.steps) - step.number, len(plan.steps))
            work.do(step)
    work.journal.mark(entry.number, "rolled back")


@dataclass(frozen=True, slots=True)
class _Work:
    """The steps of one entry under way, there or back: each is run once, and that is written down.

    On a way back that `lacks_rows`, what rows without their data would break is left out.
    """

    engine: Engine
    session: Session
    journal: Journal
    number: int
    progress: Progress
    lag_limit: float
    is_back: bool = False
    lacks_rows: bool = False

    def do_all(self, entry: Entry, steps: Sequence[Step]) -> None:
        """Run those of the steps that are not done."""
        for step in steps:
            if entry.steps.get(step.number) != "done":
                self.progress(f"apply: {step.title}", step.number - 1, len(steps))
                self.do(step)

    def do(self, step: Step) -> None:
        """Run a step, and tell who keeps it waiting; a lock that is not to be had is asked for again."""
        began = time.monotonic()
        patience = 2 if step.filling(is_back=self.is_back) else 1  # a range waits for a writer now and then
        with self.engine.blockers(self.session, lambda who: self._tell(who, step.number, 0), patience) as blockers:
            for pause in _pauses():
                try:
                    self._run(step)
                    return
                except ServerRefused as refusal:
                    is_locked = refusal.sqlstate in _LOCK_NOT_HAD
                    if not is_locked or time.monotonic() - began > GIVE_UP_SECONDS:
                        self._stop(step, refusal, blockers.last if is_locked else ())
                    time.sleep(pause)

    def _stop(self, step: Step, refusal: ServerRefused, blockers: Sequence[str]) -> NoReturn:
        self.journal.mark_step(self.number, step.number, "done" if self.is_back else "failed", str(refusal))
        is_locked = refusal.sqlstate in _LOCK_NOT_HAD
        holders = blockers or (self.journal.holders() if is_locked else ())
        rows = () if is_locked or not self.is_back else tuple(in_the_way(self.session, step))
        raise stopped(refusal, step, self.is_back, holders, rows) from refusal

    def _tell(self, what: str, done: int, total: int) -> None:
        self.progress(f"{'rollback' if self.is_back else 'apply'}: {what}", done, total)

    def _run(self, step: Step) -> None:
        if backfill := step.filling(is_back=self.is_back):
            self._fill(step, backfill)
        elif step.is_alone:
            self._run_alone(step)
        else:
            self._run_together(step)

    @property
    def _end(self) -> str:
        return "reversed" if self.is_back else "done"

    def _statements(self, step: Step) -> Sequence[str]:
        return step.reverse if self.is_back else step.statements

    def _run_together(self, step: Step) -> None:
        with self.session.transaction():
            self.session.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS * 1000:.0f}ms'")
            left_out = [told for sql in self._statements(step) if (told := self._left_out(sql))]
            self.journal.mark_step(self.number, step.number, self._end, "; ".join(left_out))

    def _left_out(self, sql: str) -> str:
        """Run a statement; return in words why it was left out, empty where it was run."""
        if not self.lacks_rows:
            self.session.execute(sql)
            return ""
        try:
            with self.session.transaction():
                self.session.execute(sql)
        except ServerRefused as refusal:
            if not refusal.sqlstate.startswith(_BROKEN_BY_ROWS):
                raise
            return f"left out, as the purged rows are missing: {' '.join(sql.split())} ({refusal})"
        return ""

    def _run_alone(self, step: Step) -> None:
        """Run what cannot be in a transaction: look first whether it is done, and clear away what a failure left."""
        [operation] = step.operations
        self.journal.mark_step(self.number, step.number, "running")
        self.session.execute("SET lock_timeout = 0")  # building beside writers waits for them, and holds nobody up
        asked = "" if self.is_back else operation.is_done
        for statements in (() if self.is_back else operation.clean, self._statements(step)):
            if not (asked and self.session.rows(asked)[0][0]):  # clearing away may have brought it to its end
                for sql in statements:
                    self.session.execute(sql)
        self.journal.mark_step(self.number, step.number, self._end)

    def _fill(self, step: Step, backfill: Backfill) -> None:
        """Go on with a backfill where it was left, range by range."""
        self.journal.mark_step(self.number, step.number, "running")
        reach = self.journal.reach(self.number, step.number, is_back=self.is_back)

        def note(reach: Reach) -> None:
            self.journal.mark_reach(self.number, step.number, reach, is_back=self.is_back)

        fill(self.engine, self.session, backfill, reach, note, self._tell, self.lag_limit)
        self.journal.mark_step(self.number, step.number, self._end)
