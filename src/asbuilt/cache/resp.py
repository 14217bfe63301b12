"""Redis' protocol, version 3: commands to bytes, bytes to answers and to what the server says unasked.

https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

from collections.abc import Sequence
from typing import Any


class Refused(Exception):
    """The server's answer to a command: an error."""


class Push(list[Any]):
    """Something that the server says unasked: `invalidate` and the keys, None for all."""


class _Unfinished(Exception):
    """More bytes have to come."""


def encoded(command: Sequence[str | bytes | int]) -> bytes:
    """Return a command as the server takes it."""
    out = [b"*%d\r\n" % len(command)]
    for part in command:
        data = part if isinstance(part, bytes) else str(part).encode()
        out.append(b"$%d\r\n%b\r\n" % (len(data), data))
    return b"".join(out)


class Reader:
    """Takes bytes as they come and gives the answers that are complete."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._at = 0

    def feed(self, data: bytes) -> list[Any]:
        """Return what `data` completes; an error is a `Refused` among the answers."""
        self._bytes += data
        found = []
        while self._bytes:
            self._at = 0
            try:
                found.append(self._value())
            except _Unfinished:
                break
            del self._bytes[: self._at]
        return found

    def _line(self) -> bytes:
        end = self._bytes.find(b"\r\n", self._at)
        if end < 0:
            raise _Unfinished
        line = bytes(self._bytes[self._at : end])
        self._at = end + 2
        return line

    def _value(self) -> Any:
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind in b"$=":
            return self._text(int(rest))
        if kind in b"*~>":
            values = None if rest == b"-1" else [self._value() for _ in range(int(rest))]
            return Push(values or []) if kind == b">" else values
        if kind == b"%":
            return {_hashable(self._value()): self._value() for _ in range(int(rest))}
        if kind == b":":
            return int(rest)
        if kind == b"-":
            return Refused(rest.decode(errors="replace"))
        if kind == b"!":
            return Refused((self._text(int(rest)) or b"").decode(errors="replace"))
        return _simple(kind, rest)

    def _text(self, length: int) -> bytes | None:
        if length < 0:
            return None
        end = self._at + length
        if len(self._bytes) < end + 2:
            raise _Unfinished
        text = bytes(self._bytes[self._at : end])
        self._at = end + 2
        return text


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _simple(kind: bytes, rest: bytes) -> Any:
    if kind == b"+":
        return rest
    if kind == b"_":
        return None
    if kind == b"#":
        return rest == b"t"
    if kind == b",":
        return float(rest)
    if kind == b"(":
        return int(rest)
    raise ValueError(f"the server does not speak Redis' protocol: {(kind + rest)[:40]!r}")
