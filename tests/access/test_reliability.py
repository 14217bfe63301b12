"""The short form of the reliability run: `python -m tests.access.reliability --minutes 10` is the long one."""

import asyncio
from pathlib import Path

import pytest
from tests.access.reliability import played
from tests.cache.servers import Redis

from asbuilt.access.aio.doubts import Doubts
from asbuilt.access.sync.doubts import Doubts as SyncDoubts

pytestmark = pytest.mark.live


def test_mixed_load_while_postgresql_and_redis_are_killed(own_redis: Redis, tmp_path: Path) -> None:
    counts = asyncio.run(played(tmp_path, own_redis, 9, 7, least=3))
    assert counts["PostgreSQL killed"] + counts["connections ended"] >= 3
    assert counts["Redis killed"] + counts["Redis silent"] >= 3
    assert counts["read"] > 500
    assert counts["change"] > 100
    assert counts["read, in threads"] > 100
    assert counts["write, in threads"] > 50


async def nothing(self: object, written: object) -> None:
    return


def nothing_either(self: object, written: object) -> None:
    return


@pytest.mark.parametrize(
    ("side", "stands"), [(Doubts, nothing), (SyncDoubts, nothing_either)], ids=["tasks", "threads"]
)
def test_a_cache_that_is_told_nothing_is_found_out(
    own_redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, side: type, stands: object
) -> None:
    monkeypatch.setattr(side, "stands", stands)
    with pytest.raises(AssertionError):
        asyncio.run(played(tmp_path, own_redis, 3, 7))
