"""psycopg 3 alone, by hand, without asyncio: binary, statements prepared by the driver."""

from contextlib import asynccontextmanager
from operator import itemgetter
from typing import Any

import psycopg
from psycopg.rows import dict_row

from benchmarks.access import blog
from benchmarks.access.peers import COPY, GET, INSERT, ONE, PAGE, TWENTY, Opened, Work, bare


@asynccontextmanager
async def works(url: str) -> Opened:
    with psycopg.connect(url, autocommit=True, row_factory=dict_row, prepare_threshold=0) as connection:
        yield _works(connection)


def _works(connection: Any) -> dict[str, Work]:
    def rows(text: str, *values: Any) -> Any:
        return connection.execute(text.format("%s", "%s"), values, binary=True)

    async def get(turn: int) -> Any:
        return rows(bare.USER, blog.user_at(turn)).fetchone()

    async def page(turn: int) -> Any:
        return rows(bare.EARLIER, *blog.page_before(turn)).fetchall()

    async def one(turn: int) -> Any:
        key = blog.post_at(turn)
        post = rows(bare.POST, key).fetchone()
        author = rows(bare.USER, post["user_id"]).fetchone()
        return post, author, rows(bare.TAGS, key).fetchall(), rows(bare.COMMENTS, key).fetchall()

    async def twenty(turn: int) -> Any:
        keys = blog.posts_at(turn)
        posts = rows(bare.POSTS, keys).fetchall()
        authors = {row["id"]: row for row in rows(bare.USERS, [post["user_id"] for post in posts])}
        tags, comments = bare.grouped(rows(bare.TAGS_OF, keys)), bare.grouped(rows(bare.COMMENTS_OF, keys))
        return [(p, authors[p["user_id"]], tags.get(p["id"], ()), comments.get(p["id"], ())) for p in posts]

    async def insert(turn: int) -> Any:
        return rows(bare.NEW, f"psycopg{turn}@example.com", "Ada").fetchone()

    async def copied(turn: int) -> Any:
        with connection.cursor().copy("COPY visits FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["int8", "varchar", "int4", "timestamptz"])
            for visit in blog.VISITS:
                copy.write_row(visit)

    return {
        GET: Work(get, itemgetter("email")),
        PAGE: Work(page, lambda rows: [row["id"] for row in rows]),
        ONE: Work(one, bare.told),
        TWENTY: Work(twenty, lambda rows: [bare.told(row) for row in rows]),
        INSERT: Work(insert, itemgetter("name")),
        COPY: Work(copied, lambda _: None),
    }
