"""The database that everybody reads and writes: 10,000 users, 100,000 posts, 300,000 comments, 200 tags, three a post."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.project import load

DOCUMENT = Path(__file__).with_name("blog.md")
USERS, POSTS, COMMENTS, TAGS, TAGS_A_POST = 10_000, 100_000, 300_000, 200, 3
PAGE, PARENTS, NEWEST, COPIED = 50, 20, 10, 50_000
PAGES = POSTS // PAGE
_BEGAN = datetime(2024, 1, 1, tzinfo=UTC)
_ROWS = f"""
INSERT INTO users (id, email, name, bio, created_at)
    SELECT i, 'user' || i || '@example.com', 'User ' || i, repeat('b', 80), '2024-01-01Z'::timestamptz + i * interval '1 minute'
    FROM generate_series(1, {USERS}) AS i;
INSERT INTO posts (id, user_id, title, body, score, published_at)
    SELECT i, 1 + (i * 7919) % {USERS}, 'Post ' || i, repeat('p', 200), i % 100, '2024-01-01Z'::timestamptz + i * interval '1 minute'
    FROM generate_series(1, {POSTS}) AS i;
INSERT INTO comments (id, post_id, user_id, body, created_at)
    SELECT i, 1 + (i::bigint * 104729) % {POSTS}, 1 + (i::bigint * 7919) % {USERS}, repeat('c', 60),
           '2024-01-01Z'::timestamptz + i * interval '1 second'
    FROM generate_series(1, {COMMENTS}) AS i;
INSERT INTO tags (id, name) SELECT i, 'tag' || i FROM generate_series(1, {TAGS}) AS i;
INSERT INTO post_tags (post_id, tag_id)
    SELECT p, 1 + (p * 31 + t * 67) % {TAGS} FROM generate_series(1, {POSTS}) AS p, generate_series(1, {TAGS_A_POST}) AS t;
SELECT setval('users_id_seq', {USERS}), setval('posts_id_seq', {POSTS}), setval('comments_id_seq', {COMMENTS})
"""
_CLEAN = f"TRUNCATE visits; DELETE FROM users WHERE id > {USERS}"


class Visit(NamedTuple):
    id: int
    page: str
    milliseconds: int
    seen_at: datetime


VISITS = [Visit(i, f"/posts/{i % 1000}", i % 400, _BEGAN + timedelta(seconds=i)) for i in range(COPIED)]


@contextmanager
def filled() -> Iterator[str]:
    """Make the database and give its URL. Commits are not waited for: what is compared is the way there, not the disk."""
    with scratch_database() as url:
        load(DOCUMENT).build(url)
        with POSTGRES.connect(url) as session:
            for statement in _ROWS.split(";"):
                session.execute(statement)
            [name] = session.rows("SELECT current_database()")[0]
            session.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
            session.execute("VACUUM ANALYZE")
        yield url


def cleaned(url: str) -> None:
    """Take away what the writes have left."""
    with POSTGRES.connect(url) as session:
        for statement in _CLEAN.split(";"):
            session.execute(statement)


def user_at(turn: int) -> int:
    """Return the user that everybody reads in a turn; the others likewise."""
    return 1 + turn * 6_367 % USERS


def post_at(turn: int) -> int:
    return 1 + turn * 50_021 % POSTS


def posts_at(turn: int) -> list[int]:
    return [post_at(turn * PARENTS + step) for step in range(PARENTS)]


def page_before(turn: int) -> tuple[datetime, int]:
    """Return when and as which the post was published before which a page begins: page after page, from the newest on."""
    post = POSTS + 1 - turn % PAGES * PAGE
    return _BEGAN + timedelta(minutes=post), post
