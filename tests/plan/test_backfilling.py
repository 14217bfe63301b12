"""Backfills range by range: every row once, whatever the key, whoever is in the way, whatever is killed in between."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from asbuilt.engines.base import Progress, Session
from asbuilt.engines.changes import Backfill, Operation
from asbuilt.engines.postgres.changing.backfills import operation
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.errors import ServerRefused
from asbuilt.plan import backfilling
from asbuilt.plan.backfilling import Pace, fill
from asbuilt.plan.running import apply, roll_back
from asbuilt.plan.steps import Phase, Plan, Step, fingerprint
from asbuilt.plan.storing import to_text

pytestmark = pytest.mark.xdist_group("running plans")
ROWS = 3000


@pytest.fixture
def session(url: str) -> Iterator[Session]:
    with POSTGRES.connect(url) as found:
        yield found


def made(session: Session, columns: str, values: str) -> None:
    session.execute(f"CREATE TABLE t ({columns}, n int NOT NULL DEFAULT 0)")
    session.execute(f"INSERT INTO t SELECT {values} FROM generate_series(1, {ROWS}) AS i; ANALYZE t")


def counted(session: Session) -> list[tuple[int, int]]:
    """Return how often rows were changed, and how many rows were changed so often."""
    return [(n, rows) for n, rows in session.rows("SELECT n, count(*) FROM t GROUP BY n ORDER BY n")]


ONCE = Backfill("t", "n = n + 1")


@pytest.mark.parametrize(
    ("columns", "values", "key"),
    [
        ("id int PRIMARY KEY", "i", ("id",)),
        ("id bigint PRIMARY KEY", "-i * 1000000::bigint", ("id",)),
        ("id uuid PRIMARY KEY", "gen_random_uuid()", ("id",)),
        ("id text PRIMARY KEY", "'row % ' || i", ("id",)),
        ("at timestamptz, part int, PRIMARY KEY (at, part)", "'2026-01-01'::timestamptz + (i / 7) * interval '1 h', i", ("at", "part")),
        ('"Order" numeric(10,2), b text, c date, PRIMARY KEY ("Order", b, c)', "(i % 3) / 7.0, 'x' || i % 50, '2026-01-01'::date + i", ("Order", "b", "c")),
    ],
    ids=["int", "negative", "uuid", "text", "two", "three"],
)  # fmt: skip
def test_every_row_is_done_once_by_its_key(session: Session, columns: str, values: str, key: tuple[str, ...]) -> None:
    made(session, columns, values)
    reach = fill(POSTGRES, session, Backfill("t", "n = n + 1", key=key))
    assert counted(session) == [(1, ROWS)]
    assert (reach.changed, reach.passed, reach.is_done) == (ROWS, reach.total, True)


@pytest.mark.parametrize("condition", ["n = 0", ""])
def test_a_table_without_a_key_is_done_by_place(session: Session, condition: str) -> None:
    made(session, "v text", "repeat('x', 50)")
    fill(POSTGRES, session, Backfill("t", "n = n + 1", condition))
    assert counted(session) == [(1, ROWS)]


def test_a_partitioned_table(session: Session) -> None:
    session.execute("CREATE TABLE t (id int, at date, n int DEFAULT 0, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)")
    for year in (2025, 2026):
        session.execute(f"CREATE TABLE t{year} PARTITION OF t FOR VALUES FROM ('{year}-01-01') TO ('{year + 1}-01-01')")
    session.execute(f"INSERT INTO t SELECT i, '2025-01-01'::date + i % 700 FROM generate_series(1, {ROWS}) AS i")
    fill(POSTGRES, session, Backfill("t", "n = n + 1", "n >= 0", key=("id", "at")))
    assert counted(session) == [(1, ROWS)]
    fill(POSTGRES, session, Backfill("t", "n = n + 1", "n = 1"))
    assert counted(session) == [(2, ROWS)]


def test_an_empty_table(session: Session) -> None:
    session.execute("CREATE TABLE t (id int PRIMARY KEY, n int)")
    assert fill(POSTGRES, session, Backfill("t", "n = 1", key=("id",))).is_done
    assert fill(POSTGRES, session, Backfill("t", "n = 1", "n IS NULL")).is_done


def test_from_other_tables_under_another_name(session: Session) -> None:
    made(session, "id int PRIMARY KEY, tag text", "i, 'tag' || i % 2")
    session.execute("CREATE TABLE tags (name text PRIMARY KEY, weight int); INSERT INTO tags VALUES ('tag1', 7)")
    backfill = Backfill("t", "n = g.weight", "g.name = one.tag AND one.tag LIKE 'tag%'", ("id",), "tags AS g", "one")
    fill(POSTGRES, session, backfill)
    assert counted(session) == [(0, ROWS // 2), (7, ROWS // 2)]


def test_its_own_triggers_are_silent_where_asked(session: Session) -> None:
    made(session, "id int PRIMARY KEY, at int DEFAULT 0", "i, 0")
    session.execute(
        "CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.at := 1; RETURN NEW; END $$;"
        "CREATE TRIGGER touched BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touched()"
    )
    fill(POSTGRES, session, Backfill("t", "n = 1", key=("id",), is_quiet=True))
    assert session.rows("SELECT sum(n), sum(at) FROM t") == [(ROWS, 0)]
    fill(POSTGRES, session, Backfill("t", "n = 2", key=("id",)))
    assert session.rows("SELECT sum(n), sum(at) FROM t") == [(2 * ROWS, ROWS)]
    assert session.rows("SHOW session_replication_role") == [("origin",)]


def test_it_ends_while_others_insert(url: str, session: Session) -> None:
    made(session, "id int PRIMARY KEY", "i")
    is_over = threading.Event()

    def insert() -> None:
        with POSTGRES.connect(url) as other:
            number = ROWS
            while not is_over.is_set():
                number += 1
                other.execute("INSERT INTO t VALUES (%s)", [number])

    writer = threading.Thread(target=insert)
    writer.start()
    fill(POSTGRES, session, Backfill("t", "n = n + 1", key=("id",)))
    is_over.set()
    writer.join()
    assert session.rows(f"SELECT min(n), max(n) FROM t WHERE id <= {ROWS}") == [(1, 1)]


def test_a_row_that_is_held_is_waited_for_and_keeps_nobody_else_waiting(url: str, session: Session) -> None:
    made(session, "id int PRIMARY KEY", "i")
    longest = 0.0
    with POSTGRES.connect(url) as holder, POSTGRES.connect(url) as writer:
        with holder.transaction():
            holder.execute("SELECT FROM t WHERE id = 50 FOR UPDATE")
            work = threading.Thread(
                target=fill, args=(POSTGRES, session, Backfill("t", "n = n + 1", key=("id",)))
            )  # fmt: skip
            work.start()
            until = time.monotonic() + 1
            while time.monotonic() < until:
                began = time.monotonic()
                writer.execute("UPDATE t SET n = n WHERE id BETWEEN 45 AND 49")
                longest = max(longest, time.monotonic() - began)
                time.sleep(0.001)
            assert work.is_alive()
        work.join(30)
        assert not work.is_alive()
    assert counted(session) == [(1, ROWS)]
    assert longest < 0.5


def test_a_value_that_does_not_fit_stops_it_and_it_goes_on(url: str, session: Session) -> None:
    made(session, "id int PRIMARY KEY, v text", "i, CASE i WHEN 2000 THEN 'many' ELSE i::text END")
    plan = plan_of(url, operation("fill n", Backfill("t", "n = n + v::int", key=("id",))))
    with pytest.raises(ServerRefused, match=r"step 1 \(fill n\): invalid input syntax for type integer: \"many\"") as caught:  # fmt: skip
        apply(POSTGRES, url, plan)
    assert "asbuilt apply" in caught.value.help
    assert 0 < session.rows("SELECT count(*) FROM t WHERE n > 0")[0][0] < 2000
    session.execute("UPDATE t SET v = 2000 WHERE id = 2000")
    assert apply(POSTGRES, url, None).state == "applied"
    assert session.rows("SELECT count(*) FROM t WHERE n = id") == [(ROWS,)]


def plan_of(url: str, *operations: Operation) -> Plan:
    with POSTGRES.connect(url) as session:
        before = fingerprint(session.inspect())
    steps = tuple(Step(at, (one,), Phase.BACKFILL) for at, one in enumerate(operations, 1))
    return Plan("abc123", steps, before, "", "asbuilt_kept_abc123", document="design.md")


SLOW = Backfill("t", "n = n + CASE WHEN pg_sleep(0.0001) IS NULL THEN 0 ELSE 1 END", key=("id",))
BACK = Backfill("t", "n = n - CASE WHEN pg_sleep(0.0001) IS NULL THEN 0 ELSE 1 END", key=("id",))
_CHILD = """
import sys
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.plan.running import apply, roll_back
from asbuilt.plan.storing import from_text
apply(POSTGRES, sys.argv[2], from_text(sys.stdin.read())) if sys.argv[1] == "apply" else roll_back(POSTGRES, sys.argv[2])
"""


def child(act: str, url: str, plan: Plan) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", _CHILD, act, url], stdin=subprocess.PIPE, text=True)
    assert process.stdin
    process.stdin.write(to_text(plan))
    process.stdin.close()
    return process


def wait_until_passed(session: Session, rows: int, *, is_back: bool = False) -> None:
    until = time.monotonic() + 20
    query = "SELECT coalesce(max(passed), 0) FROM asbuilt.backfills WHERE is_back = %s"
    while time.monotonic() < until:
        is_there = session.rows("SELECT to_regclass('asbuilt.backfills') IS NOT NULL")[0][0]
        if is_there and session.rows(query, [is_back])[0][0] >= rows:
            return
        time.sleep(0.002)
    raise AssertionError(f"never {rows} rows passed")


def wait_until_free(session: Session) -> None:
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    until = time.monotonic() + 20
    while session.rows(others)[0][0]:
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("rows", [0, 300, 1200])
def test_killed_it_goes_on_where_it_was(url: str, session: Session, rows: int) -> None:
    made(session, "id int PRIMARY KEY", "i")
    plan = plan_of(url, operation("fill n", SLOW, BACK))
    process = child("apply", url, plan)
    wait_until_passed(session, rows)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    wait_until_free(session)
    assert session.rows("SELECT count(*) FROM t WHERE n = 0")[0][0] > 0
    assert apply(POSTGRES, url, plan).state == "applied"
    assert counted(session) == [(1, ROWS)]
    process = child("rollback", url, plan)
    wait_until_passed(session, rows, is_back=True)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    wait_until_free(session)
    assert roll_back(POSTGRES, url)[0].state == "rolled back"
    assert counted(session) == [(0, ROWS)]


def test_a_lost_connection_is_made_again(url: str, session: Session) -> None:
    made(session, "id int PRIMARY KEY", "i")
    process = child("apply", url, plan_of(url, operation("fill n", SLOW)))
    wait_until_passed(session, 300)
    session.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    assert process.wait(30) == 0
    assert counted(session) == [(1, ROWS)]


def test_a_journal_of_the_first_version_is_brought_up(url: str, session: Session) -> None:
    made(session, "id int PRIMARY KEY", "i")
    apply(POSTGRES, url, plan_of(url, Operation("a", ("CREATE TABLE a (n int)",), ("DROP TABLE a",))))
    later = "asbuilt.backfills, asbuilt.states, asbuilt.purges, asbuilt.deeds"
    session.execute(f"DROP TABLE {later}; UPDATE asbuilt.version SET number = 1")
    apply(POSTGRES, url, plan_of(url, operation("fill n", Backfill("t", "n = n + 1", key=("id",)))))
    assert counted(session) == [(1, ROWS)]


def test_what_it_tells_on_the_way(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfilling, "_LOOK_SECONDS", 0.0)
    made(session, "id int PRIMARY KEY", "i")
    told: list[tuple[str, int, int]] = []
    progress: Progress = lambda what, done, total: told.append((what, done, total))  # noqa: E731
    fill(POSTGRES, session, Backfill("t", "n = 1", key=("id",)), progress=progress)
    assert told[-1] == ("t", ROWS, ROWS)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert any(re.search(r"^t, about \d+ s left$", what) for what, _, _ in told)


def test_a_range_is_as_large_as_writers_do_not_feel() -> None:
    pace = Pace()
    for _ in range(20):
        pace.went(pace.rows * 0.00001)
    assert pace.rows * 0.00001 == pytest.approx(backfilling.TARGET_SECONDS, rel=0.1)
    assert pace.limit == backfilling.LIMIT_SECONDS
    for _ in range(20):
        pace.was_given_up()
    assert (pace.rows, pace.limit) == (1, None)
    pace.went(1.0)
    for _ in range(5):
        pace.went(1.0)
    assert pace.rows > 1, "what a single row takes anyway is no reason to take single rows"
    assert pace.limit == 3.0
