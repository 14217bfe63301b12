"""Writes whose end nobody saw: what they may have made untrue goes, at once and when the server is done with them."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.access.postgres_between import Between, between
from tests.cache.servers import Redis

from asbuilt.access.aio import AnyData
from asbuilt.access.aio.doubts import Doubts
from asbuilt.access.refusals import InvalidRow, MissingReference, Unanswered
from asbuilt.access.schema import Schema
from asbuilt.cache.plan import CachePlan

pytestmark = pytest.mark.live
Ground = tuple[str, Schema, CachePlan]
SLOW = """
CREATE OR REPLACE FUNCTION wait_a_little() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.name = 'slow and refused' THEN RAISE EXCEPTION 'no'; END IF;
    PERFORM pg_sleep(0.3);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER slow AFTER UPDATE ON users DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.name LIKE 'slow%') EXECUTE FUNCTION wait_a_little()
"""


@asynccontextmanager
async def cut(
    kept: Ground, folder: Path, place: str, *, has_pooler: bool = False
) -> AsyncIterator[tuple[AnyData, AnyData, Between, Any]]:
    """Yield data by way of something that cuts, data without a cache, the thing between, and a row that is kept near."""
    url, schema, plan = kept
    async with (
        between(url, folder) as (by, thing),
        AnyData(schema, by, plan=plan, cache=place, has_pooler=has_pooler) as data,
        AnyData(schema, url, plan=plan) as plain,
    ):
        await plain.sql("TRUNCATE members, orders, users RESTART IDENTITY")
        await plain.sql("DROP TRIGGER IF EXISTS slow ON users")
        function, _, trigger = SLOW.partition("END $$;")
        await plain.sql(f"{function}END $$")
        await plain.sql(trigger)
        ada = await plain.users.create(email="ada@x", name="Ada")
        for _ in range(2):
            await data.users.get(ada.id)
        thing.linger = 1.0
        yield data, plain, thing, ada


async def name_of(data: AnyData, id: int) -> str:
    return str((await data.users.get(id)).name)


async def until(is_so: Callable[[], Awaitable[bool]], seconds: float = 3) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if await is_so():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("never")


@pytest.mark.parametrize("has_redis", [True, False])
def test_an_answer_to_a_commit_that_is_lost(kept: Ground, redis: Redis, tmp_path: Path, has_redis: bool) -> None:
    async def run() -> None:
        async with cut(kept, tmp_path, redis.url if has_redis else "near") as (data, plain, thing, ada):
            thing.cut_after = b"COMMIT\0"
            with pytest.raises(Unanswered):
                async with data.transaction():
                    await data.users.update(ada.id, name="New")
            assert thing.cuts == 1
            assert await name_of(data, ada.id) == await name_of(plain, ada.id) == "New"

    asyncio.run(run())


async def still_at_work(kept: Ground, folder: Path, place: str, *, is_single: bool, has_pooler: bool = False) -> None:
    """Lose a connection whose server goes on to commit; what was read and kept meanwhile has to go when it has done so."""

    async def write(data: AnyData, id: int) -> None:
        if is_single:
            await data.users.update(id, name="slow, alone")
        else:
            async with data.transaction():
                await data.users.update(id, name="slow, in a transaction")

    async with cut(kept, folder, place, has_pooler=has_pooler) as (data, plain, thing, ada):
        thing.cut_after = b"slow, alone" if is_single else b"COMMIT\0"
        with pytest.raises(Unanswered):
            await write(data, ada.id)
        assert await name_of(data, ada.id) == "Ada"
        assert await name_of(data, ada.id) == "Ada"

        async def is_committed() -> bool:
            return (await name_of(plain, ada.id)).startswith("slow")

        async def is_read() -> bool:
            return (await name_of(data, ada.id)).startswith("slow")

        await until(is_committed)
        await until(is_read)
        assert data.pool.size == data.pool.free


@pytest.mark.parametrize("is_single", [True, False])
def test_a_server_that_is_still_at_work_on_it(kept: Ground, redis: Redis, tmp_path: Path, is_single: bool) -> None:
    asyncio.run(still_at_work(kept, tmp_path, redis.url, is_single=is_single))


def test_to_wait_for_the_server_is_needed(
    kept: Ground, redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(self: Doubts, lost: object) -> bool:
        return True

    monkeypatch.setattr(Doubts, "_is_over", at_once)
    with pytest.raises(AssertionError, match="never"):
        asyncio.run(still_at_work(kept, tmp_path, redis.url, is_single=True))


@pytest.mark.parametrize("is_single", [True, False])
def test_a_server_behind_a_pooler_that_is_still_at_work_on_it(
    kept: Ground, redis: Redis, tmp_path: Path, is_single: bool
) -> None:
    asyncio.run(still_at_work(kept, tmp_path, redis.url, is_single=is_single, has_pooler=True))


@pytest.mark.parametrize("is_single", [True, False])
def test_a_write_that_is_cancelled(kept: Ground, redis: Redis, tmp_path: Path, is_single: bool) -> None:
    async def write(data: AnyData, id: int) -> None:
        if is_single:
            await data.users.update(id, name="slow to be cancelled")
        else:
            async with data.transaction():
                await data.users.update(id, name="slow to be cancelled")

    async def run() -> None:
        async with cut(kept, tmp_path, redis.url) as (data, plain, _, ada):
            before = data.cache.statistics().invalidations
            task = asyncio.create_task(write(data, ada.id))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert data.cache.statistics().invalidations > before
            for _ in range(60):
                await asyncio.sleep(0.01)
                await name_of(data, ada.id)
            assert await name_of(data, ada.id) == await name_of(plain, ada.id)
            await until(lambda: settled(data))

    asyncio.run(run())


async def settled(data: AnyData) -> bool:
    return data.pool.size == data.pool.free


def test_a_write_that_is_cancelled_while_the_cache_is_told(kept: Ground, own_redis: Redis, tmp_path: Path) -> None:
    async def run() -> None:
        async with cut(kept, tmp_path, own_redis.url) as (data, _, _, ada):
            own_redis.pause()
            task = asyncio.create_task(data.users.update(ada.id, name="told"))
            await asyncio.sleep(0.2)
            task.cancel()
            await asyncio.sleep(0.1)
            own_redis.resume()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await name_of(data, ada.id) == "told"

    asyncio.run(run())


def test_what_the_server_refused_makes_nothing_go(kept: Ground, redis: Redis, tmp_path: Path) -> None:
    async def run() -> None:
        async with cut(kept, tmp_path, redis.url) as (data, _, _, ada):
            before = data.cache.statistics().invalidations
            with pytest.raises(InvalidRow, match="no"):
                async with data.transaction():
                    await data.users.update(ada.id, name="slow and refused")
            with pytest.raises(InvalidRow, match="no"):
                await data.users.update(ada.id, name="slow and refused")
            with pytest.raises(MissingReference):
                await data.users.update(ada.id, boss_id=-1)
            assert data.cache.statistics().invalidations == before

    asyncio.run(run())
