"""What the tests of plans share: a database of their own."""

from collections.abc import Iterator

import pytest

from asbuilt.engines.postgres.scratch import scratch_database


@pytest.fixture
def url() -> Iterator[str]:
    """An empty database, as its URL says."""
    with scratch_database() as found:
        yield found
