"""The pool: who waits is served, who gives up takes nothing along."""

import asyncio

import pytest

from asbuilt.access.aio import AnyData
from asbuilt.access.refusals import PoolExhausted
from asbuilt.access.schema import Schema


def test_who_waits_too_long_is_told_and_the_others_go_on(blog: tuple[str, Schema]) -> None:
    url, schema = blog

    async def run() -> None:
        async with AnyData(schema, url, size=1, wait=0.2) as data:
            slow = asyncio.create_task(data.sql("SELECT pg_sleep(1)"))
            await asyncio.sleep(0.05)
            with pytest.raises(PoolExhausted, match="all 1 are at work"):
                await data.sql("SELECT 1")
            await slow
            assert await data.sql("SELECT 1 AS n") == [{"n": 1}]

    asyncio.run(run())


def test_cancelled_work_leaks_no_connection(blog: tuple[str, Schema]) -> None:
    url, schema = blog

    async def run() -> None:
        async with AnyData(schema, url, size=2, wait=5) as data:
            for _ in range(20):
                tasks = [asyncio.create_task(data.sql("SELECT pg_sleep(0.05)")) for _ in range(6)]
                await asyncio.sleep(0.01)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            assert await data.sql("SELECT 1 AS n") == [{"n": 1}]
            assert (data.pool.waiting, data.pool.free) == (0, data.pool.size)

    asyncio.run(run())


def test_work_cancelled_while_an_idle_connection_is_tried_leaks_none(blog: tuple[str, Schema]) -> None:
    url, schema = blog

    async def run() -> None:
        async with AnyData(schema, url, size=1, wait=2) as data:
            data._pool._idle = -1  # every connection counts as idle for long
            task = asyncio.create_task(data.sql("SELECT 1"))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert await data.sql("SELECT 1 AS n") == [{"n": 1}]

    asyncio.run(run())


def test_a_connection_that_is_lost_is_replaced(blog: tuple[str, Schema]) -> None:
    url, schema = blog

    async def run() -> None:
        async with AnyData(schema, url, size=2) as data, AnyData(schema, url, size=1) as other:
            await data.sql("SELECT 1")
            await other.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            await asyncio.sleep(0.1)
            assert await data.sql("SELECT 1 AS n") == [{"n": 1}]

    asyncio.run(run())


def test_statements_are_prepared_once_and_say_their_limit(blog: tuple[str, Schema]) -> None:
    url, schema = blog

    async def run() -> None:
        async with AnyData(schema, url, size=1) as data:
            for _ in range(8):
                await data.authors.get_or_none(1)
                await data.posts.where(author_id=1).page(50)
            kept = await data.sql("SELECT statement, generic_plans + custom_plans AS runs FROM pg_prepared_statements")
            runs = {row["statement"]: row["runs"] for row in kept if '"author' in row["statement"]}
            assert list(runs.values()) == [8, 8]
            assert sum(statement.endswith("LIMIT 51") for statement in runs) == 1

    asyncio.run(run())
