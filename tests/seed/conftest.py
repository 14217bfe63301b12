"""Seeding is tried on the real embedded server, in a cache of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.session import PostgresSession


@pytest.fixture
def session(own_cache: Path) -> Iterator[PostgresSession]:
    """A session in an empty database."""
    with POSTGRES.scratch() as found:
        yield found
