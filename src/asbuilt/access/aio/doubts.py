"""What writes have made untrue, told to the cache: once they stand, and where nobody knows whether they do."""

from collections.abc import Awaitable, Callable, Sequence

from asbuilt.access.aio.waiting import surely
from asbuilt.cache.aio.cache import Cache
from asbuilt.cache.aio.waiting import Helper, Signal
from asbuilt.cache.keys import Written

_FIRST_PAUSE, _LONGEST_PAUSE = 0.01, 1.0


class Doubts:
    """Writes of which nobody knows whether they stand. `is_over` tells whether the server has done with a connection."""

    def __init__(self, cache: Cache, is_over: Callable[[int], Awaitable[bool]]) -> None:
        self._cache = cache
        self._is_over = is_over
        self._end = Signal()
        self._helpers: set[Helper] = set()

    async def stands(self, written: Sequence[Written]) -> None:
        """Take out what writes have made untrue, whoever is cancelled meanwhile."""
        await surely(lambda: self._cache.written(written))

    async def raised(self, written: Sequence[Written], pid: int) -> None:
        """Take out what writes may have made untrue; once more when the server has done with them, since it may still be at work."""
        await self.stands(written)
        helper = Helper(lambda: self._settled(written, pid))
        self._helpers = {one for one in self._helpers if not one.is_over} | {helper}

    async def _settled(self, written: Sequence[Written], pid: int) -> None:
        pause = _FIRST_PAUSE
        while not await self._is_over(pid) and not await self._end.within(pause):
            pause = min(pause * 2, _LONGEST_PAUSE)
        await self._cache.written(written)

    async def close(self) -> None:
        self._end.set()
        for helper in self._helpers:
            await helper.end()
