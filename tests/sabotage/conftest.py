"""One sound library for all sabotages: built once, copied as a template for each of them."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from asbuilt.document import parse
from asbuilt.engines.postgres.engine import POSTGRES, PostgresEngine
from asbuilt.engines.postgres.scratch import scratch_database, scratch_server
from asbuilt.engines.postgres.session import connect
from asbuilt.engines.postgres.twin import Twin
from asbuilt.engines.state import DatabaseState
from asbuilt.evidence import Claim
from asbuilt.model.design import Design
from asbuilt.model.merging import merge
from asbuilt.reading import read
from asbuilt.text import Source
from asbuilt.verify import Run, verify

DOCUMENT = Path(__file__).parent / "library.md"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.live)


@dataclass(frozen=True)
class Library:
    """The document's design, what it builds, and a database that holds it as a template."""

    design: Design
    desired: DatabaseState
    template: str

    @contextmanager
    def copy(self) -> Iterator[str]:
        """Give the URL of a database of its own that is just like the template."""
        server = scratch_server()
        name = f"asbuilt_{os.getpid()}_{secrets.token_hex(4)}"
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {self.template} STRATEGY file_copy")
            try:
                yield server.url(name)
            finally:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def run(self, sabotage: str, engine: PostgresEngine = POSTGRES) -> Run:
        """Break a copy by hand and verify it."""
        with self.copy() as url:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(sabotage)
            return self.verify(url, engine)

    def verify(self, url: str, engine: PostgresEngine = POSTGRES) -> Run:
        return verify(self.design, self.desired, engine, url)

    @contextmanager
    def reader(self, url: str) -> Iterator[str]:
        """Give the URL under which a role may connect to the same database and no more."""
        role = f"reader_{secrets.token_hex(4)}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {role} LOGIN")
            try:
                yield url.replace("//postgres@", f"//{role}@")
            finally:
                connection.execute(f"DROP ROLE {role}")

    def line_of(self, claim: Claim) -> str:
        """Return the document's line that states a claim."""
        source = self.design.source
        return source[source.line_span(source.line_at(claim.spans[0].start))]


class OwnTwin(PostgresEngine):
    """A copy is nobody's live database: it serves as its own twin, which saves half the time of a sabotage."""

    @contextmanager
    def twin(self, url: str) -> Iterator[Twin]:
        with connect(url) as session:
            yield Twin(session.connection, "copy")


def read_design(path: Path) -> Design:
    source = Source(path.name, path.read_text(encoding="utf-8"))
    return merge(source, read(parse(source)).facts)


@pytest.fixture(scope="session")
def library(own_cache: Path) -> Iterator[Library]:
    design = read_design(DOCUMENT)
    with POSTGRES.scratch() as session:
        trial = POSTGRES.trial(design, session)
    assert [f"{f.step.subject}: {f.message}" for f in trial.failures] == []
    with scratch_database() as url:
        with POSTGRES.connect(url) as session:
            POSTGRES.build(session, design)
            template = session.database
        yield Library(design, trial.state, template)


@pytest.fixture(scope="session")
def own_twin() -> PostgresEngine:
    return OwnTwin()


@pytest.fixture
def changes_of() -> Callable[[str], list[tuple[object, ...]]]:
    """Return what of a database changes with every write: its rows, its objects, its last transaction."""

    def look(url: str) -> list[tuple[object, ...]]:
        with psycopg.connect(url, autocommit=True) as connection:
            tables = connection.execute("SELECT relname, relfilenode, xmin::text FROM pg_class ORDER BY oid").fetchall()
            return [*tables, *connection.execute("SELECT count(*) FROM members").fetchall()]

    return look
