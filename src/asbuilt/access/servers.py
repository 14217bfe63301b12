"""The servers that data is read from, as a program sees them, and places in the log of the one that is written to."""

import re
from functools import partial
from typing import Literal

from msgspec import Struct

from asbuilt.access.refusals import QueryRefused
from asbuilt.spans import Spans, spans_of

_PAGE, _HEADS = 8192, (24, 40)
"""Bytes of a page of the log, and of its head: the first one of a file has a longer one."""
_PLACE = re.compile(r"([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})")


class ServerState(Struct, frozen=True):
    """How a server stands.

    `reason` says why a replica is not read from, empty where it is. `lag` is how many seconds it is behind at most, None where nobody
    knows. `reads` are those that it answered, `passed_on` those that it did not and another did; `lost` counts how often it went.
    """

    server: str
    role: Literal["primary", "replica"]
    is_well: bool = True
    reason: str = ""
    lag: float | None = 0.0
    reads: int = 0
    passed_on: int = 0
    lost: int = 0
    size: int = 0
    free: int = 0


class Position:
    """How far a server has to be for the reads of a task or request: `floor` is a place in the log.

    `wrote` is when something was written, in seconds of the monotonic clock; `is_open` until its place in the log is known.
    """

    __slots__ = ("floor", "is_open", "is_primary", "wrote")

    def __init__(self, floor: int = 0, *, is_primary: bool = False) -> None:
        self.floor = floor
        self.is_primary = is_primary
        self.wrote = 0.0
        self.is_open = False

    def write(self, now: float) -> None:
        self.wrote = max(self.wrote, now)
        self.is_open = True

    @property
    def mark(self) -> tuple[bool, float, int]:
        """What reads have in common that may be answered together."""
        return self.is_primary, self.wrote if self.is_open else 0.0, self.floor


def place_of(text: str) -> int:
    """Return a place in the log as a number; nothing is the beginning."""
    if not text:
        return 0
    found = _PLACE.fullmatch(text)
    if found is None:
        raise QueryRefused(f"{text!r} is no position", help="give what `data.position()` has returned")
    return plain((int(found[1], 16) << 32) + int(found[2], 16))


def plain(place: int) -> int:
    """Return a place in the log as one who replays tells it.

    Where the next record begins a page, the one who writes is behind the page's head already; nothing ends within a head.
    """
    over = place % _PAGE
    return place - over if over in _HEADS else place


def text_of_place(place: int) -> str:
    return f"{place >> 32:X}/{place & 0xFFFFFFFF:X}"


def label_of(url: str) -> str:
    """Return what a server is called: where it is, without the password."""
    host, port, _ = _address_of(url)
    return f"{host}:{port}"


def spans_at(url: str) -> Spans | None:
    """Return the spans of what a server is asked; None where nobody could take them."""
    return spans_of("postgresql", partial(_address_of, url))


def _address_of(url: str) -> tuple[str, int, str]:
    """Return where a server is: its host, or the folder of its socket, its port, and the database."""
    from psycopg import Error
    from psycopg.conninfo import conninfo_to_dict

    try:
        told = conninfo_to_dict(url)
    except Error:
        return "?", 5432, ""
    port = str(told.get("port") or "")
    return str(told.get("host") or "localhost"), int(port) if port.isdecimal() else 5432, str(told.get("dbname") or "")
