"""Live tests run on the real embedded server: one for the whole run, in a folder of its own, stopped by its pid."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_folder, scratch_server
from asbuilt.engines.postgres.server import EmbeddedServer
from asbuilt.engines.postgres.session import PostgresSession


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.live)


@pytest.fixture(scope="session")
def own_cache() -> Iterator[Path]:
    """Give the run a cache of its own, so that no server of the user's is touched."""
    folder = Path(tempfile.mkdtemp(prefix="asbuilt-live-"))
    folder.chmod(0o711)
    before = os.environ.get("ASBUILT_CACHE")
    os.environ["ASBUILT_CACHE"] = str(folder)
    yield folder
    if server := EmbeddedServer.find(scratch_folder()):
        server.stop()
    if before is None:
        del os.environ["ASBUILT_CACHE"]
    else:
        os.environ["ASBUILT_CACHE"] = before
    shutil.rmtree(folder, ignore_errors=True)


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
