"""Waiting for one another, in one place: the twin of this file for threads is written by hand."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

V = TypeVar("V")


class Guard:
    """Keeps others out of a few lines without an await: here nobody comes in between anyway."""

    __slots__ = ()

    def __enter__(self) -> None:
        return None

    def __exit__(self, *failure: object) -> None:
        return None


class Waiter(Generic[V]):
    """Something that is set once, by another."""

    __slots__ = ("_future",)

    def __init__(self) -> None:
        self._future: asyncio.Future[V] = asyncio.get_running_loop().create_future()

    def set(self, value: V) -> None:
        if not self._future.done():
            self._future.set_result(value)

    @property
    def is_set(self) -> bool:
        return self._future.done() and not self._future.cancelled()

    @property
    def value(self) -> V:
        return self._future.result()

    async def wait(self, seconds: float) -> bool:
        """Wait until it is set; return False where that takes longer."""
        if not self._future.done():
            await asyncio.wait([self._future], timeout=max(seconds, 0))
        return self._future.done()


async def surely(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do work to its end, whoever is cancelled meanwhile; that comes after it."""
    task = asyncio.ensure_future(work())
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    task.result()


async def sleep(seconds: float) -> None:
    await asyncio.sleep(seconds)


def who() -> object:
    """Return who is at work: the task."""
    return asyncio.current_task()
