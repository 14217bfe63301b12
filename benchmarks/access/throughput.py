"""Sixty-four tasks share eight connections: how many reads by key a second, through each one's own pool."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

import asbuilt
from benchmarks.access import blog
from benchmarks.access.peers import bare, parts
from benchmarks.access.peers.sqlalchemy_orm import User
from benchmarks.measuring import Figure

TASKS, CONNECTIONS, SECONDS, ROUNDS = 64, 8, 0.5, 9
Read = Callable[[int], Awaitable[Any]]
_POOL = "asyncpg.Pool"


def run(url: str) -> list[Figure]:
    rates = asyncio.run(_rates(url))
    pairs = list(zip(rates["asbuilt"], rates[_POOL], strict=True))
    slower = sorted(theirs / ours for ours, theirs in pairs)[len(pairs) // 2]
    return [
        Figure(
            f"{TASKS} tasks on {CONNECTIONS} connections: {name}", tuple(found), "reads/s",
            peer=f"the time of {_POOL}" if name == "asbuilt" else "", ratio=slower if name == "asbuilt" else None,
            ratio_bound=0.5 if name == "asbuilt" else None,
        )
        for name, found in rates.items()
    ]  # fmt: skip


async def _rates(url: str) -> dict[str, list[float]]:
    async with AsyncExitStack() as stack:
        reads = {
            "asbuilt": await stack.enter_async_context(_ours(url)),
            _POOL: await stack.enter_async_context(_pool(url)),
            "SQLAlchemy ORM": await stack.enter_async_context(_orm(url)),
        }
        return _told([{name: await _rate(read) for name, read in reads.items()} for _ in range(ROUNDS)])


def _told(rounds: list[dict[str, float]]) -> dict[str, list[float]]:
    return {name: [one[name] for one in rounds] for name in rounds[0]}


async def _rate(read: Read) -> float:
    began = time.perf_counter()
    done = await asyncio.gather(*(_reading(read, first, began + SECONDS) for first in range(TASKS)))
    return sum(done) / (time.perf_counter() - began)


async def _reading(read: Read, first: int, until: float) -> int:
    turn = 0
    while time.perf_counter() < until:
        await read(first * 1000 + turn)
        turn += 1
    return turn


@asynccontextmanager
async def _ours(url: str) -> AsyncIterator[Read]:
    async with asbuilt.open(blog.DOCUMENT, url, size=CONNECTIONS) as data:
        yield lambda turn: data.users.get(blog.user_at(turn))


@asynccontextmanager
async def _pool(url: str) -> AsyncIterator[Read]:
    async with asyncpg.create_pool(url, min_size=CONNECTIONS, max_size=CONNECTIONS) as pool:
        yield lambda turn: pool.fetchrow(bare.USER.format("$1"), blog.user_at(turn))


@asynccontextmanager
async def _orm(url: str) -> AsyncIterator[Read]:
    told = parts(url)
    address = f"postgresql+asyncpg://{told['user']}@/{told['dbname']}?host={told['host']}"
    engine = create_async_engine(address, pool_size=CONNECTIONS, max_overflow=0)

    async def read(turn: int) -> Any:
        async with AsyncSession(engine) as session:
            return await session.get(User, blog.user_at(turn))

    yield read
    await engine.dispose()
