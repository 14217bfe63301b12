"""Every case with Redis and without, awaited and as calls that block: the same source."""

import asyncio
import inspect
import time
from typing import Any

import pytest
from scripts.threads import made
from tests.cache import cases
from tests.cache.plans import PLAN
from tests.cache.servers import Redis

from asbuilt.cache.aio.cache import Cache
from asbuilt.cache.sync.cache import Cache as SyncCache

NAMES = [n for n, case in vars(cases).items() if inspect.iscoroutinefunction(case) and n != "soon"]
BLOCKING: dict[str, Any] = {"__name__": "blocking"}


def awaited(name: str, url: str | None) -> None:
    async def settle() -> None:
        await asyncio.sleep(0.02)

    async def run() -> None:
        async with Cache(PLAN, url) as one, Cache(PLAN, url) as other:
            await getattr(cases, name)(one, other if url else one, settle)

    asyncio.run(run())


def blocking(name: str, url: str | None) -> None:
    if len(BLOCKING) == 1:
        exec(compile(made(inspect.getsource(cases)), f"{cases.__file__}, blocking", "exec"), BLOCKING)
    with SyncCache(PLAN, url) as one, SyncCache(PLAN, url) as other:
        BLOCKING[name](one, other if url else one, lambda: time.sleep(0.02))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("run", [awaited, blocking])
def test_with_redis(name: str, run: Any, redis: Redis) -> None:
    run(name, redis.url)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("another_program")])
@pytest.mark.parametrize("run", [awaited, blocking])
def test_near_alone(name: str, run: Any) -> None:
    run(name, None)
