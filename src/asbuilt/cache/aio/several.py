"""Many keys of one pattern, read together: one question to Redis for those that are not near, one load for those that are nowhere.

A load of others is waited for only when the own ones have landed: so two such reads never wait for each other.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from asbuilt.cache.aio.filling import Filling, Loading
from asbuilt.cache.envelope import Kept, Lease
from asbuilt.cache.keys import key_of
from asbuilt.cache.plan import Key

Found = bytes | None | Exception
"""What is kept or was loaded; an exception where one key alone has failed."""
LoadSeveral = Callable[[Sequence[int]], Awaitable[Sequence[Found]]]
"""Load what belongs to the values at some places."""
_Own = list[tuple[int, Loading]]


class Several:
    """`single` reads one key the way that waits for the load of another."""

    def __init__(self, filling: Filling, single: Callable[..., Awaitable[bytes | None]]) -> None:
        self._filling = filling
        self._single = single

    async def read(self, key: Key, each: Sequence[tuple[Any, ...]], load: LoadSeveral) -> list[Found]:
        """Return what is kept under a key for each of some values, or else what `load` returns, which is kept then."""
        spans = self._filling.spans
        if spans is None or not spans.is_on:
            return await self._read_all(key, each, load)
        with spans.read(key.pattern, len(each)):
            return await self._read_all(key, each, load)

    async def _read_all(self, key: Key, each: Sequence[tuple[Any, ...]], load: LoadSeveral) -> list[Found]:
        found: list[Found] = [None] * len(each)
        own, later = self._begun(key, each, found)
        if own:
            for (at, _), value in zip(own, await self._flown(own, load), strict=True):
                found[at] = value
        for at in later:
            found[at] = await self._waited(key, each[at], at, load)
        return found

    def _begun(self, key: Key, each: Sequence[tuple[Any, ...]], found: list[Found]) -> tuple[_Own, list[int]]:
        """Put what is near into `found`; return the loads that are to be done here, and the places of all others."""
        own: _Own = []
        later = []
        filling, now = self._filling, time.monotonic()
        is_trusted = now < filling.trusted
        for at, values in enumerate(each):
            text = key_of(key, values)
            if text is None:
                later.append(at)
            elif is_trusted and (entry := filling.near.get(text, now)) is not None:
                filling.counts.near_hits += 1
                found[at] = entry.value
            else:
                flight, is_own = filling.flights.join(key.pattern, text)
                if is_own:
                    own.append((at, Loading(flight, key, text, values)))
                else:
                    later.append(at)
        return own, later

    async def _flown(self, own: _Own, load: LoadSeveral) -> Sequence[Found]:
        """Do the loads that others may wait for; where they are broken off, others do them."""
        try:
            values = await self._read(own, load)
            for (_, one), value in zip(own, values, strict=True):
                if isinstance(value, Exception):
                    one.flight.error = value
                else:
                    one.flight.value, one.flight.is_done = value, True
            return values
        except Exception as error:
            for _, one in own:
                one.flight.error = error
            raise
        finally:
            for _, one in own:
                self._filling.flights.land(one.text, one.flight)

    async def _read(self, own: _Own, load: LoadSeveral) -> Sequence[Found]:
        remote, counts = self._filling.remote, self._filling.counts
        if remote is None:
            return await self._loaded(own, [None] * len(own), load)
        began = time.monotonic()
        seen = await remote.look(own[0][1].key.pattern, [one.text for _, one in own])
        counts.redis.add(time.monotonic() - began)
        found: dict[int, Found] = {}
        for at, ((_, one), what) in enumerate(zip(own, seen, strict=True)):
            if isinstance(what, Kept):
                self._filling.put(one, what.value, began + what.seconds, what.delta)
                counts.redis_hits += 1
                found[at] = what.value
        left = [at for at in range(len(own)) if at not in found]
        if left:
            values = await self._loaded([own[at] for at in left], [seen[at] for at in left], load)
            found.update(zip(left, values, strict=True))
        return [found[at] for at in range(len(own))]

    async def _loaded(self, own: _Own, seen: Sequence[Kept | Lease | None], load: LoadSeveral) -> Sequence[Found]:
        """Load what is nowhere, and keep it: where it was seen to be missing, or near alone."""
        filling = self._filling
        began = time.monotonic()
        values = await load([at for at, _ in own])
        took = time.monotonic() - began
        filling.counts.misses += len(own)
        filling.counts.load.add(took)
        kept = [
            (one, what, value)
            for (_, one), what, value in zip(own, seen, values, strict=True)
            if not isinstance(value, Exception)
        ]
        if filling.remote is None:
            for one, _, value in kept:
                filling.put_loaded(one, value, took)
        else:
            leased = [(one, what, value) for one, what, value in kept if what is not None]
            await filling.fill(filling.remote, leased, took)
        return values

    async def _waited(self, key: Key, values: tuple[Any, ...], at: int, load: LoadSeveral) -> Found:
        """Return what another loads; its failure is that of one key."""

        async def alone() -> bytes | None:
            [value] = await load([at])
            if isinstance(value, Exception):
                raise value
            return value

        try:
            return await self._single(key, values, alone)
        except Exception as error:
            return error
