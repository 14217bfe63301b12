"""A document of 1,000 entities: check with its trial, build, verify of its structure, inspection beside SQLAlchemy's."""

import tempfile
from pathlib import Path

from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.project import Project
from asbuilt.text import Source
from asbuilt.verify import check_structure, structural_claims
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
    check = Figure(
        f"check {ENTITIES:,} entities, trial included", (time_of(Project(source, project.path).check),), bound=20_000
    )
    url = project.start()
    build = Figure("build", (time_of(lambda: project.build(url)),), bound=20_000)
    with POSTGRES.connect(url, read_only=True) as session:
        state = session.inspect()
        claims = structural_claims(project.design, state)
        verify = measure(
            f"verify {len(claims):,} structural claims, inspection included",
            lambda: check_structure(claims, session.inspect()),
            runs=3,
            bound=5000,
        )
        return [check, build, verify, _inspection(url, session.inspect)]


def _inspection(url: str, inspect: object) -> Figure:
    try:
        import sqlalchemy
    except ImportError:
        return measure("inspect (peer missing: pip install --group bench)", inspect, runs=3)
    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    return compare("inspect", inspect, "SQLAlchemy's reflection", lambda: sqlalchemy.MetaData().reflect(engine), runs=3)
