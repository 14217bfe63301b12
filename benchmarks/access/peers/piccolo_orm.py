"""Piccolo on asyncpg, its pool of one connection. It reads no related rows but those a key points to: three questions more."""

from contextlib import asynccontextmanager
from operator import attrgetter
from typing import Any

from piccolo.columns import BigInt, BigSerial, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.engine.postgres import PostgresEngine
from piccolo.table import Table

from benchmarks.access import blog
from benchmarks.access.peers import COPY, GET, INSERT, ONE, PAGE, TWENTY, Opened, Work, Works, nested, parts


@asynccontextmanager
async def works(url: str) -> Opened:
    told = parts(url)
    config = {"user": told["user"], "host": told["host"], "port": told["port"], "database": told["dbname"]}
    engine = PostgresEngine(config=config, log_queries=False)
    await engine.start_connection_pool(min_size=1, max_size=1)
    try:
        yield _works(*_tables(engine))
    finally:
        await engine.close_connection_pool()


def _tables(db: Any) -> tuple[Any, ...]:
    class User(Table, tablename="users", db=db):
        id = BigSerial(primary_key=True)
        email = Varchar(200, unique=True)
        name = Varchar(100)
        bio = Text()
        created_at = Timestamptz()

    class Post(Table, tablename="posts", db=db):
        id = BigSerial(primary_key=True)
        user_id = ForeignKey(User)
        title = Varchar(200)
        body = Text()
        score = Integer()
        published_at = Timestamptz()

    class Tag(Table, tablename="tags", db=db):
        id = BigSerial(primary_key=True)
        name = Varchar(50)

    class PostTag(Table, tablename="post_tags", db=db):
        id = ForeignKey(Post, primary_key=True, db_column_name="post_id")
        tag_id = ForeignKey(Tag)

    class Comment(Table, tablename="comments", db=db):
        id = BigSerial(primary_key=True)
        post_id = ForeignKey(Post)
        user_id = ForeignKey(User)
        body = Text()
        created_at = Timestamptz()

    class Visit(Table, tablename="visits", db=db):
        id = BigInt(primary_key=True)
        page = Varchar(200)
        milliseconds = Integer()
        seen_at = Timestamptz()

    return User, Post, PostTag, Comment, Visit


def _works(user: Any, posts: Any, post_tag: Any, comment: Any, visits: Any) -> Works:
    async def get(turn: int) -> Any:
        return await user.objects().get(user.id == blog.user_at(turn))

    async def page(turn: int) -> Any:
        at, post = blog.page_before(turn)
        earlier = (posts.published_at < at) | ((posts.published_at == at) & (posts.id < post))
        found = posts.objects().where(posts.published_at <= at, earlier)
        newest = found.order_by(posts.published_at, ascending=False).order_by(posts.id, ascending=False)
        return await newest.limit(blog.PAGE)

    async def one(turn: int) -> Any:
        [row] = await related([blog.post_at(turn)])
        return row

    async def twenty(turn: int) -> Any:
        return await related(blog.posts_at(turn))

    async def related(keys: list[int]) -> list[Any]:
        found = await posts.objects(posts.user_id).where(posts.id.is_in(keys)).order_by(posts.id)
        tags = await post_tag.select(post_tag.id.as_alias("post"), post_tag.tag_id.name.as_alias("name")).where(
            post_tag.id.is_in(keys)
        )
        comments = await comment.objects().where(comment.post_id.is_in(keys)).order_by(comment.id, ascending=False)
        return [
            (
                post,
                [tag["name"] for tag in tags if tag["post"] == post.id],
                [one for one in comments if one.post_id == post.id][: blog.NEWEST],
            )
            for post in found
        ]

    async def insert(turn: int) -> Any:
        row = user({user.email: f"piccolo{turn}@example.com", user.name: "Ada"})
        await row.save()
        return row

    async def create_many(turn: int) -> Any:
        rows = [visits(**visit._asdict()) for visit in blog.VISITS]
        for first in range(0, len(rows), 5_000):
            await visits.insert(*rows[first : first + 5_000])

    return {
        GET: Work(get, attrgetter("email")),
        PAGE: Work(page, lambda rows: [row.id for row in rows]),
        ONE: Work(one, _told),
        TWENTY: Work(twenty, lambda rows: [_told(row) for row in rows]),
        INSERT: Work(insert, attrgetter("name")),
        COPY: Work(create_many, lambda _: None),
    }


def _told(row: Any) -> tuple[Any, ...]:
    post, tags, comments = row
    return nested(post.title, post.user_id.name, tags, (one.id for one in comments))
