"""Waiting for one another, in one place: the twin of this file for tasks is written by hand."""

import threading
from collections.abc import Callable

Turn = threading.Lock
"""Who has it works alone."""


class Signal:
    """Something that happens once."""

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def within(self, seconds: float) -> bool:
        """Wait for it; return False where that takes longer."""
        return self._event.wait(seconds)


class Helper:
    """Work that goes on beside everything else, until it comes to its end."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._thread = threading.Thread(target=work, name="asbuilt cache", daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        return not self._thread.is_alive()

    def end(self) -> None:
        """Wait until it is over."""
        self._thread.join()


def who() -> object:
    """Return who is at work: the thread."""
    return threading.current_thread()
