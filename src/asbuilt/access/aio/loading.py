"""Loads by key for callers that know of one key at a time, such as the resolvers of a GraphQL schema.

What is asked for within one turn of the loop is one statement for each kind of question; each asker gets what belongs to its
own key, and the failure of that alone. Inside a transaction each is asked by itself, on its connection.
"""

from collections.abc import Awaitable, Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Generic, TypeVar

from asbuilt.access.aio.keeping import Rows
from asbuilt.access.aio.replicas import Replicas
from asbuilt.access.aio.running import Runner
from asbuilt.access.aio.waiting import Gatherer
from asbuilt.access.compiled import Compiled, Compiler
from asbuilt.access.queries import Asked, asking
from asbuilt.access.refusals import DataError, PoolExhausted, QueryRefused, Unanswered
from asbuilt.access.schema import Table
from asbuilt.spans import asked_by

R = TypeVar("R")
Key = tuple[Any, ...]
Answer = Callable[[Sequence[Key]], Awaitable[list[Any]]]


class Many(Generic[R]):
    """The rows of a table by many values of a unique key; by way of the cache where it keeps them."""

    __slots__ = ("_compiled", "_kept", "_reader", "_runner", "columns", "shape")

    def __init__(
        self,
        runner: Runner,
        reader: "Runner | Replicas",
        compiler: Compiler,
        table: Table,
        columns: tuple[str, ...],
        kept: Rows[R] | None,
    ) -> None:
        self.columns = columns
        self.shape = (table.name, columns)
        self._runner = runner
        self._reader = runner if kept is not None else reader  # what is kept is never behind
        self._compiled = compiler.each(asking(table)[0], columns)
        self._kept = kept

    async def rows(self, keys: Sequence[Key]) -> list[R | None]:
        """Return the rows with these keys, in their order; None where there is none."""
        if self._kept is not None and self._runner.current.get() is None:
            return await self._kept.rows(keys, self._records)
        decode = self._compiled.decode
        return [None if record is None else decode(record) for record in await self._records(keys)]

    async def _records(self, keys: Sequence[Key]) -> list[Any]:
        found: list[Any] = [None] * len(keys)
        for record in await self._reader.rows(self._compiled.sql, _arrays(keys, self.columns)):
            found[record[-1] - 1] = record[:-1]
        return found


class Lists(Generic[R]):
    """The answers to a question for each of many values of some columns."""

    __slots__ = ("_asked", "_columns", "_compiled", "_reader", "shape")

    def __init__(self, reader: "Runner | Replicas", compiler: Compiler, asked: Asked, columns: tuple[str, ...]) -> None:
        question, values = asked
        self.shape = (question, values.flat(), columns)
        self._reader = reader
        self._columns = columns
        self._asked = asked
        self._compiled: Compiled = compiler.each(question, columns)

    async def rows(self, keys: Sequence[Key]) -> list[list[R]]:
        """Return for each of these values the list of what belongs to it, in the question's order."""
        found: list[list[R]] = [[] for _ in keys]
        decode = self._compiled.decode
        given = [*_arrays(keys, self._columns), *self._asked[1].flat()]
        for record in await self._reader.rows(self._compiled.sql, given):
            found[record[-1] - 1].append(decode(record[:-1]))
        return found


class Memory:
    """What was loaded within a scope; a write in it makes room for what is true then."""

    __slots__ = ("kept",)

    def __init__(self) -> None:
        self.kept: dict[Hashable, Any] = {}


class Loader:
    """Gathers loads. What was loaded is remembered only inside `remembering`."""

    def __init__(self, runner: Runner, reader: "Runner | Replicas") -> None:
        self._runner = runner
        self._replicas = reader if isinstance(reader, Replicas) else None
        self._gatherer = Gatherer()
        self._askers: dict[Hashable, list[Any]] = {}
        self._memory: ContextVar[Memory | None] = ContextVar("memory", default=None)

    async def load(self, many: "Many[Any] | Lists[Any]", key: Key) -> Any:
        """Return what belongs to a key, asked for together with what others ask for now."""
        if not _is_plain(key):
            raise QueryRefused(f"{key!r} is no key that rows are loaded by", help="ask by where(…)")
        if self._runner.current.get() is not None or not _is_plain(many.shape):
            [found] = await many.rows([key])
            return found
        name = (many.shape, key)
        memory = self._memory.get()
        kept = memory.kept if memory is not None else {}
        if name not in kept:
            shape = many.shape if self._replicas is None else (many.shape, self._replicas.mark)
            kept[name] = await self._gatherer.ask(shape, key, self._answer(many, shape))
        return kept[name]

    def _answer(self, many: "Many[Any] | Lists[Any]", shape: Hashable) -> Answer:
        """Return what answers all keys of a shape; its span is linked to those of the askers."""
        spans = self._runner.spans
        if spans is None or not spans.is_on:
            return lambda keys: _each(many.rows, keys)
        if (asker := spans.here()) is not None:
            self._askers.setdefault(shape, []).append(asker)

        async def answer(keys: Sequence[Key]) -> list[Any]:
            with asked_by(self._askers.pop(shape, [])):
                return await _each(many.rows, keys)

        return answer

    @contextmanager
    def remembering(self) -> Iterator[None]:
        token = self._memory.set(Memory())
        try:
            yield
        finally:
            self._memory.reset(token)

    def forget(self) -> None:
        """Let go what was loaded in this scope, as something was written."""
        if (memory := self._memory.get()) is not None:
            memory.kept = {}


def _is_plain(values: object) -> bool:
    """Tell whether values can be told apart from others; a list cannot."""
    try:
        hash(values)
    except TypeError:
        return False
    return True


async def _each(answer: Answer, keys: Sequence[Key]) -> list[Any]:
    """Return an answer for each key, or why that key has none: where one is refused, the others are asked without it."""
    try:
        return await answer(keys)
    except (Unanswered, PoolExhausted):
        raise
    except DataError as error:
        if len(keys) == 1:
            return [error]
        half = len(keys) // 2
        return [*await _each(answer, keys[:half]), *await _each(answer, keys[half:])]


def _arrays(keys: Sequence[Key], columns: tuple[str, ...]) -> list[list[Any]]:
    return [list(column) for column in zip(*keys, strict=True)] or [[] for _ in columns]
