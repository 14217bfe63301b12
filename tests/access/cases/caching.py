"""Reads by way of the cache, and writes that make it forget: by two programs, `one` and `other`; the same one where there is no Redis."""

from decimal import Decimal
from typing import Any

import pytest

from asbuilt.access.aio import AnyData
from asbuilt.access.refusals import Conflict, Duplicate, QueryRefused, RowNotFound
from asbuilt.errors import AsbuiltError


async def misses(data: AnyData, ask: Any) -> int:
    """Return how many loads something needs."""
    before = data.cache.statistics().misses
    await ask()
    return int(data.cache.statistics().misses - before)


async def person(data: AnyData, name: str = "ada") -> Any:
    return await data.users.create(email=f"{name}@x", name=name)


async def read_twice(data: AnyData, id: int) -> Any:
    """Read a row until it is near."""
    await data.users.get_or_none(id)
    return await data.users.get_or_none(id)


async def a_row_is_read_once(one: AnyData, other: AnyData) -> None:
    ada = await person(one)
    assert await one.users.get(ada.id) == ada
    assert await misses(one, lambda: one.users.get(ada.id)) == 0
    assert await misses(other, lambda: other.users.get(ada.id)) == 0
    assert repr(await other.users.get(ada.id)) == repr(ada)
    assert await misses(one, lambda: one.users.find(email="ada@x")) == 1
    assert await one.users.find(email="ada@x") == ada
    assert await misses(one, lambda: one.users.find(email="ada@x")) == 0
    assert await one.users.find(email="ada@x", name="else") is None


async def many_rows_are_read_once(one: AnyData, other: AnyData) -> None:
    people = [await person(one, name) for name in ("ada", "bob", "eve")]
    ids = [each.id for each in people]
    await one.users.get(ids[1])
    assert await misses(one, lambda: one.users.get_many(ids)) == 2
    assert await misses(one, lambda: one.users.get_many(ids)) == 0
    wanted = [*ids, -1, ids[0]]
    assert repr(await other.users.get_many(wanted)) == repr([*people, None, people[0]])
    assert await misses(other, lambda: other.users.get_many(wanted)) == 0
    assert await misses(one, lambda: one.users.get(ids[2])) == 0
    assert await misses(one, lambda: one.users.load(email="bob@x")) == 1
    assert await misses(one, lambda: one.users.find(email="bob@x")) == 0
    changed = await other.users.update(ids[1], name="Bob")
    assert repr(await one.users.get_many(ids)) == repr([people[0], changed, people[2]])
    members = [await one.members.create(club=club, user_id=ids[0]) for club in ("chess", "go")]
    keys = [(member.club, member.user_id) for member in members]
    for data in (one, one, other):
        assert repr(await data.members.get_many([*keys, ("tennis", ids[0])])) == repr([*members, None])
    async with one.transaction():
        await one.users.update(ids[0], name="within")
        assert (await one.users.get_many(ids))[0].name == "within"


async def what_cannot_be_kept_is_read_all_the_same(one: AnyData, other: AnyData) -> None:
    ada = await person(one)
    orders = [await one.orders.create(user_id=ada.id, notes={"n": n}) for n in (1, 2**80)]
    ids = [order.id for order in orders]
    for _ in range(3):
        assert await one.orders.get_many(ids) == orders
        assert [await one.orders.load(id) for id in ids] == orders


async def every_type_comes_back_as_it_was(one: AnyData, other: AnyData) -> None:
    ada = await person(one)
    values = {"notes": {"deep": [1, None, "x"]}, "labels": ["a", "b"], "total": Decimal("12.30"), "due_on": None}
    order = await one.orders.create(user_id=ada.id, **values)
    for data in (one, one, other, other):
        assert repr(await data.orders.get(order.id)) == repr(order)
    kept = await one.orders.get(order.id)
    kept.notes["deep"] = "changed by its reader"
    kept.labels.append("more")
    assert await one.orders.get(order.id) == order


async def that_there_is_none_is_kept_until_there_is(one: AnyData, other: AnyData) -> None:
    for data in (one, one, other):
        assert await data.users.find(email="eve@x") is None
    assert await misses(one, lambda: one.users.find(email="eve@x")) == 0
    eve = await person(other, "eve")
    assert await other.users.find(email="eve@x") == eve
    with pytest.raises(RowNotFound):
        await one.users.get(eve.id + 1)
    with pytest.raises(RowNotFound):
        await one.users.get(eve.id + 1)


async def every_write_is_read_at_once(one: AnyData, other: AnyData) -> None:
    ada = await person(one)
    for change in range(3):
        await read_twice(one, ada.id)
        changed = await one.users.update(ada.id, name=f"Ada {change}")
        assert await one.users.get(ada.id) == changed
        assert await one.users.find(email="ada@x") == changed
    changed = await one.users.update(ada.id, email="new@x")
    assert await one.users.find(email="new@x") == changed
    assert await one.users.find(email="ada@x") is None
    assert await one.users.where(email="new@x").update(name="By condition") == 1
    assert (await one.users.get(ada.id)).name == "By condition"
    assert await one.users.where(email="new@x").update(email="third@x") == 1
    assert await one.users.find(email="new@x") is None
    assert (await one.users.find(email="third@x")).id == ada.id
    put = await one.users.upsert(on="email", email="third@x", name="Put")
    assert await one.users.get(ada.id) == put


async def deletes_of_each_kind(one: AnyData, other: AnyData) -> None:
    ada, bob, eve = await person(one), await person(one, "bob"), await person(one, "eve")
    for each in (ada, bob, eve):
        await read_twice(one, each.id)
        await one.users.find(email=each.email)
    await one.users.delete(ada.id)
    assert await one.users.get_or_none(ada.id) is None
    assert await one.users.find(email="ada@x") is None
    await one.users.restore(ada.id)
    assert (await one.users.get(ada.id)).name == "ada"
    assert (await one.users.find(email="ada@x")).id == ada.id
    assert await one.users.where(email="bob@x").delete() == 1
    assert await one.users.get_or_none(bob.id) is None
    assert await one.users.where(email="eve@x").delete(for_good=True) == 1
    assert await one.users.find(email="eve@x") is None
    await one.users.delete(ada.id, for_good=True)
    assert await one.users.get_or_none(ada.id) is None


async def rows_go_along_with_those_that_they_reference(one: AnyData, other: AnyData) -> None:
    ada = await person(one)
    order = await one.orders.create(user_id=ada.id)
    member = await one.members.create(club="chess", user_id=ada.id)
    for _ in range(2):
        assert await one.orders.get(order.id) == order
        assert await one.members.get("chess", ada.id) == member
        assert await orders_of(one, ada.id).all() == [order]
    assert await misses(one, lambda: one.members.get("chess", ada.id)) == 0
    await one.users.delete(ada.id, for_good=True)
    assert await one.orders.get_or_none(order.id) is None
    assert await one.members.get_or_none("chess", ada.id) is None
    assert await orders_of(one, ada.id).all() == []


async def new_rows_in_every_way(one: AnyData, other: AnyData) -> None:
    for name in ("a@x", "b@x", "c@x"):
        assert await one.users.find(email=name) is None
    await one.users.create_many([{"email": "a@x", "name": "a"}])
    await one.users.create_all([{"email": "b@x", "name": "b"}])
    await one.users.upsert(on="email", email="c@x", name="c")
    for name in ("a@x", "b@x", "c@x"):
        assert (await one.users.find(email=name)).email == name
    await one.users.create_many([{"email": f"{n}@many", "name": "n"} for n in range(1500)])
    assert (await one.users.find(email="7@many")) is not None


def orders_of(data: AnyData, id: int) -> Any:
    return data.orders.where(user_id=id).order("ordered_at").cached("user:{userId}:orders", userId=id)


def readers(data: AnyData) -> Any:
    return data.users.where(role="reader").order("id").cached("users:role:{role}", role="reader")


async def lists_under_a_key_of_the_document(one: AnyData, other: AnyData) -> None:
    ada, bob = await person(one), await person(one, "bob")
    order = await one.orders.create(user_id=ada.id, total=5)
    assert await misses(one, lambda: orders_of(one, ada.id).all()) == 1
    assert await misses(one, lambda: orders_of(one, ada.id).all()) == 0
    assert await misses(other, lambda: orders_of(other, ada.id).all()) == 0
    assert repr(await orders_of(other, ada.id).all()) == repr([order])
    assert await orders_of(one, bob.id).all() == []
    second = await one.orders.create(user_id=ada.id, total=6)
    assert await misses(one, lambda: orders_of(one, bob.id).all()) == 0
    assert await orders_of(one, ada.id).all() == [order, second]
    await one.orders.update(order.id, user_id=bob.id)
    assert [o.id for o in await orders_of(one, ada.id).all()] == [second.id]
    assert [o.id for o in await orders_of(one, bob.id).all()] == [order.id]


async def only_a_change_of_what_is_named_counts(one: AnyData, other: AnyData) -> None:
    ada, bob = await person(one), await person(one, "bob")
    for _ in range(2):
        assert [u.id for u in await readers(one).all()] == [ada.id, bob.id]
    await one.users.update(ada.id, name="Ada L.")
    assert await misses(one, lambda: readers(one).all()) == 0
    await one.users.update(ada.id, role="editor")
    assert [u.id for u in await readers(one).all()] == [bob.id]
    await one.users.delete(bob.id)
    assert await readers(one).all() == []


async def pages_counts_and_related_rows(one: AnyData, other: AnyData) -> None:
    ada = await person(one)
    for name in "bcdef":
        await one.users.create(email=f"{name}@x", name=name, boss_id=ada.id)
    total = one.users.fields.id
    question = one.users.include("boss").order("name", "-id").cached("users:active:page:{pageNum}", pageNum=1)
    for _ in range(2):
        page = await question.page(4)
        assert [(u.name, u.boss and u.boss.name) for u in page.rows][:2] == [("ada", None), ("b", "ada")]
        assert page.next is not None
    assert await misses(one, lambda: question.page(4)) == 0
    assert (await question.page(4, total="exact")).total == 6
    counted = one.users.where(total > 0).cached("users:active:page:{pageNum}", pageNum="count")
    assert [await counted.count() for _ in range(2)] == [6, 6]
    picked = one.users.select(one.users.fields.name, total).cached("users:active:page:{pageNum}", pageNum=3)
    assert await picked.all() == await picked.all()
    assert await picked.first() == await picked.first() == ("ada", ada.id)
    await person(one, "g")
    assert await counted.count() == 7


async def two_questions_under_one_key_are_told_apart(one: AnyData, other: AnyData) -> None:
    ada, bob = await person(one), await person(one, "bob")
    for _ in range(2):
        for each in (ada, bob):
            asked = one.users.where(id=each.id).cached("users:active:page:{pageNum}", pageNum=1)
            assert await asked.all() == [each]


async def what_a_key_is_for(one: AnyData, other: AnyData) -> None:
    with pytest.raises(AsbuiltError, match=r"no cache key `users:rol:\{role\}`; did you mean `users:role:\{role\}`"):
        one.users.where(role="x").cached("users:rol:{role}", role="x")
    with pytest.raises(AsbuiltError, match=r"is filled by role; given were rle"):
        one.users.where(role="x").cached("users:role:{role}", rle="x")
    with pytest.raises(QueryRefused, match="holds rows of users"):
        one.users.where(id=1).cached("user:{userId}", userId=1)
    with pytest.raises(QueryRefused, match="does not say what is kept there"):
        await one.cache.warm("users:role:{role}", [{"role": "x"}])
    with pytest.raises(QueryRefused, match="has no `usrs`"):
        await one.sql("SELECT 1", writes=["usrs"])


async def transactions_read_the_database(one: AnyData, other: AnyData) -> None:
    ada = await person(one)
    await read_twice(one, ada.id)
    async with one.transaction():
        await one.users.update(ada.id, name="within")
        assert (await one.users.get(ada.id)).name == "within"
        assert (await one.users.find(email="ada@x")).name == "within"
        assert (await readers(one).all())[0].name == "within"
    assert (await one.users.get(ada.id)).name == "within"
    with pytest.raises(KeyError):
        async with one.transaction():
            await one.users.update(ada.id, name="lost")
            assert (await one.users.get(ada.id)).name == "lost"
            raise KeyError
    assert (await one.users.get(ada.id)).name == "within"
    assert (await other.users.get(ada.id)).name == "within"


async def what_is_taken_back_makes_nothing_go(one: AnyData, other: AnyData) -> None:
    ada, bob = await person(one), await person(one, "bob")
    for each in (ada, bob):
        await read_twice(one, each.id)
    before = one.cache.statistics().invalidations
    with pytest.raises(KeyError):
        async with one.transaction():
            await one.users.update(ada.id, name="lost")
            raise KeyError
    with pytest.raises(Duplicate):
        await one.users.update(ada.id, email="bob@x")
    assert one.cache.statistics().invalidations == before
    async with one.transaction():
        await one.users.update(bob.id, name="stays")
        with pytest.raises(KeyError):
            async with one.transaction():
                await one.users.update(ada.id, name="lost")
                raise KeyError
    assert await misses(one, lambda: one.users.get(ada.id)) == 0
    assert (await one.users.get(bob.id)).name == "stays"


async def a_conflict_carries_the_row_of_the_database(one: AnyData, other: AnyData) -> None:
    ada = await person(one)
    await read_twice(one, ada.id)
    await one.runner.row("UPDATE users SET version = 9 WHERE id = $1", (ada.id,))
    assert (await one.users.get(ada.id)).version == 1
    with pytest.raises(Conflict) as conflict:
        await one.users.update(ada.id, version=1, name="x")
    assert conflict.value.current.version == 9


async def statements_by_hand(one: AnyData, other: AnyData) -> None:
    ada = await person(one)
    await read_twice(one, ada.id)
    await one.sql("UPDATE users SET name = $1 WHERE id = $2", "by hand", ada.id)
    assert (await one.users.get(ada.id)).name == "by hand"
    assert await misses(one, lambda: one.users.get(ada.id)) == 0
    await one.sql("SELECT id FROM users FOR UPDATE")
    assert await misses(one, lambda: one.users.get(ada.id)) == 0
    async with one.transaction():
        await one.sql("UPDATE users SET name = 'within' WHERE id = $1", ada.id)
    assert (await one.users.get(ada.id)).name == "within"
    await one.sql("SELECT 1", writes=["users"])
    assert await misses(one, lambda: one.users.get(ada.id)) == 1


async def warmed_forgotten_and_counted(one: AnyData, other: AnyData) -> None:
    ada, bob = await person(one), await person(one, "bob")
    ids = [{"userId": ada.id}, {"userId": bob.id}, {"userId": bob.id + 1}]
    assert await one.cache.warm("user:{userId}", ids) == 2
    assert await misses(one, lambda: one.users.get(ada.id)) == 0
    await one.cache.forget("user:{userId}", userId=ada.id)
    assert await misses(one, lambda: one.users.get(ada.id)) == 1
    assert await misses(one, lambda: one.users.get(bob.id)) == 0
    await one.cache.forget("user:{userId}")
    assert await misses(one, lambda: one.users.get(bob.id)) == 1
    told = one.cache.statistics()
    assert 0 < told.hit_ratio < 1
    assert told.fills
    assert one.cache.prune() >= 0
