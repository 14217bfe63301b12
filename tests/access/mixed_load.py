"""What programs do in the reliability run, and what was acknowledged of it. Programs with threads run the same, with nothing awaited."""

import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from asbuilt.access.aio import AnyData
from asbuilt.access.aio.waiting import sleep
from asbuilt.access.refusals import Conflict, PoolExhausted, RowNotFound, Unanswered

USERS = 24
ALIKE, SILENT = 0.3, 3.0
"""Seconds within which another program has heard of a write; and where Redis says nothing at all."""


class Ledger:
    """What was acknowledged to one program: the version of each user, the addresses that exist, the orders that are there and
    that are gone."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.versions: dict[int, int] = {}
        self.mails: list[str] = []
        self.there: dict[Any, int] = {}
        self.gone: list[Any] = []


class Clock:
    """How long the run lasts, and until when Redis says nothing."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds
        self.is_over = False
        self.silent_until = 0.0


class Stale(AssertionError):
    """Something was read that is older than what was acknowledged before."""


class Working:
    """A program at work: it writes, which a ledger keeps, and reads, which is held to the ledger; `is_own` where it is its own."""

    def __init__(self, data: AnyData, ledger: Ledger, clock: Clock, seed: int, *, is_own: bool = True) -> None:
        self.data = data
        self.ledger = ledger
        self.clock = clock
        self.random = random.Random(seed)
        self.is_own = is_own
        self.counts: Counter[str] = Counter()

    async def begin(self) -> None:
        for n in range(USERS):
            user = await self.data.users.create(email=f"{n}@{self.ledger.program}", name="0")
            self.ledger.versions[user.id] = user.version

    async def go_on(self, what: Callable[["Working", int], Awaitable[None]], number: int = 0) -> None:
        """Do something again and again; that a server is gone is counted, all else is a failure."""
        while not self.clock.is_over:
            try:
                await what(self, number)
                self.counts[what.__name__] += 1
                await sleep(self.random.random() * 0.002)
            except (Unanswered, PoolExhausted):
                self.counts["unanswered"] += 1
                await sleep(0.01)

    async def write(self, number: int) -> None:
        """Do one of the writes."""
        await self.random.choice((self.change, self.add, self.withdraw))(number)

    async def change(self, number: int) -> None:
        """Count the version of a user up: alone, or with another one in a transaction."""
        data, versions = self.data, self.ledger.versions
        mine = [id for id in versions if id % 4 == number]
        ids = self.random.sample(mine, self.random.choice((1, 1, 2)))
        is_single = len(ids) == 1 and self.random.random() < 0.6
        done: dict[int, int] = {}
        with suppress(Conflict):  # what nobody knew of has been done after all
            if is_single:
                row = await data.users.where(id=ids[0]).one()
                done[ids[0]] = (await data.users.update(ids[0], version=row.version, name=f"{number}")).version
            else:
                async with data.transaction():
                    for id in ids:
                        row = await data.users.get(id)
                        done[id] = (await data.users.update(id, version=row.version, role="editor")).version
            for id, version in done.items():
                versions[id] = max(versions[id], version)

    async def add(self, number: int) -> None:
        """Make a user whose address somebody may have looked for before, and an order."""
        mail = f"{self.random.random()}@{self.ledger.program}{number}"
        assert await self.data.users.find(email=mail) is None
        await self.data.users.create(email=mail, name="new")
        self.ledger.mails.append(mail)
        user = self.random.choice(list(self.ledger.versions))
        order = await self.data.orders.create(user_id=user, total=1)
        self.ledger.there[order.id] = user

    async def withdraw(self, number: int) -> None:
        if len(self.ledger.there) > 60:
            id = self.random.choice(list(self.ledger.there))
            del self.ledger.there[id]  # from here on nobody knows, until it is acknowledged
            with suppress(RowNotFound):
                await self.data.orders.delete(id)
                self.ledger.gone.append(id)

    async def read(self, number: int) -> None:
        """Read something, and hold it to what had been acknowledged before the read."""
        kind = self.random.choice((self._user, self._user, self._mail, self._order, self._orders))
        told = await kind()
        began = time.monotonic()
        while told and not self.is_own:
            await sleep(0.01)
            late = time.monotonic() - began
            if late > (SILENT if began < self.clock.silent_until else ALIKE):
                break
            told = await kind(told)
        if told:
            raise Stale(f"{self.ledger.program}: {told} {self.data.cache.statistics()}")

    async def _user(self, again: Any = None) -> Any:
        id, least = again or self.random.choice(list(self.ledger.versions.items()))
        found = await self.data.users.get(id)
        return (id, least) if found.version < least else None

    async def _mail(self, again: Any = None) -> Any:
        mail = again or (self.random.choice(self.ledger.mails[-200:]) if self.ledger.mails else None)
        return mail if mail is not None and await self.data.users.find(email=mail) is None else None

    async def _order(self, again: Any = None) -> Any:
        gone = again or (self.random.choice(self.ledger.gone[-200:]) if self.ledger.gone else None)
        return gone if gone is not None and await self.data.orders.get_or_none(gone) is not None else None

    async def _orders(self, again: Any = None) -> Any:
        user = again or self.random.choice(list(self.ledger.versions))
        there = {id for id, owner in list(self.ledger.there.items()) if owner == user}
        gone = set(self.ledger.gone)
        rows = await self.data.orders.where(user_id=user).order("id").cached("user:{userId}:orders", userId=user).all()
        found = {row.id for row in rows}
        lost = there.intersection(list(self.ledger.there)) - found
        return user if lost or found & gone else None

    async def check(self, plain: AnyData) -> None:
        """Hold the database to the ledger: all that was acknowledged is there, and the program reads it as it stands."""
        users = plain.users.fields
        versions = {
            user.id: user.version for user in await plain.users.where(users.id.is_in(list(self.ledger.versions))).all()
        }
        assert all(versions[id] >= version for id, version in self.ledger.versions.items())
        mails = {mail for (mail,) in await plain.users.select(users.email).all()}
        assert mails.issuperset(self.ledger.mails)
        orders = {id for (id,) in await plain.orders.select(plain.orders.fields.id).all()}
        assert orders.issuperset(self.ledger.there)
        assert orders.isdisjoint(self.ledger.gone)
        for id, version in versions.items():
            assert (await self.data.users.get(id)).version == version
