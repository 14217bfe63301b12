"""A row that is kept near, and many tasks that miss one at the same time."""

import asyncio
import time
from typing import Any

import asbuilt
from benchmarks.access import blog
from benchmarks.measuring import Figure

HITS, CHUNKS, MISSES, ROUNDS = 500, 200, 1_000, 9


def run(url: str) -> list[Figure]:
    return asyncio.run(_figures(url))


async def _figures(url: str) -> list[Figure]:
    async with asbuilt.open(blog.DOCUMENT, url, cache="near") as data:
        await data.users.get(1)
        hits = [await _hit(data) for _ in range(CHUNKS)]
        loads = [float(await _loads(data, 2 + turn)) for turn in range(ROUNDS)]
    return [
        Figure("get by id, kept near", tuple(hits), "µs", bound=2),
        Figure(f"{MISSES:,} tasks miss one key at the same time", tuple(loads), "statements", bound=1),
    ]


async def _hit(data: Any) -> float:
    """Return the microseconds that one read takes: in a chunk so small that hardly anything else comes between."""
    began = time.perf_counter()
    for _ in range(HITS):
        await data.users.get(1)
    return (time.perf_counter() - began) / HITS * 1e6


async def _loads(data: Any, user: int) -> int:
    """Return how many statements are run for a row that all want."""
    seen: list[str] = []
    data.on_statement(lambda statement: seen.append(statement.sql))
    rows = await asyncio.gather(*(data.users.get(user) for _ in range(MISSES)))
    data.on_statement(None)
    if {row.id for row in rows} != {user}:
        raise AssertionError("another row was read than the one that was asked for")
    return len(seen)
