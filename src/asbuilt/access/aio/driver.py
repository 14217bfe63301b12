"""One connection, through asyncpg: statements prepared once, values and rows as they come."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import count
from typing import Any

import msgspec

from asbuilt.access.copying.writing import Copying
from asbuilt.access.refusals import unreachable

_MOST_PREPARED = 500
_numbers = count(1)
_MOVED = frozenset({"0A000", "26000"})
"""A prepared statement whose tables have changed since, or that the server has not: it is prepared anew."""


class Link:
    """A connection. Whoever holds one is alone with it. `is_endless`: the first and the last day are those without end.

    `pid` is the server's process, None behind a pooler, which would name itself.
    """

    __slots__ = ("_keeps", "_prepared", "born", "connection", "pid", "used")
    is_endless = True

    def __init__(self, connection: Any, *, keeps_statements: bool = True) -> None:
        self.connection = connection
        self._keeps = keeps_statements
        self._prepared: dict[str, Any] = {}
        self.pid: int | None = connection.get_server_pid() if keeps_statements else None
        self.born = self.used = time.monotonic()

    async def rows(self, sql: str, values: Sequence[Any]) -> list[Any]:
        """Return the rows that a statement gives."""
        statement = self._prepared.get(sql) or await self._prepare(sql)
        try:
            return await statement.fetch(*values)  # type: ignore[no-any-return]
        except errors() as error:
            return await (await self._again(sql, error)).fetch(*values)  # type: ignore[no-any-return]

    async def row(self, sql: str, values: Sequence[Any]) -> Any:
        """Return the first row that a statement gives, or None."""
        statement = self._prepared.get(sql) or await self._prepare(sql)
        try:
            return await statement.fetchrow(*values)
        except errors() as error:
            return await (await self._again(sql, error)).fetchrow(*values)

    async def named(self, sql: str, values: Sequence[Any]) -> list[dict[str, Any]]:
        """Return the rows that a statement gives, by the names of their columns."""
        return [dict(record) for record in await self.rows(sql, values)]

    async def run(self, sql: str) -> str:
        """Run statements without values that give nothing; return what the server says that it did."""
        return str(await self.connection.execute(sql))

    async def copy(self, copying: Copying, rows: Sequence[Mapping[str, Any]]) -> int:
        """Copy rows into a table; return how many."""
        schema, _, name = copying.table.rpartition(".")
        told = await self.connection.copy_to_table(
            name, schema_name=schema or None, columns=copying.columns, format=copying.format,
            source=_in_turn(copying.chunks(rows)),
        )  # fmt: skip
        return int(told.split()[-1])

    async def stream(self, sql: str, values: Sequence[Any], size: int) -> AsyncIterator[list[Any]]:
        """Yield the rows that a statement gives, `size` at a time, inside a transaction."""
        statement = self._prepared.get(sql) or await self._prepare(sql)
        cursor = await statement.cursor(*values)
        while rows := await cursor.fetch(size):
            yield rows

    async def close(self) -> None:
        with suppress(*errors(), OSError):
            await self.connection.close(timeout=5)

    def cut(self) -> None:
        """Break the connection off, whoever waits for an answer there."""
        self.connection.terminate()

    def abandon(self) -> None:
        """Give the connection up at once."""
        self.connection.terminate()

    @property
    def is_lost(self) -> bool:
        return bool(self.connection.is_closed())

    async def _prepare(self, sql: str) -> Any:
        if len(self._prepared) >= _MOST_PREPARED:
            self._prepared.pop(next(iter(self._prepared)))
        # Without a name the driver has the server parse the statement again at each use.
        name = f"asbuilt_{next(_numbers)}" if self._keeps else None
        statement = self._prepared[sql] = await self.connection.prepare(sql, name=name)
        return statement

    async def _again(self, sql: str, error: Any) -> Any:
        """Prepare a statement anew, if that is what the server's refusal asks for, and no transaction has failed by it."""
        if getattr(error, "sqlstate", None) not in _MOVED:
            raise error
        self._prepared.pop(sql, None)
        if self.connection.is_in_transaction():
            raise error
        await self.connection.reload_schema_state()
        return await self._prepare(sql)


async def _in_turn(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    """Yield what is sent, and let others do something before the next is made."""
    for chunk in chunks:
        yield chunk
        await asyncio.sleep(0)


async def connected(url: str, *, seconds: float, statement_seconds: float | None, has_pooler: bool = False) -> Link:
    """Return a new connection; raise `Unanswered` where there is none.

    A pooler in between, `has_pooler`, knows neither settings at the start nor statements that are kept.
    """
    import asyncpg

    settings = {"application_name": "asbuilt"} if has_pooler else {"application_name": "asbuilt", "timezone": "UTC"}
    if statement_seconds is not None:
        settings["statement_timeout"] = f"{statement_seconds * 1000:.0f}"
    try:
        connection = await asyncpg.connect(url, timeout=seconds, statement_cache_size=0, server_settings=settings)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise unreachable(url, _told(error)) from error
    for name, before in (("json", b""), ("jsonb", b"\x01")):
        await connection.set_type_codec(
            name, schema="pg_catalog", format="binary",
            encoder=partial(_encoded, before), decoder=partial(_decoded, len(before)),
        )  # fmt: skip
    return Link(connection, keeps_statements=not has_pooler)


def _told(error: Exception) -> str:
    """Return why there is no connection, in the system's own words where it has some."""
    number = error.errno if isinstance(error, OSError) else None
    return os.strerror(number) if number and number > 0 else str(error) or "it took too long"


def _encoded(before: bytes, value: Any) -> bytes:
    return before + bytes(value if isinstance(value, msgspec.Raw) else msgspec.json.encode(value))


def _decoded(skipped: int, value: bytes) -> Any:
    return msgspec.json.decode(memoryview(value)[skipped:])


def errors() -> tuple[type[Exception], ...]:
    """Return what the driver raises; the last one where a connection is used whose server has gone."""
    import asyncpg

    return asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError
