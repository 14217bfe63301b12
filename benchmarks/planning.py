"""Planning between two databases of 1,000 tables that differ in a few things, beside Alembic's comparison of the same pair."""

from asbuilt.document import parse
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.model.merging import merge
from asbuilt.plan.making import make, side
from asbuilt.project import changes
from asbuilt.project.collecting import collector_paused
from asbuilt.reading import read
from asbuilt.text import Source
from benchmarks.documents import entities
from benchmarks.measuring import Figure, compare, measure

TABLES = 1000
_CHANGED = 10


def run() -> list[Figure]:
    source = Source("thousand.md", entities(TABLES))
    design = merge(source, read(parse(source)).facts)
    script = ";\n".join(step.sql for step in POSTGRES.steps(design)).encode()
    with scratch_database() as old, scratch_database() as new:
        for url in (old, new):
            with POSTGRES.connect(url) as session, session.transaction():
                session.connection.execute(script)
        with POSTGRES.connect(new) as session:
            for name in list(session.inspect().tables)[:_CHANGED]:
                session.execute(f"ALTER TABLE {name} ADD COLUMN more text; CREATE INDEX ON {name} (more)")
        whole = measure(
            "plan in all, tried in a scratch database", lambda: changes.sync_plan(new, old), runs=3, bound=5000
        )
        return [whole, _beside_alembic(old, new)]


def _beside_alembic(old: str, new: str) -> Figure:
    """Inspecting both sides and the difference; Alembic reflects one side to have something to compare the other with."""
    what = "  inspecting both and the difference"
    try:
        import sqlalchemy
        from alembic.autogenerate import compare_metadata
        from alembic.migration import MigrationContext
    except ImportError:
        return measure(f"{what} (no peer: pip install --group bench)", lambda: _difference(old, new), runs=3)
    before, after = (sqlalchemy.create_engine(u.replace("postgresql://", "postgresql+psycopg://")) for u in (old, new))

    def compared() -> object:
        metadata = sqlalchemy.MetaData()
        metadata.reflect(after)
        with before.connect() as connection:
            return compare_metadata(
                MigrationContext.configure(connection, opts={"compare_server_default": True}), metadata
            )

    return compare(what, lambda: _difference(old, new), "Alembic's reflection and compare_metadata", compared, runs=3)


def _difference(old: str, new: str) -> object:
    with (
        POSTGRES.connect(old, read_only=True) as one,
        POSTGRES.connect(new, read_only=True) as other,
        collector_paused(),
    ):
        return make(POSTGRES, side(POSTGRES, one), side(POSTGRES, other))
