"""What is asked in a wrong way: what is told of it names the place, and says what to do."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from asbuilt.access import InvalidRow, QueryRefused, RowNotFound, count
from asbuilt.access.aio import AnyData


async def values_that_do_not_fit_are_told_by_their_field(data: AnyData) -> None:
    authors, posts = data.authors.fields, data.posts.fields
    wrong: list[tuple[Any, str]] = [
        (data.posts.where(posts.id > "x"), "Post: id must be an int, not str 'x' "),
        (
            data.posts.where(posts.title.contains("y"), posts.author.settings["a"] == "z", id=[1, 2]),
            r"id must be .*; several .* `is_in",
        ),
        (data.posts.where(state="drft"), "state must be one of .*; did you mean 'draft'"),
        (
            data.posts.where((posts.score + 1 > 2) | posts.author.born_on.is_in(["x"])),
            "Author: born_on must be a date, not str 'x'",
        ),
        (
            data.authors.where(authors.posts_by_author.any(authors.posts_by_author.fields.version == "x")),
            "Post: version must be an int",
        ),
    ]
    for question, told in wrong:
        with pytest.raises(InvalidRow, match=rf"{told}.*\(.*blog.md:\d+\)") as refused:
            await question.all()
        assert refused.value.problems[0].rule in ("type", "values")
        with pytest.raises(InvalidRow, match=told):
            await question.count()
    for key in ("x", 1.5, datetime(2026, 1, 1)):
        with pytest.raises(InvalidRow, match="Post: id must be an int, not "):
            await data.posts.where(id=key, state="none").all()
    with pytest.raises(InvalidRow, match="Post: id must be an int, not str 'x'"):
        await data.posts.get("x")
    with pytest.raises(InvalidRow, match="Post: id must be an int, not str 'x'"):
        await data.posts.get_many([1, "x"])
    with pytest.raises(InvalidRow, match="Post: id must be an int, not str 'x'"):
        await data.posts.load("x")
    with pytest.raises(InvalidRow, match="Post: id must be an int, not str 'x'"):
        await data.posts.load_all(author_id=1, id="x")


async def what_only_the_server_can_ask_is_not_asked_here(data: AnyData) -> None:
    posts = data.posts.fields
    for ask in (
        lambda: posts.id > 1 and posts.title == "x",
        lambda: 1 < posts.id < 5,
        lambda: not posts.title.contains("x"),
        lambda: posts.id in [1, 2],
        lambda: bool(posts.title),
    ):
        with pytest.raises(QueryRefused, match="only the server knows") as refused:
            ask()
        assert "`&`" in refused.value.help


async def other_things_than_conditions_are_refused(data: AnyData) -> None:
    for ask, told, help in (
        (
            lambda: data.posts.where("id > 5"),
            "posts are asked for by conditions, not by 'id > 5'",
            "data.posts.fields.id",
        ),
        (lambda: data.posts.where(id__gt=5), "posts has no `id__gt`", "data.posts.fields.id > "),
        (lambda: data.posts.where(author=5), "posts.author is a relation, no field", "fields.author"),
        (lambda: data.posts.where(comments=5), "posts.comments is a relation, no field", "comments.any"),
        (lambda: data.posts.include("title"), "posts.title is a field, and comes with every row", "author, editor"),
        (lambda: data.posts.include("autor"), "posts has no relation `autor`", "`author`"),
        (lambda: data.posts.select("id"), "posts gives values of fields, not 'id'", "select"),
        (lambda: data.posts.select(), "not nothing", "select"),
    ):
        with pytest.raises(QueryRefused, match=told) as refused:
            ask()
        assert help in refused.value.help
    with pytest.raises(QueryRefused, match="counted exact or estimated, not 'all'"):
        await data.posts.page(5, total="all")


async def rows_that_are_not_there_are_told_with_what_to_do(data: AnyData) -> None:
    with pytest.raises(RowNotFound, match="Post: no row with -1") as refused:
        await data.posts.get(-1)
    assert "get_or_none" in refused.value.help
    with pytest.raises(RowNotFound, match="Post: no row fulfils the conditions") as refused:
        await data.posts.where(id=-1).one()
    assert "first" in refused.value.help
    with pytest.raises(QueryRefused, match=r"the key of posts is \(id\); 0 values") as wrong:
        await data.posts.update(title="x")
    assert "data.posts.where" in wrong.value.help


class Named(msgspec.Struct):
    name: str


async def sql_by_hand_is_told_what_does_not_fit(data: AnyData) -> None:
    with pytest.raises(QueryRefused, match="0 values were given, and the statement has holes for 1"):
        await data.sql("SELECT $1::int AS x")
    with pytest.raises(QueryRefused, match="the rows are no Named: "):
        await data.sql("SELECT 1 AS nmae", into=Named)
    assert await data.sql("SELECT 'x' AS name", into=Named) == [Named("x")]
    assert await data.posts.select(count()).one() == (0,)
