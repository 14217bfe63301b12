"""What a program is told of each statement that is run."""

from typing import Any

from msgspec import Struct


class Seen(Struct, frozen=True):
    """A statement that was run: how long it took in seconds, how many rows it gave, and why it failed, empty where it did not.

    `reads` is how many asked for what it gave: several where they waited for a connection. `server` is the one that ran it, where there are several.
    """

    sql: str
    values: tuple[Any, ...]
    seconds: float
    rows: int
    error: str = ""
    reads: int = 1
    server: str = ""
