"""Sessions of the shop, in its database: they slide, they expire, and what is revoked is revoked everywhere at once."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.access.conftest import stated
from tests.cache.servers import Redis

from asbuilt.access.aio import AnyData
from asbuilt.access.aio.sessions import SessionStore
from asbuilt.access.refusals import QueryRefused
from asbuilt.access.schema import Schema
from asbuilt.cache.plan import CachePlan

pytestmark = pytest.mark.live
SHOP = Path(__file__).parents[2] / "examples" / "shop.md"
TOKENS = """# Tokens

```sql
CREATE TABLE accounts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE TABLE sessions (
    token uuid PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES accounts (id),
    expires_at timestamptz NOT NULL
);
```
"""
Ground = tuple[str, Schema, CachePlan]


@pytest.fixture(scope="module")
def shop() -> Iterator[Ground]:
    with stated(SHOP) as found:
        yield found


def store(data: AnyData, clock: list[datetime]) -> SessionStore:
    """Return the sessions of some data, by a clock of their own."""
    plan = data.plan.sessions
    assert plan is not None
    return SessionStore(plan, data.sessions, data.schema.by_name[plan.table], lambda: clock[0])


def test_the_document_says_how_sessions_are_kept(shop: Ground) -> None:
    plan = shop[2].sessions
    assert plan is not None
    assert (plan.table, plan.token, plan.user, plan.expires) == ("sessions", "token_hash", "user_id", "expires_at")
    assert (plan.length, plan.seconds) == (64, 1800)


async def person(data: AnyData, name: str) -> Any:
    return (await data.users.create(email=f"{name}@example.com", name=name, password_hash="x")).id


def test_a_session_from_its_start_to_its_end(shop: Ground, redis: Redis) -> None:
    url, schema, plan = shop
    began = datetime.now(UTC)
    clock = [began]

    async def run() -> None:
        async with (
            AnyData(schema, url, plan=plan, cache=redis.url) as one,
            AnyData(schema, url, plan=plan, cache=redis.url) as other,
        ):
            ada, bob = await person(one, "ada"), await person(one, "bob")
            here, there = store(one, clock), store(other, clock)
            session = await here.start(ada)
            assert session.token not in str(await one.sql("SELECT * FROM sessions"))
            for each in (here, there, here, there):
                found = await each.get(session.token)
                assert found.user_id == ada
            await asyncio.sleep(0.02)
            hits = other.cache.statistics()
            assert hits.redis_hits + hits.near_hits
            assert await here.get("made up") is None
            clock[0] += timedelta(minutes=2)
            assert (await here.touch(session.token)).expires_at == began + timedelta(minutes=30)
            clock[0] += timedelta(minutes=20)
            assert (await here.touch(session.token)).expires_at == clock[0] + timedelta(minutes=30)
            clock[0] += timedelta(minutes=25)
            await asyncio.sleep(0.02)
            assert await there.get(session.token) is not None
            second, foreign = await here.start(ada), await here.start(bob)
            assert await there.get(second.token) is not None
            assert await there.revoke(session.token)
            assert not await there.revoke(session.token)
            await asyncio.sleep(0.02)
            assert await here.get(session.token) is None
            assert await here.revoke_all(ada) == 1
            await asyncio.sleep(0.02)
            assert await there.get(second.token) is None
            assert await there.get(foreign.token) is not None
            clock[0] += timedelta(minutes=31)
            assert await there.get(foreign.token) is None
            assert await there.prune() == 1
            assert await one.sessions.count() == 0

    asyncio.run(run())


def test_a_token_that_is_a_uuid_and_no_cache_at_all(tmp_path: Path) -> None:
    path = tmp_path / "tokens.md"
    path.write_text(TOKENS)

    async def run(url: str, schema: Schema, plan: CachePlan) -> None:
        async with AnyData(schema, url, plan=plan) as data:
            account = await data.accounts.create()
            session = await data.session_store.start(account.id)
            assert str((await data.sessions.first()).token) == session.token
            assert await data.session_store.get("not one") is None
            assert await data.session_store.revoke(session.token)

    with stated(path) as found:
        asyncio.run(run(*found))


def test_a_document_without_sessions_has_no_store_of_them() -> None:
    with pytest.raises(QueryRefused, match="no table of sessions"):
        AnyData(Schema(()), "postgresql:///none").session_store  # noqa: B018 - a property that is refused
