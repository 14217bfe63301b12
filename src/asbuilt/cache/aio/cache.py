"""The cache of a document: near in the process, Redis behind it where one is named, the database behind that.

A read never fails because of the cache, and a write is never kept from its end by it.
"""

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Self

from asbuilt.cache.address import address_of
from asbuilt.cache.aio.filling import Filling, Loading
from asbuilt.cache.aio.remote import Remote
from asbuilt.cache.aio.several import Several
from asbuilt.cache.aio.waiting import who
from asbuilt.cache.envelope import Kept
from asbuilt.cache.keys import Untrue, Written, key_of, ordered, stated, untrue_after
from asbuilt.cache.metrics import CacheState
from asbuilt.cache.near import Entry
from asbuilt.cache.options import CacheOptions
from asbuilt.cache.plan import CachePlan, Key

NEAR = "near"
"""The place of a cache that is in this process alone."""
Load = Callable[[], Awaitable[bytes | None]]
_PATIENCE = 10.0
"""Seconds that a load of another is waited for: loads that wait for each other come to an end."""


class Cache:
    """Open it once a program, with `async with`. Without a `url` the near cache alone serves this process: then it must be the
    only one that writes."""

    def __init__(self, plan: CachePlan, url: str | None = None, options: CacheOptions | None = None) -> None:
        self.plan = plan
        self._options = options or CacheOptions()
        self._remote = Remote(address_of(url), plan, self._heard) if url is not None else None
        self._filling = Filling(self._options, self._remote)
        self._near, self._flights, self._counts = self._filling.near, self._filling.flights, self._filling.counts
        self._by_columns = plan.by_columns
        self._spans = self._filling.spans
        self.several = Several(self._filling, self._far)

    async def open(self) -> None:
        if self._remote is not None:
            await self._remote.open()

    async def close(self) -> None:
        if self._remote is not None:
            await self._remote.close()
        self._near.clear()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.close()

    def reads(self, table: str, columns: tuple[str, ...]) -> bool:
        """Tell whether rows of a table are kept by these columns."""
        return (table, columns) in self._by_columns

    def watches(self, table: str) -> bool:
        """Tell whether a write of the table can make something untrue, so that it has to be told."""
        return table in self.plan.drops_of

    async def read(self, table: str, columns: tuple[str, ...], values: Sequence[Any], load: Load) -> bytes | None:
        """Return the row with these values of a unique key: what is kept, or else what `load` returns, which is kept then."""
        key = self._by_columns.get((table, columns))
        if key is None:
            return await load()
        return await self.under(key, tuple(values), load)

    async def kept(self, pattern: str, values: Mapping[str, Any], load: Load) -> bytes | None:
        """Return what is kept under a key of the document, named by its pattern, or else what `load` returns."""
        key = stated(self.plan, pattern)
        return await self.under(key, ordered(key, values), load)

    async def warm(
        self,
        pattern: str,
        each: Iterable[Mapping[str, Any]],
        load: Callable[[Mapping[str, Any]], Awaitable[bytes | None]],
    ) -> int:
        """Read a key of the document for each of some values, so that it is kept before it is asked for; return how many were."""
        count = 0
        for values in each:
            given = values

            async def loaded() -> bytes | None:
                return await load(given)  # noqa: B023 - awaited before the next one is taken

            count += await self.kept(pattern, given, loaded) is not None
        return count

    async def written(self, changes: Iterable[Written]) -> None:
        """Take out what these changes, committed by now, have made untrue."""
        untrue = untrue_after(self.plan, changes)
        if untrue:
            await self._drop(untrue)

    async def forget(self, pattern: str, values: Mapping[str, Any] | None = None) -> None:
        """Take out what is kept under a key of the document; without values all that is kept under its pattern."""
        key, untrue = stated(self.plan, pattern), Untrue()
        made = key_of(key, ordered(key, values)) if values is not None else None
        if made is not None:
            untrue.keys.add(made)
        elif values is None:
            untrue.groups.add(pattern)
        await self._drop(untrue)

    def prune(self) -> int:
        """Take out of the near cache what is no longer of use; return how many entries that were."""
        return self._near.prune(time.monotonic())

    @property
    def state(self) -> CacheState:
        counts, near, remote = self._counts, self._near, self._remote
        return CacheState(
            counts.near_hits,
            counts.redis_hits,
            counts.misses,
            counts.fills,
            counts.dropped_fills,
            counts.early,
            counts.invalidations,
            near.evicted,
            len(near),
            near.size,
            has_redis=remote is not None and remote.is_there,
            reason=remote.reason if remote is not None else "no Redis was named",
            lost=remote.lost if remote is not None else 0,
            owed=remote.owed if remote is not None else 0,
            redis_mean=counts.redis.mean,
            redis_p99=counts.redis.within(0.99),
            load_mean=counts.load.mean,
            load_p99=counts.load.within(0.99),
        )

    def near(self, key: Key, values: tuple[Any, ...]) -> Entry | None:
        """Return what is kept near under a key and may be used as it is; None where the long way has to be gone."""
        try:
            entry = self._near.by_alias.get((key.pattern, values))
        except TypeError:
            return None
        if entry is None or entry.group.is_gone:
            return None
        now = time.monotonic()
        if now >= entry.fresh or (self._remote is not None and now >= self._remote.trusted):
            return None
        entry.is_seen = True
        self._counts.near_hits += 1
        return entry

    def grow(self, entry: Entry, made: Any, size: int) -> None:
        """Keep what was made of a value beside it, near, where there is room."""
        self._near.grow(entry, made, size)

    async def under(self, key: Key, values: tuple[Any, ...], load: Load) -> bytes | None:
        """Return what is kept under a key, or else what `load` returns, which is kept then."""
        entry = self.near(key, values)
        return entry.value if entry is not None else await self._far(key, values, load)

    async def _far(self, key: Key, values: tuple[Any, ...], load: Load) -> bytes | None:
        """Read what is not to be had the short way."""
        if self._spans is None or not self._spans.is_on:
            return await self._read(key, values, load)
        with self._spans.read(key.pattern):
            return await self._read(key, values, load)

    async def _read(self, key: Key, values: tuple[Any, ...], load: Load) -> bytes | None:
        text = key_of(key, values)
        if text is None:
            return await load()
        while True:
            now = time.monotonic()
            entry = self._near.get(text, now) if now < self._filling.trusted else None
            is_due = entry is not None and self._options.is_due(entry.expires - now, entry.delta)
            if entry is not None and not is_due:
                self._counts.near_hits += 1
                self._filling.note("near")
                return entry.value
            flight, is_own = self._flights.join(key.pattern, text)
            if is_own:
                return await self._flown(Loading(flight, key, text, values), load, is_due=is_due)
            if entry is not None:
                return entry.value
            if flight.owner is who() or not await flight.landed.within(_PATIENCE):
                return await load()
            if flight.error is not None:
                raise flight.error
            if flight.is_done:
                self._counts.near_hits += 1
                self._filling.note("another's load")
                return flight.value

    async def _flown(self, own: Loading, load: Load, *, is_due: bool) -> bytes | None:
        """Do the load that others may wait for; where it is broken off, one of them does it."""
        flight = own.flight
        try:
            if self._remote is None:
                flight.value, took = await self._loaded(load)
                self._filling.put_loaded(own, flight.value, took)
            else:
                flight.value = await self._through(self._remote, own, load, is_due=is_due)
            flight.is_done = True
            return flight.value
        except Exception as error:
            flight.error = error
            raise
        finally:
            self._flights.land(own.text, flight)

    async def _loaded(self, load: Load) -> tuple[bytes | None, float]:
        began = time.monotonic()
        value = await load()
        took = time.monotonic() - began
        self._counts.misses += 1
        self._counts.load.add(took)
        self._filling.note("loaded")
        return value, took

    async def _through(self, remote: Remote, own: Loading, load: Load, *, is_due: bool) -> bytes | None:
        """Read by way of Redis: what it has, or what is loaded, which it keeps unless an invalidation comes between."""
        began = time.monotonic()
        [seen] = await remote.look(own.key.pattern, (own.text,))
        self._counts.redis.add(time.monotonic() - began)
        if isinstance(seen, Kept):
            if not is_due and not self._options.is_due(seen.seconds, seen.delta):
                self._filling.put(own, seen.value, began + seen.seconds, seen.delta)
                self._counts.redis_hits += 1
                self._filling.note("redis")
                return seen.value
            return await self._early(remote, own, seen, load)
        value, took = await self._loaded(load)
        if seen is not None:
            await self._filling.fill(remote, [(own, seen, value)], took)
        return value

    async def _early(self, remote: Remote, own: Loading, seen: Kept, load: Load) -> bytes | None:
        """Make a value anew before its time is up; what is kept serves as long as that fails."""
        self._counts.early += 1
        try:
            value, took = await self._loaded(load)
        except Exception:
            if own.flight.is_stale:
                raise
            return seen.value
        await self._filling.fill(remote, [(own, seen, value)], took)
        return value

    async def _drop(self, untrue: Untrue) -> None:
        """Take out near and in Redis; near once more at the end, for reads that went by in between."""
        self._counts.invalidations += len(untrue.keys) + len(untrue.groups)
        self._filling.forget(untrue)
        if self._remote is not None:
            try:
                await self._remote.drop(untrue.keys, untrue.groups)
            finally:
                self._filling.forget(untrue)

    def _heard(self, keys: list[str] | None) -> None:
        """Take out near what is not true any more in Redis; None: all of it."""
        if keys is None:
            self._filling.forget_all()
            return
        untrue = Untrue()
        for key in keys:
            if key.startswith("#"):
                untrue.groups.add(key[1:])
            else:
                untrue.keys.add(key)
        self._filling.forget(untrue)


def cache_of(plan: CachePlan, place: str, options: CacheOptions | None = None) -> Cache:
    """Return the cache of a document at a place: the address of a Redis, or `near`."""
    return Cache(plan, None if place == NEAR else place, options)
