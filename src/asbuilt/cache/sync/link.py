"""One connection to Redis: commands of everyone in turn, answers in the same order, and what the server says unasked between them.

The order matters: an answer that arrives proves that all invalidations before it have arrived. A thread of the connection's own
listens; who asks waits for it.
"""

import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from asbuilt.cache.address import Address
from asbuilt.cache.lost import Lost
from asbuilt.cache.resp import Push, Reader, encoded

Command = Sequence[str | bytes | int]
_AT_ONCE = 65536


class _Asked:
    """Some commands sent together: what they were answered with so far, and what became of them."""

    __slots__ = ("answers", "count", "done", "failure", "sent")

    def __init__(self, count: int) -> None:
        self.count = count
        self.answers: list[Any] = []
        self.done = threading.Event()
        self.failure: Lost | None = None
        self.sent = time.monotonic()


class Link:
    """`heard` is when the latest command that was answered was sent, in seconds of the monotonic clock."""

    def __init__(
        self, connection: socket.socket, on_push: Callable[[Push], None], on_lost: Callable[["Link"], None]
    ) -> None:
        self._socket = connection
        self._on_push = on_push
        self._on_lost = on_lost
        self._reader = Reader()
        self._asked: deque[_Asked] = deque()
        self._sending = threading.Lock()
        self.heard = time.monotonic()
        self.is_lost = False
        threading.Thread(target=self._listen, name="asbuilt cache link", daemon=True).start()

    def ask(self, *commands: Command, seconds: float | None = None) -> list[Any]:
        """Send some commands at once and return their answers; an error is among them.

        Raises `Lost`, too where no answer comes within `seconds`; None: within those of a beat.
        """
        asked = self._send(commands)
        if not asked.done.wait(seconds):
            self.abandon(f"no answer within {seconds:g} seconds", is_silent=True)
            asked.done.wait()
        if asked.failure is not None:
            raise Lost(str(asked.failure), is_silent=asked.failure.is_silent)
        return asked.answers

    def beat(self, seconds: float) -> None:
        """Ask whether the server is still there, unless an answer is waited for; give up where that takes longer."""
        oldest = self._asked[0] if self._asked else None
        if oldest is None:
            try:
                self._send((("PING",),))
            except Lost:
                return
        elif time.monotonic() - oldest.sent > seconds:
            self.abandon(f"no answer within {seconds:g} seconds", is_silent=True)

    def abandon(self, reason: str, *, is_silent: bool = False) -> None:
        """Give the connection up: nothing more is heard of it, and who waits is told so."""
        _shut(self._socket)
        with self._sending:
            if self.is_lost:
                return
            self.is_lost = True
            waiting = list(self._asked)
            self._asked.clear()
        self._socket.close()
        self._on_lost(self)
        for asked in waiting:
            asked.failure = Lost(reason, is_silent=is_silent)
            asked.done.set()

    def _send(self, commands: Sequence[Command]) -> _Asked:
        data = b"".join(map(encoded, commands))
        failure = ""
        with self._sending:
            if self.is_lost:
                raise Lost("the connection was lost")
            asked = _Asked(len(commands))
            self._asked.append(asked)
            try:
                self._socket.sendall(data)
            except OSError as error:
                failure = error.strerror or str(error)
        if failure:
            self.abandon(failure)
        return asked

    def _listen(self) -> None:
        try:
            while data := self._socket.recv(_AT_ONCE):
                for found in self._reader.feed(data):
                    if isinstance(found, Push):
                        self._on_push(found)
                    else:
                        self._answered(found)
            self.abandon("the server closed the connection")
        except (OSError, ValueError) as error:
            self.abandon(str(error))

    def _answered(self, answer: Any) -> None:
        if not self._asked:
            raise ValueError("the server answers what nobody asked")
        asked = self._asked[0]
        asked.answers.append(answer)
        if len(asked.answers) == asked.count:
            self._asked.popleft()
            self.heard = max(self.heard, asked.sent)
            asked.done.set()


def linked(address: Address, seconds: float, on_push: Callable[[Push], None], on_lost: Callable[[Link], None]) -> Link:
    """Return a new connection; raises `Lost` where none is made in time."""
    try:
        return Link(_connection(address, seconds), on_push, on_lost)
    except TimeoutError:
        raise Lost(f"no answer within {seconds:g} seconds", is_silent=True) from None
    except OSError as error:
        raise Lost(error.strerror or str(error)) from None


def _connection(address: Address, seconds: float) -> socket.socket:
    if address.path:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(seconds)
        try:
            connection.connect(address.path)
        except OSError:
            connection.close()
            raise
    else:
        connection = socket.create_connection((address.host, address.port), seconds)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if address.has_tls:
            connection = ssl.create_default_context().wrap_socket(connection, server_hostname=address.host)
    connection.settimeout(None)
    return connection


def _shut(connection: socket.socket) -> None:
    """End what other threads do with a connection: they wake up with an error."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
