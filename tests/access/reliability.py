"""Mixed load by three programs, one of them with threads, while PostgreSQL and Redis are killed and started again at random.

    python -m tests.access.reliability --minutes 10

What was acknowledged has to be there, nothing older than it may be read, and no connection may be lost from a pool.
"""

import argparse
import asyncio
import inspect
import os
import random
import signal
import sys
import tempfile
import time
import types
from collections import Counter
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from scripts.threads import made
from tests.access import mixed_load
from tests.access.mixed_load import SILENT, Clock, Ledger, Working
from tests.cache.servers import Redis, binaries, running

import asbuilt
from asbuilt.access.aio import AnyData
from asbuilt.access.deriving import schema_of
from asbuilt.access.sync import AnyData as AnySyncData
from asbuilt.cache.compiling import cache_plan
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.server import EmbeddedServer
from asbuilt.errors import AsbuiltError

DOCUMENT = Path(__file__).parent / "kept.md"
SIZE = 6


def blocking() -> Any:
    """Return `mixed_load` for programs with threads."""
    module = types.ModuleType("tests.access.mixed_load_blocking")
    exec(compile(made(inspect.getsource(mixed_load)), f"{mixed_load.__file__}, blocking", "exec"), module.__dict__)
    return module


class Load:
    """Readers and writers of three programs, until the time is over and every trouble has been: `one` and `other` are tasks,
    `third` is threads. The first and the third write, and everybody reads what both have written."""

    def __init__(self, one: AnyData, other: AnyData, third: AnySyncData, seed: int, seconds: float) -> None:
        self.random = random.Random(seed)
        self.clock = Clock(seconds)
        self.counts: Counter[str] = Counter()
        self.programs = (one, other, third)
        ours, theirs = Ledger("one"), Ledger("third")
        self.threaded = blocking().Working
        self.writer = self._working(Working, one, ours, is_own=True)
        self.readers = [self._working(Working, *kind) for kind in ((one, theirs), (other, ours), (other, theirs))]
        self.thread_writer = self._working(self.threaded, third, theirs, is_own=True)
        self.thread_reader = self._working(self.threaded, third, ours)

    def _working(self, kind: Any, data: Any, ledger: Ledger, *, is_own: bool = False) -> Any:
        return kind(data, ledger, self.clock, self.random.randrange(10**6), is_own=is_own)

    async def begin(self) -> None:
        await self.writer.begin()
        await asyncio.to_thread(self.thread_writer.begin)

    async def run(self, *troubles: Awaitable[None]) -> None:
        writer = self.writer
        work = [writer.go_on(Working.change, number) for number in range(4)]
        work += [writer.go_on(what, 1) for what in (Working.add, Working.withdraw, Working.read, Working.read)]
        work += [reader.go_on(Working.read) for reader in self.readers]
        threads = [asyncio.create_task(asyncio.to_thread(*thread)) for thread in self._threads()]
        try:
            await asyncio.gather(*work, *threads, self._ended(troubles))
        finally:
            self.clock.is_over = True
            await asyncio.wait(threads)

    def _threads(self) -> list[tuple[Any, ...]]:
        writer, reader, kind = self.thread_writer, self.thread_reader, self.threaded
        return [(writer.go_on, kind.write, 0), (writer.go_on, kind.read), (reader.go_on, kind.read)]

    async def _ended(self, troubles: Sequence[Awaitable[None]]) -> None:
        await asyncio.gather(*troubles)
        await asyncio.sleep(self.clock.end - time.monotonic())
        self.clock.is_over = True

    async def check(self, plain: AnyData, plain_third: AnySyncData) -> None:
        """Hold the database, and what every program reads of it, to what was acknowledged."""
        for working in (self.writer, *self.readers):
            await working.check(plain)
        for working in (self.thread_writer, self.thread_reader):
            await asyncio.to_thread(working.check, plain_third)

    def told(self) -> Counter[str]:
        """Return how much was done; what threads did apart."""
        found = self.counts.copy()
        for working in (self.writer, *self.readers):
            found += working.counts
        for working in (self.thread_writer, self.thread_reader):
            found += Counter({f"{what}, in threads": count for what, count in working.counts.items()})
        for name, kind in (("hits", "near_hits"), ("hits in Redis", "redis_hits")):
            found[name] = sum(getattr(data.cache.statistics(), kind) for data in self.programs)
        return found


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
    while left > 0 or time.monotonic() + 3 * calm < load.clock.end:
        left -= 1
        await asyncio.sleep(calm * (0.5 + by.random()))
        if by.random() < 0.5:
            await asyncio.to_thread(_terminated, plain_url)
            load.counts["connections ended"] += 1
        else:
            postgres.kill()
            await asyncio.sleep(by.random() * 0.3)
            await asyncio.to_thread(postgres.start)
            load.counts["PostgreSQL killed"] += 1


def _terminated(url: str) -> None:
    with suppress(AsbuiltError), POSTGRES.connect(url, read_only=False) as session:
        session.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'asbuilt' AND pid <> pg_backend_pid()")  # fmt: skip


async def redis_troubles(load: Load, redis: Redis, calm: float, least: int) -> None:
    by, left = load.random, least
    while left > 0 or time.monotonic() + 3 * calm < load.clock.end:
        left -= 1
        await asyncio.sleep(calm * (0.5 + by.random()))
        kind = by.choice(("killed", "killed", "silent"))
        if kind == "silent":
            load.clock.silent_until = time.monotonic() + 10
            redis.pause()
            await asyncio.sleep(by.random() * 1.5)
            redis.resume()
            load.clock.silent_until = time.monotonic() + SILENT
        else:
            with suppress(OSError, EOFError):
                await asyncio.to_thread(redis.ask, "SAVE")
            redis.kill()
            await asyncio.sleep(by.random() * 0.3)
            await asyncio.to_thread(redis.start)
        load.counts[f"Redis {kind}"] += 1


async def played(folder: Path, redis: Redis, seconds: float, seed: int, least: int = 0) -> Counter[str]:
    """Return how much was done; raises AssertionError where a promise was broken.

    Each server is in trouble `least` times at the least, however long that takes on a busy machine.
    """
    calm = min(4.0, seconds / 10)
    postgres = await asyncio.to_thread(Postgres, folder)
    try:
        url = await asyncio.to_thread(postgres.server.ensure_database, "load")
        schema, plan = await asyncio.to_thread(_built, url)
        kept: Any = {"plan": plan, "cache": redis.url, "size": SIZE}
        with AnySyncData(schema, url, **kept) as third:
            async with AnyData(schema, url, **kept) as one, AnyData(schema, url, **kept) as other:
                load = Load(one, other, third, seed, seconds)
                await load.begin()
                troubles = postgres_troubles(load, postgres, url, calm, least), redis_troubles(load, redis, calm, least)
                await load.run(*troubles)
                async with AnyData(schema, url) as plain:
                    with AnySyncData(schema, url) as plain_third:
                        await load.check(plain, plain_third)
                await _whole(*load.programs)
                counts = load.told()
        await asyncio.to_thread(_nobody_left, url)
        return counts
    finally:
        await asyncio.to_thread(postgres.server.stop)


def _built(url: str) -> tuple[Any, Any]:
    design = asbuilt.load(DOCUMENT).design
    with POSTGRES.connect(url, read_only=False) as session:
        for step in POSTGRES.steps(design):
            session.execute(step.sql)
        state = session.inspect()
    return schema_of(state, design), cache_plan(state, design)


async def _whole(*programs: Any) -> None:
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
