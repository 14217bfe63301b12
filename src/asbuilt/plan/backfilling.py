"""The pace of a backfill: ranges as large as writers do not feel, pauses where they wait, and how long it will take."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from asbuilt.engines.base import Engine, Filler, Progress, Session, silent
from asbuilt.engines.changes import Backfill
from asbuilt.engines.journal import Reach
from asbuilt.errors import ServerRefused

TARGET_SECONDS = 0.01
"""How long a range may keep a writer of one of its rows waiting."""
LIMIT_SECONDS = 0.025
"""When a range that takes longer than it should is given up, and tried again with fewer rows."""
FIRST_ROWS, MOST_ROWS = 200, 50_000
GIVE_UP_SECONDS = 300
"""How long one row that somebody holds is asked for."""
LAG_SECONDS = 10.0
"""How far a replica may be behind before it is waited for, where nobody says otherwise."""
_LOOK_SECONDS = 1.0
_PAUSE_SECONDS = 0.05
_HELD = ("55P03", "40P01", "40001")
"""A lock that is not to be had, a deadlock, a row that moved to another partition while it was waited for."""
_CANCELLED = "57014"

Note = Callable[[Reach], None]
"""Writes down, in the transaction of a range, how far it leads."""


def fill(
    engine: Engine,
    session: Session,
    backfill: Backfill,
    reach: Reach | None = None,
    note: Note = lambda reach: None,
    progress: Progress = silent,
    lag_limit: float = LAG_SECONDS,
) -> Reach:
    """Do a backfill from `reach` on, or from the beginning; return what it came to.

    It waits while a replica is more than `lag_limit` seconds behind.
    """
    filler = engine.filler(session, backfill)
    if reach is None:
        reach = filler.begin()
        note(reach)
    work = _Work(session, filler, note, progress, reach.passed, lag_limit)
    while not reach.is_done:
        work.wait_for_replicas(reach)
        reach = work.next_range(reach)
        progress(f"{backfill.table}{work.left(reach)}", reach.passed, reach.total)
    return reach


@dataclass(slots=True)
class Pace:
    """How many rows to take at once. `least` is what a range of one row takes: nothing makes it shorter."""

    rows: int = FIRST_ROWS
    least: float = 0.0

    @property
    def limit(self) -> float | None:
        """The seconds after which a range is given up; a single row has all the time that it takes."""
        return max(LIMIT_SECONDS, 3 * self.least) if self.rows > 1 else None

    def went(self, seconds: float) -> None:
        """Take more or fewer rows next, by how long the last range took."""
        if self.rows == 1:
            self.least = seconds
        goal = max(TARGET_SECONDS, 1.5 * self.least)
        factor = min(2.0, max(0.5, goal / max(seconds, 0.0001)))
        self.rows = max(1, min(MOST_ROWS, int(self.rows * factor) + (factor > 1)))

    def was_given_up(self) -> None:
        self.rows = max(1, self.rows // 4)


class _Work:
    """A backfill under way: its pace, when a row was had last, and how fast it goes."""

    def __init__(
        self, session: Session, filler: Filler, note: Note, progress: Progress, passed: int, lag_limit: float
    ) -> None:
        self._session, self._filler, self._note, self._progress = session, filler, note, progress
        self._lag_limit = lag_limit
        self._pace = Pace()
        self._first = passed
        self._began = self._had = time.monotonic()
        self._looked = 0.0

    def next_range(self, reach: Reach) -> Reach:
        """Do the next range, fewer rows at a time where it takes too long or somebody holds one of them."""
        while True:
            began = time.monotonic()
            limit = self._pace.limit
            try:
                done, is_in_the_way = self._range(reach, limit)
            except ServerRefused as refusal:
                seconds = time.monotonic() - began
                self._bear(refusal, limit, seconds)
                continue
            seconds = time.monotonic() - began
            self._pace.went(seconds)
            self._had = time.monotonic()
            if is_in_the_way:
                time.sleep(seconds)
            return done

    def _range(self, reach: Reach, limit: float | None) -> tuple[Reach, bool]:
        with self._session.transaction():
            done = self._filler.fill(reach, self._pace.rows, seconds=limit)
            self._note(done)
            return done, self._filler.is_in_the_way()

    def _bear(self, refusal: ServerRefused, limit: float | None, seconds: float) -> None:
        """Pause after a range that was given up; raise what has another reason, or lasts too long."""
        is_late = refusal.sqlstate == _CANCELLED and limit is not None and seconds >= limit
        is_held = refusal.sqlstate in _HELD and time.monotonic() - self._had < GIVE_UP_SECONDS
        if not (is_late or is_held):
            raise refusal
        self._pace.was_given_up()
        time.sleep(_PAUSE_SECONDS)

    def wait_for_replicas(self, reach: Reach) -> None:
        while time.monotonic() - self._looked > _LOOK_SECONDS:
            lag = self._filler.lag()
            if lag is None or lag.seconds <= self._lag_limit:
                self._looked = time.monotonic()
                return
            told = f"waiting for a replica, {lag.seconds:.0f} s behind: {lag.replica}"
            self._progress(told, reach.passed, reach.total)
            time.sleep(_LOOK_SECONDS)

    def left(self, reach: Reach) -> str:
        """Return in words about how much time is left; nothing before that can be told."""
        seconds = time.monotonic() - self._began
        passed = reach.passed - self._first
        if reach.is_done or seconds < _LOOK_SECONDS or not passed:
            return ""
        left = (reach.total - reach.passed) * seconds / passed
        return f", about {left:.0f} s left" if left < 120 else f", about {left / 60:.0f} min left"
