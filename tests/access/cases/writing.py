"""Rows, made and changed in every way."""

import pytest

from asbuilt.access.aio import AnyData
from asbuilt.access.refusals import Conflict, Duplicate, InvalidRow, QueryRefused, RowNotFound


async def created_and_changed(data: AnyData) -> None:
    ada = await data.authors.create(email="ada@x.org", name="Ada")
    assert (ada.settings, ada.deleted_at) == ({}, None)
    renamed = await data.authors.update(ada.id, name="Ada L.")
    assert (renamed.name, renamed.email) == ("Ada L.", "ada@x.org")
    with pytest.raises(RowNotFound):
        await data.authors.update(-1, name="x")
    with pytest.raises(InvalidRow, match=r"nmae is no field of authors; did you mean `name`\?.*; name is required"):
        await data.authors.create(email="b@x.org", nmae="B")
    with pytest.raises(InvalidRow, match="id is made by the server"):
        await data.authors.create(id=1, email="b@x.org", name="B")


async def counted(data: AnyData) -> None:
    ada = await data.authors.create(email="ada@x.org", name="Ada")
    post = await data.posts.create(author_id=ada.id, title="One")
    changed = await data.posts.update(post.id, version=post.version, title="Two")
    assert changed.version == post.version + 1
    with pytest.raises(Conflict) as conflict:
        await data.posts.update(post.id, version=post.version, title="Three")
    assert conflict.value.current == changed
    with pytest.raises(QueryRefused, match="authors has no version"):
        await data.authors.update(ada.id, version=1, name="x")
    assert await data.posts.where(author_id=ada.id).update(score=2) == 1
    score = data.posts.fields.score
    assert (await data.posts.update(post.id, score=score + 3)).score == 5
    assert (await data.posts.get(post.id)).version == changed.version + 2


async def many(data: AnyData) -> None:
    ada = await data.authors.create(email="ada@x.org", name="Ada")
    rows = [{"author_id": ada.id, "title": f"p{n}", "labels": ["x", f"{n}"], "state": "published"} for n in range(300)]
    assert await data.posts.create_many(rows) == 300
    assert await data.posts.create_many([]) == 0
    assert (await data.posts.where(title="p7").first()).labels == ["x", "7"]
    made = await data.authors.create_all([{"email": f"{n}@x.org", "name": "N", "settings": {"n": n}} for n in range(3)])
    assert [author.settings["n"] for author in made] == [0, 1, 2]
    assert await data.authors.create_many([{"email": "c@x.org", "name": "C", "settings": {"deep": [1]}}]) == 1
    assert (await data.authors.find(email="c@x.org")).settings == {"deep": [1]}
    with pytest.raises(InvalidRow, match=r"row 1: id is made by the server.*; row 1: name is required"):
        await data.tags.create_many([{"name": "a"}, {"id": 1}])
    with pytest.raises(Duplicate, match="Tag: row 1: name is taken by another row"):
        await data.tags.create_many([{"name": "a"}, {"name": "a"}])
    assert await data.tags.count() == 0


async def put(data: AnyData) -> None:
    ada = await data.authors.upsert(on="email", email="ada@x.org", name="Ada")
    again = await data.authors.upsert(email="ada@x.org", name="Ada L.", on="email")
    assert (again.id, again.name) == (ada.id, "Ada L.")
    with pytest.raises(QueryRefused, match=r"authors has no unique key \(name\)"):
        await data.authors.upsert(on="name", email="b@x.org", name="B")


async def deleted(data: AnyData) -> None:
    ada = await data.authors.create(email="ada@x.org", name="Ada")
    grace = await data.authors.create(email="grace@x.org", name="Grace", boss_id=ada.id)
    gone = await data.authors.delete(ada.id)
    assert gone.deleted_at is not None
    assert await data.authors.get_or_none(ada.id) is None
    assert await data.authors.get_many([ada.id]) == [None]
    assert await data.authors.count() == 1
    assert await data.authors.with_deleted().count() == 2
    with pytest.raises(RowNotFound):
        await data.authors.update(ada.id, name="x")
    with pytest.raises(RowNotFound):
        await data.authors.delete(ada.id)
    assert (await data.authors.include("boss").first()).boss.name == "Ada"
    assert (await data.authors.restore(ada.id)).deleted_at is None
    assert await data.authors.where(name="Grace").delete() == 1
    assert (await data.authors.delete(grace.id, for_good=True)).name == "Grace"
    assert await data.authors.with_deleted().count() == 1
    tag = await data.tags.create(name="old")
    await data.tags.delete(tag.id)
    assert await data.tags.count() == 0
    with pytest.raises(QueryRefused, match="tags are deleted for good"):
        await data.tags.restore(tag.id)
    with pytest.raises(QueryRefused, match="rows are written by their conditions"):
        await data.tags.order("id").delete()
