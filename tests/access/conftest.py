"""A blog in a database of its own, and cases that run both ways: awaited, and made into calls that block."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.cache.conftest import own_redis, redis, shared  # noqa: F401 - fixtures

import asbuilt
from asbuilt.access.deriving import schema_of
from asbuilt.access.schema import Schema
from asbuilt.cache.compiling import cache_plan
from asbuilt.cache.plan import CachePlan
from asbuilt.engines.postgres.engine import POSTGRES

HERE = Path(__file__).parent


@contextmanager
def standing(path: Path) -> Iterator[tuple[str, Schema]]:
    """Yield the URL of a database that is as the document says, and its schema."""
    with stated(path) as (url, schema, _):
        yield url, schema


@contextmanager
def stated(path: Path) -> Iterator[tuple[str, Schema, CachePlan]]:
    """Yield the same, and the cache that the document states."""
    design = asbuilt.load(path).design
    with POSTGRES.scratch() as session:
        for step in POSTGRES.steps(design):
            session.execute(step.sql)
        place = session.connection.info
        url = f"postgresql://{place.user}@/{place.dbname}?host={place.host}&port={place.port}"
        state = session.inspect()
        yield url, schema_of(state, design), cache_plan(state, design)


@pytest.fixture(scope="module")
def blog() -> Iterator[tuple[str, Schema]]:
    with standing(HERE / "blog.md") as found:
        yield found


@pytest.fixture
def new_blog() -> Iterator[tuple[str, Schema]]:
    with standing(HERE / "blog.md") as found:
        yield found


@pytest.fixture(scope="module")
def kept() -> Iterator[tuple[str, Schema, CachePlan]]:
    with stated(HERE / "kept.md") as found:
        yield found
