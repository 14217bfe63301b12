"""Two programs that write whatever comes to mind, and after each write a look at all that is kept: nothing may be older than the database."""

import random
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from asbuilt.access.aio import AnyData
from asbuilt.access.refusals import DataError, InvalidRow, RowNotFound

IDS = range(1, 7)
MAILS = [f"{name}@x" for name in "abcdef"]
ROLES = ("reader", "editor")
CLUBS = ("chess", "go")
EMPTY = "TRUNCATE members, orders, users RESTART IDENTITY"
Settle = Callable[[], Awaitable[None]]
Write = Callable[[AnyData, random.Random], Coroutine[Any, Any, None]]


class TakenBack(Exception):
    """A transaction is given up."""


class Play:
    """`one` and `other` have a cache each, `plain` has none; `settle` waits until each has heard of what the other wrote."""

    def __init__(
        self, one: AnyData, other: AnyData, plain: AnyData, settle: Settle, seed: int, writes: Sequence[Write]
    ) -> None:
        self.programs = (one, other)
        self.plain = plain
        self.settle = settle
        self.random = random.Random(seed)
        self.writes = writes
        self.done: list[str] = []

    async def run(self, steps: int) -> None:
        await self.plain.runner.row(EMPTY, ())
        for data in self.programs:
            for pattern in data.plan.by_pattern:
                await data.cache.forget(pattern)
        for _ in range(steps):
            await self.step()

    async def step(self) -> None:
        data = self.random.choice(self.programs)
        if self.random.random() < 0.3:
            await self.transaction(data, 2)
        else:
            await self.write(data)
        await self.compare()

    async def transaction(self, data: AnyData, deepest: int) -> None:
        """Write several things at once, or take all of them back."""
        is_kept = self.random.random() < 0.6
        self.done.append(f"begin {data is self.programs[0]}")
        try:
            async with data.transaction():
                for _ in range(self.random.randint(1, 3)):
                    if deepest and self.random.random() < 0.3:
                        await self.transaction(data, deepest - 1)
                    else:
                        async with data.transaction():
                            await self.write(data, is_within=True)
                    await self.compare_within(data)
                if not is_kept:
                    raise TakenBack
        except TakenBack:
            self.done.append("taken back")
        else:
            self.done.append("committed")

    async def write(self, data: AnyData, *, is_within: bool = False) -> None:
        """Do one of all kinds of writes; what the document refuses is refused."""
        kind = self.random.choice(self.writes)
        self.done.append(f"{getattr(kind, '__name__', '')} {data is self.programs[0]}")
        try:
            if is_within:
                async with data.transaction():
                    await kind(data, self.random)
            else:
                await kind(data, self.random)
        except (InvalidRow, RowNotFound):
            self.done.append("refused")

    async def compare(self) -> None:
        """Read all that is kept by both programs, twice so that it is near as well, and hold it to the database."""
        await self.settle()
        wanted = await answers(self.plain)
        for _ in range(2):
            for data in self.programs:
                found = await answers(data)
                assert found == wanted, (differences(found, wanted), self.done[-8:])
            await self.settle()

    async def compare_within(self, data: AnyData) -> None:
        """Inside a transaction its own writes are read, too; the other program reads what was there before."""
        for id in IDS:
            found, wanted = await data.users.get_or_none(id), await data.users.where(id=id).first()
            assert repr(found) == repr(wanted), self.done[-8:]
        for other in self.programs:
            if other is not data:
                found, wanted = await answers(other), await answers(self.plain)
                assert found == wanted, (differences(found, wanted), self.done[-8:])


async def answers(data: AnyData) -> dict[Any, str]:
    found: dict[Any, str] = {}
    users = data.users
    for id in IDS:
        found["user", id] = repr(await users.get_or_none(id))
        orders = data.orders.where(user_id=id).order("ordered_at", "id").cached("user:{userId}:orders", userId=id)
        rows = await orders.all()
        found["orders", id] = repr(rows)
        for row in rows:
            found["order", row.id] = repr(await data.orders.get_or_none(row.id))
        for club in CLUBS:
            found["member", club, id] = repr(await data.members.get_or_none(club, id))
    for mail in MAILS:
        found["mail", mail] = repr(await users.find(email=mail))
    for role in ROLES:
        found["role", role] = repr(
            await users.select(users.fields.id)
            .where(role=role)
            .order("id")
            .cached("users:role:{role}", role=role)
            .all()
        )
    found["page"] = repr((await users.order("id").cached("users:active:page:{pageNum}", pageNum=1).page(20)).rows)
    return found  # fmt: skip


def differences(found: dict[Any, str], wanted: dict[Any, str]) -> dict[Any, tuple[Any, Any]]:
    return {key: (found.get(key), wanted.get(key)) for key in {*found, *wanted} if found.get(key) != wanted.get(key)}


async def create(data: AnyData, by: random.Random) -> None:
    await data.users.create(email=by.choice(MAILS), name="new", role=by.choice(ROLES))


async def create_all(data: AnyData, by: random.Random) -> None:
    await data.users.create_all([{"email": mail, "name": "all"} for mail in by.sample(MAILS, 2)])


async def create_many(data: AnyData, by: random.Random) -> None:
    await data.users.create_many([{"email": mail, "name": "many"} for mail in by.sample(MAILS, 2)])


async def upsert(data: AnyData, by: random.Random) -> None:
    await data.users.upsert(on="email", email=by.choice(MAILS), name=f"put {by.random()}")


async def rename(data: AnyData, by: random.Random) -> None:
    await data.users.update(by.choice(IDS), name=f"name {by.random()}")


async def move(data: AnyData, by: random.Random) -> None:
    await data.users.update(by.choice(IDS), email=by.choice(MAILS))


async def promote(data: AnyData, by: random.Random) -> None:
    await data.users.where(role=by.choice(ROLES)).update(role=by.choice(ROLES))


async def promote_by_relation(data: AnyData, by: random.Random) -> None:
    orders = data.users.fields.orders
    await data.users.where(orders.any(orders.fields.total > 5)).update(role=by.choice(ROLES))


async def mark(data: AnyData, by: random.Random) -> None:
    await data.users.delete(by.choice(IDS))


async def mark_some(data: AnyData, by: random.Random) -> None:
    await data.users.where(email=by.choice(MAILS)).delete()


async def restore(data: AnyData, by: random.Random) -> None:
    await data.users.restore(by.choice(IDS))


async def delete(data: AnyData, by: random.Random) -> None:
    await data.users.delete(by.choice(IDS), for_good=True)


async def order(data: AnyData, by: random.Random) -> None:
    await data.orders.create(user_id=by.choice(IDS), total=by.randrange(10))


async def hand_on(data: AnyData, by: random.Random) -> None:
    await data.orders.where(user_id=by.choice(IDS)).update(user_id=by.choice(IDS))


async def withdraw(data: AnyData, by: random.Random) -> None:
    await data.orders.where(data.orders.fields.total > by.randrange(10)).delete()


async def join(data: AnyData, by: random.Random) -> None:
    await data.members.upsert(club=by.choice(CLUBS), user_id=by.choice(IDS), level=by.randrange(9))


async def change_club(data: AnyData, by: random.Random) -> None:
    await data.members.where(user_id=by.choice(IDS), club=CLUBS[0]).update(club=CLUBS[1])


async def by_hand(data: AnyData, by: random.Random) -> None:
    await data.sql("UPDATE users SET name = $1 WHERE id = $2", f"hand {by.random()}", by.choice(IDS))


async def failing(data: AnyData, by: random.Random) -> None:
    try:
        async with data.transaction():
            await data.users.update(by.choice(IDS), name="never")
            await data.sql("SELECT 1 / 0")
    except DataError:
        return


WRITES: tuple[Write, ...] = (
    create, create_all, create_many, upsert, rename, move, promote, promote_by_relation, mark, mark_some, restore, delete,
    order, hand_on, withdraw, join, change_club, by_hand, failing,
)  # fmt: skip
