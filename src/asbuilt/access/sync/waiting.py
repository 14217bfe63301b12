"""Waiting for one another, in one place: the twin of this file for tasks is written by hand."""

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

V = TypeVar("V")
Guard = threading.RLock
"""Keeps other threads out of a few lines."""


class Waiter(Generic[V]):
    """Something that is set once, by another; or it is claimed by another, who surely answers later."""

    __slots__ = ("_event", "_open", "_value")

    def __init__(self) -> None:
        self._event = threading.Event()
        self._open = [True]

    def set(self, value: V) -> bool:
        """Set it; return False where it is set or claimed already, or nobody waits any more."""
        if not self.claim():
            return False
        self.answer(value)
        return True

    def claim(self) -> bool:
        """Keep it for oneself, to answer it; return False as `set` does."""
        try:
            return self._open.pop()  # of two threads one gets it
        except IndexError:
            return False

    def answer(self, value: V) -> None:
        """Set what was claimed."""
        self._value = value
        self._event.set()

    @property
    def is_set(self) -> bool:
        return self._event.is_set()

    @property
    def value(self) -> V:
        return self._value

    def wait(self, seconds: float) -> bool:
        """Wait until it is set; return False where that takes longer, and nobody has claimed it."""
        if self._event.wait(max(seconds, 0)):
            return True
        if self.claim():
            return False
        return self._event.wait()


class Gatherer:
    """Has what a thread asks for answered at once: there is no turn that threads share."""

    __slots__ = ()

    def ask(self, shape: Hashable, key: Hashable, answer: Callable[[Sequence[Any]], list[Any]]) -> Any:
        """Return the answer to a key; where it is an exception, raise it."""
        [found] = answer([key])
        if isinstance(found, Exception):
            raise found
        return found


def surely(work: Callable[[], None]) -> None:
    """Do work to its end."""
    work()


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def who() -> object:
    """Return who is at work: the thread."""
    return threading.current_thread()
