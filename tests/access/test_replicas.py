"""Reads from replicas that really replicate: what a task has written it reads, whatever the replicas have come to; dead ones are passed over."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextvars import Context
from pathlib import Path
from typing import Any

import pytest
from tests.access.conftest import HERE
from tests.access.replication import Server, replicated, until

import asbuilt
from asbuilt.access.aio import AnyData
from asbuilt.access.aio import replicas as aio_side
from asbuilt.access.deriving import schema_of
from asbuilt.access.refusals import Duplicate, QueryRefused
from asbuilt.access.schema import Schema
from asbuilt.access.servers import place_of
from asbuilt.access.sync import AnyData as AnySyncData
from asbuilt.access.sync import replicas as sync_side
from asbuilt.access.telling import only_reads
from asbuilt.cache.compiling import cache_plan
from asbuilt.cache.plan import CachePlan
from asbuilt.engines.postgres.engine import POSTGRES

pytestmark = pytest.mark.live
Ground = tuple[list[Server], Schema, CachePlan]
DATABASE = "kept"
EMPTY = "TRUNCATE members, orders, users RESTART IDENTITY"


@pytest.fixture(scope="module")
def servers(own_cache: Path) -> Iterator[Ground]:
    design = asbuilt.load(HERE / "kept.md").design
    with replicated(own_cache, 2) as found:
        found[0].ask(f"CREATE DATABASE {DATABASE}")
        with POSTGRES.connect(found[0].url(DATABASE)) as session:
            for step in POSTGRES.steps(design):
                session.execute(step.sql)
            state = session.inspect()
        yield found, schema_of(state, design), cache_plan(state, design)


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let no replica count as silent because the machine is busy; a test of that says after how many seconds one does."""

    def set_to(seconds: float) -> None:
        for side in (aio_side, sync_side):
            monkeypatch.setattr(side, "_SILENT", seconds)

    set_to(600)
    return set_to


@pytest.fixture
def ground(servers: Ground) -> Iterator[Ground]:
    found, *rest = servers
    found[0].ask(EMPTY, DATABASE)
    caught_up(found)
    yield found, *rest
    for one in found[1:]:
        one.go_on()


def caught_up(servers: list[Server]) -> None:
    [place] = servers[0].ask("SELECT pg_current_wal_insert_lsn()")
    for one in servers[1:]:
        until(lambda one=one: one.ask(f"SELECT pg_last_wal_replay_lsn() >= '{place}'") == (True,))


def opened(ground: Ground, **options: Any) -> AnyData:
    servers, schema, plan = ground
    replicas = [one.url(DATABASE) for one in servers[1:]]
    return AnyData(schema, servers[0].url(DATABASE), **{"replicas": replicas, "plan": plan, **options})


def run(ground: Ground, case: Any, **options: Any) -> None:
    async def main() -> None:
        async with opened(ground, **options) as data:
            if "replicas" not in options:
                await soon(lambda: all(one.is_well for one in data.servers))
            await case(data)

    asyncio.run(main())


async def in_its_own(work: Any) -> Any:
    """Do something as another request would: in a task whose context begins here."""
    return await asyncio.create_task(work)


async def elsewhere(work: Any) -> Any:
    """Do something as a request that knows of no other."""
    return await asyncio.get_running_loop().create_task(work, context=Context())


async def soon(is_so: Any) -> None:
    async with asyncio.timeout(60):
        while not is_so():
            await asyncio.sleep(0.02)


def ports(data: AnyData, servers: list[Server]) -> Any:
    """Return a list that fills with the names of the servers that statements run on."""
    names = {f"{one.url().partition('host=')[2].partition('&')[0]}:{one.port}": one.name for one in servers}
    seen: list[str] = []
    data.on_statement(lambda one: seen.append(names[one.server]))
    return seen


def test_reads_go_to_each_replica_in_turn_and_writes_to_the_primary(ground: Ground) -> None:
    async def case(data: AnyData) -> None:
        seen = ports(data, ground[0])
        for _ in range(4):
            assert await data.users.all() == []
            assert await data.users.get_or_none(1) is None
        assert set(seen) == {"replica1", "replica2"}
        seen.clear()
        await data.users.count()
        await data.users.get_many([1])
        await data.users.load(1)
        await data.orders.load_all(user_id=1)
        await data.sql("SELECT count(*) FROM users")
        assert [row async for row in data.users.stream()] == []
        assert "primary" not in seen
        assert len(seen) == 8  # the beginning and the end of the stream included
        seen.clear()
        await data.users.for_update().all()
        await data.sql("SELECT pg_backend_pid()")
        async with data.transaction():
            await data.users.all()
        with data.on_primary():
            await data.users.all()
        await in_its_own(data.users.create(email="a@x", name="a"))
        assert set(seen) == {"primary"}
        told = data.servers
        assert [(one.role, one.is_well, one.lost) for one in told] == [("primary", True, 0)] + [
            ("replica", True, 0)
        ] * 2
        assert all(one.reads for one in told)

    run(ground, case)


def test_what_a_task_wrote_it_reads_and_others_read_what_there_is(ground: Ground) -> None:
    async def case(data: AnyData) -> None:
        servers = ground[0]
        seen = ports(data, servers)
        for one in servers[1:]:
            one.hold()
        ada = await data.users.create(email="ada@x", name="ada")
        for _ in range(5):
            assert await data.users.get(ada.id) == ada
            assert await data.users.load(email="ada@x") == ada
            assert await data.users.all() == [ada]
            await asyncio.sleep(0.05)
        assert set(seen) == {"primary"}
        assert await elsewhere(data.users.all()) == []
        servers[1].go_on()
        await in_its_own(soon(lambda: caught(data, servers[1], ada.id)))
        seen.clear()
        for _ in range(100):
            assert await data.users.get(ada.id) == ada
            if "replica1" in seen:
                break
            await asyncio.sleep(0.05)
        assert set(seen[seen.index("replica1") :]) == {"replica1"}
        with pytest.raises(Duplicate):
            await data.users.create(email="ada@x", name="other")

    run(ground, case)


def caught(data: AnyData, server: Server, id: int) -> bool:
    return server.ask(f"SELECT count(*) FROM users WHERE id = {id}", DATABASE) == (1,)


def test_every_kind_of_write_is_read(ground: Ground) -> None:
    async def case(data: AnyData) -> None:
        for one in ground[0][1:]:
            one.hold()
        names: list[str] = []

        async def now() -> list[str]:
            return sorted(user.name for user in await data.users.all())

        async def check(work: Any, name: str) -> None:
            async def request() -> None:
                await work
                names.append(name)
                assert await now() == sorted(names)

            await in_its_own(request())

        await check(data.users.create(email="1", name="1"), "1")
        await check(data.users.create_many([{"email": "2", "name": "2"}]), "2")
        await check(data.users.create_all([{"email": "3", "name": "3"}]), "3")
        await check(data.users.upsert(on="email", email="4", name="4"), "4")
        await check(data.sql("INSERT INTO users (email, name) VALUES ('5', '5')"), "5")
        await check(within(data), "6")
        await check(data.repeat(lambda: data.users.create(email="7", name="7")), "7")

    run(ground, case)


async def within(data: AnyData) -> None:
    async with data.transaction():
        await data.users.create(email="6", name="6")


def test_a_position_goes_along_to_the_next_request(ground: Ground) -> None:
    async def case(data: AnyData) -> None:
        servers = ground[0]
        for one in servers[1:]:
            one.hold()

        async def first() -> str:
            await data.users.create(email="ada@x", name="ada")
            return await data.position()

        async def second(position: str) -> int:
            with data.after(position):
                return await data.users.count()

        async with opened(ground) as other:
            token = await in_its_own(first())
            assert await in_its_own(second("")) == 0
            assert await in_its_own(second(token)) == 1
            with other.after(token):
                assert await other.users.count() == 1
            assert await other.users.count() == 0
            assert await other.position() == ""
        seen = ports(data, servers)
        servers[2].go_on()
        await soon(lambda: caught(data, servers[2], 1))
        for _ in range(100):
            assert await in_its_own(second(token)) == 1
            if "replica2" in seen:
                break
            await asyncio.sleep(0.05)
        assert "replica2" in seen
        assert "replica1" not in seen
        with pytest.raises(QueryRefused, match="is no position"):
            data.after("x").__enter__()
        async with data.transaction():
            await data.users.create(email="b", name="b")
            with pytest.raises(QueryRefused, match="no position before its end"):
                await data.position()

    run(ground, case)


def test_what_tasks_inside_after_write_is_read_there(ground: Ground) -> None:
    async def case(data: AnyData) -> None:
        for one in ground[0][1:]:
            one.hold()
        with data.after():
            await asyncio.gather(*(data.users.create(email=f"{n}", name="n") for n in range(3)))
            assert await data.users.count() == 3
        assert await data.users.count() == 3
        with data.on_primary():
            await data.users.create(email="more", name="n")
        assert await data.users.count() == 4

    run(ground, case)


def test_loads_of_several_requests_are_not_mixed(ground: Ground) -> None:
    async def case(data: AnyData) -> None:
        for one in ground[0][1:]:
            one.hold()

        async def writer() -> Any:
            ada = await data.users.create(email="ada@x", name="ada")
            ready.set()
            return await data.users.load(ada.id)

        async def reader() -> Any:
            await ready.wait()
            return await data.users.load(1)

        ready = asyncio.Event()
        wrote, read = await asyncio.gather(writer(), reader())
        assert wrote.name == "ada"
        assert read is None

    run(ground, case)


def test_a_cache_is_filled_from_the_primary(ground: Ground) -> None:
    async def case(data: AnyData) -> None:
        for one in ground[0][1:]:
            one.hold()
        ada = await in_its_own(data.users.create(email="ada@x", name="ada"))
        assert await data.users.get(ada.id) == ada
        assert await data.users.get_many([ada.id]) == [ada]
        assert await data.users.load(email="ada@x") == ada
        listed = data.users.order("id").cached("users:active:page:{pageNum}", pageNum=1)
        assert await listed.all() == [ada]
        assert await data.users.order("id").all() == []

    run(ground, case, cache="near")


def test_a_replica_that_is_too_far_behind_is_not_read(ground: Ground) -> None:
    async def case(data: AnyData) -> None:
        servers = ground[0]
        servers[1].hold()
        seen = ports(data, servers)

        async def writes() -> None:
            for n in range(8):
                await data.users.create(email=f"{n}", name="n")
                await asyncio.sleep(0.2)

        await in_its_own(writes())
        await soon(lambda: data.servers[1].reason == "it is too far behind")
        seen.clear()
        for _ in range(6):
            await data.users.count()
        assert set(seen) <= {"replica2", "primary"}
        lag = data.servers[1].lag
        assert lag is None or lag > 1
        servers[1].go_on()
        await soon(lambda: data.servers[1].is_well)

    run(ground, case, replica_lag=1)


def test_a_dead_replica_is_passed_over_told_once_and_taken_back(
    ground: Ground, caplog: pytest.LogCaptureFixture
) -> None:
    async def case(data: AnyData) -> None:
        servers = ground[0]
        for _ in range(4):
            await data.users.count()
        await asyncio.to_thread(servers[1].kill)
        counts = [await data.users.count() for _ in range(20)]
        assert counts == [0] * 20
        assert [(one.is_well, one.lost) for one in data.servers[1:]] == [(False, 1), (True, 0)]
        assert data.servers[1].reason
        await asyncio.to_thread(servers[2].kill)
        assert [await data.users.count() for _ in range(20)] == [0] * 20
        told = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
        assert ["is not read from" in message for message in told] == [True, True]
        for one in servers[1:]:
            await asyncio.to_thread(one.start)
        await soon(lambda: all(one.is_well for one in data.servers))
        seen = ports(data, servers)
        for _ in range(4):
            await data.users.count()
        assert set(seen) == {"replica1", "replica2"}

    caplog.set_level(logging.INFO, logger="asbuilt")
    run(ground, case)


def test_reads_under_way_on_a_silent_replica_go_elsewhere(ground: Ground, patience: Callable[[float], None]) -> None:
    patience(2)

    async def case(data: AnyData) -> None:
        server = ground[0][1]
        for _ in range(4):
            await data.users.count()
        server.pause()
        try:
            async with asyncio.timeout(30):
                assert await asyncio.gather(*(data.users.count() for _ in range(8))) == [0] * 8
            assert data.servers[1].lost == 1
        finally:
            server.resume()
        await soon(lambda: data.servers[1].is_well)

    run(ground, case)


def test_what_is_no_replica_is_not_read(ground: Ground) -> None:
    servers = ground[0]

    async def case(data: AnyData) -> None:
        assert await data.users.count() == 0
        assert data.servers[1].reason == "it is no replica: nothing is replayed there"
        assert data.servers[2].reason
        assert data.servers[0].reads == 1

    nowhere = f"postgresql:///none?host={servers[0].data}"
    run(ground, case, replicas=[servers[0].url(DATABASE), nowhere])


def test_replicas_are_a_list(ground: Ground) -> None:
    with pytest.raises(QueryRefused, match="in a list"):
        opened(ground, replicas=ground[0][1].url(DATABASE))


def test_a_statement_that_a_replica_may_not_run_goes_to_the_primary(ground: Ground) -> None:
    async def case(data: AnyData) -> None:
        await data.sql("CREATE OR REPLACE FUNCTION noted() RETURNS bigint LANGUAGE sql AS "
                       "$$ INSERT INTO users (email, name) VALUES ('f', 'f') RETURNING id $$")  # fmt: skip

        async def other() -> None:
            assert len(await data.sql("SELECT noted() AS id")) == 1

        caught_up(ground[0])
        await elsewhere(other())
        assert await data.users.count() == 1
        assert sum(one.passed_on for one in data.servers) >= 1
        assert all(one.is_well for one in data.servers)

    run(ground, case)


def test_the_same_for_programs_with_threads(ground: Ground, patience: Callable[[float], None]) -> None:
    patience(2)
    servers, schema, plan = ground
    replicas = [one.url(DATABASE) for one in servers[1:]]
    with AnySyncData(schema, servers[0].url(DATABASE), plan=plan, replicas=replicas) as data:
        for _ in range(4):
            assert data.users.count() == 0
        assert all(one.reads for one in data.servers[1:])
        for one in servers[1:]:
            one.hold()
        ada = data.users.create(email="ada@x", name="ada")
        assert data.users.all() == [ada]
        token = data.position()
        for one in servers[1:]:
            one.go_on()
        servers[1].pause()
        try:
            with data.after(token):
                assert [data.users.count() for _ in range(8)] == [1] * 8
        finally:
            servers[1].resume()
        until(lambda: all(one.is_well for one in data.servers))
        servers[2].kill()
        assert [data.users.count() for _ in range(8)] == [1] * 8
        assert data.servers[2].lost == 1
        servers[2].start()
        until(lambda: all(one.is_well for one in data.servers))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", 0),
        ("1/A", (1 << 32) + 10),
        ("0/4018", 0x4000),  # behind the head of a page, where the record before ended with the page before
        ("0/1000028", 0x1000000),
        ("0/4020", 0x4020),
    ],
)
def test_a_place_is_where_a_record_ends(text: str, place: int) -> None:
    assert place_of(text) == place


@pytest.mark.parametrize(
    ("sql", "is_so"),
    [
        ("SELECT 1", True),
        (" WITH a AS (SELECT 1) SELECT * FROM a", True),
        ("(VALUES (1))", True),
        ("WITH a AS (DELETE FROM users RETURNING id) SELECT * FROM a", False),
        ("SELECT id FROM users FOR UPDATE", False),
        ("SELECT id FROM users FOR KEY SHARE", False),
        ("SELECT pg_advisory_lock(1)", False),
        ("SELECT current_setting('x')", False),
        ("SET ROLE x", False),
        ("EXPLAIN ANALYZE SELECT 1", False),
    ],
)
def test_what_only_reads(sql: str, is_so: bool) -> None:
    assert only_reads(sql) == is_so
