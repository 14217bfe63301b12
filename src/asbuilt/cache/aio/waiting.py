"""Waiting for one another, in one place: the twin of this file for threads is written by hand."""

import asyncio
from collections.abc import Awaitable, Callable

Turn = asyncio.Lock
"""Who has it works alone."""


class Signal:
    """Something that happens once."""

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        self._event.set()

    async def within(self, seconds: float) -> bool:
        """Wait for it; return False where that takes longer."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        return True


class Helper:
    """Work that goes on beside everything else, until it comes to its end."""

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._task = asyncio.ensure_future(work())

    @property
    def is_over(self) -> bool:
        return self._task.done()

    async def end(self) -> None:
        """Wait until it is over."""
        await asyncio.wait([self._task])


def who() -> object:
    """Return who is at work: the task."""
    return asyncio.current_task()
