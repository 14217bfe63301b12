"""What plans keep aside: for how long, what it is, and how it is purged when its time is over."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from asbuilt.engines.base import Session
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.errors import ServerRefused
from plan.commands import run

pytestmark = pytest.mark.xdist_group("running plans")

BOOKS = "CREATE TABLE books (id int PRIMARY KEY, title text);"
WITHOUT = "# Shelf\n\n```sql\nCREATE TABLE books (id int PRIMARY KEY);\n```\n"


def dropped(url: str, path: Path, *before: str, after: str = WITHOUT) -> None:
    """Carry out a plan that takes away what stood `before` and is not in the document `after`."""
    with POSTGRES.connect(url) as session:
        for sql in before:
            session.execute(sql)
    path.write_text(after)
    done = run("apply", str(path), "--to", url, "--yes", "--allow", "all", "-q", "--at-once", "--no-backup")
    assert done.exit_code == 0, done.output


def days_pass(session: Session, days: int) -> None:
    session.execute(f"UPDATE asbuilt.plans SET finished_at = finished_at - interval '{days} days'")


def maintained(url: str, *words: str) -> dict[str, object]:
    done = run("maintain", "--to", url, "--format", "json", *words)
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return {**found, "code": done.exit_code}


def rows_aside(session: Session) -> list[int]:
    found = session.rows("SELECT relnamespace::regnamespace::text, relname FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text LIKE 'asbuilt_kept%' ORDER BY 2")  # fmt: skip
    return [session.rows(f"SELECT count(*) FROM {schema}.{name}")[0][0] for schema, name in found]


def test_what_is_kept_aside_is_purged_when_its_time_is_over_and_never_earlier(url: str, tmp_path: Path) -> None:
    dropped(url, tmp_path / "d.md", BOOKS, "INSERT INTO books SELECT n, 'x' FROM generate_series(1, 1234) n")
    with POSTGRES.connect(url) as session:
        days_pass(session, 6)
        early = maintained(url)
        assert (early["due"], early["code"]) == ([], 0)
        assert [chore["title"] for chore in early["later"]] == [
            "purge what plan 1 kept aside: the values of books.title"
        ]  # type: ignore[attr-defined]
        days_pass(session, 1)
        assert maintained(url, "--dry-run")["due"][0]["done"] is False  # type: ignore[index]
        assert rows_aside(session) == [1234]
        due = maintained(url)
        assert [(c["title"], c["done"]) for c in due["due"]] == [("purge what plan 1 kept aside: the values of books.title (1,234 rows)", True)]  # type: ignore[attr-defined]  # fmt: skip
        assert rows_aside(session) == [0]
        again = maintained(url)
        assert (again["due"], again["later"], again["code"]) == ([], [], 0)


def test_nothing_is_purged_while_a_plan_is_open(url: str, tmp_path: Path) -> None:
    dropped(url, tmp_path / "d.md", BOOKS, "INSERT INTO books VALUES (1, 'Emma')")
    with POSTGRES.connect(url) as session:
        days_pass(session, 30)
        session.execute("INSERT INTO asbuilt.plans (plan_id, state, document, revision, digest, backup, plan) SELECT 'x', 'running', '', '', '', '', replace(plan, 'asbuilt_kept_', 'asbuilt_kept_0') FROM asbuilt.plans")  # fmt: skip
        done = maintained(url)
        assert (done["due"], done["code"]) == ([], 0)
        assert "plan 2 is not finished (running)" in str(done["notes"])
        assert rows_aside(session) == [1]


def test_a_table_that_is_kept_aside_is_emptied_without_firing_its_triggers(url: str, tmp_path: Path) -> None:
    notes = (
        "CREATE TABLE notes (id int PRIMARY KEY, up int REFERENCES notes); INSERT INTO notes VALUES (1, NULL), (2, 1)"
    )
    dropped(url, tmp_path / "d.md", "CREATE TABLE books (id int PRIMARY KEY)", notes)
    with POSTGRES.connect(url) as session:
        [(place,)] = session.rows("SELECT oid::regclass::text FROM pg_class WHERE relname = 'notes'")
        session.execute(f"CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'fired'; END$$; CREATE TRIGGER never BEFORE TRUNCATE ON {place} EXECUTE FUNCTION never()")  # fmt: skip
        with pytest.raises(ServerRefused, match="fired"):
            session.execute(f"TRUNCATE {place}")
        days_pass(session, 7)
        assert maintained(url)["code"] == 0
        assert rows_aside(session) == [0]
        assert session.rows("SELECT tgenabled FROM pg_trigger WHERE tgname = 'never'") == [("O",)]


def test_killed_in_mid_purge_it_is_done_the_next_time(url: str, tmp_path: Path) -> None:
    dropped(url, tmp_path / "d.md", BOOKS, "INSERT INTO books VALUES (1, 'Emma')")
    with POSTGRES.connect(url) as session:
        days_pass(session, 7)
        [(place,)] = session.rows("SELECT oid::regclass::text FROM pg_class WHERE relname = 'books__title'")
        with POSTGRES.connect(url) as holder, holder.transaction():
            holder.execute(f"LOCK TABLE {place} IN ACCESS SHARE MODE")
            program = [sys.executable, "-c", "from asbuilt.cli import main; main()", "maintain", "--to", url]
            child = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            _until(session, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'TRUNCATE%' AND datname = current_database()")  # fmt: skip
            child.send_signal(signal.SIGKILL)
            child.communicate()
            assert rows_aside(session) == [1]
        _until(session, "SELECT count(*) = 0 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")  # fmt: skip
        assert [c["done"] for c in maintained(url)["due"]] == [True]  # type: ignore[attr-defined]
        assert rows_aside(session) == [0]


def test_a_table_that_was_empty_is_told_as_empty(url: str, tmp_path: Path) -> None:
    dropped(url, tmp_path / "d.md", BOOKS, "CREATE TABLE loans (id int PRIMARY KEY, note text)")
    told = " ".join(run("history", "--to", url).stdout.split())
    assert "the values of books.title (empty), the rows of loans (empty), since " in told
    assert "kB" not in told


def _until(session: Session, question: str) -> None:
    until = time.monotonic() + 60
    while not session.rows(question)[0][0]:
        assert time.monotonic() < until, question
        time.sleep(0.05)


def test_a_role_without_rights_is_told_what_is_not_done(url: str, tmp_path: Path) -> None:
    dropped(url, tmp_path / "d.md", BOOKS, "INSERT INTO books VALUES (1, 'Emma')")
    with POSTGRES.connect(url) as session:
        days_pass(session, 7)
        session.execute("DROP ROLE IF EXISTS keeps_house; CREATE ROLE keeps_house LOGIN")
        session.execute("GRANT USAGE ON SCHEMA asbuilt TO keeps_house; GRANT SELECT ON ALL TABLES IN SCHEMA asbuilt TO keeps_house")  # fmt: skip
        [(schema,)] = session.rows("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'asbuilt_kept%'")
        session.execute(f"GRANT USAGE ON SCHEMA {schema} TO keeps_house; GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO keeps_house")  # fmt: skip
        try:
            done = run("maintain", "--to", url + ("&" if "?" in url else "?") + "options=-crole%3Dkeeps_house")
            assert done.exit_code == 1
            assert "not done purge what plan 1 kept aside: the values of books.title (1 row): permission denied" in " ".join(done.stdout.split())  # fmt: skip
            assert rows_aside(session) == [1]
        finally:
            session.execute("DROP OWNED BY keeps_house; DROP ROLE keeps_house")


def test_after_the_purge_a_rollback_says_what_is_gone_and_brings_the_structure_back(url: str, tmp_path: Path) -> None:
    path = tmp_path / "d.md"
    books = "CREATE TABLE books (id int PRIMARY KEY, title text NOT NULL, copies int NOT NULL DEFAULT 1)"
    notes = "CREATE TABLE notes (id int PRIMARY KEY REFERENCES books); INSERT INTO notes VALUES (1)"
    dropped(url, path, books, "INSERT INTO books VALUES (1, 'Emma', 3)", notes)
    with POSTGRES.connect(url) as session:
        days_pass(session, 7)
        assert maintained(url)["code"] == 0
        refused = run("rollback", "--on", url, "-q")
        said = " ".join(refused.stderr.split())
        assert refused.exit_code == 1
        for lost in ("the values of books.title (1 row)", "the rows of notes (1 row)", "--allow data_lost"):
            assert lost in said
        assert session.inspect().tables["books"].column("title") is None
        back = run("rollback", "--on", url, "-q", "--allow", "data_lost")
        assert back.exit_code == 0, back.output
        assert session.rows("SELECT id, title, copies FROM books") == [(1, None, 1)]
        assert session.rows("SELECT count(*) FROM notes") == [(0,)]
        assert (
            "left out, as the purged rows are missing: ALTER TABLE books ALTER COLUMN title SET NOT NULL" in back.stdout
        )
        session.execute("INSERT INTO notes VALUES (1)")
        with pytest.raises(ServerRefused, match="violates foreign key"):
            session.execute("INSERT INTO notes VALUES (2)")


def test_after_the_purge_a_contract_goes_back_to_what_the_new_column_gives(url: str, tmp_path: Path) -> None:
    path = tmp_path / "d.md"
    path.write_text(WITHOUT.replace("KEY)", "KEY, price numeric(9,1))"))
    with POSTGRES.connect(url) as session:
        session.execute("CREATE TABLE books (id int PRIMARY KEY, price numeric(9,3)); INSERT INTO books VALUES (1, 1.234), (2, 2)")  # fmt: skip
        for options in (["--yes"], ["--contract"]):
            done = run("apply", str(path), "--to", url, "--allow", "all", "-q", "--no-backup", *options)
            assert done.exit_code == 0, done.output
            if options == ["--yes"]:
                days_pass(session, 9)
                assert maintained(url)["due"] == []
        days_pass(session, 8)
        [chore] = maintained(url)["due"]  # type: ignore[misc]
        assert chore["title"].endswith("the values of books.price that its new form does not give back (1 row)")  # type: ignore[index]
        assert run("rollback", "--on", url, "-q").exit_code == 1
        assert run("rollback", "--on", url, "-q", "--allow", "data_lost").exit_code == 0
        assert [str(row[0]) for row in session.rows("SELECT price FROM books ORDER BY id")] == ["1.200", "2.000"]


def test_a_rollback_before_the_purge_brings_the_rows_back(url: str, tmp_path: Path) -> None:
    dropped(url, tmp_path / "d.md", BOOKS, "INSERT INTO books VALUES (1, 'Emma')")
    assert run("rollback", "--on", url, "-q").exit_code == 0
    with POSTGRES.connect(url) as session:
        assert session.rows("SELECT * FROM books") == [(1, "Emma")]
        days_pass(session, 8)
        assert maintained(url)["due"] == []


def test_the_document_says_how_long_and_the_longer_time_counts(url: str, tmp_path: Path) -> None:
    path = tmp_path / "d.md"
    fortnight = f"{WITHOUT}\n## Migration\n\n- Keep old columns for 14 days\n"
    path.write_text(fortnight)
    with POSTGRES.connect(url) as session:
        session.execute(BOOKS)
        session.execute("INSERT INTO books VALUES (1, 'Emma')")
    shown = run("plan", str(path), "--to", url, "-q", "--at-once")
    assert "keeps the values of books.title aside for 14 days once the plan is finished" in shown.stdout
    done = run("apply", str(path), "--to", url, "--yes", "--allow", "all", "-q", "--at-once", "--no-backup")
    assert "in schema asbuilt_kept_" in done.stdout, done.output
    with POSTGRES.connect(url) as session:
        days_pass(session, 10)
        path.write_text(WITHOUT)
        assert not json.loads(run("maintain", str(path), "--to", url, "--format", "json").stdout)["due"]
        days_pass(session, 5)
        path.write_text(fortnight.replace("14 days", "30 days"))
        assert not json.loads(run("maintain", str(path), "--to", url, "--format", "json").stdout)["due"]
        path.write_text(fortnight.replace("14 days", "1 day"))
        assert json.loads(run("maintain", str(path), "--to", url, "--format", "json").stdout)["due"]


def test_history_tells_what_is_kept_aside_until_when_and_what_was_purged(url: str, tmp_path: Path) -> None:
    path = tmp_path / "d.md"
    dropped(url, path, BOOKS, "INSERT INTO books VALUES (1, 'Emma')")

    def kept() -> dict[str, object]:
        found = json.loads(run("history", "--to", url, "--format", "json").stdout)["entries"][0]["kept"]
        assert isinstance(found, dict)
        return found

    assert kept()["things"][0]["what"] == "the values of books.title"  # type: ignore[index]
    assert kept()["bytes"] > 0  # type: ignore[operator]
    assert "keeps aside the values of books.title" in run("history", "--to", url).stdout
    with POSTGRES.connect(url) as session:
        days_pass(session, 8)
        assert kept()["is_overdue"] is True
        assert "past that time: `asbuilt maintain" in " ".join(run("history", "--to", url).stdout.split())
        note = " ".join(run("plan", str(path), "--to", url, "-q").stdout.split())
        assert "what is kept aside by plan 1" in note
        maintained(url)
    assert kept()["lost"] == [{"what": "the values of books.title", "rows": 1}]
    assert "rollback no longer brings back the values of books.title (1 row)" in run("history", "--to", url).stdout


def test_history_tells_of_a_dump_that_is_gone(url: str, tmp_path: Path) -> None:
    path = tmp_path / "d.md"
    path.write_text(WITHOUT)
    with POSTGRES.connect(url) as session:
        session.execute(BOOKS)
        session.execute("INSERT INTO books VALUES (1, 'Emma')")
    assert run("apply", str(path), "--to", url, "--yes", "--allow", "all", "-q", "--at-once").exit_code == 0

    def entry() -> dict[str, object]:
        found = json.loads(run("history", "--to", url, "--format", "json").stdout)["entries"][0]
        assert isinstance(found, dict)
        return found

    assert entry()["backup_is_there"] is True
    Path(str(entry()["backup"])).unlink()
    assert entry()["backup_is_there"] is False
    assert "which is not there" in run("history", "--to", url).stdout


def test_who_may_not_read_what_was_purged_can_plan_and_is_told_in_history(url: str, tmp_path: Path) -> None:
    path = tmp_path / "d.md"
    dropped(url, path, BOOKS, "INSERT INTO books VALUES (1, 'Emma')")
    with POSTGRES.connect(url) as session:
        session.execute("DROP ROLE IF EXISTS plans_only; CREATE ROLE plans_only LOGIN")
        session.execute("GRANT USAGE ON SCHEMA asbuilt TO plans_only; GRANT SELECT ON asbuilt.plans, asbuilt.steps, asbuilt.version, books TO plans_only")  # fmt: skip
        as_role = url + ("&" if "?" in url else "?") + "options=-crole%3Dplans_only"
        try:
            planned = run("plan", str(path), "--to", as_role, "-q")
            assert planned.exit_code == 0, planned.output
            told = run("history", "--to", as_role)
            assert told.exit_code == 0
            words = " ".join(told.stdout.split())
            assert " applied" in words
            assert "this role may not read: permission denied for table purges" in words
            assert "what exactly, this role may not read: permission denied for table states" in words
        finally:
            session.execute("DROP OWNED BY plans_only; DROP ROLE plans_only")
