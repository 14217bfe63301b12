"""Reads that wait for a connection go together: each gets its own row, and what befalls one is nobody else's business."""

import asyncio
import random
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.access.conftest import HERE, standing

from asbuilt.access import Seen
from asbuilt.access.aio import AnyData
from asbuilt.access.refusals import InvalidRow, PoolExhausted, RowNotFound, Unanswered
from asbuilt.access.schema import Schema
from asbuilt.access.sync import AnyData as AnySyncData

Found = tuple[str, Schema]


@pytest.fixture(scope="module")
def users() -> Iterator[Found]:
    """Users 1 to 9, of whom 9 is deleted, each with an order and a club; a pool of one connection is easily busy."""
    with standing(Path(HERE, "kept.md")) as (url, schema):
        with AnySyncData(schema, url, size=1) as data:
            data.users.create_many([{"email": f"{n}@x", "name": f"n{n}"} for n in range(1, 10)])
            data.users.delete(9)
            data.orders.create_many([{"id": order(n), "user_id": n} for n in range(1, 9)])
            data.members.create_many([{"club": "chess", "user_id": n, "level": n} for n in range(1, 9)])
        yield url, schema


def order(number: int) -> str:
    return f"00000000-0000-4000-8000-00000000000{number}"


@asynccontextmanager
async def busy(found: Found, **options: Any) -> AsyncIterator[tuple[AnyData, list[Seen], asyncio.Event]]:
    """Yield data whose only connection is at work until the event is set, and what statements it runs."""
    url, schema = found
    seen: list[Seen] = []
    over = asyncio.Event()
    async with AnyData(schema, url, size=1, **options) as data:

        async def hold() -> None:
            async with data.transaction():
                await over.wait()

        held = asyncio.create_task(hold())
        while data.pool.free:
            await asyncio.sleep(0)
        data.on_statement(lambda one: seen.append(one) if one.sql != "COMMIT" else None)
        yield data, seen, over
        over.set()
        await held
        assert (data.pool.waiting, data.pool.free) == (0, data.pool.size)


async def begun(*work: Any) -> list["asyncio.Task[Any]"]:
    """Begin work, all of which has to wait."""
    tasks = [asyncio.create_task(one) for one in work]
    for _ in range(5):
        await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)
    return tasks


def test_reads_that_wait_are_one_statement_and_each_gets_its_own(users: Found) -> None:
    async def run() -> None:
        async with busy(users) as (data, seen, over):
            numbers = [3, 1, 2, 3, 99, 9, 1]
            tasks = await begun(*(data.users.get_or_none(n) for n in numbers), data.users.get(98))
            over.set()
            *rows, missing = await asyncio.gather(*tasks, return_exceptions=True)
            assert [row and row.id for row in rows] == [3, 1, 2, 3, None, None, 1]
            assert isinstance(missing, RowNotFound)
            assert "98" in str(missing)
            assert [(one.reads, one.rows, one.values) for one in seen] == [(8, 5, ([*numbers, 98],))]
            assert data.pool.along == 7

    asyncio.run(run())


def test_nobody_waits_for_others_where_a_connection_is_free(users: Found) -> None:
    url, schema = users

    async def run() -> None:
        seen: list[Seen] = []
        async with AnyData(schema, url, size=3) as data:
            data.on_statement(seen.append)
            await asyncio.gather(*(data.users.get(n) for n in (1, 2, 3)))
            assert ([one.reads for one in seen], data.pool.along) == ([1, 1, 1], 0)

    asyncio.run(run())


def test_keys_are_equal_as_the_server_has_it(users: Found) -> None:
    async def run() -> None:
        async with busy(users) as (data, seen, over):
            tasks = await begun(
                data.orders.get(order(2)), data.orders.get(order(3).upper()), data.members.get("chess", 4),
                data.members.get_or_none("chess", 44), data.members.get("chess", 5),
            )  # fmt: skip
            over.set()
            two, three, four, none, five = await asyncio.gather(*tasks)
            assert (two.user_id, three.user_id, four.level, none, five.level) == (2, 3, 4, None, 5)
            assert sorted(one.reads for one in seen) == [2, 3]

    asyncio.run(run())


def test_a_key_that_is_too_long_is_not_cut_to_fit(users: Found) -> None:
    async def run() -> None:
        async with busy(users) as (data, seen, over):
            club = "x" * 20
            tasks = await begun(data.members.get_or_none(club, 1), data.members.get_or_none(club + "x", 1))
            url, schema = users
            async with AnyData(schema, url) as other:
                await other.members.upsert(club=club, user_id=1)
            over.set()
            fits, does_not = await asyncio.gather(*tasks)
            assert (fits.club, does_not) == (club, None)
            assert [one.reads for one in seen] == [2]
            assert await data.members.load(club + "y", 1) is None

    asyncio.run(run())


def test_a_key_that_is_none_fails_alone(users: Found) -> None:
    async def run() -> None:
        async with busy(users) as (data, _, over):
            tasks = await begun(*(data.users.get(key) for key in (1, "two", 3, 2**80)))
            over.set()
            one, two, three, four = await asyncio.gather(*tasks, return_exceptions=True)
            assert (one.id, three.id) == (1, 3)
            assert (type(two), type(four)) == (InvalidRow, InvalidRow)

    asyncio.run(run())


@pytest.mark.parametrize("cancelled", [0, 2])
def test_who_is_cancelled_while_all_wait_takes_nobody_along(users: Found, cancelled: int) -> None:
    async def run() -> None:
        async with busy(users) as (data, seen, over):
            tasks = await begun(*(data.users.get(n) for n in (1, 2, 3)))
            tasks[cancelled].cancel()
            over.set()
            rows = await asyncio.gather(*tasks, return_exceptions=True)
            assert [row.id for at, row in enumerate(rows) if at != cancelled] == [
                n for n in (1, 2, 3) if n != cancelled + 1
            ]
            assert isinstance(rows[cancelled], asyncio.CancelledError)
            assert [one.reads for one in seen] == [2]

    asyncio.run(run())


@pytest.mark.parametrize("how", ["cancelled", "lost"])
def test_what_ends_the_statement_of_all_ends_only_who_ran_it(users: Found, how: str) -> None:
    url, schema = users

    async def run() -> None:
        async with AnyData(schema, url, size=2) as other, busy(users) as (data, seen, over):
            tasks = await begun(*(data.users.get(n) for n in (1, 2, 3)))
            async with other.transaction():
                await other.sql("LOCK TABLE users")
                over.set()
                while not (waits := await stuck(other)):
                    await asyncio.sleep(0.01)
                if how == "cancelled":
                    tasks[0].cancel()
                else:
                    await other.sql("SELECT pg_terminate_backend($1)", waits)
                [ended] = await asyncio.gather(tasks[0], return_exceptions=True)
            rows = await asyncio.gather(*tasks[1:])
            assert [row.id for row in rows] == [2, 3]
            assert isinstance(ended, asyncio.CancelledError if how == "cancelled" else Unanswered)
            assert [one.reads for one in seen] == [3, 1, 1]

    asyncio.run(run())


async def stuck(other: AnyData) -> int | None:
    """Return who waits for a lock on the table."""
    found = await other.sql("SELECT pid FROM pg_locks WHERE relation = 'users'::regclass AND NOT granted")
    return found[0]["pid"] if found else None


def test_a_transaction_reads_by_itself_and_sees_what_it_wrote(users: Found) -> None:
    async def run() -> None:
        async with busy(users) as (data, seen, over):

            async def change(number: int) -> str:
                async with data.transaction():
                    await data.users.update(number, role=f"r{number}")
                    return str((await data.users.get(number)).role)

            tasks = await begun(change(4), data.users.get(5), change(6), data.users.get(4))
            over.set()
            four, five, six, read = await asyncio.gather(*tasks)
            assert (four, five.id, six, read.role) == ("r4", 5, "r6", "r4")
            assert [one.reads for one in seen if one.sql.startswith("SELECT")] == [1, 2, 1]

    asyncio.run(run())


def test_others_keep_their_place_in_the_queue(users: Found) -> None:
    async def run() -> None:
        async with busy(users) as (data, seen, over):
            tasks = await begun(
                data.users.get(1), data.sql("SELECT 1 AS n"), data.orders.get(order(1)), data.users.get(2)
            )
            over.set()
            await asyncio.gather(*tasks)
            assert [one.reads for one in seen] == [2, 1, 1]
            assert seen[1].sql == "SELECT 1 AS n"

    asyncio.run(run())


def test_who_waits_too_long_is_told_and_left_out(users: Found) -> None:
    async def run() -> None:
        async with busy(users, wait=0.1) as (data, seen, over):
            tasks = await begun(data.users.get(1), data.users.get(2))
            early = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(one) for one in early] == [PoolExhausted, PoolExhausted]
            late = await begun(data.users.get(3))
            over.set()
            assert (await late[0]).id == 3
            assert [one.reads for one in seen] == [1]

    asyncio.run(run())


def test_threads_that_wait_are_answered_together(users: Found) -> None:
    url, schema = users
    seen: list[Any] = []
    found: dict[int, Any] = {}
    with AnySyncData(schema, url, size=1) as data:
        data.on_statement(seen.append)
        threads = [
            threading.Thread(target=lambda n=n: found.update({n: data.users.get_or_none(n)}))
            for n in (*range(1, 9), 50)
        ]
        with data.transaction():
            for thread in threads:
                thread.start()
            while data.pool.waiting < len(threads):
                time.sleep(0.001)
        for thread in threads:
            thread.join()
    assert {n: row and row.id for n, row in found.items()} == {**{n: n for n in range(1, 9)}, 50: None}
    assert [one.reads for one in seen if one.values] == [9]


def test_in_a_crowd_everybody_gets_what_is_theirs_and_no_connection_is_lost(users: Found) -> None:
    url, schema = users
    by = random.Random(4)

    async def one(data: AnyData) -> bool:
        number = by.randint(1, 8)
        await asyncio.sleep(by.random() / 100)
        return bool((await data.users.get(number)).id == number)

    async def run() -> None:
        async with AnyData(schema, url, size=2) as data:
            tasks = [asyncio.create_task(one(data)) for _ in range(600)]
            for task in by.sample(tasks, 150):
                await asyncio.sleep(0)
                task.cancel()
            told = await asyncio.gather(*tasks, return_exceptions=True)
            assert {type(answer) for answer in told} <= {bool, asyncio.CancelledError}
            assert False not in told
            assert told.count(True) >= 450
            assert (data.pool.waiting, data.pool.free) == (0, data.pool.size)
            assert data.pool.along > 0

    asyncio.run(run())
