"""asyncpg alone, by hand: statements prepared on one connection, four of them where related rows are read."""

from contextlib import asynccontextmanager
from operator import itemgetter
from typing import Any

import asyncpg

from benchmarks.access import blog
from benchmarks.access.peers import COPY, GET, INSERT, ONE, PAGE, TWENTY, Opened, Work, nested

USER = "SELECT id, email, name, bio, created_at FROM users WHERE id = {}"
EARLIER = f"""SELECT id, user_id, title, body, score, published_at FROM posts WHERE (published_at, id) < ({{}}, {{}})
    ORDER BY published_at DESC, id DESC LIMIT {blog.PAGE}"""
POST = "SELECT id, user_id, title, body, score, published_at FROM posts WHERE id = {}"
TAGS = "SELECT t.id, t.name FROM tags t JOIN post_tags pt ON pt.tag_id = t.id WHERE pt.post_id = {}"
COMMENTS = f"""SELECT id, post_id, user_id, body, created_at FROM comments WHERE post_id = {{}}
    ORDER BY id DESC LIMIT {blog.NEWEST}"""
POSTS = "SELECT id, user_id, title, body, score, published_at FROM posts WHERE id = ANY({}) ORDER BY id"
USERS = "SELECT id, email, name, bio, created_at FROM users WHERE id = ANY({})"
TAGS_OF = "SELECT pt.post_id, t.id, t.name FROM tags t JOIN post_tags pt ON pt.tag_id = t.id WHERE pt.post_id = ANY({})"
COMMENTS_OF = f"""SELECT c.id, c.post_id, c.user_id, c.body, c.created_at FROM unnest({{}}::bigint[]) AS p (id),
    LATERAL (SELECT * FROM comments WHERE post_id = p.id ORDER BY id DESC LIMIT {blog.NEWEST}) AS c"""
NEW = "INSERT INTO users (email, name) VALUES ({}, {}) RETURNING id, email, name, bio, created_at"


@asynccontextmanager
async def works(url: str) -> Opened:
    connection = await asyncpg.connect(url)
    texts = (USER, EARLIER, POST, TAGS, COMMENTS, POSTS, USERS, TAGS_OF, COMMENTS_OF, NEW)
    prepared = {text: await connection.prepare(text.format("$1", "$2")) for text in texts}
    try:
        yield _works(connection, prepared)
    finally:
        await connection.close()


def _works(connection: Any, prepared: dict[str, Any]) -> dict[str, Work]:
    async def get(turn: int) -> Any:
        return await prepared[USER].fetchrow(blog.user_at(turn))

    async def page(turn: int) -> Any:
        return await prepared[EARLIER].fetch(*blog.page_before(turn))

    async def one(turn: int) -> Any:
        key = blog.post_at(turn)
        post = await prepared[POST].fetchrow(key)
        author = await prepared[USER].fetchrow(post["user_id"])
        return post, author, await prepared[TAGS].fetch(key), await prepared[COMMENTS].fetch(key)

    async def twenty(turn: int) -> Any:
        keys = blog.posts_at(turn)
        posts = await prepared[POSTS].fetch(keys)
        authors = {row["id"]: row for row in await prepared[USERS].fetch([post["user_id"] for post in posts])}
        tags = grouped(await prepared[TAGS_OF].fetch(keys))
        comments = grouped(await prepared[COMMENTS_OF].fetch(keys))
        return [(p, authors[p["user_id"]], tags.get(p["id"], ()), comments.get(p["id"], ())) for p in posts]

    async def insert(turn: int) -> Any:
        return await prepared[NEW].fetchrow(f"bare{turn}@example.com", "Ada")

    async def copied(turn: int) -> Any:
        await connection.copy_records_to_table("visits", columns=blog.Visit._fields, records=blog.VISITS)

    return {
        GET: Work(get, itemgetter("email")),
        PAGE: Work(page, lambda rows: [row["id"] for row in rows]),
        ONE: Work(one, told),
        TWENTY: Work(twenty, lambda rows: [told(row) for row in rows]),
        INSERT: Work(insert, itemgetter("name")),
        COPY: Work(copied, lambda _: None),
    }


def grouped(rows: Any) -> dict[int, list[Any]]:
    groups: dict[int, list[Any]] = {}
    for row in rows:
        groups.setdefault(row["post_id"], []).append(row)
    return groups


def told(row: Any) -> tuple[Any, ...]:
    post, author, tags, comments = row
    return nested(post["title"], author["name"], (tag["name"] for tag in tags), (one["id"] for one in comments))
