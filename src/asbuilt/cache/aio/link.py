"""One connection to Redis: commands of everyone in turn, answers in the same order, and what the server says unasked between them.

The order matters: an answer that arrives proves that all invalidations before it have arrived.
"""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from asbuilt.cache.address import Address
from asbuilt.cache.lost import Lost
from asbuilt.cache.resp import Push, Reader, encoded

Command = Sequence[str | bytes | int]


class _Asked:
    """Some commands sent together: what they were answered with so far, and who waits, if anybody does."""

    __slots__ = ("answers", "count", "future", "sent")

    def __init__(self, count: int, future: "asyncio.Future[list[Any]] | None") -> None:
        self.count = count
        self.answers: list[Any] = []
        self.future = future
        self.sent = time.monotonic()


class Link(asyncio.Protocol):
    """`heard` is when the latest command that was answered was sent, in seconds of the monotonic clock."""

    def __init__(self, on_push: Callable[[Push], None], on_lost: Callable[["Link"], None]) -> None:
        self._on_push = on_push
        self._on_lost = on_lost
        self._reader = Reader()
        self._asked: deque[_Asked] = deque()
        self._transport: asyncio.Transport | None = None
        self.heard = time.monotonic()
        self.is_lost = False

    async def ask(self, *commands: Command, seconds: float | None = None) -> list[Any]:
        """Send some commands at once and return their answers; an error is among them.

        Raises `Lost`, too where no answer comes within `seconds`; None: within those of a beat.
        """
        if self.is_lost or self._transport is None:
            raise Lost("the connection was lost")
        future: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._asked.append(_Asked(len(commands), future))
        self._transport.write(b"".join(map(encoded, commands)))
        if seconds is not None:
            await asyncio.wait([future], timeout=seconds)
            if not future.done():
                self.abandon(f"no answer within {seconds:g} seconds", is_silent=True)
        return await future

    def beat(self, seconds: float) -> None:
        """Ask whether the server is still there, unless an answer is waited for; give up where that takes longer."""
        if self._asked:
            if time.monotonic() - self._asked[0].sent > seconds:
                self.abandon(f"no answer within {seconds:g} seconds", is_silent=True)
        elif self._transport is not None:
            self._asked.append(_Asked(1, None))
            self._transport.write(encoded(("PING",)))

    def abandon(self, reason: str, *, is_silent: bool = False) -> None:
        """Give the connection up: nothing more is heard of it, and who waits is told so."""
        if self.is_lost:
            return
        self.is_lost = True
        if self._transport is not None:
            self._transport.abort()
        self._on_lost(self)
        while self._asked:
            future = self._asked.popleft().future
            if future is not None and not future.done():
                future.set_exception(Lost(reason, is_silent=is_silent))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, error: Exception | None) -> None:
        self.abandon(str(error) if error else "the server closed the connection")

    def data_received(self, data: bytes) -> None:
        try:
            for found in self._reader.feed(data):
                if self.is_lost:
                    return
                if isinstance(found, Push):
                    self._on_push(found)
                else:
                    self._answered(found)
        except ValueError as error:
            self.abandon(str(error))

    def _answered(self, answer: Any) -> None:
        if not self._asked:
            raise ValueError("the server answers what nobody asked")
        asked = self._asked[0]
        asked.answers.append(answer)
        if len(asked.answers) == asked.count:
            self._asked.popleft()
            self.heard = max(self.heard, asked.sent)
            if asked.future is not None and not asked.future.done():
                asked.future.set_result(asked.answers)


async def linked(
    address: Address, seconds: float, on_push: Callable[[Push], None], on_lost: Callable[[Link], None]
) -> Link:
    """Return a new connection; raises `Lost` where none is made in time."""
    loop = asyncio.get_running_loop()
    link = Link(on_push, on_lost)
    if address.path:
        making: Any = loop.create_unix_connection(lambda: link, address.path)
    else:
        tls = ssl.create_default_context() if address.has_tls else None
        making = loop.create_connection(lambda: link, address.host, address.port, ssl=tls)
    try:
        await asyncio.wait_for(making, seconds)
    except TimeoutError:
        raise Lost(f"no answer within {seconds:g} seconds", is_silent=True) from None
    except OSError as error:
        raise Lost(error.strerror or str(error)) from None
    return link
