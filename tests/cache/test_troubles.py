"""Redis that dies, is silent, comes back with what was true once; readers that are cancelled; many at a time."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.cache.cases import loading
from tests.cache.plans import ID, PLAN, Table, until
from tests.cache.servers import Redis

from asbuilt.cache.aio.cache import Cache
from asbuilt.cache.aio.remote import Remote
from asbuilt.cache.sync.cache import Cache as SyncCache


async def read(cache: Cache, table: Table, id: int = 1) -> bytes | None:
    return await cache.read("users", ID, (id,), loading(table, id))


async def there(cache: Cache) -> None:
    for _ in range(500):
        if cache.state.has_redis:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(cache.state.reason)


def test_a_thousand_misses_at_once_are_one_load(redis: Redis) -> None:
    async def run(url: str | None) -> int:
        table = Table()

        async def slow() -> bytes | None:
            await asyncio.sleep(0.02)
            return table.value(1)

        async with Cache(PLAN, url) as cache:
            found = await asyncio.gather(*(cache.read("users", ID, (1,), slow) for _ in range(1000)))
        assert set(found) == {b"ada@x"}
        return table.loads

    assert asyncio.run(run(redis.url)) == 1
    assert asyncio.run(run(None)) == 1


def test_a_reader_that_is_cancelled_leaves_its_load_to_another(redis: Redis) -> None:
    async def run(url: str | None) -> None:
        table = Table()

        async def slow() -> bytes | None:
            await asyncio.sleep(0.05)
            return table.value(1)

        async with Cache(PLAN, url) as cache:
            tasks = [asyncio.create_task(cache.read("users", ID, (1,), slow)) for _ in range(10)]
            await asyncio.sleep(0.02)
            tasks[0].cancel()
            found = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(found[0], asyncio.CancelledError)
        assert set(found[1:]) == {b"ada@x"}
        assert table.loads == 1

    asyncio.run(run(redis.url))
    asyncio.run(run(None))


def test_without_redis_reads_come_from_the_database(own_redis: Redis) -> None:
    async def run() -> None:
        table = Table()
        async with Cache(PLAN, own_redis.url) as cache:
            for _ in range(3):
                await read(cache, table)
            own_redis.kill()
            await asyncio.sleep(0.05)
            await cache.written([table.update(1, "new@x")])
            assert await read(cache, table) == b"new@x"
            assert not cache.state.has_redis
            assert own_redis.url in cache.state.reason
            assert cache.state.owed > 0
            own_redis.start()
            await there(cache)
            assert cache.state.owed == 0
            for _ in range(3):
                assert await read(cache, table) == b"new@x"

    asyncio.run(run())


def test_what_a_server_had_on_disk_is_not_read_after_its_restart(own_redis: Redis) -> None:
    async def run() -> None:
        table = Table()
        async with Cache(PLAN, own_redis.url) as one:
            await read(one, table)
        own_redis.ask("SAVE")
        own_redis.kill()
        table.update(1, "written while nobody listened")
        own_redis.start()
        assert "shop:d1:user:1" in own_redis.names()
        async with Cache(PLAN, own_redis.url) as other:
            assert await read(other, table) == b"written while nobody listened"

    asyncio.run(run())


def test_an_invalidation_that_was_owed_is_made_good_before_anything_is_read(own_redis: Redis) -> None:
    """One program is cut off from a Redis that goes on serving another."""

    async def run() -> None:
        table = Table()
        async with Cache(PLAN, own_redis.url) as cut_off, Cache(PLAN, own_redis.url) as other:
            await read(other, table)
            remote = cut_off._remote
            assert isinstance(remote, Remote)
            remote._silent_until = time.monotonic() + 0.3
            assert remote._link is not None
            remote._link.abandon("cut off")
            await cut_off.written([table.update(1, "new@x")])
            assert await read(cut_off, table) == b"new@x"
            await there(cut_off)
            await asyncio.sleep(0.02)
            for cache in (cut_off, other):
                assert await read(cache, table) == b"new@x"

    asyncio.run(run())


def test_more_than_can_be_remembered_is_made_good_by_dropping_all(own_redis: Redis, monkeypatch: Any) -> None:
    monkeypatch.setattr("asbuilt.cache.aio.remote._MOST_OWED", 10)

    async def run() -> None:
        table = Table()
        table.rows = dict.fromkeys(range(50), "old")
        async with Cache(PLAN, own_redis.url) as cache, Cache(PLAN, own_redis.url) as other:
            for id in range(50):
                await read(other, table, id)
            remote = cache._remote
            assert remote is not None
            remote._silent_until = time.monotonic() + 0.2
            assert remote._link is not None
            remote._link.abandon("cut off")
            await cache.written([table.update(id, "new") for id in range(50)])
            await there(cache)
            await asyncio.sleep(0.02)
            assert {await read(other, table, id) for id in range(50)} == {b"new"}

    asyncio.run(run())


def test_a_silent_server_is_given_up_and_nothing_near_is_read_meanwhile(own_redis: Redis) -> None:
    async def run() -> None:
        table = Table()
        async with Cache(PLAN, own_redis.url) as cache:
            for _ in range(4):
                await read(cache, table)
                await asyncio.sleep(0.01)
            assert cache.state.near_hits
            own_redis.pause()
            await asyncio.sleep(2.3)
            table.rows[1] = "by another program, which could not say so"
            began = time.monotonic()
            assert await read(cache, table) == table.rows[1].encode()
            assert time.monotonic() - began < 1.5
            assert not cache.state.has_redis
            began = time.monotonic()
            for _ in range(20):
                await cache.written([table.update(1, "mine")])
            assert time.monotonic() - began < 5
            own_redis.resume()
            await there(cache)
            assert await read(cache, table) == b"mine"

    asyncio.run(run())


@pytest.mark.parametrize("option", [("maxmemory", "1"), ("maxmemory-policy", "noeviction")])
def test_a_full_server_keeps_nothing_and_takes_invalidations(own_redis: Redis, option: tuple[str, str]) -> None:
    async def run() -> None:
        table = Table()
        async with Cache(PLAN, own_redis.url) as cache:
            await read(cache, table)
            own_redis.ask("CONFIG", "SET", *option)
            await cache.written([table.update(1, "new@x")])
            for _ in range(2):
                assert await read(cache, table) == b"new@x"
            assert cache.state.has_redis
            assert cache.state.owed == 0

    asyncio.run(run())


def test_a_server_that_is_flushed_or_forgets_its_scripts(redis: Redis) -> None:
    async def run() -> None:
        table = Table()
        async with Cache(PLAN, redis.url) as cache:
            for _ in range(3):
                await read(cache, table)
            table.rows[1] = "by hand"
            redis.ask("FLUSHALL")
            await asyncio.sleep(0.02)
            assert await read(cache, table) == b"by hand"
            redis.ask("SCRIPT", "FLUSH")
            assert await read(cache, table, 2) == b"bob@x"
            await there(cache)
            assert await read(cache, table, 2) == b"bob@x"

    asyncio.run(run())


def test_a_replica_and_a_wrong_password_are_told(own_redis: Redis) -> None:
    async def reason(url: str) -> str:
        async with Cache(PLAN, url) as cache:
            return cache.state.reason

    path = own_redis.url.removeprefix("unix://")
    own_redis.ask("CONFIG", "SET", "requirepass", "secret")
    assert "NOAUTH" in asyncio.run(reason(own_redis.url))
    wrong = asyncio.run(reason(f"unix://:wrong@{path}"))
    assert "WRONGPASS" in wrong
    assert "wrong@" not in wrong
    assert asyncio.run(reason(f"unix://:secret@{path}")) == ""


def test_a_document_of_another_shape_reads_nothing_of_the_old_one(redis: Redis) -> None:
    from msgspec.structs import replace

    async def run() -> None:
        table = Table()
        async with Cache(PLAN, redis.url) as cache, Cache(replace(PLAN, digest="d2"), redis.url) as changed:
            await read(cache, table)
            await read(changed, table)
        assert table.loads == 2

    asyncio.run(run())


def test_a_value_is_made_anew_before_its_time_is_up_by_one_reader(redis: Redis) -> None:
    from msgspec.structs import replace

    short = replace(PLAN, keys=(replace(PLAN.keys[0], ttl=1), *PLAN.keys[1:]))

    async def run(url: str | None) -> None:
        table = Table()

        async def slow() -> bytes | None:
            await asyncio.sleep(0.1)
            return table.value(1)

        waits = []

        async def reader(cache: Cache) -> None:
            end = time.monotonic() + 2.5
            while time.monotonic() < end:
                began = time.monotonic()
                await cache.read("users", ID, (1,), slow)
                waits.append(time.monotonic() - began)
                await asyncio.sleep(0.005)

        async with Cache(short, url) as cache:
            await cache.read("users", ID, (1,), slow)
            await asyncio.gather(*(reader(cache) for _ in range(10)))
            assert table.loads >= 3
            assert sum(wait > 0.05 for wait in waits) <= table.loads + 10

    asyncio.run(run(redis.url))
    asyncio.run(run(None))


async def chaos(url: str, seconds: float, trouble: Callable[[], Awaitable[None]]) -> tuple[int, int]:
    """Read and write by two programs under trouble; return reads and writes. No read may be older than what was acknowledged."""
    table = Table()
    table.rows = dict.fromkeys(range(20), "0")
    known = dict.fromkeys(range(20), 0)
    end = time.monotonic() + seconds
    counts = [0, 0]

    async def reader(cache: Cache, is_own: bool) -> None:
        while time.monotonic() < end:
            id = random.randrange(20)
            least = known[id]
            began = time.monotonic()
            found = await read(cache, table, id)
            assert found is not None
            assert int(found) >= least or (not is_own and await settled(cache, id, least)), (found, least, began)
            counts[0] += 1
            await asyncio.sleep(0)

    async def settled(cache: Cache, id: int, least: int) -> bool:
        """What another program keeps near may be older for the moment that an invalidation is under way."""
        await asyncio.sleep(0.05)
        found = await read(cache, table, id)
        return found is not None and int(found) >= least

    async def writer(cache: Cache, ids: range) -> None:
        while time.monotonic() < end:
            id = random.choice(ids)
            number = int(table.rows[id]) + 1
            change = table.update(id, str(number))
            await cache.written([change])
            known[id] = number
            counts[1] += 1
            await asyncio.sleep(random.random() * 0.004)

    async with Cache(PLAN, url) as one, Cache(PLAN, url) as other:
        work = [reader(one, True), reader(one, True), reader(other, False), writer(one, range(20)), trouble()]
        await asyncio.gather(*work)
    return counts[0], counts[1]


def test_no_stale_read_while_redis_is_killed_and_started_again(own_redis: Redis) -> None:
    async def trouble() -> None:
        for _ in range(5):
            await asyncio.sleep(0.2 + random.random() * 0.4)
            if random.random() < 0.5:
                own_redis.ask("SAVE")
            own_redis.kill()
            await asyncio.sleep(random.random() * 0.2)
            await asyncio.to_thread(own_redis.start)

    reads, writes = asyncio.run(chaos(own_redis.url, 5, trouble))
    assert reads > 500
    assert writes > 100


def test_threads_share_a_cache_while_redis_is_killed(own_redis: Redis) -> None:
    import threading

    table = Table()
    table.rows = {1: "0"}
    known, failures = 0, []
    is_over = threading.Event()

    def reader(cache: SyncCache) -> None:
        while not is_over.is_set():
            least = known
            found = cache.read("users", ID, (1,), lambda: table.value(1))
            if found is None or int(found) < least:
                failures.append((found, least))

    with SyncCache(PLAN, own_redis.url) as cache:
        threads = [threading.Thread(target=reader, args=(cache,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for number in range(1, 200):
            change = table.update(1, str(number))
            cache.written([change])
            known = number
            time.sleep(0.005)
            if number == 100:
                own_redis.kill()
                own_redis.start()
        is_over.set()
        for thread in threads:
            thread.join()
        assert failures == []
        assert until(lambda: cache.state.has_redis)
        assert cache.state.near_hits > 0
