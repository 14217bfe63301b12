"""The journal of a real database, and what is told and kept before a plan is carried out."""

import gzip
import json
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from asbuilt.engines.changes import Operation
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.errors import GroundMoved, ServerRefused, ServerUnavailable
from asbuilt.plan.running import apply, roll_back
from asbuilt.plan.steps import Plan, Step, fingerprint
from plan.commands import run

pytestmark = pytest.mark.xdist_group("running plans")

WITHOUT = "# Shelf\n\n```sql\nCREATE TABLE books (id int PRIMARY KEY);\n```\n"
WITH = WITHOUT.replace("KEY)", "KEY, title text)")


def plan_of(url: str, *operations: Operation) -> Plan:
    with POSTGRES.connect(url) as session:
        before = fingerprint(session.inspect())
    steps = tuple(Step(number, (operation,)) for number, operation in enumerate(operations, 1))
    return Plan("abc123", steps, before, "", "asbuilt_kept_abc123", document="design.md")


MAKE_A = Operation("make a", ("CREATE TABLE a (n int)",), ("DROP TABLE a",))
MAKE_B = Operation("make b", ("CREATE TABLE b (n int)",), ("DROP TABLE b",))


def test_a_step_whose_way_back_fails_is_not_passed_over_the_next_time(url: str) -> None:
    apply(POSTGRES, url, plan_of(url, MAKE_A, MAKE_B))
    with POSTGRES.connect(url) as session:
        session.execute("CREATE FUNCTION f(a) RETURNS int LANGUAGE sql AS 'SELECT 1'")
        session.execute("UPDATE asbuilt.plans SET after = %s", [fingerprint(session.inspect())])
        with pytest.raises(ServerRefused, match="cannot drop table a") as caught:
            roll_back(POSTGRES, url)
        assert "asbuilt rollback" in caught.value.help
        session.execute("DROP FUNCTION f(a)")
        with pytest.raises(GroundMoved, match="half taken back"):
            apply(POSTGRES, url, None)
        assert roll_back(POSTGRES, url)[0].state == "rolled back"
        assert not session.inspect().tables


def test_the_plans_after_a_number_are_taken_back_the_last_first(url: str) -> None:
    apply(POSTGRES, url, plan_of(url, MAKE_A))
    apply(POSTGRES, url, plan_of(url, MAKE_B))
    apply(POSTGRES, url, plan_of(url, Operation("add", ("ALTER TABLE b ADD m int",), ("ALTER TABLE b DROP m",))))
    assert [entry.number for entry in roll_back(POSTGRES, url, 1)] == [3, 2]
    with POSTGRES.connect(url) as session:
        assert list(session.inspect().tables) == ["a"]


def test_the_journal_of_a_later_version_is_left_alone(url: str) -> None:
    apply(POSTGRES, url, plan_of(url, MAKE_A))
    with POSTGRES.connect(url) as session:
        session.execute("UPDATE asbuilt.version SET number = 99")
        with pytest.raises(ServerRefused, match="written by a later asbuilt"):
            POSTGRES.journal(session).entries()


def test_a_role_that_may_only_read_changes_nothing(url: str) -> None:
    with POSTGRES.connect(url) as session:
        session.execute("DROP ROLE IF EXISTS only_reads; CREATE ROLE only_reads LOGIN")
        plan = plan_of(url, MAKE_A)
        with pytest.raises(ServerRefused, match="permission denied") as caught:
            apply(POSTGRES, url + ("&" if "?" in url else "?") + "options=-crole%3Donly_reads", plan)
        assert "grant the role" in caught.value.help
        assert session.inspect().is_empty
        session.execute("DROP ROLE only_reads")


def test_a_server_that_is_not_there_is_not_waited_for(url: str) -> None:
    with pytest.raises(ServerUnavailable):
        apply(POSTGRES, "postgresql://nobody@127.0.0.1:1/nothing", plan_of(url, MAKE_A))


def test_hazards_are_told_with_their_step_and_count_and_the_table_is_dumped(url: str, tmp_path: Path) -> None:
    path = tmp_path / "shelf.md"
    path.write_text(WITH)
    assert run("build", str(path), "--to", url).exit_code == 0
    with POSTGRES.connect(url) as session:
        session.execute("INSERT INTO books VALUES (7, 'Emma')")
    path.write_text(WITHOUT)
    refused = run("apply", str(path), "--to", url, "--yes", "-q")
    assert refused.exit_code == 1
    assert "step 1: data_lost: the values of books.title (1 row)" in " ".join(refused.stderr.split())
    done = json.loads(run("apply", str(path), "--to", url, "--yes", "--allow", "all", "--format", "json").stdout)
    backup = Path(done["entries"][0]["backup"])
    assert backup.stat().st_mode & 0o077 == 0
    assert "7\tEmma" in gzip.decompress(backup.read_bytes()).decode()
    assert run("rollback", str(path), "--on", url, "-q").exit_code == 0
    assert run("apply", str(path), "--to", url, "--yes", "--allow", "all", "--no-backup").exit_code == 0
    assert [entry["backup"] for entry in json.loads(run("history", str(path), "--to", url, "--format", "json").stdout)["entries"]] == [str(backup), ""]  # fmt: skip


def test_one_who_finds_another_at_work_dumps_nothing(url: str, tmp_path: Path) -> None:
    path = tmp_path / "shelf.md"
    path.write_text(WITHOUT)
    with POSTGRES.connect(url) as session:
        session.execute("CREATE TABLE books (id int PRIMARY KEY, title text); INSERT INTO books VALUES (7, 'Emma')")
    with POSTGRES.connect(url) as other, POSTGRES.journal(other).lock():
        refused = run("apply", str(path), "--to", url, "--yes", "--allow", "all", "-q", "--at-once")
    assert refused.exit_code == 2
    assert "is being changed by" in " ".join(refused.stderr.split())
    assert list(tmp_path.rglob("*.sql.gz")) == []


_PROMPT = "from asbuilt.cli import main; main()"
_LATE = f"""
import time
import psycopg
cancel = psycopg.Connection._try_cancel
def late(self, *, timeout=5.0):
    time.sleep(1)
    cancel(self, timeout=timeout)
psycopg.Connection._try_cancel = late
{_PROMPT}
"""
"""The server's answer (no lock was to be had) comes before it hears of the stop: the driver gives the connection up then."""


@pytest.mark.parametrize("program", [_PROMPT, _LATE], ids=["prompt", "late"])
def test_stopped_by_its_user_it_says_how_to_go_on_and_does(url: str, tmp_path: Path, program: str) -> None:
    path = tmp_path / "shelf.md"
    path.write_text(WITHOUT)
    run("build", str(path), "--to", url)
    path.write_text(WITH)
    command = [sys.executable, "-c", program, "apply", str(path), "--to", url, "--yes"]
    with POSTGRES.connect(url) as session, session.transaction():
        session.execute("LOCK TABLE books IN SHARE MODE")
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        _wait_for_journal(url)
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=60)[1]
        assert process.returncode == 130
    onward, back = (shlex.split(part) for part in told.split("`")[1::2])
    assert (onward, back) == (
        ["asbuilt", "apply", str(path), "--to", url],
        ["asbuilt", "rollback", str(path), "--on", url],
    )
    other = run("apply", str(path), "--to", url, "--plan", "other")
    assert other.exit_code == 2
    assert "is not finished" in other.stderr
    done = run(*onward[1:])
    assert (done.exit_code, "going on with it" in done.stderr) == (0, True)
    assert "nothing to do" in run("plan", str(path), "--to", url).stdout


def test_who_does_not_own_a_table_is_told_by_the_plan_and_where_it_stops(url: str, tmp_path: Path) -> None:
    path = tmp_path / "shelf.md"
    path.write_text(WITHOUT)
    run("build", str(path), "--to", url)
    path.write_text(WITH)
    other = f"{url}&options=-crole%3Downs_nothing"
    with POSTGRES.connect(url) as session:
        session.execute(
            "DROP ROLE IF EXISTS owns_nothing; CREATE ROLE owns_nothing LOGIN; GRANT SELECT ON books TO owns_nothing"
        )
        session.execute(f"GRANT CREATE ON DATABASE {session.database} TO owns_nothing")
    try:
        assert "owns none of these" not in run("plan", str(path), "--to", url).stdout
        planned = run("plan", str(path), "--to", other).stdout
        assert "owns_nothing owns none of these and cannot change them" in planned
        assert "that role granted: books\n" in planned
        refused = " ".join(run("apply", str(path), "--to", other, "--yes").stderr.split())
        assert "must be owner of table books" in refused
        assert "connect as its owner" in refused
        run("rollback", "--on", other)
    finally:
        with POSTGRES.connect(url) as session:
            session.execute("DROP OWNED BY owns_nothing; DROP ROLE owns_nothing")


def test_nothing_is_planned_while_a_plan_is_half_done(url: str, tmp_path: Path) -> None:
    path = tmp_path / "shelf.md"
    path.write_text(WITHOUT)
    run("build", str(path), "--to", url)
    path.write_text(WITH)
    run("apply", str(path), "--to", url, "--yes")
    for state in ("running", "contracting", "rolling back"):
        with POSTGRES.connect(url) as session:
            session.execute("UPDATE asbuilt.plans SET state = %s", [state])
        refused = run("plan", str(path), "--to", url)
        assert refused.exit_code == 2
        assert "plan 1 was begun by postgres" in refused.stderr
        assert "is not finished" in " ".join(refused.stderr.split())
        assert f"asbuilt rollback {path} --on" in " ".join(refused.stderr.split())


def test_what_is_half_taken_back_is_not_said_to_go_on(url: str, tmp_path: Path) -> None:
    path = tmp_path / "shelf.md"
    path.write_text(WITHOUT)
    run("build", str(path), "--to", url)
    path.write_text(WITH)
    assert run("apply", str(path), "--to", url, "--yes").exit_code == 0
    with POSTGRES.connect(url) as session:
        session.execute("UPDATE asbuilt.plans SET state = 'rolling back'")
    refused = run("apply", str(path), "--to", url)
    assert refused.exit_code == 2
    assert "half taken back" in refused.stderr
    assert "going on" not in refused.stderr


def _wait_for_journal(url: str) -> None:
    """Wait until a plan has been begun, and its first step waits for a lock."""
    until = time.monotonic() + 30
    waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation'"
    with POSTGRES.connect(url) as session:
        while not session.rows(waits)[0][0]:
            assert time.monotonic() < until
            time.sleep(0.01)


_SLOW = """
import sys
from asbuilt.engines.postgres.engine import POSTGRES
with POSTGRES.connect(sys.argv[1]) as session:
    POSTGRES.prepare(session)
    with POSTGRES.journal(session).lock():
        session.execute("SELECT pg_sleep(600)")
"""


def test_what_a_killed_one_was_doing_does_not_keep_others_out_for_long(url: str) -> None:
    process = subprocess.Popen([sys.executable, "-c", _SLOW, url])
    locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    with POSTGRES.connect(url) as session:
        for wanted in (1, 0):
            until = time.monotonic() + 30
            while session.rows(locks)[0][0] != wanted:
                assert time.monotonic() < until
                time.sleep(0.05)
            if wanted:
                process.kill()
                process.wait()
