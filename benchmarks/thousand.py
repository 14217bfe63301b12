"""A document of 1,000 entities: check with its trial, build, verify of its structure, inspection.

Building stands beside the plain execution of the same statements, inspection beside SQLAlchemy's reflection.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from asbuilt.engines.base import Row, Session
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.model.design import Design
from asbuilt.project import Project
from asbuilt.text import Source
from asbuilt.verify.structure import check_structure, structural_claims
from benchmarks.documents import entities
from benchmarks.measuring import Figure, compare, measure, time_of

ENTITIES = 1000


def run() -> list[Figure]:
    source = Source("thousand.md", entities(ENTITIES))
    with tempfile.TemporaryDirectory() as folder:
        project = Project(source, Path(folder) / "thousand.md")
        try:
            return _figures(source, project)
        finally:
            project.down(with_data=True)


def _figures(source: Source, project: Project) -> list[Figure]:
    checked = time_of(Project(source, project.path).check)
    url = project.start()
    plain = _plain_execution(project.design)
    built = time_of(lambda: project.build(url))
    with POSTGRES.connect(url, read_only=True) as session:
        claims = structural_claims(project.design, session.inspect())
        verify = measure(
            f"verify {len(claims):,} structural claims, inspection included",
            lambda: check_structure(claims, session.inspect()),
            runs=3,
            bound=5000,
        )
        return [
            Figure(f"check {ENTITIES:,} entities, trial included", (checked,), bound=20_000),
            Figure("build", (built,), bound=20_000, peer="the same SQL in one batch", ratio=built / plain),
            verify,
            _inspection(url, session),
            *_statements(session),
        ]


def _plain_execution(design: Design) -> float:
    """Return the milliseconds that the design's statements take in one transaction, as `psql -1 -f` would run them."""
    script = ";\n".join(step.sql for step in POSTGRES.steps(design))
    with POSTGRES.scratch() as session:
        return time_of(lambda: _run_batch(session, script))


def _run_batch(session: PostgresSession, script: str) -> None:
    with session.transaction():
        session.connection.execute(script.encode())


def _inspection(url: str, session: Session) -> Figure:
    try:
        import sqlalchemy
    except ImportError:
        return measure("inspect (no peer: pip install --group bench)", session.inspect, runs=3)
    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    return compare(
        "inspect", session.inspect, "SQLAlchemy's reflection", lambda: sqlalchemy.MetaData().reflect(engine), runs=3
    )


def _statements(full: PostgresSession) -> list[Figure]:
    """Count the statements of an inspection: as many for 1,000 tables as for an empty database."""
    with POSTGRES.scratch() as empty:
        counts = ((f"{ENTITIES:,} entities", _count(full)), ("an empty database", _count(empty)))
    return [Figure(f"statements of an inspection, {what}", (count,), unit="") for what, count in counts]


def _count(session: PostgresSession) -> int:
    counting = _Counting(session.connection, "counting")
    counting.inspect()
    return counting.statements


class _Counting(PostgresSession):
    """A session that counts what it asks."""

    statements = 0

    def rows(self, sql: str, parameters: Sequence[object] | None = None) -> list[Row]:
        self.statements += 1
        return super().rows(sql, parameters)

    def execute(self, sql: str, parameters: Sequence[object] | None = None) -> None:
        self.statements += 1
        super().execute(sql, parameters)
