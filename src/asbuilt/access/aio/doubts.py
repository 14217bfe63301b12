"""What writes have made untrue, told to the cache: once they stand, and where nobody knows whether they do."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from asbuilt.access.aio.waiting import surely
from asbuilt.access.refusals import DataError
from asbuilt.cache.aio.cache import Cache
from asbuilt.cache.aio.waiting import Helper, Signal
from asbuilt.cache.keys import Written

_FIRST_PAUSE, _LONGEST_PAUSE = 0.01, 1.0
_STANDS = "SELECT 1 FROM pg_stat_activity WHERE pid = $1"
_SOON = "SELECT clock_timestamp() + interval '0.5 seconds'"
_AT_WORK = """SELECT 1 WHERE clock_timestamp() < $1 OR EXISTS (SELECT FROM pg_stat_activity WHERE pid <> pg_backend_pid()
    AND datname = current_database() AND usename = current_user AND xact_start < $1)"""


class Doubts:
    """Writes of which nobody knows whether they stand. `ask` returns the row of a statement on a connection of its own."""

    def __init__(self, cache: Cache, ask: Callable[[str, Sequence[Any]], Awaitable[Any]]) -> None:
        self._cache = cache
        self._ask = ask
        self._end = Signal()
        self._helpers: set[Helper] = set()

    async def stands(self, written: Sequence[Written]) -> None:
        """Take out what writes have made untrue, whoever is cancelled meanwhile."""
        await surely(lambda: self._cache.written(written))

    async def raised(self, written: Sequence[Written], pid: int | None) -> None:
        """Take out what writes may have made untrue; once more when the server has done with them, since it may still be at work.

        `pid` is the server's process that they were sent to, None where a pooler hides it.
        """
        await self.stands(written)
        helper = Helper(lambda: self._settled(written, _Lost(pid)))
        self._helpers = {one for one in self._helpers if not one.is_over} | {helper}

    async def _settled(self, written: Sequence[Written], lost: "_Lost") -> None:
        pause = _FIRST_PAUSE
        while not await self._is_over(lost) and not await self._end.within(pause):
            pause = min(pause * 2, _LONGEST_PAUSE)
        await self._cache.written(written)

    async def _is_over(self, lost: "_Lost") -> bool:
        """Tell whether the server has done with what a connection that was lost has asked of it.

        Behind a pooler it has when all that this role has begun till now is over; what is on its way may begin a moment later.
        """
        try:
            if lost.pid is not None:
                return await self._ask(_STANDS, (lost.pid,)) is None
            if lost.until is None:
                [lost.until] = await self._ask(_SOON, ())
            return await self._ask(_AT_WORK, (lost.until,)) is None
        except DataError:
            return False

    async def close(self) -> None:
        self._end.set()
        for helper in self._helpers:
            await helper.end()


class _Lost:
    """A connection that was lost; `until` is the time by the server's clock before which what it asked has begun."""

    __slots__ = ("pid", "until")

    def __init__(self, pid: int | None) -> None:
        self.pid = pid
        self.until: Any = None
