"""A server that cannot be used, both ways: what is told names the place, and says what to do; never the password."""

import asyncio
from collections.abc import Callable

import pytest
from tests.access.conftest import HERE, standing

from asbuilt.access import DataError, QueryRefused, Unanswered
from asbuilt.access.aio import AnyData
from asbuilt.access.schema import Schema
from asbuilt.access.sync import AnyData as AnySyncData
from asbuilt.engines.postgres.engine import POSTGRES

pytestmark = pytest.mark.live


def awaited(schema: Schema, url: str) -> None:
    async def run() -> None:
        async with AnyData(schema, url) as data:
            await data.posts.count()

    asyncio.run(run())


def blocking(schema: Schema, url: str) -> None:
    with AnySyncData(schema, url) as data:
        data.posts.count()


WAYS = pytest.mark.parametrize("opened", [awaited, blocking])
Opened = Callable[[Schema, str], None]


def refused(opened: Opened, schema: Schema, url: str) -> DataError:
    with pytest.raises(DataError) as found:
        opened(schema, url)
    assert "hush-hush" not in str(found.value)
    return found.value


@WAYS
def test_where_nothing_answers_that_is_told_with_what_to_do(opened: Opened, blog: tuple[str, Schema]) -> None:
    _, schema = blog
    gone = refused(opened, schema, "postgresql://ada:hush-hush@127.0.0.1:1/blog")
    assert isinstance(gone, Unanswered)
    assert gone.can_be_repeated
    assert str(gone) == "cannot use the server at 127.0.0.1:1/blog: Connection refused"
    assert gone.help == "start the server, or look at the host and the port in the URL"
    assert "in the URL" in refused(opened, schema, "postgresql://ada:hush-hush@nowhere.invalid/blog").help
    other = refused(opened, schema, "mysql://ada:hush-hush@127.0.0.1/blog")
    assert str(other).endswith("the given URL: it does not name a PostgreSQL database")
    assert other.help.startswith("write the URL as postgresql://")


@WAYS
def test_a_database_that_is_not_there_or_not_as_stated_is_told(opened: Opened, blog: tuple[str, Schema]) -> None:
    url, schema = blog
    base, _, place = url.partition("?")
    missing = refused(opened, schema, f"{base.rpartition('/')[0]}/no_such_blog?{place}")
    assert str(missing).endswith('database "no_such_blog" does not exist')
    assert missing.help == "create it first, or look at the name in the URL"
    with POSTGRES.scratch() as session:
        empty = session.connection.info.dbname
        unlike = refused(opened, schema, f"{base.rpartition('/')[0]}/{empty}?{place}")
    assert isinstance(unlike, QueryRefused)
    assert "blog.md says: `asbuilt plan`" in unlike.help


@WAYS
def test_what_is_closed_says_so(opened: Opened) -> None:
    with standing(HERE / "blog.md") as (url, schema):
        if opened is blocking:
            with AnySyncData(schema, url) as data:
                pass
            with pytest.raises(Unanswered, match="the data is closed") as closed:
                data.posts.count()
        else:

            async def run() -> None:
                async with AnyData(schema, url) as data:
                    pass
                await data.posts.count()

            with pytest.raises(Unanswered, match="the data is closed") as closed:
                asyncio.run(run())
    assert "open it anew" in closed.value.help
