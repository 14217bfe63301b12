"""Seeding is tried on the real embedded server, in a cache of its own."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_folder
from asbuilt.engines.postgres.server import EmbeddedServer
from asbuilt.engines.postgres.session import PostgresSession


@pytest.fixture(scope="session")
def own_cache() -> Iterator[Path]:
    """Give the run a cache of its own, so that no server of the user's is touched."""
    folder = Path(tempfile.mkdtemp(prefix="asbuilt-seed-"))
    folder.chmod(0o711)
    patch = pytest.MonkeyPatch()
    patch.setenv("ASBUILT_CACHE", str(folder))
    yield folder
    if server := EmbeddedServer.find(scratch_folder()):
        server.stop()
    patch.undo()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def session(own_cache: Path) -> Iterator[PostgresSession]:
    """A session in an empty database."""
    with POSTGRES.scratch() as found:
        yield found
