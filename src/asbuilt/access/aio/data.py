"""A database as its document describes it: its tables by name, transactions, raw SQL."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self, TypeVar

import msgspec

from asbuilt.access.aio.driver import connected
from asbuilt.access.aio.entities import Entity
from asbuilt.access.aio.pool import Pool, PoolState
from asbuilt.access.aio.running import Runner, Seen
from asbuilt.access.compiled import Compiled, Compiler
from asbuilt.access.rows import RowTypes, row_types
from asbuilt.access.schema import Schema, Table
from asbuilt.access.validating import Validation
from asbuilt.model.names import did_you_mean

T = TypeVar("T")
CONNECT_SECONDS = 10.0
_LIMIT = "SELECT set_config('statement_timeout', $1, true)"


class Data:
    """The data of a document. Open it once a program, with `async with`, and share it among all tasks.

    `size` is the most connections, `wait` how many seconds a statement waits for one, `statement_seconds` how long one
    may run. `secret` signs cursors, so that nobody can make one up; give all processes the same.
    """

    def __init__(
        self,
        schema: Schema,
        url: str,
        *,
        types: RowTypes | None = None,
        size: int = 10,
        wait: float = 10,
        statement_seconds: float | None = None,
        secret: bytes | None = None,
    ) -> None:
        self.schema = schema
        self.secret = hashlib.blake2s(secret or schema.digest.encode()).digest()
        self.validation = Validation(schema)
        self.compiler = Compiler(schema, types or row_types(schema))
        self._pool = Pool(
            lambda: connected(url, seconds=CONNECT_SECONDS, statement_seconds=statement_seconds), size, wait=wait
        )
        self.runner = Runner(schema, self._pool)
        for table in schema.tables:
            setattr(self, table.accessor, Entity(self, table))

    async def __aenter__(self) -> Self:
        self._pool.give(await self._pool.take())
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self._pool.close()

    @property
    def pool(self) -> PoolState:
        return self._pool.state

    def on_statement(self, tell: Callable[[Seen], object] | None) -> None:
        """Tell of every statement that is run; None: of none any more."""
        self.runner.on_statement = tell

    @asynccontextmanager
    async def transaction(self, isolation: str | None = None, *, is_read_only: bool = False) -> AsyncIterator[None]:
        """Do all of it or nothing: what fails takes everything back. Inside another one, a savepoint.

        `isolation` is read committed, repeatable read or serializable.
        """
        async with self.runner.transaction(isolation, is_read_only=is_read_only):
            yield

    async def repeat(self, work: Callable[[], Awaitable[T]], *, isolation: str = "serializable", tries: int = 5) -> T:
        """Do work in a transaction, and again, at most `tries` times, where others were in its way."""
        return await self.runner.repeated(work, isolation, tries)

    async def within(self, seconds: float, work: Callable[[], Awaitable[T]]) -> T:
        """Do reads that may take `seconds` each; raises `Unanswered` where one takes longer."""
        async with self.runner.transaction(None, is_read_only=False):
            [before] = await self.runner.row("SELECT current_setting('statement_timeout')", ())
            await self.runner.row(_LIMIT, (f"{seconds * 1000:.0f}",))
            done = await work()
            await self.runner.row(_LIMIT, (before,))  # a transaction around this one goes on with its own limit
            return done

    async def sql(self, statement: str, *values: Any, into: type[T] | None = None) -> list[Any]:
        """Run a statement with numbered holes (`$1`); return its rows: as `into`, made by name, or as dictionaries."""
        rows = await self.runner.named(statement, values)
        return rows if into is None else msgspec.convert(rows, list[into])  # type: ignore[valid-type]

    async def write(self, table: Table, compiled: Compiled, values: Sequence[Any]) -> list[Any]:
        """Run a write and return the rows that it returns."""
        decode = compiled.decode
        return [decode(record) for record in await self.runner.rows(compiled.sql, values)]

    async def copy(self, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        return await self.runner.copy(table.name, names, rows)

    def validate(self, table: Table, values: Mapping[str, Any], *, is_change: bool = False) -> None:
        """Refuse values that the document does not allow: raise `InvalidRow` with all that is wrong."""
        self.validation.check(table, values, is_change=is_change)

    def validate_all(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Refuse rows with values that the document does not allow."""
        self.validation.check_all(table, rows)


class AnyData(Data):
    """The data of a document that was read just now: what tables there are, nobody knows before."""

    def __getattr__(self, name: str) -> Any:
        near = did_you_mean(name, self.schema.by_accessor)
        raise AttributeError(f"{self.schema.document} has no `{name}`" + (f"; did you mean `{near}`?" if near else ""))
