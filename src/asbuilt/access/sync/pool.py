"""Connections, shared: the one given back last is taken first, and who waits longest is served first."""

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from asbuilt.access.refusals import PoolExhausted, Unanswered
from asbuilt.access.sync.driver import Link
from asbuilt.access.sync.waiting import Guard, Waiter


class PoolState(Struct, frozen=True):
    """How a pool stands: its connections, those that are free, who waits, and what has been made and lost so far.

    `along` counts the reads that were answered by another's statement, as they waited for a connection.
    """

    size: int
    free: int
    waiting: int
    made: int
    lost: int
    longest_wait: float
    along: int = 0


class Answer(Struct, frozen=True):
    """What another has read for one who waited for a connection; not `is_known`: it could not be read, and is to be asked alone."""

    record: Any = None
    is_known: bool = False


Turn = Waiter[Link | Answer | None]
"""Who waits: a connection comes, room for a new one, or an answer right away."""
Line = dict[Turn, Any]
"""Those who wait to ask the same of different keys."""


class Pool:
    """At most `size` connections. `connect` makes one; a free one older than `lifetime` seconds is replaced, one that was
    not used for `idle` seconds is tried before it is given out."""

    def __init__(
        self,
        connect: Callable[[], Link],
        size: int,
        *,
        wait: float,
        lifetime: float = 3600,
        idle: float = 60,
    ) -> None:
        self._connect = connect
        self._most = size
        self._wait = wait
        self._lifetime = lifetime
        self._idle = idle
        self._free: deque[Link] = deque()
        self._waiters: deque[Turn] = deque()
        self._size = 0
        self._made = self._lost = self._along = 0
        self._longest = 0.0
        self._is_closed = False
        self._guard = Guard()

    @property
    def state(self) -> PoolState:
        counts = (self._size, len(self._free), len(self._waiters), self._made, self._lost)
        return PoolState(*counts, self._longest, self._along)

    def at_once(self) -> Link | None:
        """Return a free connection that may be used as it is; None where there is none."""
        with self._guard:
            if not self._free or not self._is_fresh(self._free[-1]):
                return None
            return self._free.pop()

    def _is_fresh(self, link: Link) -> bool:
        now = time.monotonic()
        return not link.is_lost and now - link.used <= self._idle and now - link.born <= self._lifetime

    def take(self) -> Link:
        """Return a connection, made or waited for; raise `PoolExhausted` where none became free in time."""
        link = self.served(None, None)
        assert isinstance(link, Link)
        return link

    def served(self, line: Line | None, key: Any) -> Link | Answer:
        """Return a connection as `take` does, or what another of the line who had one has read for this key."""
        until = time.monotonic() + self._wait
        while True:
            claim = self._claim(line, key)
            came = self._waited(claim, until, line) if isinstance(claim, Waiter) else claim
            if came is None:
                return self._grown()
            if isinstance(came, Answer) or self._is_fresh(came) or self._answers(came):
                return came
            self.drop(came)

    def _claim(self, line: Line | None, key: Any) -> Link | Turn | None:
        """Return a free connection, None where there is room for a new one, or else what has to be waited for."""
        with self._guard:
            if self._is_closed:
                raise _closed()
            if self._free:
                return self._free.pop()
            if self._size < self._most:
                self._size += 1
                return None
            turn: Turn = Waiter()
            self._waiters.append(turn)
            if line is not None:
                line[turn] = key
            return turn

    def _waited(self, turn: Turn, until: float, line: Line | None) -> Link | Answer | None:
        """Return what comes of a turn."""
        began = time.monotonic()
        try:
            if not turn.wait(until - began):
                raise PoolExhausted(self._wait, self._most, len(self._waiters) - 1)
        except BaseException:
            self._withdraw(turn, line)
            raise
        self._longest = max(self._longest, time.monotonic() - began)
        return turn.value

    def _withdraw(self, turn: Turn, line: Line | None) -> None:
        """Take back a turn of one who gave up; a connection that came meanwhile goes to the next."""
        with self._guard:
            turn.claim()
            if line is not None:
                line.pop(turn, None)
            if turn in self._waiters:
                self._waiters.remove(turn)
            if not turn.is_set or isinstance(turn.value, Answer):
                return
        if turn.value is None:
            self._gone()
        else:
            self.give(turn.value)

    def along(self, line: Line, most: int) -> Line:
        """Return those of a line, at most so many, who go without a connection of their own: each is to be answered."""
        with self._guard:
            found: Line = {}
            for turn in list(line):
                if len(found) == most:
                    break
                key = line.pop(turn)
                if turn.claim():
                    found[turn] = key
            self._along += len(found)
            if found:
                self._waiters = deque([turn for turn in self._waiters if turn not in found])
            return found

    def _grown(self) -> Link:
        try:
            if self._is_closed:
                raise _closed()
            link = self._connect()
        except BaseException:
            self._gone()
            raise
        self._made += 1
        return link

    def _answers(self, link: Link) -> bool:
        """Tell whether a connection that was not used for a while still stands."""
        if link.is_lost or time.monotonic() - link.born > self._lifetime:
            return False
        try:
            link.row("SELECT 1", ())
        except Exception:
            return False
        except BaseException:
            self.drop(link)
            raise
        return True

    def give(self, link: Link) -> None:
        """Take a connection back: for who waits longest, or the next."""
        link.used = time.monotonic()
        with self._guard:
            is_kept = not (link.is_lost or self._is_closed)
            if is_kept and not self._handed(link):
                self._free.append(link)
        if not is_kept:
            self.drop(link)

    def drop(self, link: Link) -> None:
        """Give up a connection that is in an unknown state."""
        link.abandon()
        self._lost += 1
        self._gone()

    def _gone(self) -> None:
        """Let the next waiter make a connection, as there is room for one."""
        with self._guard:
            if not self._handed(None):
                self._size -= 1

    def _handed(self, value: Link | None) -> bool:
        """Give who waits longest a connection, or the room for one; return False where nobody waits."""
        while self._waiters:
            if self._waiters.popleft().set(value):
                return True
        return False

    def close(self) -> None:
        """Close what is free; what is at work is closed when it is given back."""
        with self._guard:
            self._is_closed = True
            free, self._free = self._free, deque()
            while self._waiters:
                self._waiters.popleft().set(None)
        for link in free:
            link.close()
            self._size -= 1


def _closed() -> Unanswered:
    return Unanswered(
        "the data is closed",
        can_be_repeated=True,
        help="open it anew: each is opened once, for as long as a program runs",
    )
