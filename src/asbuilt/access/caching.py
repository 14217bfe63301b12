"""The cache that data access can use: what it asks of one. `asbuilt.cache` fills it in; access knows nothing else of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

Row = Mapping[str, Any]
"""A row's values by the names of its columns."""


class Written:
    """What a write did to one row: as it was (None: it was not there) and as it is (None: it is gone).

    Both None: it is not known which rows of the table were written. A row that was changed is told as it was, too: the keys
    that it had go with it. A column that is left out makes all keys go that it fills.
    """

    __slots__ = ("after", "before", "table")

    def __init__(self, table: str, before: Row | None, after: Row | None) -> None:
        self.table = table
        self.before = before
        self.after = after


class Cache(Protocol):
    """A cache for reads of single rows by a unique key.

    Values are bytes: what they mean is the reader's business. A key is a table, the columns of a unique key and their values.
    """

    def reads(self, table: str, columns: tuple[str, ...]) -> bool:
        """Tell whether reads of a table by these columns are cached: whether the document states a key for them."""

    def watches(self, table: str) -> bool:
        """Tell whether a write of the table can change what is cached, so that it has to be told."""

    async def read(
        self, table: str, columns: tuple[str, ...], values: Sequence[Any], load: Callable[[], Awaitable[bytes | None]]
    ) -> bytes | None:
        """Return what is cached, or else what `load` returns, which is kept; None is kept too: there is no such row.

        `load` reads what is committed, from the primary: not for a transaction under way, which reads by itself.
        """

    async def written(self, changes: Sequence[Written]) -> None:
        """Take out of the cache what these changes, committed by now, have made untrue.

        Told as well where nobody knows whether they were committed, since the connection or the task ended meanwhile.
        """

    async def open(self) -> None: ...

    async def close(self) -> None: ...
