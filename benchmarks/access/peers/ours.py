"""asbuilt: the document is the data layer."""

from contextlib import asynccontextmanager
from operator import attrgetter
from typing import Any

import asbuilt
from benchmarks.access import blog
from benchmarks.access.peers import COPY, GET, INSERT, ONE, PAGE, TWENTY, Opened, Work, Works, nested


@asynccontextmanager
async def works(url: str) -> Opened:
    async with asbuilt.open(blog.DOCUMENT, url, size=1) as data:
        yield _works(data)


def _works(data: Any) -> Works:
    p = data.posts.fields
    cursors: dict[int, str | None] = {}
    rows = [visit._asdict() for visit in blog.VISITS]

    def newest() -> Any:
        return data.comments.order("-id").limit(blog.NEWEST)

    async def get(turn: int) -> Any:
        return await data.users.get(blog.user_at(turn))

    async def page(turn: int) -> Any:
        number = turn % blog.PAGES
        found = await data.posts.order("-published_at").page(blog.PAGE, after=cursors.get(number))
        cursors[number + 1] = found.next
        return found

    async def one(turn: int) -> Any:
        found = data.posts.where(id=blog.post_at(turn))
        return await found.include("user", "tags", comments=newest()).one()

    async def twenty(turn: int) -> Any:
        found = data.posts.where(p.id.is_in(blog.posts_at(turn)))
        return await found.include("user", "tags", comments=newest()).order("id").all()

    async def insert(turn: int) -> Any:
        return await data.users.create(email=f"ours{turn}@example.com", name="Ada")

    async def create_many(turn: int) -> Any:
        return await data.visits.create_many(rows)

    return {
        GET: Work(get, attrgetter("email")),
        PAGE: Work(page, lambda page: [row.id for row in page.rows]),
        ONE: Work(one, _told),
        TWENTY: Work(twenty, lambda rows: [_told(row) for row in rows]),
        INSERT: Work(insert, attrgetter("name")),
        COPY: Work(create_many, lambda _: None),
    }


def _told(post: Any) -> tuple[Any, ...]:
    return nested(post.title, post.user.name, (tag.name for tag in post.tags), (one.id for one in post.comments))
