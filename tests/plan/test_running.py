"""Plans carried out on a real server: each step once, whatever is killed, cut off or locked in between."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from asbuilt.engines.base import Session
from asbuilt.engines.changes import Operation
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.errors import GroundMoved, NothingToDo, ServerRefused, TargetBusy
from asbuilt.plan.running import apply, roll_back
from asbuilt.plan.steps import Plan, Step, fingerprint
from asbuilt.plan.storing import from_text, to_text

pytestmark = pytest.mark.xdist_group("running plans")
STEPS = 10


@pytest.fixture
def url() -> Iterator[str]:
    with scratch_database() as found:
        with POSTGRES.connect(found) as session:
            session.execute("CREATE TABLE numbers (n int); INSERT INTO numbers SELECT generate_series(1, 500)")
        yield found


def plan_of(url: str, *operations: Operation) -> Plan:
    with POSTGRES.connect(url) as session:
        before = fingerprint(session.inspect())
    steps = tuple(Step(number, (operation,)) for number, operation in enumerate(operations, 1))
    return Plan("abc123", steps, before, "", "asbuilt_kept_abc123", document="design.md")


def ten(url: str, seconds: float = 0.0) -> Plan:
    """Return a plan of ten steps, every third an index that is built beside the writers."""
    return plan_of(url, *(_operation(number, seconds) for number in range(1, STEPS + 1)))


def _operation(number: int, seconds: float) -> Operation:
    if number % 3 == 0:
        drop = f"DROP INDEX CONCURRENTLY IF EXISTS numbers_{number}"
        is_valid = f"SELECT coalesce((SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('numbers_{number}')), false)"
        return Operation(
            f"index {number}",
            (f"CREATE INDEX CONCURRENTLY numbers_{number} ON numbers ((n + {number}))",),
            (drop,),
            is_alone=True,
            is_done=is_valid,
            clean=(drop,),
        )
    wait = f"SELECT pg_sleep({seconds})"
    return Operation(
        f"table {number}",
        (wait, f"CREATE TABLE t{number} (n int)", f"INSERT INTO t{number} VALUES ({number})", wait),
        (wait, f"DROP TABLE t{number}"),
    )


def stands(session: Session) -> tuple[list[str], list[str]]:
    """Return the tables with exactly one row in them, and the valid indexes."""
    state = session.inspect()
    tables = [name for name in state.tables if name != "numbers"]
    full = [name for name in tables if session.rows(f"SELECT count(*) FROM {name}")[0][0] == 1]
    return full, [index.name for index in state.tables["numbers"].indexes if index.is_valid]


TABLES = [f"t{n}" for n in (1, 10, 2, 4, 5, 7, 8)]
INDEXES = [f"numbers_{n}" for n in (3, 6, 9)]


def test_a_plan_is_the_same_after_storing(url: str) -> None:
    plan = ten(url)
    assert from_text(to_text(plan)) == plan


def test_there_and_back_with_a_journal(url: str) -> None:
    with POSTGRES.connect(url) as session:
        before = session.inspect()
        done = apply(POSTGRES, url, ten(url))
        assert (done.number, done.state, set(done.steps.values())) == (1, "applied", {"done"})
        assert stands(session) == (TABLES, INDEXES)
        journal = POSTGRES.journal(session)
        session.execute("CREATE TABLE other (n int)")
        with pytest.raises(GroundMoved, match="has changed since plan 1"):
            roll_back(POSTGRES, url)
        session.execute("DROP TABLE other")
        [back] = roll_back(POSTGRES, url)
        assert (back.state, set(back.steps.values())) == ("rolled back", {"reversed"})
        assert session.inspect() == before
        assert [entry.state for entry in journal.entries()] == ["rolled back"]
        with pytest.raises(NothingToDo):
            roll_back(POSTGRES, url)


def test_what_an_asbuilt_that_inspected_less_carried_out_can_be_taken_back(url: str) -> None:
    """Its fingerprint is another one of the same schema; what has really changed is told, item by item."""
    apply(POSTGRES, url, ten(url))
    with POSTGRES.connect(url) as session:
        session.execute("UPDATE asbuilt.plans SET after = 'of an earlier version'")
        session.execute("CREATE TABLE other (n int)")
        with pytest.raises(GroundMoved, match="has changed since plan 1 was carried out: table other added"):
            roll_back(POSTGRES, url)
        session.execute("DROP TABLE other")
        [back] = roll_back(POSTGRES, url)
        assert back.state == "rolled back"


def test_ground_that_moved_is_refused(url: str) -> None:
    plan = ten(url)
    with POSTGRES.connect(url) as session:
        session.execute("ALTER TABLE numbers ADD COLUMN more int")
        with pytest.raises(GroundMoved, match="has changed since plan abc123 was made"):
            apply(POSTGRES, url, plan)
        assert POSTGRES.journal(session).entries() == []


def test_one_at_a_time(url: str) -> None:
    busy = pytest.raises(TargetBusy, match=r"is being changed by asbuilt as \w+, process \d+")
    with POSTGRES.connect(url) as session, POSTGRES.journal(session).lock(), busy:
        apply(POSTGRES, url, ten(url))
    assert apply(POSTGRES, url, ten(url)).state == "applied"


def test_the_lock_of_one_that_was_killed_is_waited_for(url: str) -> None:
    held = threading.Event()

    def hold() -> None:
        with POSTGRES.connect(url) as session, POSTGRES.journal(session).lock():
            held.set()
            time.sleep(1)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    assert apply(POSTGRES, url, ten(url)).state == "applied"
    holder.join()


def test_a_step_that_fails_can_be_gone_on_from_and_back_from(url: str) -> None:
    fine = Operation("make a", ("CREATE TABLE a (n int)",), ("DROP TABLE a",))
    bad = Operation("make b", ("CREATE TABLE b (n int)", "INSERT INTO missing VALUES (1)"), ("DROP TABLE b",))
    plan = plan_of(url, fine, bad)
    with POSTGRES.connect(url) as session:
        with pytest.raises(ServerRefused, match=r"step 2 \(make b\): relation \"missing\" does not exist") as caught:
            apply(POSTGRES, url, plan)
        assert "asbuilt rollback" in caught.value.help
        assert set(session.inspect().tables) == {"numbers", "a"}
        session.execute("CREATE TABLE missing (n int)")
        assert apply(POSTGRES, url, None).state == "applied"
        assert set(session.inspect().tables) == {"numbers", "a", "b", "missing"}


def test_a_step_that_fails_can_be_taken_back(url: str) -> None:
    fine = Operation("make a", ("CREATE TABLE a (n int)",), ("DROP TABLE a",))
    bad = Operation("make b", ("INSERT INTO missing VALUES (1)",), ())
    with pytest.raises(ServerRefused):
        apply(POSTGRES, url, plan_of(url, fine, bad))
    assert roll_back(POSTGRES, url)[0].state == "rolled back"
    with POSTGRES.connect(url) as session:
        assert set(session.inspect().tables) == {"numbers"}


def test_an_index_that_cannot_be_unique_leaves_nothing_invalid_behind(url: str) -> None:
    double = Operation(
        "unique",
        ("CREATE UNIQUE INDEX CONCURRENTLY one ON numbers ((n % 2))",),
        ("DROP INDEX CONCURRENTLY IF EXISTS one",),
        is_alone=True,
        is_done="SELECT coalesce((SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('one')), false)",
        clean=("DROP INDEX CONCURRENTLY IF EXISTS one",),
    )
    with POSTGRES.connect(url) as session:
        with pytest.raises(ServerRefused, match="could not create unique index"):
            apply(POSTGRES, url, plan_of(url, double))
        [left] = session.inspect().tables["numbers"].indexes
        assert not left.is_valid
        session.execute("DELETE FROM numbers WHERE n > 2")
        assert apply(POSTGRES, url, None).state == "applied"
        [built] = session.inspect().tables["numbers"].indexes
        assert built.is_valid


def test_a_lock_is_asked_for_again(url: str) -> None:
    change = Operation("add", ("ALTER TABLE numbers ADD COLUMN m int",), ("ALTER TABLE numbers DROP COLUMN m",))
    plan = plan_of(url, change)
    with POSTGRES.connect(url) as holder:
        with holder.transaction():
            holder.execute("LOCK TABLE numbers")
            work = threading.Thread(target=apply, args=(POSTGRES, url, plan))
            work.start()
            time.sleep(3.5)  # longer than a step waits for a lock
            assert work.is_alive()
        work.join(30)
        assert not work.is_alive()
        assert [entry.state for entry in POSTGRES.journal(holder).entries()] == ["applied"]


def test_who_holds_a_lock_is_named_when_it_is_not_to_be_had(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asbuilt.plan.running.GIVE_UP_SECONDS", 0)
    change = Operation("add", ("ALTER TABLE numbers ADD COLUMN m int",), ("ALTER TABLE numbers DROP COLUMN m",))
    plan = plan_of(url, change)
    with POSTGRES.connect(url) as holder:
        pid = holder.rows("SELECT pg_backend_pid()")[0][0]
        with holder.transaction():
            holder.execute("LOCK  TABLE numbers")
            with pytest.raises(
                ServerRefused, match=rf"process {pid} \(asbuilt, as \w+, .*\): LOCK TABLE numbers"
            ) as caught:
                apply(POSTGRES, url, plan)
        assert "in: ALTER TABLE numbers ADD COLUMN m int" in str(caught.value)
        assert apply(POSTGRES, url, None).state == "applied"


_CHILD = """
import sys
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.plan.running import apply, roll_back
from asbuilt.plan.storing import from_text
if sys.argv[1] == "apply":
    apply(POSTGRES, sys.argv[2], from_text(sys.stdin.read()))
else:
    roll_back(POSTGRES, sys.argv[2])
"""


def child(act: str, url: str, plan: Plan) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _CHILD, act, url], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdin
    process.stdin.write(to_text(plan))
    process.stdin.close()
    return process


def wait_until(session: Session, state: str, count: int) -> None:
    """Wait until `count` steps have a state, or all is over."""
    query = "SELECT count(*) FROM asbuilt.steps WHERE state = %s"
    until = time.monotonic() + 20
    while time.monotonic() < until:
        is_there = session.rows("SELECT to_regclass('asbuilt.steps') IS NOT NULL")[0][0]
        if is_there and session.rows(query, [state])[0][0] >= count:
            return
        time.sleep(0.005)
    raise AssertionError(f"never {count} steps {state}")


def wait_until_free(session: Session) -> None:
    """Wait until the server has noticed that the killed one is gone."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    until = time.monotonic() + 20
    while session.rows(others)[0][0]:
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("count", range(STEPS))
def test_killed_at_any_step_it_goes_on(url: str, count: int) -> None:
    plan = ten(url, 0.03)
    with POSTGRES.connect(url) as session:
        process = child("apply", url, plan)
        wait_until(session, "done", count)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        wait_until_free(session)
        done = apply(POSTGRES, url, plan)
        assert (done.number, done.state) == (1, "applied")
        assert stands(session) == (TABLES, INDEXES)


@pytest.mark.parametrize("count", range(0, STEPS, 3))
def test_killed_at_any_step_it_can_go_back(url: str, count: int) -> None:
    plan = ten(url, 0.03)
    with POSTGRES.connect(url) as session:
        before = session.inspect()
        process = child("apply", url, plan)
        wait_until(session, "done", count)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        wait_until_free(session)
        assert roll_back(POSTGRES, url)[0].state == "rolled back"
        assert session.inspect() == before


@pytest.mark.parametrize("count", range(0, STEPS, 3))
def test_killed_on_the_way_back_it_goes_on_back(url: str, count: int) -> None:
    with POSTGRES.connect(url) as session:
        before = session.inspect()
        plan = ten(url, 0.03)
        apply(POSTGRES, url, plan)
        process = child("rollback", url, plan)
        wait_until(session, "reversed", count)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        wait_until_free(session)
        assert roll_back(POSTGRES, url)[0].state == "rolled back"
        assert session.inspect() == before


@pytest.mark.parametrize("count", range(STEPS))
def test_a_lost_connection_is_made_again(url: str, count: int) -> None:
    plan = ten(url, 0.05)
    with POSTGRES.connect(url) as session:
        process = child("apply", url, plan)
        wait_until(session, "done", count)
        session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert process.wait(30) == 0
        assert stands(session) == (TABLES, INDEXES)
        assert [entry.state for entry in POSTGRES.journal(session).entries()] == ["applied"]
