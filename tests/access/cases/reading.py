"""Rows, asked for in every way."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from asbuilt.access.aio import AnyData
from asbuilt.access.conditions import count, distinct_count, greatest, highlight, least, mean_of, rank, sum_of
from asbuilt.access.refusals import QueryRefused, RowNotFound

DAY = datetime(2026, 1, 1, tzinfo=UTC)


async def filled(data: AnyData) -> None:
    """Three authors, six posts, comments and tags."""
    ada = await data.authors.create(email="ada@x.org", name="Ada", settings={"theme": "dark", "size": {"px": 12}})
    grace = await data.authors.create(email="grace@x.org", name="Grace", boss_id=ada.id, born_on=date(1906, 12, 9))
    await data.authors.create(email="mary@x.org", name="Mary_100%", boss_id=ada.id)
    for n in range(6):
        await data.posts.create(
            author_id=ada.id if n % 2 else grace.id, editor_id=ada.id if n == 0 else None, title=f"Post {n}",
            body="engines and looms" if n < 3 else "compilers", state="published" if n < 4 else "draft",
            labels=["a", "b"] if n == 1 else ["b"], score=None if n == 5 else Decimal(n), written_at=DAY + timedelta(days=n),
        )  # fmt: skip
    posts = await data.posts.order("id").all()
    await data.post_comments.create_all(
        [{"post_id": posts[0].id, "words": f"c{n}", "sent_at": DAY + timedelta(hours=n)} for n in range(5)]
    )
    tags = await data.tags.create_all([{"name": "old"}, {"name": "new"}])
    await data.post_tags.create_all([{"post_id": posts[n].id, "tag_id": tags[n % 2].id} for n in range(4)])


async def by_key(data: AnyData) -> None:
    await filled(data)
    ada = await data.authors.find(email="ada@x.org")
    assert (await data.authors.get(ada.id)) == ada
    assert await data.authors.get_or_none(-1) is None
    with pytest.raises(RowNotFound, match="Author: no row with -1"):
        await data.authors.get(-1)
    tag = await data.post_tags.order("post_id").first()
    assert await data.post_tags.get(tag.post_id, tag.tag_id) == tag
    assert await data.post_tags.get_many([(0, 0), (tag.post_id, tag.tag_id)]) == [None, tag]
    with pytest.raises(QueryRefused, match=r"the key of post_tags is \(post_id, tag_id\); 1 values were given"):
        await data.post_tags.get(1)


async def loaded_by_key(data: AnyData) -> None:
    await filled(data)
    ada = await data.authors.find(email="ada@x.org")
    assert await data.authors.load(ada.id) == await data.authors.load(email="ada@x.org") == ada
    assert await data.authors.load(-1) is None
    assert await data.authors.load(email="nobody@x.org") is None
    tag = await data.post_tags.order("post_id").first()
    assert await data.post_tags.load(tag.post_id, tag.tag_id) == tag
    assert await data.post_tags.load(tag_id=tag.tag_id, post_id=tag.post_id) == tag
    page = await data.author_pages.create(author_id=ada.id)
    assert [p and p.author_id for p in await data.author_pages.get_many([ada.id, -1, ada.id])] == [ada.id, None, ada.id]
    assert await data.author_pages.get_many([]) == []
    assert await data.author_pages.load(author_id=page.author_id) == page
    await data.authors.delete(ada.id)
    assert await data.authors.load(ada.id) is None
    with pytest.raises(QueryRefused, match=r"authors has no unique key \(name\)"):
        await data.authors.load(name="Ada")
    with pytest.raises(QueryRefused, match="a primary key was given, and other values"):
        await data.authors.load(1, email="ada@x.org")
    with pytest.raises(QueryRefused, match=r"the key of authors is \(id\); 0 values were given"):
        await data.authors.load()
    with pytest.raises(QueryRefused, match="authors has no `emil`"):
        await data.authors.load(emil="x")


async def lists_loaded_by_values(data: AnyData) -> None:
    await filled(data)
    ada, grace = [await data.authors.load(email=f"{name}@x.org") for name in ("ada", "grace")]
    p = data.posts.fields
    newest = data.posts.where(p.score < 5).order("-written_at").limit(2)
    assert [post.title for post in await newest.load_all(author_id=ada.id)] == ["Post 3", "Post 1"]
    assert [post.title for post in await newest.load_all(author_id=grace.id, state="draft")] == ["Post 4"]
    assert await newest.load_all(author_id=-1) == []
    assert [post.title for post in await data.posts.order("id").limit(1).load_all(editor_id=None)] == ["Post 1"]
    assert [post.title for post in await data.posts.load_all(labels=["a", "b"])] == ["Post 1"]
    with_tags = await data.posts.include("tags").order("id").load_all(author_id=grace.id)
    assert [[tag.name for tag in post.tags] for post in with_tags] == [["old"], ["old"], []]
    assert await data.posts.select(p.state, count()).order(p.state).load_all(author_id=grace.id) == [
        ("draft", 1),
        ("published", 2),
    ]
    assert await data.tags.load(name="old" + " " * 40 + "x") is None  # nothing is cut to the column's length
    assert await data.posts.load_all(score=Decimal("1.001")) == []
    assert [post.title for post in await data.posts.order("id").load_all(state="draft", score=Decimal(4))] == ["Post 4"]
    assert len(await data.author_pages.load_all(address="10.0.0.1")) == 0
    await data.authors.delete(grace.id)
    assert await data.authors.load_all(boss_id=ada.id) == await data.authors.where(boss_id=ada.id).all() != []
    assert len(await data.authors.with_deleted().load_all(boss_id=ada.id)) == 2
    with pytest.raises(QueryRefused, match="neither locked nor cached"):
        await data.posts.for_update().load_all(author_id=1)
    with pytest.raises(QueryRefused, match="loaded by values"):
        await data.posts.load_all()
    with pytest.raises(QueryRefused, match="posts has no `autor_id`"):
        await data.posts.load_all(autor_id=1)


async def loads_in_a_transaction_see_what_it_wrote(data: AnyData) -> None:
    await filled(data)
    ada = await data.authors.find(email="ada@x.org")
    async with data.transaction():
        await data.authors.update(ada.id, name="within")
        assert (await data.authors.load(ada.id)).name == "within"
        assert len(await data.posts.load_all(author_id=ada.id)) == 3


async def what_was_loaded_is_remembered_until_a_write(data: AnyData) -> None:
    await filled(data)
    seen: list[object] = []
    data.on_statement(seen.append)
    ada = await data.authors.load(email="ada@x.org")
    with data.remembering():
        for _ in range(3):
            assert await data.authors.load(ada.id) == ada
            assert len(await data.posts.load_all(author_id=ada.id)) == 3
        assert len(seen) == 3
        await data.authors.update(ada.id, name="new")
        assert (await data.authors.load(ada.id)).name == "new"
        await data.sql("UPDATE authors SET name = 'newer'")
        assert (await data.authors.load(ada.id)).name == "newer"
    assert (await data.authors.load(ada.id)).name == "newer"
    data.on_statement(None)
    assert len(seen) == 8


async def by_conditions(data: AnyData) -> None:
    await filled(data)
    p, a = data.posts.fields, data.authors.fields

    async def titles(*conditions: object, **equal: object) -> str:
        rows = await data.posts.where(*conditions, **equal).order("title").all()
        return "".join(row.title[-1] for row in rows)

    assert await titles(state="published") == "0123"
    assert await titles(score=None) == "5"
    assert await titles(p.score > 2, p.score <= 4) == "34"
    assert await titles(p.score.between(1, 2) | (p.state == "draft")) == "1245"
    assert await titles(~(p.state == "draft")) == "0123"
    assert await titles(p.score != 3) == "01245"
    assert await titles(p.score != None) == "01234"  # noqa: E711
    assert await titles(p.title.is_in(["Post 1", "Post 9"])) == "1"
    assert await titles(p.title.is_in([])) == ""
    ids = [row.id for row in await data.posts.order("id").all()]
    assert await titles(p.id.is_in([ids[1], -1, ids[4]])) == "14"
    assert await titles(p.id.is_in([])) == ""
    assert await titles(p.tags.any(p.tags.fields.name.is_in(["old", "older"]))) == "02"
    assert await titles(p.title.contains("POST", any_case=True)) == "012345"
    assert await titles(p.title.starts_with("Post"), p.title.ends_with("3")) == "3"
    assert await titles(p.title.like("P%4"), p.title.ilike("p%"), p.title.matches("^P")) == "4"
    assert await titles(p.labels.has("a")) == "1"
    assert await titles(p.labels.contains(["b", "a"])) == "1"
    assert await titles(p.labels.overlaps(["a", "z"])) == "1"
    assert await titles(p.author.name == "Ada") == "135"
    assert await titles(p.author.boss.name == "Ada") == "024"
    assert await titles(p.editor.name == "Ada") == "0"
    assert await titles(p.tags.any(p.tags.fields.name == "old")) == "02"
    assert await titles(p.tags.none()) == "45"
    assert await titles(p.comments.count() > 4) == "0"
    assert await titles(p.written_at >= DAY + timedelta(days=4)) == "45"
    assert await titles(p.score == p.score * 1) == "01234"
    names = [row.name for row in await data.authors.where(a.settings["theme"] == "dark").all()]
    assert names == ["Ada"]
    assert await data.authors.where(a.settings["size", "px"].number() > 11, a.settings.has("size")).count() == 1
    assert await data.authors.where(a.settings.contains({"theme": "dark"})).count() == 1
    assert [row.name for row in await data.authors.where(a.name.contains("_100%")).all()] == ["Mary_100%"]
    assert await data.authors.where(a.posts_by_author.any(a.posts_by_author.fields.score > 3)).count() == 1
    assert await data.authors.where(a.email.lower() == "ada@x.org").exists()


async def in_order(data: AnyData) -> None:
    await filled(data)
    p = data.posts.fields
    rows = await data.posts.order(p.author.name.desc(), "-score").all()
    assert [row.title[-1] for row in rows] == list("420531")
    rows = await data.posts.order(p.score.desc(nulls_first=False)).limit(2).offset(1).all()
    assert [row.title[-1] for row in rows] == list("32")
    assert (await data.posts.order(p.comments.count().desc(), "id").first()).title == "Post 0"


async def selected(data: AnyData) -> None:
    await filled(data)
    p = data.posts.fields
    assert await data.posts.where(p.score < 2).select(p.title, p.author.name).order("title").all() == [
        ("Post 0", "Grace"), ("Post 1", "Ada"),
    ]  # fmt: skip
    assert sorted(await data.posts.select(p.state).distinct().all()) == [("draft",), ("published",)]
    found = await data.posts.select(
        p.author.name,
        count(),
        sum_of(p.score),
        mean_of(p.score),
        least(p.score),
        greatest(p.score),
        distinct_count(p.state),
    ).all()
    assert sorted(found) == [("Ada", 3, 4, 2, 1, 3, 2), ("Grace", 3, 6, 2, 0, 4, 2)]
    assert await data.posts.select(count()).all() == [(6,)]
    [(title, comments, longest)] = await data.posts.where(title="Post 0").select(
        p.title, p.comments.count(), p.comments.max(p.comments.fields.words)
    ).all()  # fmt: skip
    assert (title, comments, longest) == ("Post 0", 5, "c4")
    assert await data.posts.where(title="Post 1").select(p.comments.sum(p.comments.fields.id)).all() == [(0,)]


async def searched(data: AnyData) -> None:
    await filled(data)
    p = data.posts.fields
    assert {row.title[-1] for row in await data.posts.search("loom engine").all()} == set("012")
    found = await data.posts.search("compiler -missing").select(p.title, rank(), highlight(p.body)).order("title").all()
    assert [(title, text) for title, _, text in found] == [(f"Post {n}", "<b>compilers</b>") for n in (3, 4, 5)]
    assert all(how > 0 for _, how, _ in found)
    assert await data.posts.search("looms").count() == 3
    with pytest.raises(QueryRefused, match="tags has no full-text index"):
        await data.tags.search("x").all()


async def included(data: AnyData) -> None:
    await filled(data)
    first = await data.posts.include("author.boss", "editor", "tags", "comments").order("id").first()
    assert (first.author.name, first.author.boss.name, first.editor.name) == ("Grace", "Ada", "Ada")
    assert [tag.name for tag in first.tags] == ["old"]
    assert len(first.comments) == 5
    last = await data.posts.include("editor", "comments").order("-id").first()
    assert (last.editor, last.comments, last.author, last.state) == (None, [], msgspec.UNSET, "draft")
    newest = data.post_comments.order("-sent_at").limit(2)
    [some] = await data.posts.where(title="Post 0").include(comments=newest).all()
    assert [comment.words for comment in some.comments] == ["c4", "c3"]
    assert some.comments[0].sent_at == DAY + timedelta(hours=4)
    few = data.posts.where(state="published").include(comments=newest).order("id")
    authors = await data.authors.include(posts_by_author=few).order("name").all()
    assert [[(p.title[-1], len(p.comments)) for p in author.posts_by_author] for author in authors] == [
        [("1", 0), ("3", 0)], [("0", 2), ("2", 0)], [],
    ]  # fmt: skip
    p = data.posts.fields
    distinct = await data.posts.where(p.score > 1).include("author").distinct().order((p.score * 2).desc()).all()
    assert [(post.title[-1], post.author.name) for post in distinct] == [("4", "Grace"), ("3", "Ada"), ("2", "Grace")]
    page = await data.posts.include("comments").order(p.author.name).page(4)
    page = await data.posts.include("comments").order(p.author.name).page(4, after=page.next)
    assert [(post.title[-1], len(post.comments)) for post in page.rows] == [("2", 0), ("4", 0)]
    assert [len(post.tags) async for post in data.posts.include("tags").order("id").stream()] == [1, 1, 1, 1, 0, 0]
    async with data.transaction():
        assert (await data.posts.include("author").where(title="Post 0").for_update().one()).author.name == "Grace"
    with pytest.raises(QueryRefused, match="posts has no relation `autor`") as refusal:
        data.posts.include("autor")
    assert refusal.value.help == "did you mean `author`?"
    with pytest.raises(QueryRefused, match=r"posts\.author leads to authors, not to tags"):
        data.posts.include(author=data.tags)


async def included_is_one_statement(data: AnyData) -> None:
    await filled(data)
    seen: list[str] = []
    data.on_statement(lambda statement: seen.append(statement.sql))
    rows = await data.authors.include("posts_by_author.comments", "posts_by_author.tags", "boss").all()
    assert len(rows) == 3
    assert len(seen) == 1


async def every_type(data: AnyData) -> None:
    ada = await data.authors.create(email="ada@x.org", name="Ada")
    given = {
        "picture": bytes(range(256)) * 2, "address": "10.0.0.0/8", "took": timedelta(days=3, seconds=1.5),
        "opens_at": datetime(2026, 1, 1, 9, 30).time(), "ratio": 0.1, "from": "here",
    }  # fmt: skip
    made = await data.author_pages.create(
        author_id=ada.id, **{"from_" if k == "from" else k: v for k, v in given.items()}
    )
    assert made == await data.author_pages.get(ada.id)
    nested = (await data.authors.include("page").first()).page
    assert nested == made
    assert (made.picture, made.took, made.from_) == (given["picture"], given["took"], "here")
    await data.author_pages.update(ada.id, picture=None, took=None, address=None)
    assert (await data.authors.include("page").first()).page.picture is None


async def pages(data: AnyData) -> None:
    await filled(data)
    p = data.posts.fields
    for order in ((p.score.desc(),), ("-score", "state"), (p.author.name, p.score.desc(nulls_first=False)), ("title",)):
        whole = [row.id for row in await data.posts.order(*order, "id").all()]
        found, after = [], None
        while True:
            page = await data.posts.order(*order, "id").page(2, after=after, total="exact")
            found += [row.id for row in page.rows]
            after = page.next
            assert page.total == 6
            if after is None:
                break
        assert found == whole
    first = await data.posts.order("title").page(2)
    for foreign in (
        data.posts.order("-title"),
        data.posts.where(state="draft").order("title"),
        data.tags.order("name"),
    ):
        with pytest.raises(QueryRefused, match="the cursor does not belong to this question"):
            await foreign.page(2, after=first.next)
    with pytest.raises(QueryRefused, match="the cursor does not belong"):
        await data.posts.order("title").page(2, after=first.next[:-2] + "xx")
    with pytest.raises(QueryRefused, match="pages are ordered by columns"):
        await data.authors.order(data.authors.fields.settings["theme"]).page(2)
    with pytest.raises(QueryRefused, match="a page has one row at least, 0 were asked for"):
        await data.posts.order("title").page(0)


async def told(data: AnyData) -> None:
    await filled(data)
    assert await data.sql("SELECT name FROM tags WHERE name = $1", "old") == [{"name": "old"}]

    class Tag(msgspec.Struct):
        id: int
        name: str

    assert [tag.name for tag in await data.sql("SELECT * FROM tags ORDER BY 2", into=Tag)] == ["new", "old"]
    assert "Scan on posts" in await data.posts.where(state="draft").explain()
    assert "actual" in await data.posts.explain(analyze=True)


async def streamed(data: AnyData) -> None:
    await data.tags.create_many([{"name": f"t{n}"} for n in range(1203)])
    found = [tag.name async for tag in data.tags.order("id").stream(at_once=100)]
    assert found == [f"t{n}" for n in range(1203)]
    async for tag in data.tags.order("id").stream():
        assert tag.name == "t0"
        break
    assert [tag.name async for tag in data.tags.where(name="t3").stream()] == ["t3"]
    assert data.pool.size <= 2
