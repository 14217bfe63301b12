"""Loads gathered within one turn of the loop: one statement, each its own answer, and its own failure alone."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.access.cases.reading import filled
from tests.access.test_cases import EMPTY

from asbuilt.access.aio import AnyData
from asbuilt.access.aio.running import Seen
from asbuilt.access.refusals import DataError, RowNotFound, Unanswered
from asbuilt.access.schema import Schema
from asbuilt.cache.plan import CachePlan

Case = Callable[[AnyData, list[Seen]], Awaitable[None]]


def run(blog: tuple[str, Schema], case: Case, **options: Any) -> None:
    url, schema = blog

    async def main() -> None:
        async with AnyData(schema, url, **{"statement_seconds": 20, **options}) as data:
            await data.sql(EMPTY)
            await filled(data)
            seen: list[Seen] = []
            data.on_statement(seen.append)
            await case(data, seen)

    asyncio.run(main())


def test_rows_of_one_turn_are_one_statement(blog: tuple[str, Schema]) -> None:
    async def case(data: AnyData, seen: list[Seen]) -> None:
        authors = await data.authors.order("id").all()
        a, b, c = (author.id for author in authors)
        seen.clear()
        wanted = [c, a, -1, b, a, c]
        found = await asyncio.gather(*(data.authors.load(id) for id in wanted))
        assert [author and author.id for author in found] == [c, a, None, b, a, c]
        assert [(one.values, one.rows) for one in seen] == [(([c, a, -1, b],), 3)]

    run(blog, case)


def test_each_kind_of_question_is_a_statement(blog: tuple[str, Schema]) -> None:
    async def case(data: AnyData, seen: list[Seen]) -> None:
        ids = [author.id for author in await data.authors.order("id").all()]
        newest, oldest = data.posts.order("-id").limit(2), data.posts.order("id").limit(1)
        expected = [
            [[post.id for post in await asked.where(author_id=id).all()] for id in ids] for asked in (newest, oldest)
        ]
        seen.clear()
        asked = [asked.load_all(author_id=id) for asked in (newest, oldest) for id in ids]
        found = await asyncio.gather(*asked, data.authors.load(ids[0]), data.authors.load(email="ada@x.org"))
        assert [[post.id for post in posts] for posts in found[:6]] == expected[0] + expected[1]
        assert found[6] == found[7]
        assert len(seen) == 4

    run(blog, case)


def test_a_tree_is_a_statement_a_level(blog: tuple[str, Schema]) -> None:
    async def case(data: AnyData, seen: list[Seen]) -> None:
        async def comments(post: Any) -> int:
            return len(await data.post_comments.load_all(post_id=post.id))

        async def posts(author: Any) -> int:
            boss = data.authors.load(author.boss_id or -1)
            found, _ = await asyncio.gather(data.posts.load_all(author_id=author.id), boss)
            return sum(await asyncio.gather(*map(comments, found)))

        authors = await data.authors.all()
        seen.clear()
        assert sum(await asyncio.gather(*map(posts, authors))) == 5
        assert len(seen) == 3

    run(blog, case)


def test_a_key_that_is_refused_fails_alone(blog: tuple[str, Schema]) -> None:
    async def case(data: AnyData, seen: list[Seen]) -> None:
        ids = [author.id for author in await data.authors.order("id").all()]
        wanted = [ids[0], "x", ids[1], 2**70, ids[2], [1]]
        found = await asyncio.gather(*(data.authors.load(id) for id in wanted), return_exceptions=True)
        assert [author.id for author in found[::2]] == ids
        assert [isinstance(each, DataError) for each in found] == [False, True] * 3
        lists = await asyncio.gather(
            data.posts.load_all(author_id=ids[0]), data.posts.load_all(author_id="x"), return_exceptions=True
        )
        assert len(lists[0]) == 3
        assert isinstance(lists[1], DataError)

    run(blog, case)


def test_a_server_that_does_not_answer_is_asked_once(blog: tuple[str, Schema]) -> None:
    async def case(data: AnyData, seen: list[Seen]) -> None:
        async with AnyData(data.schema, blog[0]) as other, other.transaction():
            await other.sql("LOCK TABLE post_comments IN ACCESS EXCLUSIVE MODE")
            found = await asyncio.gather(*(data.post_comments.load(id) for id in range(1, 5)), return_exceptions=True)
        assert {type(each) for each in found} == {Unanswered}
        assert len(seen) == 1

    run(blog, case, statement_seconds=0.3)


def test_who_is_cancelled_takes_nobody_along(blog: tuple[str, Schema]) -> None:
    async def case(data: AnyData, seen: list[Seen]) -> None:
        ids = [author.id for author in await data.authors.order("id").all()]
        tasks = [asyncio.create_task(data.authors.load(id)) for id in (ids[0], ids[0], ids[1])]
        await asyncio.sleep(0)
        tasks[0].cancel()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(found[0], asyncio.CancelledError)
        assert [author.id for author in found[1:]] == ids[:2]

    run(blog, case)


def test_loads_go_by_the_cache_and_are_one_statement(kept: tuple[str, Schema, CachePlan]) -> None:
    url, schema, plan = kept

    async def main() -> None:
        async with AnyData(schema, url, plan=plan, cache="near") as data:
            await data.sql("TRUNCATE members, orders, users RESTART IDENTITY")
            people = await data.users.create_all([{"email": f"{n}@x", "name": f"{n}"} for n in range(9)])
            await data.users.get(people[0].id)
            seen: list[Seen] = []
            data.on_statement(seen.append)
            for statements in (1, 1):
                assert await asyncio.gather(*(data.users.load(each.id) for each in people)) == people
                assert len(seen) == statements
            assert seen[0].values == ([each.id for each in people[1:]],)
            both = await asyncio.gather(data.users.get_many([-1, -2]), data.users.get_many([-2, -1]))
            assert both == [[None, None], [None, None]]
            assert len(seen) == 2
            with pytest.raises(RowNotFound):
                await data.users.get(-1)
            assert len(seen) == 2

    asyncio.run(main())
