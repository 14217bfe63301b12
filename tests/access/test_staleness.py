"""Nothing that is read after a write is older than it: random writes by two programs, and each thing that keeps it so taken away."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import pytest
from msgspec.structs import replace
from tests.access import staleness
from tests.access.staleness import Play, Write
from tests.cache.servers import Redis

from asbuilt.access.aio import AnyData
from asbuilt.access.aio.doubts import Doubts
from asbuilt.access.aio.keeping import Rows
from asbuilt.access.aio.running import Runner
from asbuilt.access.schema import Schema
from asbuilt.cache.aio.remote import Remote
from asbuilt.cache.plan import CachePlan

pytestmark = pytest.mark.live
Ground = tuple[str, Schema, CachePlan]


async def heard(*programs: AnyData) -> None:
    """Wait until all have heard what Redis has told so far: an answer comes after it."""
    for data in programs:
        remote = data._cache._remote if data._cache is not None else None
        link = remote._link if isinstance(remote, Remote) else None
        if link is not None:
            await link.ask(("PING",))


@asynccontextmanager
async def playing(
    kept: Ground, place: str, seed: int, writes: Sequence[Write] = staleness.WRITES
) -> AsyncIterator[Play]:
    url, schema, plan = kept
    async with (
        AnyData(schema, url, plan=plan, cache=place) as one,
        AnyData(schema, url, plan=plan, cache=place) as second,
        AnyData(schema, url, plan=plan) as plain,
    ):
        other = one if place == "near" else second
        yield Play(one, other, plain, lambda: heard(one, other), seed, writes)


def play(kept: Ground, place: str, seed: int, steps: int, writes: Sequence[Write] = staleness.WRITES) -> None:
    async def run() -> None:
        async with playing(kept, place, seed, writes) as game:
            await game.run(steps)

    asyncio.run(run())


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_stale_with_redis(kept: Ground, redis: Redis, seed: int) -> None:
    play(kept, redis.url, seed, 30)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_stale_near_alone(kept: Ground, seed: int) -> None:
    play(kept, "near", seed, 30)


def test_nothing_is_stale_while_redis_comes_and_goes(kept: Ground, own_redis: Redis) -> None:
    async def run() -> None:
        by = random.Random(1)
        async with playing(kept, own_redis.url, 1) as game:
            await game.run(3)
            for _ in range(6):
                if by.random() < 0.5:
                    own_redis.ask("SAVE")
                own_redis.kill()
                await asyncio.sleep(0.03)
                for _ in range(by.randint(1, 4)):
                    await game.step()
                own_redis.start()
                await asyncio.sleep(by.choice((0, 0.1)))
                for _ in range(4):
                    await game.step()

    asyncio.run(run())


def untold(patch: pytest.MonkeyPatch) -> None:
    """Nothing is told of any write."""

    async def stands(self: Doubts, written: Any) -> None:
        return

    patch.setattr(Doubts, "stands", stands)


def told_too_soon(patch: pytest.MonkeyPatch) -> None:
    """What is written in a transaction is told before it is committed."""
    standing = Runner._standing

    async def told(self: Runner, work: Any, perhaps: Any, tell: Any = None) -> Any:
        current = self.current.get()
        done = await standing(self, work, perhaps, tell)
        if current is not None and self.doubts is not None:
            await self.doubts.stands(current.written)
            current.written.clear()
        return done

    patch.setattr(Runner, "_standing", told)


def only_as_it_is(patch: pytest.MonkeyPatch) -> None:
    """A row that was changed is told as it is, not as it was."""
    patch.setattr("asbuilt.access.compiled.moving", lambda table, told, sets: ())


def read_within(patch: pytest.MonkeyPatch) -> None:
    """A transaction reads rows from the cache."""
    start = Rows.__init__

    def begin(self: Any, *given: Any) -> None:
        start(self, *given)
        self._current = ContextVar("none", default=None)

    patch.setattr(Rows, "__init__", begin)


def copied_unseen(patch: pytest.MonkeyPatch) -> None:
    """Rows that are copied in are not told."""
    patch.setattr("asbuilt.access.aio.data.of_given", lambda table, told, rows: [])


def by_hand_unseen(patch: pytest.MonkeyPatch) -> None:
    """Statements by hand are not read."""
    patch.setattr("asbuilt.access.aio.data.written_by", lambda sql, tables: ())


def without_cascades(plan: CachePlan) -> CachePlan:
    """Return a plan that knows of no rows that go along with others."""
    keys = (
        replace(key, drops=tuple(drop for drop in key.drops if drop.table == key.drops[0].table)) for key in plan.keys
    )
    return replace(plan, keys=tuple(keys))


@pytest.mark.parametrize(
    ("sabotage", "writes"),
    [
        (untold, (staleness.create, staleness.rename)),
        (told_too_soon, (staleness.create, staleness.rename)),
        (only_as_it_is, (staleness.create, staleness.move)),
        (read_within, (staleness.create, staleness.rename)),
        (copied_unseen, (staleness.create_many,)),
        (by_hand_unseen, (staleness.create, staleness.by_hand)),
    ],
)
def test_what_keeps_it_so_is_needed(
    kept: Ground,
    redis: Redis,
    monkeypatch: pytest.MonkeyPatch,
    sabotage: Callable[[pytest.MonkeyPatch], None],
    writes: Sequence[Write],
) -> None:
    sabotage(monkeypatch)
    fails(kept, redis.url, writes)


def test_cascades_are_needed(kept: Ground, redis: Redis) -> None:
    url, schema, plan = kept
    writes = (staleness.create, staleness.order, staleness.order, staleness.join, staleness.delete)
    fails((url, schema, without_cascades(plan)), redis.url, writes)


def fails(kept: Ground, place: str, writes: Sequence[Write]) -> None:
    """Hold that something stale is read, sooner or later."""

    def games() -> None:
        for seed in range(8):
            play(kept, place, seed, 30, writes)

    with pytest.raises(AssertionError):
        games()
