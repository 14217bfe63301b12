"""Any PostgreSQL as the target: one that we did not start, of another version, with its own roles, locks and limits."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

import asbuilt
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.evidence import Evidence, Verdict
from asbuilt.project import changes
from other_servers import EACH, Target, running

ROOT = Path(__file__).parents[2]
SHARED = ROOT / "../shared"
DOCUMENTS = (
    ROOT / "examples/shop.md",
    ROOT / "tests/sabotage/library.md",
    SHARED / "templates/000_d2a76629ee470c9e.txt",
    SHARED / "templates/001_de0830f9360538d0.txt",
    SHARED / "corpus/enterprise-auth-architecture.md",
    SHARED / "corpus/momei-database.md",
)
NOTES = """# Notes database

**Database**: PostgreSQL 16

```sql
CREATE TABLE owners (id int PRIMARY KEY, name text NOT NULL, CHECK (name <> ''));
CREATE TABLE notes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner_id int NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    text varchar(80) NOT NULL
);
CREATE INDEX idx_notes_owner_id ON notes (owner_id);
CREATE VIEW texts AS SELECT n.text, o.name FROM notes n JOIN owners o ON o.id = n.owner_id WHERE n.text <> '';
```
"""
BEHAVIOUR = ("check_refuses", "not_null_refuses", "on_delete", "default_fills_in")


@pytest.fixture(scope="module", params=EACH)
def target(request: pytest.FixtureRequest, own_cache: Path) -> Iterator[Target]:
    with running(request.param, own_cache) as found:
        found.execute("CREATE ROLE asbuilt_librarian")
        yield found


@pytest.fixture
def notes(target: Target, tmp_path: Path) -> Iterator[tuple[asbuilt.Project, str]]:
    """The document of notes, and the name of a database that holds what it says."""
    path = tmp_path / "notes.md"
    path.write_text(NOTES, encoding="utf-8")
    project, database = asbuilt.load(path), target.empty_database()
    project.build(target.url(database))
    yield project, database
    target.execute(f"DROP DATABASE {database} WITH (FORCE)")


@contextmanager
def role(target: Target, database: str, grants: str) -> Iterator[str]:
    target.execute(f"CREATE ROLE guest LOGIN; {grants}", database)
    try:
        yield target.url(database, "guest")
    finally:
        target.execute("DROP OWNED BY guest; DROP ROLE guest", database)


def with_verdict(run: Any, verdict: Verdict) -> list[Evidence]:
    return [e for e in run.evidence if e.verdict == verdict]


NO_CACHE = "no cache was named: `--cache redis://…`"
NO_ROLLBACK = "it states no rollback, and no plan of asbuilt's went through it, which would have a way back of its own"


def reasons(run: Any) -> set[str]:
    return {e.reason for e in with_verdict(run, Verdict.UNKNOWN)}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_is_built_and_holds_on_another_version(target: Target, tmp_path: Path, path: Path) -> None:
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    copy = tmp_path / "document.md"
    shutil.copy(path, copy)
    project = asbuilt.load(copy).fixed(is_unsafe=SHARED in path.parents)
    result = project.up(target.url(target.empty_database()), rows=3)
    assert result.run.server.startswith(f"PostgreSQL {target.major}.")
    assert [(e.claim.id, e.observed) for e in result.run.broken] == []
    assert reasons(result.run) <= {NO_CACHE, NO_ROLLBACK}
    assert result.run.notes == ()


def test_a_verification_leaves_no_trace(target: Target, notes: tuple[asbuilt.Project, str]) -> None:
    project, database = notes
    target.execute(f"ALTER DATABASE {database} SET default_transaction_read_only = on")

    def state() -> list[tuple[Any, ...]]:
        with psycopg.connect(target.url(database), autocommit=True) as connection:
            connection.execute("SELECT pg_stat_clear_snapshot()")
            queries = (
                "SELECT pg_snapshot_xmax(pg_current_snapshot())::text",
                "SELECT tup_inserted, tup_updated, tup_deleted, temp_files, temp_bytes FROM pg_stat_database "
                "WHERE datname = current_database()",
                "SELECT count(*) FROM pg_class",
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'asbuilt'",
            )
            return [row for query in queries for row in connection.execute(query).fetchall()]

    before = state()
    assert project.verify(target.url(database)).is_fine
    assert state() == before


def test_a_role_that_may_read_proves_everything(target: Target, notes: tuple[asbuilt.Project, str]) -> None:
    project, database = notes
    with role(target, database, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest") as url:
        run = project.verify(url)
    grants = [e for e in run.broken if "grants" not in e.claim.kind]
    assert grants == []
    assert reasons(run) == set()
    assert {e.verdict for e in run.evidence if e.claim.kind in BEHAVIOUR} == {Verdict.HOLDS}


def test_a_table_without_rights_leaves_behaviour_unknown(target: Target, notes: tuple[asbuilt.Project, str]) -> None:
    project, database = notes
    with role(target, database, "GRANT SELECT ON owners TO guest") as url:
        run = project.verify(url)
    assert [e.claim.id for e in run.broken] == []
    assert {e.verdict for e in run.evidence if e.claim.kind in ("column_type", "index", "foreign_key")} == {
        Verdict.HOLDS
    }
    assert {e.verdict for e in run.evidence if e.claim.kind in BEHAVIOUR} == {Verdict.UNKNOWN}
    assert all("permission denied" in reason and "notes" in reason for reason in reasons(run))


def test_a_lock_of_another_session_is_waited_for_a_while_only(
    target: Target, notes: tuple[asbuilt.Project, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project, database = notes
    monkeypatch.setattr("asbuilt.engines.postgres.session.LOCK_SECONDS", 1)
    monkeypatch.setattr("asbuilt.engines.postgres.dumping.LOCK_SECONDS", 1)
    with psycopg.connect(target.url(database)) as holder:
        holder.execute("LOCK TABLE notes IN ACCESS EXCLUSIVE MODE")
        run = project.verify(target.url(database))
    assert [e.claim.id for e in run.broken] == []
    assert reasons(run)
    assert all(re.search("lock", reason) for reason in reasons(run))


def test_a_statement_that_takes_too_long_is_given_up(
    target: Target, notes: tuple[asbuilt.Project, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project, database = notes
    desired = project.check().trial
    monkeypatch.setattr("asbuilt.engines.postgres.catalog.COLUMNS", "SELECT pg_sleep(9)")
    monkeypatch.setattr("asbuilt.engines.postgres.session.STATEMENT_SECONDS", 1)
    run = project.verify(target.url(database), desired=desired)
    assert {e.verdict for e in run.evidence} <= {Verdict.UNKNOWN, Verdict.STATED}
    assert all("statement timeout" in reason for reason in reasons(run))


def test_what_else_stands_there_is_noted_and_breaks_nothing(target: Target, notes: tuple[asbuilt.Project, str]) -> None:
    project, database = notes
    more = """CREATE SCHEMA other; CREATE TABLE other.things (id int); CREATE TABLE more (id int REFERENCES owners (id));
        CREATE TYPE colour AS ENUM ('red'); CREATE INDEX of_their_own ON owners (name);"""
    target.execute(more, database)
    run = project.verify(target.url(database))
    assert [e.claim.id for e in run.broken] == []
    assert set(run.notes) == {
        "undocumented table more",
        "undocumented table other.things",
        "undocumented enum colour",
        "undocumented schema other",
        "undocumented index of_their_own on owners",
    }


def searching(folder: Path) -> asbuilt.Project:
    path = folder / "search.md"
    index = "CREATE EXTENSION pg_trgm;\nCREATE INDEX idx_notes_text ON notes USING gin (text gin_trgm_ops);\n"
    path.write_text(NOTES.replace("CREATE VIEW", index + "CREATE VIEW"), encoding="utf-8")
    return asbuilt.load(path)


def test_what_only_the_target_has_is_built_and_tried_there(target: Target, tmp_path: Path) -> None:
    if not target.offers("pg_trgm"):
        pytest.skip("the installed server has no pg_trgm")
    url = target.url(target.empty_database())
    run = searching(tmp_path).up(url, rows=3).run
    assert [e.claim.id for e in run.broken] == []
    assert with_verdict(run, Verdict.UNKNOWN) == []
    held = {e.claim.subject for e in with_verdict(run, Verdict.HOLDS)}
    assert {"pg_trgm", "idx_notes_text"} <= held


def test_what_only_the_target_has_is_unknown_to_who_may_try_nothing_there(target: Target, tmp_path: Path) -> None:
    if not target.offers("pg_trgm"):
        pytest.skip("the installed server has no pg_trgm")
    database = target.empty_database()
    project = searching(tmp_path)
    project.up(target.url(database), rows=3)
    with role(target, database, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest") as url:
        run = project.verify(url)
    assert [e.claim.id for e in run.broken] == []
    unknown = {e.claim.subject: e.reason for e in with_verdict(run, Verdict.UNKNOWN)}
    assert {"extension pg_trgm", "index idx_notes_text"} <= set(unknown)
    assert "pg_trgm" in unknown["extension pg_trgm"]
    assert any("not tried, since the twin lacks it" in note for note in run.notes)
    assert not any("undocumented" in note and "idx_notes_text" in note for note in run.notes)


def test_a_broken_database_is_told_from_a_sound_one(target: Target, notes: tuple[asbuilt.Project, str]) -> None:
    project, database = notes
    target.execute("ALTER TABLE owners DROP CONSTRAINT owners_name_check; DROP VIEW texts", database)
    kinds = {e.claim.kind for e in project.verify(target.url(database)).broken}
    assert kinds == {"check", "check_refuses", "view"}


LEDGER = """# Ledger – Data Design

```sql
CREATE TABLE entries (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at date NOT NULL,
    what varchar(20) CHECK (what IN ('in', 'out')),
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE TABLE entries_2026 PARTITION OF entries FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE VIEW movements AS SELECT what, count(*) AS number FROM entries GROUP BY what;
```
"""


def test_a_plan_leads_there_and_back_on_another_version(target: Target, tmp_path: Path) -> None:
    path = tmp_path / "ledger.md"
    url = target.url(target.empty_database())
    path.write_text(LEDGER, encoding="utf-8")
    asbuilt.load(path).build(url)
    with POSTGRES.connect(url) as session:
        session.execute("INSERT INTO entries (at, what) VALUES ('2026-02-03', 'in'), ('2026-02-04', 'out')")
    assert changes.plan_for(asbuilt.load(path), url).plan.steps == ()
    path.write_text(LEDGER.replace("varchar(20)", "varchar(30)"), encoding="utf-8")
    plan = changes.plan_for(asbuilt.load(path), url).plan
    assert plan.proof.is_proved
    changes.apply_plan(url, plan, ("all",))
    assert changes.plan_for(asbuilt.load(path), url).plan.steps == ()
    changes.take_back(url)
    path.write_text(LEDGER, encoding="utf-8")
    assert changes.plan_for(asbuilt.load(path), url).plan.steps == ()
