"""Who keeps a step waiting is told while it waits, and when it gives up: never what their statements hold."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from asbuilt.engines.changes import Backfill, Operation
from asbuilt.engines.postgres.blocking import masked
from asbuilt.engines.postgres.changing.backfills import operation
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.errors import ServerRefused
from asbuilt.plan.running import apply
from asbuilt.plan.steps import Phase, Plan, Step, fingerprint

INDEX = Operation(
    "build it",
    ("CREATE INDEX CONCURRENTLY i ON t (n)",),
    ("DROP INDEX CONCURRENTLY i",),
    is_alone=True,
    is_done="SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('i') AND indisvalid)",
    clean=("DROP INDEX CONCURRENTLY IF EXISTS i",),
)
STEPS = {
    "an index beside the writers": INDEX,
    "a change of the table": Operation("add m", ("ALTER TABLE t ADD COLUMN m int",), ("ALTER TABLE t DROP COLUMN m",)),
    "a range of a backfill": operation("fill n", Backfill("t", "n = n + 1", key=("id",))),
}
SECRET = "UPDATE t SET note = 'anna@example.com' WHERE id = 4711 OR id < 9"


@pytest.fixture
def table(session: PostgresSession) -> PostgresSession:
    session.execute("CREATE TABLE t (id int PRIMARY KEY, n int DEFAULT 0, note text)")
    session.execute("INSERT INTO t SELECT generate_series(1, 100)")
    return session


def plan_of(session: PostgresSession, one: Operation) -> Plan:
    step = Step(1, (one,), Phase.BACKFILL)
    return Plan("abc123", (step,), fingerprint(session.inspect()), "", "asbuilt_kept_abc123", document="design.md")


@contextmanager
def in_the_way(session: PostgresSession) -> Iterator[int]:
    info = session.connection.info
    with psycopg.connect(info.dsn, password=info.password, application_name="nightly-report") as other:
        other.execute(SECRET)
        yield other.info.backend_pid
        other.rollback()


def url_of(session: PostgresSession) -> str:
    return str(session.connection.info.dsn)


@pytest.mark.parametrize("name", STEPS)
def test_who_is_in_the_way_is_told_meanwhile(table: PostgresSession, name: str) -> None:
    told: list[str] = []
    is_waiting = threading.Event()

    def progress(what: str, done: int, total: int) -> None:
        if "waiting for" in what:
            told.append(what)
            is_waiting.set()

    plan = plan_of(table, STEPS[name])
    work = threading.Thread(target=apply, args=(POSTGRES, url_of(table), plan, progress))
    with in_the_way(table) as pid:
        work.start()
        assert is_waiting.wait(20)
    work.join(30)
    assert not work.is_alive()
    who = f"apply: waiting for process {pid} (nightly-report, as postgres, idle in its transaction for "
    assert told[0].startswith(who)
    assert told[0].endswith(" s): UPDATE t SET note = … WHERE id = … OR id < …")
    assert table.rows("SELECT state FROM asbuilt.plans") == [("applied",)]


def test_a_step_that_gives_up_says_who_was_in_its_way_and_what_to_do(
    table: PostgresSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asbuilt.plan.running.GIVE_UP_SECONDS", 0)
    plan = plan_of(table, STEPS["a change of the table"])
    with in_the_way(table) as pid, pytest.raises(ServerRefused, match="held up by: process") as caught:
        apply(POSTGRES, url_of(table), plan)
    assert f"process {pid} (nightly-report" in str(caught.value)
    assert "anna" not in str(caught.value)
    assert "pg_terminate_backend" in caught.value.help
    assert apply(POSTGRES, url_of(table), None).state == "applied"


def test_what_is_done_quickly_needs_no_other_session(table: PostgresSession) -> None:
    with POSTGRES.blockers(table, lambda who: None, 1) as blockers:
        count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        assert table.rows(count) == [(1,)]
    assert blockers.last == ()


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("SELECT 1", "SELECT …"),
        ("UPDATE t2 SET a = 'it''s', b = $1 WHERE c = 1.5", "UPDATE t2 SET a = …, b = $1 WHERE c = …"),
        (r"SELECT E'a\'b', x", "SELECT …, x"),
        ("DO $x$ secret $x$; SELECT $$ more", "DO …; SELECT …"),
        ("SELECT 'cut off in the mid", "SELECT …"),
        ("/* user 5 */ SELECT a -- of anna\n FROM t", "SELECT a FROM t"),
        ("SELECT " + "a, " * 60, ("SELECT " + "a, " * 60)[:99] + "…"),
    ],
)
def test_what_others_run_is_told_without_its_values(query: str, shown: str) -> None:
    assert masked(query) == shown
