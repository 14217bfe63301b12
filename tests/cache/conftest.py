"""One Redis for all cases of a module, emptied before each, and one that a test may do anything to."""

from collections.abc import Iterator

import pytest
from tests.cache.servers import Redis, binaries, running


@pytest.fixture(scope="module", params=binaries(), ids=lambda path: path.rpartition("/")[0].replace("/", ".")[-24:])
def shared(request: pytest.FixtureRequest) -> Iterator[Redis]:
    with running(request.param) as server:
        yield server


@pytest.fixture
def redis(shared: Redis) -> Redis:
    shared.ask("FLUSHALL")
    return shared


@pytest.fixture
def own_redis() -> Iterator[Redis]:
    with running(binaries()[0]) as server:
        yield server
