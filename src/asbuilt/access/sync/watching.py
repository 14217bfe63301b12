"""Servers asked again and again how far they are in the log, each on a connection of its own, beside all reads."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from asbuilt.access.refusals import DataError
from asbuilt.access.sync.driver import Link, errors
from asbuilt.cache.sync.waiting import Helper, Signal

_CALM, _SOON = 0.5, 0.02
"""Seconds between two questions: as a rule, and where somebody waits for the answer."""
_OPENING = 2.0
_WHOSE = "SELECT system_identifier::text FROM pg_control_system()"


class Watch:
    """Asks one server. `heard` is told when a question was sent, what was answered, and whose server it is (empty where the role
    may not know); `lost` why there was no answer."""

    def __init__(
        self,
        connect: Callable[[], Link],
        question: str,
        heard: Callable[[float, Sequence[Any], str], None],
        lost: Callable[[str], None],
    ) -> None:
        self._connect = connect
        self._question = question
        self._heard = heard
        self._lost = lost
        self._link: Link | None = None
        self._whose = ""
        self._wanted, self._first, self._end = Signal(), Signal(), Signal()
        self._is_closed = False
        self._helper: Helper | None = None

    def open(self) -> None:
        """Begin, and wait for the first answer as long as is usual."""
        self._helper = Helper(self._keep)
        self._first.within(_OPENING)

    def close(self) -> None:
        self._is_closed = True
        self._end.set()
        self._wanted.set()
        if self._link is not None:
            self._link.cut()
        if self._helper is not None:
            self._helper.end()

    def soon(self) -> None:
        """Let it ask at once, as somebody waits for the answer."""
        self._wanted.set()

    def _keep(self) -> None:
        failures: tuple[type[Exception], ...] = (DataError, OSError, *errors())
        while not self._is_closed:
            self._wanted = Signal()
            try:
                link = self._link or self._begun()
                sent = time.monotonic()
                answer = link.row(self._question, ())
                self._heard(sent, answer, self._whose)
            except failures as error:
                self._drop()
                if not self._is_closed:
                    self._lost(str(error) or type(error).__name__)
            self._first.set()
            if not self._end.within(_SOON):
                self._wanted.within(_CALM - _SOON)
        self._drop()

    def _begun(self) -> Link:
        link = self._link = self._connect()
        try:
            [self._whose] = link.row(_WHOSE, ())
        except errors():
            self._whose = ""
        return link

    def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.abandon()
