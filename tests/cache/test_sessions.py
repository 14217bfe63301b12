"""Sessions of the shop: they slide, they expire, and what is revoked is revoked everywhere at once."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.cache.plans import Change
from tests.cache.servers import Redis

import asbuilt
from asbuilt.cache.aio.cache import Cache
from asbuilt.cache.aio.sessions import Sessions
from asbuilt.cache.compiling import cache_plan
from asbuilt.cache.plan import CachePlan
from asbuilt.cache.session_plan import SessionPlan, session_plan
from asbuilt.engines.postgres.engine import POSTGRES

pytestmark = pytest.mark.live
SHOP = Path(__file__).parents[2] / "examples" / "shop.md"
ADA, BOB = UUID(int=1), UUID(int=2)


@pytest.fixture(scope="module")
def plans() -> tuple[CachePlan, SessionPlan]:
    design = asbuilt.load(SHOP).design
    with POSTGRES.scratch() as session:
        state = POSTGRES.trial(design, session).state
    plan = cache_plan(state, design)
    found = session_plan(state, design, plan)
    assert found is not None
    return plan, found


class Rows:
    """A table that several programs share, each with a cache of its own."""

    def __init__(self, cache: Cache, table: list[dict[str, Any]]) -> None:
        self._cache = cache
        self._table = table
        self.reads = 0

    async def add(self, table: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        self._table.append(dict(values))
        await self._cache.written([Change(table, None, values)])
        return values

    async def find(self, table: str, column: str, value: Any) -> Mapping[str, Any] | None:
        async def load() -> bytes | None:
            self.reads += 1
            row = next((row for row in self._table if row[column] == value), None)
            return None if row is None else msgspec.json.encode(row)

        found = await self._cache.read(table, (column,), (value,), load)
        if found is None:
            return None
        row: dict[str, Any] = msgspec.json.decode(found)
        return {**row, "expires_at": datetime.fromisoformat(row["expires_at"])}

    async def change(self, table: str, column: str, value: Any, changes: Mapping[str, Any]) -> Mapping[str, Any] | None:
        for row in self._table:
            if row[column] == value:
                before = dict(row)
                row.update(changes)
                await self._cache.written([Change(table, before, row)])
                return row
        return None

    async def remove(self, table: str, column: str, value: Any) -> int:
        return await self._removed(table, [row for row in self._table if row[column] == value])

    async def remove_before(self, table: str, column: str, moment: datetime) -> int:
        return await self._removed(table, [row for row in self._table if row[column] < moment])

    async def _removed(self, table: str, gone: list[dict[str, Any]]) -> int:
        self._table[:] = [row for row in self._table if row not in gone]
        await self._cache.written([Change(table, row, None) for row in gone])
        return len(gone)


def test_the_document_says_how_sessions_are_kept(plans: tuple[CachePlan, SessionPlan]) -> None:
    _, plan = plans
    assert (plan.table, plan.token, plan.user, plan.expires) == ("sessions", "token_hash", "user_id", "expires_at")
    assert (plan.length, plan.seconds) == (64, 1800)


def test_a_session_from_its_start_to_its_end(plans: tuple[CachePlan, SessionPlan], redis: Redis) -> None:
    plan, kept = plans
    clock = [datetime(2026, 1, 1, tzinfo=UTC)]
    table: list[dict[str, Any]] = []

    async def run() -> None:
        async with Cache(plan, redis.url) as one, Cache(plan, redis.url) as other:
            rows, others = Rows(one, table), Rows(other, table)
            here, there = (Sessions(kept, each, lambda: clock[0]) for each in (rows, others))
            session = await here.start(ADA)
            assert session.token not in str(table)
            for _ in range(3):
                assert await there.get(session.token) is not None
            assert others.reads == 1
            assert await here.get("no such token") is None
            clock[0] += timedelta(minutes=1)
            assert await here.touch(session.token) is not None
            assert table[0]["expires_at"] == clock[0] + timedelta(minutes=29)
            clock[0] += timedelta(minutes=20)
            assert await here.touch(session.token) is not None
            assert table[0]["expires_at"] == clock[0] + timedelta(minutes=30)
            clock[0] += timedelta(minutes=25)
            await asyncio.sleep(0.02)
            assert await there.get(session.token) is not None
            second, foreign = await here.start(ADA), await here.start(BOB)
            assert await there.get(second.token) is not None
            assert await there.revoke(session.token)
            assert not await there.revoke(session.token)
            await asyncio.sleep(0.02)
            assert await here.get(session.token) is None
            assert await here.revoke_all(ADA) == 1
            await asyncio.sleep(0.02)
            assert await there.get(second.token) is None
            assert await there.get(foreign.token) is not None
            clock[0] += timedelta(minutes=31)
            assert await there.get(foreign.token) is None
            assert await there.prune() == 1
            assert table == []

    asyncio.run(run())


def test_a_token_that_is_a_uuid() -> None:
    plan = SessionPlan("s", "token", "user_id", "expires_at", is_uuid=True)
    table: list[dict[str, Any]] = []

    async def run() -> None:
        async with Cache(CachePlan()) as cache:
            sessions = Sessions(plan, Rows(cache, table))
            session = await sessions.start(1)
            assert str(table[0]["token"]) == session.token
            assert await sessions.get("not one") is None
            assert await sessions.revoke(session.token)

    asyncio.run(run())
