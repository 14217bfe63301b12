"""Waiting for one another, in one place: the twin of this file for tasks is written by hand."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

V = TypeVar("V")
Guard = threading.RLock
"""Keeps other threads out of a few lines."""


class Waiter(Generic[V]):
    """Something that is set once, by another."""

    __slots__ = ("_event", "_value")

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self, value: V) -> None:
        if not self._event.is_set():
            self._value = value
            self._event.set()

    @property
    def is_set(self) -> bool:
        return self._event.is_set()

    @property
    def value(self) -> V:
        return self._value

    def wait(self, seconds: float) -> bool:
        """Wait until it is set; return False where that takes longer."""
        return self._event.wait(max(seconds, 0))


def surely(work: Callable[[], None]) -> None:
    """Do work to its end."""
    work()


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def who() -> object:
    """Return who is at work: the thread."""
    return threading.current_thread()
