"""Connections, shared: the one given back last is taken first, and who waits longest is served first."""

import time
from collections import deque
from collections.abc import Callable

from msgspec import Struct

from asbuilt.access.refusals import PoolExhausted, Unanswered
from asbuilt.access.sync.driver import Link
from asbuilt.access.sync.waiting import Guard, Waiter


class PoolState(Struct, frozen=True):
    """How a pool stands: its connections, those that are free, who waits, and what has been made and lost so far."""

    size: int
    free: int
    waiting: int
    made: int
    lost: int
    longest_wait: float


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
        self._waiters: deque[Waiter[Link | None]] = deque()
        self._size = 0
        self._made = self._lost = 0
        self._longest = 0.0
        self._is_closed = False
        self._guard = Guard()

    @property
    def state(self) -> PoolState:
        return PoolState(self._size, len(self._free), len(self._waiters), self._made, self._lost, self._longest)

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
        until = time.monotonic() + self._wait
        while True:
            claim = self._claim()
            if isinstance(claim, Waiter):
                claim = self._waited(claim, until)
            if claim is None:
                return self._grown()
            if self._is_fresh(claim) or self._answers(claim):
                return claim
            self.drop(claim)

    def _claim(self) -> Link | Waiter[Link | None] | None:
        """Return a free connection, None where there is room for a new one, or else what has to be waited for."""
        with self._guard:
            if self._is_closed:
                raise _closed()
            if self._free:
                return self._free.pop()
            if self._size < self._most:
                self._size += 1
                return None
            waiter: Waiter[Link | None] = Waiter()
            self._waiters.append(waiter)
            return waiter

    def _waited(self, waiter: Waiter[Link | None], until: float) -> Link | None:
        """Return the connection that another gives back; None where there is room for a new one."""
        began = time.monotonic()
        try:
            if not waiter.wait(until - began):
                raise PoolExhausted(self._wait, self._most, len(self._waiters) - 1)
        except BaseException:
            self._withdraw(waiter)
            raise
        self._longest = max(self._longest, time.monotonic() - began)
        return waiter.value

    def _withdraw(self, waiter: Waiter[Link | None]) -> None:
        """Take back a waiter that gave up; what it was given meanwhile goes to the next."""
        with self._guard:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
                return
        if waiter.value is None:
            self._gone()
        else:
            self.give(waiter.value)

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
            if is_kept and self._waiters:
                self._waiters.popleft().set(link)
            elif is_kept:
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
            if self._waiters:
                self._waiters.popleft().set(None)
            else:
                self._size -= 1

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
    return Unanswered("the data is closed", can_be_repeated=True)
