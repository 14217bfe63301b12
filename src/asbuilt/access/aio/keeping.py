"""Reads by way of the cache: rows by a unique key, and answers under a key that the document states.

Inside a transaction nothing is read from a cache, and nothing is put there: what is read may never be committed.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from hashlib import blake2s
from typing import Any, Generic, TypeVar

from asbuilt.access.aio.running import Runner
from asbuilt.access.compiled import Compiled
from asbuilt.access.packing import is_shared, packed, size_of, unpacked
from asbuilt.access.refusals import QueryRefused
from asbuilt.access.schema import Table
from asbuilt.cache.aio.cache import Cache
from asbuilt.cache.keys import ordered, stated
from asbuilt.cache.metrics import CacheState
from asbuilt.cache.near import Entry
from asbuilt.cache.plan import CachePlan, Key

R = TypeVar("R", covariant=True)
K = TypeVar("K", bound=str, contravariant=True)
ReadMany = Callable[[Sequence[tuple[Any, ...]]], Awaitable[list[Any]]]
"""Read records by many values of a key, in their order; None where there is none."""
_MARK = 8
"""Bytes before an answer that tell what was asked."""


class _Unkept(Exception):
    """What was read, but cannot be kept."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer


class Rows(Generic[R]):
    """The rows of a table by a unique key; `attributes` are its fields, in the order in which their values are given."""

    __slots__ = ("_cache", "_compiled", "_current", "_is_shared", "_key", "_order", "_runner", "attributes")

    def __init__(
        self, cache: Cache, runner: Runner, key: Key, table: Table, columns: tuple[str, ...], compiled: Compiled
    ) -> None:
        self.attributes = tuple(table.by_name[name].attribute for name in columns)
        self._cache = cache
        self._runner = runner
        self._current = runner.current
        self._key = key
        self._compiled = compiled
        self._order = None if columns == key.columns else tuple(columns.index(name) for name in key.columns)
        self._is_shared = is_shared(table)

    def at_hand(self, values: tuple[Any, ...]) -> R | None:
        """Return a row that is kept near; None where there is none, or it has to be looked for."""
        if self._current.get() is not None:
            return None
        entry = self._cache.near(self._key, values if self._order is None else self._ordered(values))
        if entry is None:
            return None
        row = entry.made
        return row if row is not None else self._made(entry)

    async def row(self, values: tuple[Any, ...]) -> R | None:
        """Return a row by the values of its key; None where there is none."""
        if self._current.get() is not None:
            return self._decoded(await self._runner.row(self._compiled.sql, values))
        ordered = values if self._order is None else self._ordered(values)
        try:
            content = await self._cache.under(self._key, ordered, lambda: self._load(values))
        except _Unkept as read:
            return self._decoded(read.answer)
        return None if content is None else self._decoded(unpacked(content))

    async def rows(self, wanted: Sequence[tuple[Any, ...]], read: ReadMany) -> list[R | None]:
        """Return rows by many values of the key, in their order; `read` has the records of those that are not kept."""
        found = [self.at_hand(values) for values in wanted]
        left = [at for at, row in enumerate(found) if row is None]
        if not left:
            return found

        async def load(places: Sequence[int]) -> list[bytes | Exception | None]:
            records = await read([wanted[left[place]] for place in places])
            return [None if record is None else _tried(record) for record in records]

        keys = [wanted[at] if self._order is None else self._ordered(wanted[at]) for at in left]
        for at, content in zip(left, await self._cache.several.read(self._key, keys, load), strict=True):
            found[at] = self._opened(content)
        return found

    def _opened(self, content: bytes | Exception | None) -> R | None:
        if isinstance(content, _Unkept):
            return self._decoded(content.answer)
        if isinstance(content, Exception):
            raise content
        return None if content is None else self._decoded(unpacked(content))

    def _ordered(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple([values[at] for at in self._order or ()])

    async def _load(self, values: tuple[Any, ...]) -> bytes | None:
        record = await self._runner.row(self._compiled.sql, values)
        return None if record is None else _kept(record)

    def _made(self, entry: Entry) -> R | None:
        """Make the row of a kept value, and keep it for the next reader where nobody can change it."""
        if entry.value is None:
            return None
        record = unpacked(entry.value)
        row = self._decoded(record)
        if self._is_shared:
            self._cache.grow(entry, row, size_of(record))
        return row

    def _decoded(self, record: Any) -> R | None:
        return None if record is None else self._compiled.decode(record)


def _tried(answer: Any) -> bytes | Exception:
    content = packed(answer)
    return _Unkept(answer) if content is None else content


def _kept(answer: Any) -> bytes:
    content = packed(answer)
    if content is None:
        raise _Unkept(answer)
    return content


class Place:
    """A place in the cache, under a key that the document states, for the answer to one question at a time."""

    __slots__ = ("_key", "_values")

    def __init__(self, plan: CachePlan, pattern: str, values: Mapping[str, Any]) -> None:
        self._key = stated(plan, pattern)
        self._values = ordered(self._key, values)
        if self._key.table is not None:
            raise QueryRefused(
                f"`{pattern}` holds rows of {self._key.table}, one each",
                help="`get` and `find` read by it",
            )

    async def answer(self, cache: Cache, asked: object, load: Callable[[], Awaitable[Any]]) -> Any:
        """Return what `load` reads, or has read before for the same question; another's answer is not taken for it."""
        mark = blake2s(repr(asked).encode(), digest_size=_MARK).digest()

        async def marked() -> bytes | None:
            return mark + _kept(await load())

        try:
            content = await cache.under(self._key, self._values, marked)
            if content is None or content[:_MARK] != mark:
                await cache.forget(self._key.pattern, self._named())
                content = await cache.under(self._key, self._values, marked)
        except _Unkept as read:
            return read.answer
        is_ours = content is not None and content[:_MARK] == mark
        return unpacked(content[_MARK:]) if content is not None and is_ours else await load()

    def _named(self) -> dict[str, Any]:
        return {hole.name: value for hole, value in zip(self._key.holes, self._values, strict=True)}


class Keeping(Generic[K]):
    """The cache of a document's data, as a program looks after it: by its keys as they are stated."""

    def __init__(self, cache: Cache, read: Callable[[Key, tuple[Any, ...]], Awaitable[Any]]) -> None:
        self._cache = cache
        self._read = read

    def statistics(self) -> CacheState:
        """Return what the cache has done so far, and how it stands."""
        return self._cache.state

    async def warm(self, key: K, values: Iterable[Mapping[str, Any]]) -> int:
        """Read rows before they are asked for: by a key that the document states, for each of some values of its holes.

        Returns how many there are. What is kept under other keys is warmed by asking for it.
        """
        found = stated(self._cache.plan, key)
        if found.table is None:
            raise QueryRefused(f"`{key}` does not say what is kept there", help="ask the question that is `cached` so")
        count = 0
        for one in values:
            count += await self._read(found, ordered(found, one)) is not None
        return count

    async def forget(self, key: K, **values: Any) -> None:
        """Take out what is kept under a key, everywhere; without values all that is kept under its pattern."""
        await self._cache.forget(key, values or None)

    def prune(self) -> int:
        """Make room near: take out what is no longer of use. Returns how many entries that were."""
        return self._cache.prune()
