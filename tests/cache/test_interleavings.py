"""Two readers in two programs and a writer, in every order of what they do: what is kept at the end is what was written last."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Any

import pytest
from tests.cache.plans import ID, PLAN, Table
from tests.cache.servers import Redis

from asbuilt.cache.aio.cache import Cache

STEPS = "a1 a2 b1 b2 w1 w2".split()
"""A reader begins and takes a row from the database (1), and goes on with it (2); the writer commits (1), and tells of it (2)."""


def orders() -> Iterator[tuple[str, ...]]:
    for order in permutations(STEPS):
        if all(order.index(f"{who}1") < order.index(f"{who}2") for who in "abw"):
            yield order


class Play:
    """One order, on a row of its own."""

    def __init__(self, id: int, one: Cache, other: Cache, together: str) -> None:
        self.id = id
        self.together = together
        self.table = Table()
        self.table.rows = {id: "old"}
        self.caches = {"a": one, "b": other}
        self.gates = {"a": asyncio.Event(), "b": asyncio.Event()}
        self.taken = {"a": asyncio.Event(), "b": asyncio.Event()}
        self.reads: dict[str, asyncio.Task[bytes | None]] = {}
        self.change: Any = None

    async def load(self, who: str) -> bytes | None:
        value = self.table.value(self.id)
        self.taken[who].set()
        await self.gates[who].wait()
        return value

    async def read(self, who: str) -> bytes | None:
        """Read the row; as one of several, where the reader is among those that read so."""
        cache = self.caches[who]
        if who not in self.together:
            return await cache.read("users", ID, (self.id,), lambda: self.load(who))

        async def load(places: Sequence[int]) -> list[bytes | None]:
            value = await self.load(who)
            return [value if place == 1 else None for place in places]

        other = -2 * self.id - (who == "b") - 1
        _, found = await cache.several.read(PLAN.by_columns["users", ID], [(other,), (self.id,)], load)
        assert not isinstance(found, Exception)
        return found

    async def step(self, step: str) -> None:
        who, number = step
        if step == "w1":
            self.change = self.table.update(self.id, "new")
        elif step == "w2":
            await self.caches["a"].written([self.change])
        elif number == "1":
            self.reads[who] = asyncio.create_task(self.read(who))
            await asyncio.wait(
                [self.reads[who], asyncio.create_task(self.taken[who].wait())],
                timeout=0.05,
                return_when=asyncio.FIRST_COMPLETED,
            )
        else:
            self.gates[who].set()
            if self.reads[who].done() or self.taken[who].is_set():
                # One of several may wait for the load of the other reader, which goes on at the end.
                await asyncio.wait([self.reads[who]], timeout=0.05 if who in self.together else None)

    async def end(self) -> set[bytes | None]:
        for gate in self.gates.values():
            gate.set()
        await asyncio.gather(*self.reads.values())
        await asyncio.sleep(0.005)
        found = set()
        for cache in self.caches.values():
            for _ in range(2):
                found.add(await cache.read("users", ID, (self.id,), lambda: self.load("a")))
        return found


def play(url: str | None, together: str) -> None:
    async def run() -> None:
        async with Cache(PLAN, url) as one, Cache(PLAN, url) as second:
            other = second if url is not None else one
            for id, order in enumerate(orders()):
                game = Play(id, one, other, together)
                for step in order:
                    await game.step(step)
                assert await game.end() == {b"new"}, order

    asyncio.run(run())


def test_there_are_as_many_orders_as_there_should_be() -> None:
    assert len(list(orders())) == 90


@pytest.mark.parametrize("together", ["", "a", "ab"])
def test_two_programs_with_redis(redis: Redis, together: str) -> None:
    play(redis.url, together)


@pytest.mark.parametrize("together", ["", "a", "ab"])
def test_one_program_alone(together: str) -> None:
    play(None, together)
