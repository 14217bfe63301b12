"""Mixed load by two programs while PostgreSQL and Redis are killed and started again at random.

    python -m tests.access.reliability --minutes 10

What was acknowledged has to be there, nothing older than it may be read, and no connection may be lost from a pool.
"""

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.cache.servers import Redis, binaries, running

import asbuilt
from asbuilt.access.aio import AnyData
from asbuilt.access.deriving import schema_of
from asbuilt.access.refusals import Conflict, PoolExhausted, RowNotFound, Unanswered
from asbuilt.cache.compiling import cache_plan
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.server import EmbeddedServer
from asbuilt.errors import AsbuiltError

DOCUMENT = Path(__file__).parent / "kept.md"
USERS = 24
ALIKE, SILENT = 0.3, 3.0
"""Seconds within which another program has heard of a write; and where Redis says nothing at all."""


class Ledger:
    """What was acknowledged: the version of each user, the addresses that exist, the orders that are there and that are gone."""

    def __init__(self) -> None:
        self.versions: dict[int, int] = {}
        self.mails: list[str] = []
        self.there: dict[Any, int] = {}
        self.gone: list[Any] = []
        self.counts: Counter[str] = Counter()
        self.silent_until = 0.0


class Stale(AssertionError):
    """Something was read that is older than what was acknowledged before."""


class Load:
    """Readers and writers of two programs, until the time is over and every trouble has been."""

    def __init__(self, programs: tuple[AnyData, AnyData], seed: int, seconds: float) -> None:
        self.programs = programs
        self.random = random.Random(seed)
        self.ledger = Ledger()
        self.end = time.monotonic() + seconds
        self.is_over = False

    async def begin(self) -> None:
        for n in range(USERS):
            user = await self.programs[0].users.create(email=f"{n}@begin", name="0")
            self.ledger.versions[user.id] = user.version

    async def go_on(self, what: Callable[[AnyData, int], Awaitable[None]], data: AnyData, number: int) -> None:
        """Do something again and again; that a server is gone is counted, all else is a failure."""
        while not self.is_over:
            try:
                await what(data, number)
                self.ledger.counts[what.__name__] += 1
                await asyncio.sleep(self.random.random() * 0.002)
            except (Unanswered, PoolExhausted):
                self.ledger.counts["unanswered"] += 1
                await asyncio.sleep(0.01)

    async def change(self, data: AnyData, number: int) -> None:
        """Count the version of a user up: alone, or with another one in a transaction."""
        mine = [id for id in self.ledger.versions if id % 4 == number]
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
                self.ledger.versions[id] = max(self.ledger.versions[id], version)

    async def add(self, data: AnyData, number: int) -> None:
        """Make a user whose address somebody may have looked for before, and an order."""
        mail = f"{self.random.random()}@{number}"
        assert await data.users.find(email=mail) is None
        await data.users.create(email=mail, name="new")
        self.ledger.mails.append(mail)
        user = self.random.choice(list(self.ledger.versions))
        order = await data.orders.create(user_id=user, total=1)
        self.ledger.there[order.id] = user

    async def withdraw(self, data: AnyData, number: int) -> None:
        if len(self.ledger.there) > 60:
            id = self.random.choice(list(self.ledger.there))
            del self.ledger.there[id]  # from here on nobody knows, until it is acknowledged
            with suppress(RowNotFound):
                await data.orders.delete(id)
                self.ledger.gone.append(id)

    async def read(self, data: AnyData, number: int) -> None:
        """Read something, and hold it to what had been acknowledged before the read."""
        kind = self.random.choice((self._user, self._user, self._mail, self._order, self._orders))
        is_own = data is self.programs[0]
        told = await kind(data)
        began = time.monotonic()
        while told and not is_own:
            await asyncio.sleep(0.01)
            late = time.monotonic() - began
            if late > (SILENT if began < self.ledger.silent_until else ALIKE):
                break
            told = await kind(data, told)
        if told:
            raise Stale(f"{told} {data.cache.statistics()}")

    async def _user(self, data: AnyData, again: Any = None) -> Any:
        id, least = again or self.random.choice(list(self.ledger.versions.items()))
        found = await data.users.get(id)
        return (id, least) if found.version < least else None

    async def _mail(self, data: AnyData, again: Any = None) -> Any:
        mail = again or (self.random.choice(self.ledger.mails[-200:]) if self.ledger.mails else None)
        return mail if mail is not None and await data.users.find(email=mail) is None else None

    async def _order(self, data: AnyData, again: Any = None) -> Any:
        gone = again or (self.random.choice(self.ledger.gone[-200:]) if self.ledger.gone else None)
        return gone if gone is not None and await data.orders.get_or_none(gone) is not None else None

    async def _orders(self, data: AnyData, again: Any = None) -> Any:
        user = again or self.random.choice(list(self.ledger.versions))
        there = {id for id, owner in self.ledger.there.items() if owner == user}
        gone = set(self.ledger.gone)
        rows = await data.orders.where(user_id=user).order("id").cached("user:{userId}:orders", userId=user).all()
        found = {row.id for row in rows}
        lost = (there & self.ledger.there.keys()) - found
        return user if lost or found & gone else None

    async def run(self, *troubles: Awaitable[None]) -> None:
        one, other = self.programs
        work = [self.go_on(self.change, one, number) for number in range(4)]
        work += [self.go_on(self.add, one, 1), self.go_on(self.withdraw, one, 1)]
        work += [self.go_on(self.read, data, 0) for data in (one, one, one, other, other)]
        await asyncio.gather(*work, self._ended(troubles))

    async def _ended(self, troubles: Sequence[Awaitable[None]]) -> None:
        await asyncio.gather(*troubles)
        await asyncio.sleep(self.end - time.monotonic())
        self.is_over = True

    async def check(self, plain: AnyData) -> None:
        """Hold the database to the ledger: all that was acknowledged is there."""
        versions = {user.id: user.version for user in await plain.users.where(plain.users.fields.id <= USERS).all()}
        assert all(versions[id] >= version for id, version in self.ledger.versions.items())
        mails = {mail for (mail,) in await plain.users.select(plain.users.fields.email).all()}
        assert mails.issuperset(self.ledger.mails)
        orders = {id for (id,) in await plain.orders.select(plain.orders.fields.id).all()}
        assert orders.issuperset(self.ledger.there)
        assert orders.isdisjoint(self.ledger.gone)
        for data in self.programs:
            for id, version in versions.items():
                assert (await data.users.get(id)).version == version


class Postgres:
    """A server whose data is safe, and that is killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.server = EmbeddedServer.start(folder, durable=True)

    def kill(self) -> None:
        os.kill(self.server.pid, signal.SIGKILL)

    def start(self) -> None:
        for _ in range(100):
            try:
                self.server = EmbeddedServer.start(self._folder, durable=True)
                return
            except AsbuiltError:
                time.sleep(0.1)  # what was left of the old one still holds its memory
        raise TimeoutError("PostgreSQL does not start again")


async def postgres_troubles(load: Load, postgres: Postgres, plain_url: str, calm: float, least: int) -> None:
    by, left = load.random, least
    while left > 0 or time.monotonic() + 3 * calm < load.end:
        left -= 1
        await asyncio.sleep(calm * (0.5 + by.random()))
        if by.random() < 0.5:
            await asyncio.to_thread(_terminated, plain_url)
            load.ledger.counts["connections ended"] += 1
        else:
            postgres.kill()
            await asyncio.sleep(by.random() * 0.3)
            await asyncio.to_thread(postgres.start)
            load.ledger.counts["PostgreSQL killed"] += 1


def _terminated(url: str) -> None:
    with suppress(AsbuiltError), POSTGRES.connect(url, read_only=False) as session:
        session.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'asbuilt' AND pid <> pg_backend_pid()")  # fmt: skip


async def redis_troubles(load: Load, redis: Redis, calm: float, least: int) -> None:
    by, left = load.random, least
    while left > 0 or time.monotonic() + 3 * calm < load.end:
        left -= 1
        await asyncio.sleep(calm * (0.5 + by.random()))
        kind = by.choice(("killed", "killed", "silent"))
        if kind == "silent":
            load.ledger.silent_until = time.monotonic() + 10
            redis.pause()
            await asyncio.sleep(by.random() * 1.5)
            redis.resume()
            load.ledger.silent_until = time.monotonic() + SILENT
        else:
            with suppress(OSError, EOFError):
                await asyncio.to_thread(redis.ask, "SAVE")
            redis.kill()
            await asyncio.sleep(by.random() * 0.3)
            await asyncio.to_thread(redis.start)
        load.ledger.counts[f"Redis {kind}"] += 1


async def played(folder: Path, redis: Redis, seconds: float, seed: int, least: int = 0) -> Counter[str]:
    """Return how much was done; raises AssertionError where a promise was broken.

    Each server is in trouble `least` times at the least, however long that takes on a busy machine.
    """
    calm = min(4.0, seconds / 10)
    postgres = await asyncio.to_thread(Postgres, folder)
    try:
        url = await asyncio.to_thread(postgres.server.ensure_database, "load")
        schema, plan = await asyncio.to_thread(_built, url)
        async with (
            AnyData(schema, url, plan=plan, cache=redis.url, size=6) as one,
            AnyData(schema, url, plan=plan, cache=redis.url, size=6) as other,
        ):
            load = Load((one, other), seed, seconds)
            await load.begin()
            troubles = postgres_troubles(load, postgres, url, calm, least), redis_troubles(load, redis, calm, least)
            await load.run(*troubles)
            async with AnyData(schema, url, plan=plan) as plain:
                await load.check(plain)
            await _whole(one, other)
            load.ledger.counts["hits"] = sum(d.cache.statistics().near_hits for d in (one, other))
            load.ledger.counts["hits in Redis"] = sum(d.cache.statistics().redis_hits for d in (one, other))
        await asyncio.to_thread(_nobody_left, url)
        return load.ledger.counts
    finally:
        await asyncio.to_thread(postgres.server.stop)


def _built(url: str) -> tuple[Any, Any]:
    design = asbuilt.load(DOCUMENT).design
    with POSTGRES.connect(url, read_only=False) as session:
        for step in POSTGRES.steps(design):
            session.execute(step.sql)
        state = session.inspect()
    return schema_of(state, design), cache_plan(state, design)


async def _whole(*programs: AnyData) -> None:
    """Hold that every connection of a pool is in it."""
    for _ in range(200):
        if all(data.pool.size == data.pool.free and not data.pool.waiting for data in programs):
            return
        await asyncio.sleep(0.02)
    raise AssertionError([data.pool for data in programs])


def _nobody_left(url: str) -> None:
    """Hold that the server has no connection of a program any more."""
    with POSTGRES.connect(url, read_only=True) as session:
        for _ in range(100):
            [(count,)] = session.rows("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'asbuilt' AND pid <> pg_backend_pid()")  # fmt: skip
            if not count:
                return
            time.sleep(0.05)
    raise AssertionError(f"{count} connections are left")


def main() -> int:
    asked = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    asked.add_argument("--minutes", type=float, default=10)
    asked.add_argument("--seed", type=int, default=random.randrange(10_000))
    given = asked.parse_args()
    print(f"{given.minutes:g} minutes, seed {given.seed}", flush=True)
    with running(binaries()[0]) as redis, tempfile.TemporaryDirectory(prefix="asbuilt-load-") as folder:
        counts = asyncio.run(played(Path(folder), redis, given.minutes * 60, given.seed))
    print("\n".join(f"{count:>10,}  {what}" for what, count in sorted(counts.items())))
    print("every acknowledged write is there, nothing stale was read, no connection is left")
    return 0


if __name__ == "__main__":
    sys.exit(main())
