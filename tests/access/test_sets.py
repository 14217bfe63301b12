"""Related rows are the same, by row and by set, whatever is asked; which of both it is, the compiler chooses or is told."""

import asyncio
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from tests.access.conftest import HERE, standing

from asbuilt.access.aio import AnyData
from asbuilt.access.compiling.sets import goes_by_set
from asbuilt.access.refusals import QueryRefused
from asbuilt.access.schema import Schema, Table

ROWS = """
INSERT INTO authors (email, name, boss_id, born_on, deleted_at) SELECT 'a' || i || '@x.org', 'A' || i % 5, nullif(i / 3, 0),
    CASE WHEN i % 4 > 0 THEN '1900-01-01'::date + i % 7 END, CASE WHEN i % 5 = 0 THEN now() END FROM generate_series(1, 14) AS i;
INSERT INTO author_pages (author_id, ratio, "from") SELECT i, CASE WHEN i % 3 = 0 THEN 'NaN' ELSE i::float8 END, 'p' || i FROM generate_series(1, 14, 2) AS i;
INSERT INTO posts (author_id, editor_id, title, body, score, labels, written_at) SELECT 1 + i * 7 % 11, CASE WHEN i % 3 = 0 THEN 1 + i % 14 END, 'P' || i % 9,
    CASE WHEN i % 2 = 0 THEN 'engines and looms' ELSE 'compilers, looms' END, nullif(i % 6, 0), ARRAY['x', NULL], '2026-01-01Z'::timestamptz + i % 8 * interval '1 day' FROM generate_series(1, 45) AS i;
INSERT INTO post_comments (post_id, words, sent_at) SELECT 1 + i * 13 % 31, 'c' || i % 17, '2026-01-01Z'::timestamptz + i % 9 * interval '1 day' FROM generate_series(1, 160) AS i;
INSERT INTO tags (name) SELECT 't' || i FROM generate_series(1, 9) AS i;
INSERT INTO post_tags SELECT DISTINCT 1 + i * 5 % 37, 1 + i * 3 % 8 FROM generate_series(1, 120) AS i;
ANALYZE
"""  # fmt: skip


@pytest.fixture(scope="module")
def filled() -> Iterator[tuple[str, Schema]]:
    with standing(HERE / "blog.md") as (url, schema):
        asyncio.run(_fill(url, schema))
        yield url, schema


async def _fill(url: str, schema: Schema) -> None:
    async with AnyData(schema, url) as data:
        for statement in ROWS.split(";\n"):
            await data.sql(statement)


def asked(data: AnyData, table: Table, random: Random, depth: int, *, is_inner: bool) -> Any:
    """Return any question about a table, with what is included to some depth."""
    query = getattr(data, table.accessor)
    fields = query.fields
    if table.search and random.random() < 0.2:
        query = query.search(random.choice(("looms", "engine or compilers")))
    for relation in table.relations if depth else ():
        if random.random() < 0.6:
            related = asked(data, data.schema.by_name[relation.target], random, depth - 1, is_inner=True)
            query = query.include(**{relation.name: related})
    if random.random() < 0.3:
        query = query.where(getattr(fields, table.by_name[table.primary_key[0]].attribute) > random.randint(1, 9))
    if table.deleted and random.random() < 0.3:
        query = query.with_deleted()
    names = [column.attribute for column in table.columns if column.type not in ("json", "jsonb")]
    for name in random.sample(names, random.randint(0, 2)):
        field = getattr(fields, name)
        query = query.order(
            field.desc(nulls_first=random.random() < 0.5) if random.random() < 0.5 else field.asc(nulls_first=random.random() < 0.5)
        )  # fmt: skip
    query = query.order(*(table.by_name[name].attribute for name in table.primary_key))
    if random.random() < (0.2 if is_inner else 0.5):
        query = query.limit(random.randint(1, 12))
        query = query.offset(random.randint(0, 3)) if random.random() < 0.3 else query
    return query


@pytest.mark.parametrize("seed", range(24))
def test_related_rows_are_the_same_by_row_and_by_set(seed: int, filled: tuple[str, Schema]) -> None:
    url, schema = filled
    random = Random(seed)

    async def run() -> None:
        async with AnyData(schema, url) as data:
            seen: list[str] = []
            data.on_statement(lambda statement: seen.append(statement.sql))
            for _ in range(5):
                query = asked(data, random.choice(schema.tables), random, random.randint(1, 3), is_inner=False)
                by_row, by_set, chosen = [
                    [repr(row) for row in await one.all()]
                    for one in (query.related_by("row"), query.related_by("set"), query)
                ]
                assert by_row == by_set == chosen
                assert len(seen) == 3
                if goes_by_set(schema, query.related_by("set")._asked[0]):
                    assert ["WITH s0 AS" in sql for sql in seen[:2]] == [False, True]
                seen.clear()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("way", "ask"),
    [
        ("set", lambda data: data.posts.include("tags")),
        ("set", lambda data: data.posts.include("author.posts_by_author")),
        ("set", lambda data: data.posts.include("tags").limit(20)),
        ("set", lambda data: data.posts.where(data.posts.fields.id.is_in([1, 2])).include("tags")),
        ("set", lambda data: data.posts.where(author_id=1).include("tags")),
        ("set", lambda data: data.posts.where(id=1).include("tags").related_by("set")),
        ("row", lambda data: data.posts.include("tags").related_by("row")),
        ("row", lambda data: data.posts.include("author", "editor")),
        ("row", lambda data: data.posts.include(comments=data.post_comments.limit(3))),
        ("row", lambda data: data.posts.where(id=1).include("tags")),
        ("row", lambda data: data.posts.where(data.posts.fields.score > 1, id=1).include("tags")),
        ("row", lambda data: data.authors.where(email="a@b").include("posts_by_author")),
        ("row", lambda data: data.posts.include("tags").limit(2)),
        ("row", lambda data: data.posts.include("tags").distinct().related_by("set")),
        ("row", lambda data: data.posts.related_by("set")),
    ],
)
def test_the_compiler_chooses_and_can_be_told(way: str, ask: Any, filled: tuple[str, Schema]) -> None:
    url, schema = filled
    data = AnyData(schema, url)
    assert goes_by_set(schema, ask(data)._asked[0]) == (way == "set")


def test_there_are_two_ways(filled: tuple[str, Schema]) -> None:
    url, schema = filled
    with pytest.raises(QueryRefused, match="related rows are read by row or by set, not by `heart`"):
        AnyData(schema, url).posts.related_by("heart")


def test_rows_are_locked_streamed_and_paged_by_set(filled: tuple[str, Schema]) -> None:
    url, schema = filled

    async def run() -> None:
        async with AnyData(schema, url) as data:
            query = data.posts.include(tags=data.tags.order("name"), comments=data.post_comments.order("id"))
            query = query.order("-score", data.posts.fields.author.name, "id")
            whole = [repr(row) for row in await query.related_by("row").all()]
            async with data.transaction():
                assert [repr(row) for row in await query.for_update().all()] == whole
            assert [repr(row) async for row in query.related_by("set").stream(at_once=7)] == whole
            found, after = [], None
            while True:
                page = await query.page(7, after=after)
                found += [repr(row) for row in page.rows]
                if (after := page.next) is None:
                    break
            assert found == whole

    asyncio.run(run())
