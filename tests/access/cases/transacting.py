"""All of it or nothing."""

import pytest

from asbuilt.access.aio import AnyData
from asbuilt.access.refusals import Duplicate, QueryRefused, Unanswered


async def kept_or_not(data: AnyData) -> None:
    async with data.transaction():
        await data.tags.create(name="kept")
    with pytest.raises(KeyError):
        async with data.transaction():
            await data.tags.create(name="lost")
            raise KeyError
    async with data.transaction():
        await data.tags.create(name="outer")
        with pytest.raises(KeyError):
            async with data.transaction():
                await data.tags.create(name="inner")
                raise KeyError
        async with data.transaction():
            await data.tags.create(name="inner too")
    assert [tag.name for tag in await data.tags.order("id").all()] == ["kept", "outer", "inner too"]
    assert (data.pool.free, data.pool.size) == (1, 1)


async def levels(data: AnyData) -> None:
    async with data.transaction("serializable"):
        assert (await data.sql("SHOW transaction_isolation"))[0]["transaction_isolation"] == "serializable"
    with pytest.raises(QueryRefused, match="read-only"):
        async with data.transaction(is_read_only=True):
            await data.tags.create(name="x")
    with pytest.raises(QueryRefused, match="there is no isolation level `chaos`"):
        async with data.transaction("chaos"):
            pass


async def a_failure_that_is_passed_over_is_told_at_the_end(data: AnyData) -> None:
    await data.tags.create(name="taken")
    with pytest.raises(QueryRefused, match="the transaction was taken back"):
        async with data.transaction():
            await data.tags.create(name="lost")
            with pytest.raises(Duplicate):
                await data.tags.create(name="taken")
    assert [tag.name for tag in await data.tags.all()] == ["taken"]
    assert (data.pool.free, data.pool.size) == (1, 1)


async def repeated(data: AnyData) -> None:
    tries = []

    async def work() -> int:
        tries.append(1)
        await data.tags.create(name="once")
        if len(tries) < 3:
            await data.sql("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$")
        return await data.tags.count()

    assert await data.repeat(work) == 1
    assert len(tries) == 3


async def within_a_time(data: AnyData) -> None:
    with pytest.raises(Unanswered, match="statement timeout"):
        await data.within(0.05, lambda: data.sql("SELECT pg_sleep(5)"))
    assert await data.tags.count() == 0


async def changed_underneath(data: AnyData) -> None:
    assert await data.sql("SELECT * FROM tags") == []
    await data.sql("ALTER TABLE tags ADD COLUMN more text")
    try:
        assert await data.sql("SELECT * FROM tags") == []
        assert await data.tags.count() == 0
    finally:
        await data.sql("ALTER TABLE tags DROP COLUMN more")


async def a_limit_ends_with_what_it_is_for(data: AnyData) -> None:
    async with data.transaction():
        [before] = await data.sql("SHOW statement_timeout")
        assert await data.within(7, data.tags.count) == 0
        assert await data.sql("SHOW statement_timeout") == [before]


async def a_failure_of_ones_own_is_raised_as_it_is(data: AnyData) -> None:
    error = KeyError("mine")

    async def fail(link: object) -> None:
        raise error

    with pytest.raises(KeyError) as raised:
        await data.runner.on_link(fail)
    assert raised.value is error
    assert error.__cause__ is None
    assert (data.pool.free, data.pool.size) == (1, 1)


async def a_server_that_ends_the_connection(data: AnyData) -> None:
    end = "SELECT pg_terminate_backend(pg_backend_pid())"
    for _ in range(3):
        with pytest.raises(Unanswered):
            await data.sql(end)
        assert await data.tags.count() == 0
        with pytest.raises(Unanswered):
            async with data.transaction():
                await data.tags.create(name="lost")
                await data.sql(end)
        assert await data.tags.count() == 0
    assert (data.pool.free, data.pool.size) == (1, 1)


async def every_trip_to_the_server_is_told(data: AnyData) -> None:
    seen: list[tuple[str, int]] = []
    data.on_statement(lambda one: seen.append((one.sql.split()[0], one.rows)))
    async with data.transaction():
        await data.tags.create(name="old")
        async with data.transaction():
            await data.tags.create_many([{"name": "new"}, {"name": "newer"}])
    assert seen == [("BEGIN", 0), ("INSERT", 1), ("SAVEPOINT", 0), ("COPY", 2), ("RELEASE", 0), ("COMMIT", 0)]
    seen.clear()
    assert len([tag async for tag in data.tags.stream(at_once=2)]) == 3
    assert seen == [("BEGIN", 0), ("COMMIT", 0), ("SELECT", 3)]
