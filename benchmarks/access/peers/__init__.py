"""One module a peer: `works(url)` opens what it reads and writes with, and gives its works by name.

A work takes the number of a turn, and everybody does the same in one turn. What it answers is told by `told`, a function a
work, as plain values that have to be the same for all: nobody is fast by answering less.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import psycopg.conninfo

GET, PAGE, ONE, TWENTY, INSERT, COPY = "get", "page", "nested one", "nested twenty", "insert", "create many"


@dataclass(frozen=True)
class Work:
    """Something that is done in a turn, and what its answer says."""

    do: Callable[[int], Awaitable[Any]]
    told: Callable[[Any], Any]


Works = dict[str, Work]
Opening = Callable[[str], AbstractAsyncContextManager[Works]]
Opened = AsyncIterator[Works]


def parts(url: str) -> dict[str, str]:
    """Return user, host, port and database of a URL, as those ask for who take no URL with a socket."""
    told = psycopg.conninfo.conninfo_to_dict(url)
    return {"port": "5432", **{name: str(value) for name, value in told.items() if value}}


def nested(title: str, author: str, tags: Any, comments: Any) -> tuple[Any, ...]:
    """Tell a post with what belongs to it."""
    return title, author, sorted(tags), list(comments)
