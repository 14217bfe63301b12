"""Rows of a default partition that get partitions of their own: moved beside those who read and write, whoever is killed."""

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from asbuilt.cli import main
from asbuilt.engines.postgres.changing import bounds
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.postgres.changing.moving_out import MovingOut
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.plan.proving import run_step
from asbuilt.plan.steps import Step

pytestmark = pytest.mark.xdist_group("partitions")
DOCUMENT = """# Shop

```sql
CREATE TABLE users (id int PRIMARY KEY);
CREATE TABLE events (
    id int NOT NULL, at timestamptz NOT NULL, user_id int DEFAULT 1 REFERENCES users, note text NOT NULL DEFAULT '',
    size int GENERATED ALWAYS AS (length(note)) STORED, PRIMARY KEY (id, at), CHECK (note <> 'bad')
) PARTITION BY RANGE (at);
CREATE INDEX events_at ON events (at);
CREATE TABLE events_2024_01 PARTITION OF events FOR VALUES FROM ('2024-01-01 00:00+00') TO ('2024-02-01 00:00+00');
CREATE TABLE events_rest PARTITION OF events DEFAULT;
CREATE INDEX rest_by_note ON events_rest (note);
COMMENT ON TABLE events_rest IS 'what nobody expected';
CREATE TABLE notes (id int PRIMARY KEY, event_id int, at timestamptz, FOREIGN KEY (event_id, at) REFERENCES events ON DELETE CASCADE);
CREATE TABLE log (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id int);
CREATE FUNCTION logged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log (event_id) VALUES (NEW.id); RETURN NULL; END $$;
CREATE TRIGGER logged AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION logged();
```
"""
ROWS = 6_000
STEPS = 7
_CHILD = """
import os, signal, sys
from asbuilt.engines.postgres.journal import PostgresJournal
from asbuilt.plan import running
at, inside = map(int, sys.argv[1:3])
run, mark = running._Work._run, PostgresJournal.mark_reach
ranges = []
def run_and_die(self, step):
    run(self, step)
    if step.number == at:
        os.kill(os.getpid(), signal.SIGKILL)
def mark_and_die(self, *words, **more):
    mark(self, *words, **more)
    ranges.append(1)
    if len(ranges) == inside:
        os.kill(os.getpid(), signal.SIGKILL)
running._Work._run, PostgresJournal.mark_reach = run_and_die, mark_and_die
from asbuilt.cli import main
main(sys.argv[3:])
"""


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def done(*words: str) -> str:
    result = run(*words)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def url() -> Iterator[str]:
    with scratch_database() as found:
        yield found


@pytest.fixture
def path(url: str, tmp_path: Path) -> str:
    """A document that was built, most of its rows in the default partition; some belong there."""
    path = tmp_path / "d.md"
    path.write_text(DOCUMENT)
    done("apply", str(path), "--to", url, "--yes", "-q", "--no-backup")
    with POSTGRES.connect(url) as session:
        session.execute(
            "INSERT INTO users VALUES (1);"
            f"INSERT INTO events (id, at) SELECT n, now() - n % 70 * interval '1 day' FROM generate_series(1, {ROWS}) n;"
            "INSERT INTO events (id, at) SELECT -n, '2001-01-01' FROM generate_series(1, 50) n;"
            "INSERT INTO notes SELECT id, id, at FROM events WHERE id % 100 = 0"
        )
    return str(path)


def did(url: str, sql: str) -> list[tuple[object, ...]]:
    with POSTGRES.connect(url) as session:
        return session.rows(sql)


class Work:
    """An application that writes and reads through the table all the while, and keeps account of what it was told."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.rows = {row[0]: row[1] for row in did(url, "SELECT id, note FROM events")}
        self.worst, self.count, self.looks, self.moves = 0.0, 0, 0, 0
        self.is_over = False
        self.steady = sum(1 for row in self.rows if isinstance(row, int) and row <= 0)
        self.troubles: list[object] = []
        self.threads = [
            threading.Thread(target=self._write, daemon=True),
            threading.Thread(target=self._read, daemon=True),
        ]

    def __enter__(self) -> "Work":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over = True
        for thread in self.threads:
            thread.join()

    def _write(self) -> None:
        dice, ids = random.Random(1), iter(range(max(self.rows) + 1, 10**6))
        with psycopg.connect(self.url, autocommit=True) as connection:
            while not self.is_over and not self.troubles:
                row = dice.randrange(1, ROWS)
                began = time.monotonic()
                try:
                    self._change(connection, dice.choice(("insert", "note", "move", "delete")), row, ids)
                except psycopg.Error as error:
                    self.troubles.append(error)
                self.worst = max(self.worst, time.monotonic() - began)
                self.count += 1
                time.sleep(0.001)

    def _change(self, connection: psycopg.Connection, act: str, row: int, ids: Iterator[int]) -> None:
        if act == "insert":
            row = next(ids)
            connection.execute(
                "INSERT INTO events (id, at) VALUES (%s, now() - %s * interval '1 day')", [row, row % 70]
            )
            self.rows[row] = ""
        elif act == "delete":
            connection.execute("DELETE FROM events WHERE id = %s", [row])
            self.rows.pop(row, None)
        elif row in self.rows and act == "note":
            connection.execute("UPDATE events SET note = note || '+' WHERE id = %s", [row])
            self.rows[row] += "+"
        elif row in self.rows and row % 100:
            connection.execute("UPDATE events SET at = at - interval '40 days' WHERE id = %s", [row])
            self.moves += 1

    def _read(self) -> None:
        steady = "SELECT count(*), count(DISTINCT id) FROM events WHERE id <= 0"
        with psycopg.connect(self.url, autocommit=True) as connection:
            while not self.is_over:
                if (found := connection.execute(steady).fetchone()) != (self.steady, self.steady):
                    self.troubles.append(found)
                self.looks += 1
                time.sleep(0.005)

    def assert_all_is_there(self) -> None:
        assert self.troubles == []
        assert self.count > 20
        found = did(self.url, "SELECT id, note FROM events")
        assert len(found) == len(self.rows)
        assert dict(found) == self.rows  # type: ignore[arg-type]
        [(fired,)] = did(self.url, "SELECT count(*) - count(DISTINCT event_id) FROM log")
        assert isinstance(fired, int)
        assert fired <= self.moves, "a row that changes its partition is inserted there; none else is twice"


def assert_is_settled(path: str, url: str) -> None:
    """Assert that all rows lie where they belong, those of periods that writers began since too, and that nothing is left of the work."""
    done("maintain", path, "--to", url)
    assert did(url, "SELECT count(*), max(at) < '2026-01-01' FROM events_rest WHERE id <= 0") == [(50, True)]
    planned = json.loads(run("plan", path, "--to", url, "--format", "json", "-q").stdout)
    assert (planned["steps"], planned["notes"]) == ([], [])
    assert json.loads(run("history", path, "--to", url, "--format", "json").stdout)["schema"]["changes"] == []
    assert json.loads(run("maintain", path, "--to", url, "--format", "json").stdout)["due"] == []
    assert (
        did(
            url,
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'asbuilt\\_%%' AND nspname <> 'asbuilt_kept_partitions'",
        )
        == []
    )
    assert did(url, "SELECT count(*) FROM pg_constraint WHERE NOT convalidated OR conname LIKE 'asbuilt\\_%%'") == [
        (0,)
    ]
    assert did(
        url, "SELECT count(*) FROM notes n LEFT JOIN events e ON (e.id, e.at) = (n.event_id, n.at) WHERE e.id IS NULL"
    ) == [(0,)]


def killed(path: str, url: str, step: int, inside: int = 0, verb: tuple[str, ...] = ("maintain",)) -> None:
    words = [sys.executable, "-c", _CHILD, str(step), str(inside), *verb, path, "--to", url]
    ended = subprocess.run(words, capture_output=True, text=True, env=os.environ, check=False)
    assert ended.returncode == -9, ended.stdout + ended.stderr


def test_rows_move_beside_those_who_read_and_write(url: str, path: str) -> None:
    assert "beside the writers: 6,000 rows move there from events_rest" in " ".join(
        run("maintain", path, "--to", url, "--dry-run").output.split()
    )
    with Work(url) as work:
        told = done("maintain", path, "--to", url)
        time.sleep(0.2)
    assert "done make partitions events_20" in told
    work.assert_all_is_there()
    assert_is_settled(path, url)
    assert did(url, "SELECT count(*) FROM pg_indexes WHERE indexname = 'rest_by_note'") == [(1,)]
    print(f"worst stall {work.worst * 1000:.0f} ms over {work.count} changes, {work.looks} looks")


@pytest.mark.parametrize(("step", "inside"), [(0, 3), *((step, 0) for step in range(1, STEPS + 1))])
def test_killed_at_any_step_the_next_run_goes_on(url: str, path: str, step: int, inside: int) -> None:
    with Work(url) as work:
        killed(path, url, step, inside)
        refused = run("plan", path, "--to", url, "-q")
        assert "upkeep (make partitions events_" in " ".join(refused.output.split())
        assert "finish it, with `asbuilt maintain" in " ".join(refused.output.split())
        assert "begun and cut off" in run("maintain", path, "--to", url, "--dry-run").output
        done("maintain", path, "--to", url)
        time.sleep(0.05)
    work.assert_all_is_there()
    assert_is_settled(path, url)


@pytest.mark.parametrize(("step", "inside"), [(0, 3), (1, 0), (4, 0), (6, 0)])
def test_what_was_cut_off_can_be_taken_back(url: str, path: str, step: int, inside: int) -> None:
    [(before,)] = did(url, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
    with Work(url) as work:
        killed(path, url, step, inside)
        done("rollback", path, "--on", url)
        time.sleep(0.05)
    work.assert_all_is_there()
    assert did(url, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == [(before,)]
    assert did(url, "SELECT count(*) FROM events_rest") == [(len(work.rows),)]
    assert did(url, "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'zz%%'") == [(0,)]
    done("maintain", path, "--to", url)
    work.assert_all_is_there()


def test_a_changed_document_comes_after_what_was_cut_off(url: str, path: str) -> None:
    killed(path, url, 2)
    Path(path).write_text(DOCUMENT.replace("DEFAULT '',", "DEFAULT '', more int,"))
    told = done("apply", path, "--to", url, "--yes", "-q", "--no-backup")
    assert "finished what upkeep was cut off in" in told
    assert "nothing of the document was changed yet" in told
    assert "applied" in done("apply", path, "--to", url, "--yes", "-q", "--no-backup")
    assert_is_settled(path, url)


def test_who_looks_from_before_sees_every_row_once_afterwards(url: str, path: str) -> None:
    with psycopg.connect(url) as old:
        old.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        old.execute("SELECT count(*) FROM users")
        upkeep = threading.Thread(target=done, args=("maintain", path, "--to", url))
        upkeep.start()
        waits = "SELECT count(*) FROM asbuilt.steps WHERE plan = 2 AND number = 2 AND state = 'done'"
        until = time.monotonic() + 30
        while did(url, waits) != [(1,)] and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.3)
        assert did(url, "SELECT state FROM asbuilt.steps WHERE plan = 2 AND number = 3") == [("pending",)]
        assert old.execute("SELECT count(*), count(DISTINCT id) FROM events").fetchone() == (ROWS + 50, ROWS + 50)
        old.rollback()
    upkeep.join()
    assert_is_settled(path, url)


HINDERED = {
    "no key tells the rows of events_rest apart": ("PRIMARY KEY (id, at)", "UNIQUE (id, at)", ""),
    "view old_ones is about events_rest itself": ("", "", "CREATE VIEW old_ones AS SELECT * FROM events_rest;"),
    "events points at itself": ("CHECK (note", "before_id int, before_at timestamptz, FOREIGN KEY (before_id, before_at) REFERENCES events (id, at), CHECK (note", ""),
}  # fmt: skip


@pytest.mark.parametrize("why", HINDERED)
def test_what_cannot_be_done_beside_the_writers_says_why_and_waits_for_leave(
    url: str, tmp_path: Path, why: str
) -> None:
    old, new, more = HINDERED[why]
    path = tmp_path / "d.md"
    text = DOCUMENT.replace(old, new) if old else DOCUMENT
    if "UNIQUE" in new:
        text = text.replace("id int NOT NULL, at", "id int, at")
        text = "\n".join(line for line in text.splitlines() if not line.startswith("CREATE TABLE notes"))
    path.write_text(text.replace("CREATE TABLE log", f"{more}\nCREATE TABLE log"))
    with POSTGRES.connect(url) as session:
        session.execute(path.read_text().partition("```sql")[2].partition("```")[0])
        session.execute(
            "INSERT INTO users VALUES (1); INSERT INTO events (id, at) SELECT n, now() FROM generate_series(1, 20000) n"
        )
    told = " ".join(done("maintain", str(path), "--to", url).split())
    assert why in told
    assert "--allow long_exclusive_lock" in told
    assert did(url, "SELECT count(*) FROM events_rest") == [(20_000,)]
    done("maintain", str(path), "--to", url, "--allow", "long_exclusive_lock")
    assert did(url, "SELECT count(*) FROM events_rest") == [(0,)]
    assert did(url, "SELECT count(*) FROM events") == [(20_000,)]


PARTS = {
    "date": ["'2024-01-01'", "'2024-02-01'", "'2024-11-01'", "'2025-01-01'"],
    "timestamptz": ["'2024-01-01 00:00:00+00'", "'2024-02-01 00:00:00+00'", "'2024-11-01 00:00:00+00'", "'2025-01-01 00:00:00+00'"],
    "int": ["'-5'", "'9'", "'10'", "'200'"],
    "bigint": ["MINVALUE", "'9'", "'10'", "MAXVALUE"],
}  # fmt: skip


@pytest.mark.parametrize("type_", PARTS)
def test_the_short_transaction_looks_through_no_rows(type_: str) -> None:
    low, first, second, high = PARTS[type_]
    with scratch_database() as url, POSTGRES.connect(url) as session:
        session.execute(f"CREATE TABLE t (k {type_}, id int, PRIMARY KEY (id, k)) PARTITION BY RANGE (k)")
        session.execute(f"CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ({second}) TO ({high})")
        session.execute(f"CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ({low}) TO ({first})")
        session.execute("CREATE TABLE rest PARTITION OF t DEFAULT")
        actual = session.inspect()
        new = replace(actual.tables["t_1"], name="t_new", partition_bound=f"FOR VALUES FROM ({first}) TO ({second})")
        session.execute(f"INSERT INTO t SELECT {first}, n FROM generate_series(1, 100) n")
        after = replace(actual, tables={**actual.tables, "t_new": new})
        way = MovingOut(
            "t", ("t_new",), actual.tables["rest"], Ground(actual, after, POSTGRES.needs(session), {}, "asbuilt_kept_x")
        )
        assert way.hindrance == ""
        steps = [Step(number, (operation,)) for number, operation in enumerate(way.operations(), 1)]
        for step in steps[:5]:
            run_step(POSTGRES, session, step)
        with psycopg.connect(url, autocommit=True) as plain:
            told: list[str] = []
            plain.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
            plain.execute("SET client_min_messages = debug1")
            for sql in steps[5].statements:
                plain.execute(sql)
        proved = [line for line in told if "is implied by existing constraints" in line]
        assert len(proved) == 2, told
        assert session.rows("SELECT count(*) FROM t_new") == [(100,)]


def test_the_rest_is_told_in_the_order_of_the_values() -> None:
    with POSTGRES.scratch() as session:
        session.execute("CREATE TABLE t (k int) PARTITION BY RANGE (k)")
        parent = session.inspect().tables["t"]
    found = bounds.rest(parent, ["FOR VALUES FROM ('10') TO ('20')", "DEFAULT", "FOR VALUES FROM ('9') TO ('10')", "FOR VALUES FROM (MINVALUE) TO ('5')"])  # fmt: skip
    assert found == "NOT (k IS NOT NULL AND ((k < '5') OR (k >= '9' AND k < '10') OR (k >= '10' AND k < '20')))"


MARCH = "CREATE TABLE events_2026_03 PARTITION OF events FOR VALUES FROM ('2026-03-01 00:00+00') TO ('2026-04-01 00:00+00');"
APRIL = "CREATE TABLE events_2026_04 PARTITION OF events FOR VALUES FROM ('2026-04-01 00:00+00') TO ('2026-05-01 00:00+00');"


def with_parts(path: str, *parts: str) -> None:
    Path(path).write_text(DOCUMENT.replace("CREATE TABLE events_rest", "\n".join((*parts, "CREATE TABLE events_rest"))))


def test_a_plan_moves_rows_to_partitions_that_a_document_states_beside_the_writers_and_back(
    url: str, path: str
) -> None:
    with POSTGRES.connect(url) as session:
        session.execute("INSERT INTO events (id, at) SELECT -n, '2026-03-05' FROM generate_series(100, 300) n")
        session.execute("INSERT INTO events (id, at) SELECT -n, '2026-04-05' FROM generate_series(400, 500) n")
    with_parts(path, MARCH, APRIL)
    planned = json.loads(run("plan", path, "--to", url, "--format", "json", "-q").stdout)
    assert [step["title"] for step in planned["steps"]] == [
        "make events_2026_03, events_2026_04 beside events, and keep in step what lies in events_rest",
        "copy the rows of events_rest",
        "wait for those who cannot see the copies",
        "hold the rest of events_rest to what it takes from now on",
        "look whether all of events_rest is divided so",
        "put events_2026_03, events_2026_04 in their places, with the rows that lay in events_rest",
        "check notes_event_id_at_fkey over the rows of notes",
    ]
    assert not planned["hazards"], planned["hazards"]
    with Work(url) as work:
        done("apply", path, "--to", url, "--yes", "-q", "--no-backup")
        time.sleep(0.05)
    work.assert_all_is_there()
    assert did(url, "SELECT count(*) FROM events_2026_03 WHERE id < 0") == [(201,)]
    assert did(url, "SELECT count(*) FROM events_2026_04 WHERE id < 0") == [(101,)]
    assert json.loads(run("plan", path, "--to", url, "--format", "json", "-q").stdout)["steps"] == []
    with Work(url) as work:
        done("rollback", path, "--on", url)
        time.sleep(0.05)
    work.assert_all_is_there()
    assert did(url, "SELECT to_regclass('events_2026_03')::text") == [(None,)]
    assert did(url, "SELECT count(*) FROM events_rest") == [(len(work.rows),)]


@pytest.mark.parametrize("step", [2, 5, 6])
def test_a_plan_that_is_killed_goes_on(url: str, path: str, step: int) -> None:
    with POSTGRES.connect(url) as session:
        session.execute("INSERT INTO events (id, at) SELECT -n, '2026-03-05' FROM generate_series(100, 300) n")
    with_parts(path, MARCH)
    with Work(url) as work:
        killed(path, url, step, verb=("apply", "--yes", "-q", "--no-backup"))
        done("apply", path, "--to", url, "--yes", "-q", "--no-backup")
        time.sleep(0.05)
    work.assert_all_is_there()
    assert did(url, "SELECT count(*) FROM events_2026_03 WHERE id < 0") == [(201,)]
    assert json.loads(run("plan", path, "--to", url, "--format", "json", "-q").stdout)["steps"] == []


def test_what_a_plan_cannot_move_beside_the_writers_says_why_it_is_done_at_once(url: str, path: str) -> None:
    with POSTGRES.connect(url) as session:
        session.execute("CREATE VIEW old_ones AS SELECT id FROM events_rest")
    with_parts(path, MARCH)
    Path(path).write_text(
        Path(path)
        .read_text()
        .replace("CREATE TABLE log", "CREATE VIEW old_ones AS SELECT id FROM events_rest;\nCREATE TABLE log")
    )
    planned = json.loads(run("plan", path, "--to", url, "--format", "json", "-q").stdout)
    [step] = planned["steps"]
    assert "view old_ones is about events_rest itself" in str(step["at_once"])
