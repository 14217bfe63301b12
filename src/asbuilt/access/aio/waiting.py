"""Waiting for one another, in one place: the twin of this file for threads is written by hand."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence
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
    """Something that is set once, by another; or it is claimed by another, who surely answers later."""

    __slots__ = ("_future", "_is_open")

    def __init__(self) -> None:
        self._future: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        self._is_open = True

    def set(self, value: V) -> bool:
        """Set it; return False where it is set or claimed already, or nobody waits any more."""
        if not self.claim():
            return False
        self._future.set_result(value)
        return True

    def claim(self) -> bool:
        """Keep it for oneself, to answer it; return False as `set` does."""
        was_open, self._is_open = self._is_open and not self._future.done(), False
        return was_open

    def answer(self, value: V) -> None:
        """Set what was claimed."""
        if not self._future.done():
            self._future.set_result(value)

    @property
    def is_set(self) -> bool:
        return self._future.done() and not self._future.cancelled() and self._future.exception() is None

    @property
    def value(self) -> V:
        return self._future.result()

    async def wait(self, seconds: float) -> bool:
        """Wait until it is set; return False where that takes longer, and nobody has claimed it."""
        timer = self._future.get_loop().call_later(max(seconds, 0), self._expire)
        try:
            await self._future
        except _Late:
            return False
        finally:
            timer.cancel()
        return True

    def _expire(self) -> None:
        if self.claim():
            self._future.set_exception(_Late())


class _Late(Exception):
    """What was waited for did not come in time."""


class Gatherer:
    """Gathers what tasks ask for within one turn of the loop, and has it answered together."""

    __slots__ = ("_open", "_tasks")

    def __init__(self) -> None:
        self._open: dict[Hashable, dict[Hashable, list[asyncio.Future[Any]]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, shape: Hashable, key: Hashable, answer: Callable[[Sequence[Any]], Awaitable[list[Any]]]) -> Any:
        """Return the answer to a key; `answer` has those to all keys of a shape in their order, an exception is raised."""
        loop = asyncio.get_running_loop()
        batch = self._open.get(shape)
        if batch is None:
            batch = self._open[shape] = {}
            loop.call_soon(self._begin, shape, answer)
        future: asyncio.Future[Any] = loop.create_future()
        batch.setdefault(key, []).append(future)
        return await future

    def _begin(self, shape: Hashable, answer: Callable[[Sequence[Any]], Awaitable[list[Any]]]) -> None:
        task = asyncio.ensure_future(_answered(self._open.pop(shape), answer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _answered(
    batch: dict[Hashable, list["asyncio.Future[Any]"]], answer: Callable[[Sequence[Any]], Awaitable[list[Any]]]
) -> None:
    try:
        found = await answer(list(batch))
    except Exception as error:
        found = [error] * len(batch)
    except BaseException:
        for futures in batch.values():
            for future in futures:
                future.cancel()
        raise
    for futures, one in zip(batch.values(), found, strict=True):
        for future in futures:
            if not future.done():
                future.set_exception(one) if isinstance(one, Exception) else future.set_result(one)


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
