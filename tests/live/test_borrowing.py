"""What our scratch server lacks is tried on the target's server, in a database that is gone afterwards; the target is not touched."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import asbuilt
from asbuilt.engines.postgres import borrowing
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.evidence import Verdict
from asbuilt.project import changes
from other_servers import EACH, Target, running

BOOKINGS = """# Bookings database

**Database**: PostgreSQL 15

```sql
CREATE EXTENSION btree_gist;
CREATE EXTENSION citext;
CREATE TABLE rooms (id int PRIMARY KEY, name citext NOT NULL UNIQUE);
CREATE TABLE bookings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    room_id int NOT NULL REFERENCES rooms (id),
    during tstzrange NOT NULL,
    EXCLUDE USING gist (room_id WITH =, during WITH &&)
);
CREATE INDEX idx_bookings_room ON bookings (room_id);
```
"""
MORE = BOOKINGS.replace("during tstzrange NOT NULL,", "during tstzrange NOT NULL,\n    guest citext,")


@pytest.fixture(scope="module", params=EACH)
def target(request: pytest.FixtureRequest, own_cache: Path) -> Iterator[Target]:
    with running(request.param, own_cache) as found:
        if not (found.offers("btree_gist") and found.offers("citext")):
            pytest.skip(f"the PostgreSQL {found.major} that is here has no contrib modules")
        yield found


@pytest.fixture
def bookings(tmp_path: Path) -> asbuilt.Project:
    path = tmp_path / "bookings.md"
    path.write_text(BOOKINGS, encoding="utf-8")
    return asbuilt.load(path)


def databases(target: Target) -> list[str]:
    with psycopg.connect(target.url("postgres")) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'asbuilt%'").fetchall()
    return [row[0] for row in rows]


def test_what_needs_an_extension_is_built_and_proved(target: Target, bookings: asbuilt.Project) -> None:
    result = bookings.up(target.url(target.empty_database()), rows=3)
    assert result.run.broken == ()
    assert {e.reason for e in result.run.evidence if e.verdict == Verdict.UNKNOWN} == set()
    kinds = {e.claim.kind for e in result.run.evidence if e.verdict == Verdict.HOLDS}
    assert {"exclusion", "exclusion_refuses", "extension"} <= kinds
    assert databases(target) == []


def test_a_plan_is_tried_where_the_extension_is(target: Target, bookings: asbuilt.Project) -> None:
    url = target.url(target.empty_database())
    bookings.build(url)
    assert changes.plan_for(bookings, url).plan.steps == ()
    bookings.path.write_text(MORE, encoding="utf-8")
    plan = changes.plan_for(asbuilt.load(bookings.path), url).plan
    assert [step.title for step in plan.steps] == ["add column bookings.guest"]
    assert plan.proof.is_proved
    assert databases(target) == []


def test_a_document_is_written_and_proved_where_the_extension_is(target: Target, bookings: asbuilt.Project) -> None:
    url = target.url(target.empty_database())
    bookings.build(url)
    draft = asbuilt.init(url)
    assert draft.unlike == ()
    assert draft.is_fine
    assert "CREATE EXTENSION btree_gist" in draft.text


def test_a_role_that_may_make_no_database_is_told_what_lets_it(target: Target, bookings: asbuilt.Project) -> None:
    database = target.empty_database()
    bookings.build(target.url(database))
    target.execute("CREATE ROLE small LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO small", database)
    try:
        run = bookings.verify(target.url(database, "small"))
    finally:
        target.execute("DROP OWNED BY small; DROP ROLE small", database)
    [note] = [note for note in run.notes if "CREATEDB" in note]
    assert "lacks btree_gist, and the role small may not make a temporary database" in note
    assert "ALTER ROLE small CREATEDB" in note
    assert run.broken == ()


def test_a_named_server_is_used_for_scratch_work(target: Target, bookings: asbuilt.Project) -> None:
    with borrowing.borrowing(target.url("postgres")):
        check = bookings.check()
    assert [d.code for d in check.diagnostics] == []
    assert check.trial is not None
    assert check.trial.state.version[0] == target.major
    assert databases(target) == []


def test_an_error_leaves_no_database_behind(target: Target) -> None:
    def fail() -> None:
        with borrowing.borrowing(target.url("postgres")), POSTGRES.scratch() as session:
            session.execute("CREATE TABLE t (id int)")
            assert len(databases(target)) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert databases(target) == []


HOLDING = """
import sys, time
from asbuilt.engines.postgres.borrowing import borrowed_database
with borrowed_database(sys.argv[1]) as url:
    print("ready", flush=True)
    time.sleep(60)
"""


def test_what_a_killed_run_left_is_dropped_by_the_next(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    url = target.url("postgres")
    killed = subprocess.Popen([sys.executable, "-c", HOLDING, url], stdout=subprocess.PIPE, text=True)
    assert killed.stdout is not None
    assert killed.stdout.readline() == "ready\n"
    monkeypatch.setattr(borrowing, "_LEFT_SECONDS", -1)
    with borrowing.borrowed_database(url):
        assert len(databases(target)) == 2, "one that is in use stays"
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    deadline = time.monotonic() + 10
    while databases(target) and time.monotonic() < deadline:
        with borrowing.borrowed_database(url):
            time.sleep(0.1)
    assert databases(target) == []
