"""Live tests run on the real embedded server: one for the whole run, in a folder of its own, stopped by its pid."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_server
from asbuilt.engines.postgres.server import EmbeddedServer
from asbuilt.engines.postgres.session import PostgresSession


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.live)


@pytest.fixture(scope="session")
def server(own_cache: Path) -> EmbeddedServer:
    """The scratch server of this run."""
    return scratch_server()


@pytest.fixture
def session(server: EmbeddedServer) -> Iterator[PostgresSession]:
    """A session in an empty database."""
    with POSTGRES.scratch() as found:
        yield found


@pytest.fixture
def other(server: EmbeddedServer) -> Iterator[PostgresSession]:
    """A session in another empty database."""
    with POSTGRES.scratch() as found:
        yield found
