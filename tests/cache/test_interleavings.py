"""Two readers in two programs and a writer, in every order of what they do: what is kept at the end is what was written last."""

import asyncio
from collections.abc import Iterator
from itertools import permutations
from typing import Any

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

    def __init__(self, id: int, one: Cache, other: Cache) -> None:
        self.id = id
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

    async def step(self, step: str) -> None:
        who, number = step
        if step == "w1":
            self.change = self.table.update(self.id, "new")
        elif step == "w2":
            await self.caches["a"].written([self.change])
        elif number == "1":
            read = self.caches[who].read("users", ID, (self.id,), lambda: self.load(who))
            self.reads[who] = asyncio.create_task(read)
            await asyncio.wait(
                [self.reads[who], asyncio.create_task(self.taken[who].wait())],
                timeout=0.05,
                return_when=asyncio.FIRST_COMPLETED,
            )
        else:
            self.gates[who].set()
            if self.reads[who].done() or self.taken[who].is_set():
                await self.reads[who]

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


def play(url: str | None) -> None:
    async def run() -> None:
        async with Cache(PLAN, url) as one, Cache(PLAN, url) as second:
            other = second if url is not None else one
            for id, order in enumerate(orders()):
                game = Play(id, one, other)
                for step in order:
                    await game.step(step)
                assert await game.end() == {b"new"}, order

    asyncio.run(run())


def test_there_are_as_many_orders_as_there_should_be() -> None:
    assert len(list(orders())) == 90


def test_two_programs_with_redis(redis: Redis) -> None:
    play(redis.url)


def test_one_program_alone() -> None:
    play(None)
