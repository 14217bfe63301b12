"""What all tests share: a cache of their own, and the option that refreshes what Markdown tests expect."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from asbuilt.engines.postgres.scratch import scratch_folder
from asbuilt.engines.postgres.server import EmbeddedServer

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write what is found into the Markdown tests")


@pytest.fixture
def is_updating(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update"))


@pytest.fixture(scope="session", autouse=True)
def own_cache() -> Iterator[Path]:
    """Give the run one cache of its own, from its first test to its last: no server of the user's is touched."""
    folder = Path(tempfile.mkdtemp(prefix="asbuilt-tests-"))
    folder.chmod(0o711)
    patch = pytest.MonkeyPatch()
    patch.setenv("ASBUILT_CACHE", str(folder))
    yield folder
    if server := EmbeddedServer.find(scratch_folder()):
        server.stop()
    patch.undo()
    shutil.rmtree(folder, ignore_errors=True)
