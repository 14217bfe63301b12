"""Reads spread over replicas: each goes to one that is well, near enough, and past what its task has written; else to the primary.

Nobody asks for a place in the log when something is written. The primary is asked for its place again and again, and a place
that was asked for after a write lies behind it: a replica that has come so far has the write.
"""

import logging
import time
from bisect import bisect_right
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, TypeVar

from asbuilt.access.aio.driver import Link
from asbuilt.access.aio.pool import Pool
from asbuilt.access.aio.running import Runner
from asbuilt.access.aio.waiting import Guard
from asbuilt.access.aio.watching import Watch
from asbuilt.access.refusals import DataError, PoolExhausted, QueryRefused, Unanswered
from asbuilt.access.seen import Seen
from asbuilt.access.servers import Position, ServerState, place_of, plain, text_of_place
from asbuilt.access.translating import told_by

T = TypeVar("T")
Connect = Callable[[], Awaitable[Link]]
_SILENT = 2.0
"""A replica that has not answered for so many seconds is not read from."""
_FAR = 1 << 64
_NOT_YET = "it has not answered yet"
_PRIMARY = "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint"
_REPLICA = "SELECT pg_is_in_recovery(), (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint"
_OF_ITS_OWN = ("25006", "40", "42", "53", "55", "58", "XX")
"""States by which a replica refuses what the primary may not: it may only be read, has conflicts with the log, is behind, is full."""
_log = logging.getLogger("asbuilt")


class Replica:
    """A server that follows the primary. `replayed` is how far it has come, `heard` when that was asked."""

    def __init__(self, name: str, connect: Connect, runner: Callable[[Connect], Runner]) -> None:
        self.name = name
        self._connect = connect
        self._make = runner
        self._links: list[Link] = []
        self._guard = Guard()
        self.runner = runner(self._connected)
        self.is_well = False
        self.reason = _NOT_YET
        self.replayed = 0
        self.heard = 0.0
        self.reads = self.passed_on = self.lost = 0

    async def _connected(self) -> Link:
        """Return a new connection; refuse one to a server that is not as far as it was, since it was started anew."""
        link = await self._connect()
        is_following, place = await link.row(_REPLICA, ())
        if not is_following or (place or 0) < self.replayed:
            await link.close()
            raise Unanswered(f"{self.name} was started anew", can_be_repeated=True)
        self._links = [one for one in self._links if not one.is_lost] + [link]
        return link

    def take_back(self, sent: float, place: int) -> None:
        if not self.is_well:
            _log.info("replica %s is read from", self.name)
        self.is_well, self.reason = True, ""
        self.replayed, self.heard = place, sent

    async def turn_away(self, reason: str) -> None:
        """Read from it no more until it is well; told once. What waits there for an answer is asked elsewhere."""
        with self._guard:
            is_new = self.is_well or self.reason == _NOT_YET
            self.is_well, self.reason = False, reason
            self.lost += is_new
        if not is_new:
            return
        _log.warning("replica %s is not read from: %s", self.name, reason)
        links, self._links = self._links, []
        former, self.runner = self.runner, self._make(self._connected)
        self.runner.on_statement = former.on_statement
        for link in links:
            link.cut()
        await former.pool.close()


class Replicas:
    """Reads as `Runner` does, from one of the replicas where that may be. `lag` is how many seconds one may be behind."""

    def __init__(
        self, primary: Runner, name: str, watched: Connect, replicas: Sequence[tuple[Replica, Connect]], lag: float
    ) -> None:
        self._primary = primary
        self._name = name
        self._lag = lag
        self._replicas = [replica for replica, _ in replicas]
        self._turn = 0
        self._places: deque[tuple[float, int]] = deque()
        self._whose = ""
        self._reads = 0
        self._position: ContextVar[Position | None] = ContextVar("position", default=None)
        self._watches = [Watch(watched, _PRIMARY, self._heard, self._unheard)]
        self._watches += [
            Watch(connect, _REPLICA, partial(self._followed, replica), replica.turn_away)
            for replica, connect in replicas
        ]

    async def open(self) -> None:
        for watch in self._watches:
            await watch.open()

    async def close(self) -> None:
        for watch in self._watches:
            await watch.close()
        for replica in self._replicas:
            await replica.runner.pool.close()

    async def rows(self, sql: str, values: Sequence[Any]) -> list[Any]:
        return await self._anywhere(lambda runner: runner.rows(sql, values))

    async def row(self, sql: str, values: Sequence[Any]) -> Any:
        return await self._anywhere(lambda runner: runner.row(sql, values))

    async def named(self, sql: str, values: Sequence[Any]) -> list[dict[str, Any]]:
        return await self._anywhere(lambda runner: runner.named(sql, values))

    async def stream(self, sql: str, values: Sequence[Any], size: int) -> AsyncIterator[list[Any]]:
        """Yield the rows that a statement gives, `size` at a time; one that has begun goes on where it is."""
        for replica in self._fit():
            has_begun = False
            try:
                async for records in replica.runner.stream(sql, values, size):
                    has_begun = True
                    yield records
            except DataError as error:
                if has_begun or not await self._is_passed_on(replica, error):
                    raise
            else:
                replica.reads += 1
                return
        self._reads += 1
        async for records in self._primary.stream(sql, values, size):
            yield records

    async def _anywhere(self, work: Callable[[Runner], Awaitable[T]]) -> T:
        for replica in self._fit():
            try:
                found = await work(replica.runner)
            except DataError as error:
                if not await self._is_passed_on(replica, error):
                    raise
            else:
                replica.reads += 1
                return found
        self._reads += 1
        return await work(self._primary)

    async def _is_passed_on(self, replica: Replica, error: DataError) -> bool:
        """Tell whether another server is to be asked what this one refused; it is turned away where it was lost."""
        if isinstance(error, PoolExhausted):
            return False
        state = told_by(error.__cause__).state if error.__cause__ is not None else ""
        is_lost = isinstance(error, Unanswered) and (not state or state.startswith(("57P", "08")))
        if is_lost:
            await replica.turn_away(str(error))
        replica.passed_on += is_lost or state.startswith(_OF_ITS_OWN)
        return is_lost or state.startswith(_OF_ITS_OWN)

    def _fit(self) -> list[Replica]:
        """Return the replicas that a read of this task may go to, each first in turn."""
        if self._primary.current.get() is not None or (floor := self._floor()) == _FAR:
            return []
        now = time.monotonic()
        fit = [one for one in self._replicas if one.is_well and now - one.heard < _SILENT and one.replayed >= floor]
        fit = [one for one in fit if self._behind(one) <= self._lag]
        if len(fit) < len(self._replicas):
            self._soon()
        self._turn += 1
        at = self._turn % len(fit) if fit else 0
        return fit[at:] + fit[:at]

    def _floor(self) -> int:
        """Return how far a server has to be for the reads of this task."""
        position = self._position.get()
        if position is None:
            return 0
        if position.is_primary:
            return _FAR
        if position.is_open:
            sent, place = self._places[-1] if self._places else (0.0, 0)
            if sent < position.wrote:
                self._soon()
                return _FAR
            position.floor, position.is_open = max(position.floor, place), False
        return position.floor

    def _behind(self, replica: Replica) -> float:
        """Return how many seconds a replica is behind what is known of the primary."""
        if not self._places:
            return 0.0
        at = bisect_right(self._places, replica.replayed, key=lambda known: known[1])
        return self._places[-1][0] - self._places[at - 1][0] if at else float("inf")

    def _soon(self) -> None:
        for watch in self._watches:
            watch.soon()

    async def _heard(self, sent: float, answer: Sequence[Any], whose: str) -> None:
        self._whose = whose
        self._places.append((sent, plain(answer[0])))
        while len(self._places) > 1 and self._places[1][0] < sent - self._lag:
            self._places.popleft()
        await self._look_after()

    async def _unheard(self, reason: str) -> None:
        """Go on with what was known: a primary that does not answer writes nothing that a replica could lack."""
        await self._look_after()

    async def _look_after(self) -> None:
        """Turn away who keeps silent, so that nobody waits there any longer."""
        for replica in self._replicas:
            if replica.is_well and time.monotonic() - replica.heard > _SILENT:
                await replica.turn_away(f"it has not answered for {_SILENT:g} seconds")

    async def _followed(self, replica: Replica, sent: float, answer: Sequence[Any], whose: str) -> None:
        is_following, place = answer
        if not is_following:
            await replica.turn_away("it is no replica: nothing is replayed there")
        elif whose and self._whose and whose != self._whose:
            await replica.turn_away(f"it follows another server than {self._name}")
        else:
            replica.take_back(sent, place or 0)

    def wrote(self) -> None:
        """Let this task see what it has written by now."""
        position = self._position.get()
        if position is None:
            position = Position()
            self._position.set(position)
        position.write(time.monotonic())

    @property
    def mark(self) -> tuple[bool, float, int]:
        """What reads have in common that may be answered together."""
        position = self._position.get()
        return position.mark if position is not None else (False, 0.0, 0)

    @contextmanager
    def after(self, text: str, *, is_primary: bool = False) -> Iterator[None]:
        """Read no older state than at a position; what is written inside is seen outside, too."""
        inner = Position(place_of(text), is_primary=is_primary)
        outer = self._position.get()
        if outer is not None:
            inner.floor, inner.is_open, inner.wrote = max(inner.floor, outer.floor), outer.is_open, outer.wrote
            inner.is_primary = inner.is_primary or outer.is_primary
        before = inner.wrote
        token = self._position.set(inner)
        try:
            yield
        finally:
            self._position.reset(token)
            if inner.wrote > before:
                self.wrote()

    async def position(self) -> str:
        """Return the place in the log behind all that this task has written."""
        position = self._position.get()
        if position is None:
            return ""
        if self._floor() == _FAR and position.is_open:
            return await position_of(self._primary)
        return text_of_place(position.floor) if position.floor else ""

    def tell(self, on_statement: Callable[[Seen], object] | None) -> None:
        for replica in self._replicas:
            replica.runner.on_statement = on_statement

    def states(self) -> tuple[ServerState, ...]:
        """Return how the primary stands, and each replica."""
        return (self._state_of_primary(), *map(self._state, self._replicas))

    def _state_of_primary(self) -> ServerState:
        pool = self._primary.pool.state
        return ServerState(self._name, "primary", reads=self._reads, size=pool.size, free=pool.free)

    def _state(self, one: Replica) -> ServerState:
        pool, behind = one.runner.pool.state, self._behind(one)
        reason = one.reason or ("it is too far behind" if behind > self._lag else "")
        return ServerState(
            one.name,
            "replica",
            not reason,
            reason,
            None if behind == float("inf") else behind,
            one.reads,
            one.passed_on,
            one.lost,
            pool.size,
            pool.free,
        )


async def position_of(primary: Runner) -> str:
    """Return the place in the log that the primary has come to."""
    if primary.current.get() is not None:
        raise QueryRefused("a transaction has no position before its end", help="ask for it after the transaction")
    [place] = await primary.row("SELECT pg_current_wal_insert_lsn()::text", ())
    return str(place)


def replica_at(name: str, connect: Connect, runner: Callable[[Pool], Runner], size: int, wait: float) -> Replica:
    """Return a replica with connections of its own."""
    return Replica(name, connect, lambda connected: runner(Pool(connected, size, wait=wait)))
