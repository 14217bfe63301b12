"""Plans and ways back after upkeep: what it made and what it retired is neither wanted away nor in the way."""

import json
from pathlib import Path

import pytest

from asbuilt.engines.postgres.engine import POSTGRES
from plan.commands import run

pytestmark = pytest.mark.xdist_group("partitions")
PLAIN = "CREATE TABLE events (id int NOT NULL, at date NOT NULL, PRIMARY KEY (id, at){more});"
PARTED = """CREATE TABLE events (id int NOT NULL, at date NOT NULL, PRIMARY KEY (id, at){more}) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
{parts}"""
PAST = "CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');"
ROWS = "INSERT INTO events SELECT n, d FROM generate_series(1, 3) n, unnest(ARRAY['2023-05-01', '2024-05-01', '2025-05-01', now()::date]::date[]) d"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "d.md"


def wrote(path: Path, sql: str, said: str = "- Partitions of events older than 2 years are dropped") -> None:
    path.write_text(
        f"# Shop\n\n```sql\nCREATE TABLE users (id int PRIMARY KEY);\n{sql}\n```\n\n## Retention\n\n{said}\n"
    )


def done(*words: str) -> None:
    result = run(*words)
    assert result.exit_code == 0, result.output


def applied(path: Path, url: str, *words: str) -> None:
    done("apply", str(path), "--to", url, "--yes", "-q", "--no-backup", *words)


def planned(path: Path, url: str) -> tuple[list[object], list[object]]:
    found = json.loads(run("plan", str(path), "--to", url, "--format", "json", "-q").stdout)
    return found["steps"], found["notes"]


def did(url: str, sql: str) -> list[tuple[object, ...]]:
    with POSTGRES.connect(url) as session:
        session.execute(sql) if not sql.startswith("SELECT") else None
        return session.rows(sql) if sql.startswith("SELECT") else []


def tables(url: str) -> set[str]:
    with POSTGRES.connect(url) as session:
        return set(session.inspect().tables)


def test_a_later_plan_and_its_way_back_leave_what_upkeep_did(url: str, path: Path) -> None:
    wrote(path, PARTED.format(more="", parts=PAST))
    applied(path, url)
    did(url, "INSERT INTO events VALUES (1, '2023-05-01')")
    done("maintain", str(path), "--to", url)
    stood = tables(url)
    assert "events_2023" not in stood
    wrote(path, PARTED.format(more=", note text", parts=PAST))
    applied(path, url)
    did(url, "INSERT INTO events VALUES (2, now(), 'since')")
    assert planned(path, url) == ([], [])
    done("rollback", str(path), "--on", url)
    assert tables(url) == stood
    assert did(url, "SELECT id FROM events") == [(2,)]
    assert planned(path, url)[0]


def test_going_back_to_nothing_takes_what_was_made_ahead_along(url: str, path: Path) -> None:
    wrote(path, PARTED.format(more="", parts=""))
    applied(path, url)
    done("maintain", str(path), "--to", url)
    did(url, "INSERT INTO events VALUES (2, now())")
    done("rollback", str(path), "--on", url)
    assert tables(url) == set()


def test_a_partition_of_a_plan_that_was_retired_is_not_missed_on_the_way_back(url: str, path: Path) -> None:
    wrote(path, PARTED.format(more="", parts=""), "")
    applied(path, url)
    wrote(path, PARTED.format(more="", parts=PAST), "")
    applied(path, url)
    wrote(path, PARTED.format(more="", parts=PAST))
    done("maintain", str(path), "--to", url)
    stood = tables(url)
    assert "events_2023" not in stood
    done("rollback", str(path), "--on", url)
    assert tables(url) == stood


def test_a_table_that_becomes_a_partitioned_one_has_partitions_for_its_rows_and_for_today(url: str, path: Path) -> None:
    wrote(path, PLAIN.format(more=""), "")
    applied(path, url)
    did(url, ROWS)
    wrote(path, PARTED.format(more="", parts=PAST), "")
    applied(path, url)
    assert did(url, "SELECT count(*), count(DISTINCT tableoid) FROM events") == [(12, 4)]
    did(url, "INSERT INTO events VALUES (9, now()), (9, now() + interval '1 year')")
    assert planned(path, url) == ([], [])
    assert json.loads(run("maintain", str(path), "--to", url, "--format", "json").stdout)["due"] == []
    did(
        url,
        "CREATE TABLE events_2040 PARTITION OF events FOR VALUES FROM ('2040-01-01') TO ('2041-01-01'); DROP TABLE events_2040",
    )
    done("rollback", str(path), "--on", url)
    assert tables(url) == {"users", "events"}
    assert did(url, "SELECT count(*) FROM events") == [(14,)]


def test_a_table_that_was_kept_up_becomes_a_plain_one_again(url: str, path: Path) -> None:
    wrote(path, PLAIN.format(more=""))
    applied(path, url)
    did(url, ROWS)
    wrote(path, PARTED.format(more="", parts=PAST))
    applied(path, url)
    did(url, "INSERT INTO events VALUES (7, now())")
    done("maintain", str(path), "--to", url)
    wrote(
        path,
        PARTED.format(more="", parts="").replace("events_2024", "events_2024"),
        "- Create partitions 5 years in advance",
    )
    done("maintain", str(path), "--to", url)
    did(url, "INSERT INTO events VALUES (8, now() + interval '4 years')")
    done("rollback", str(path), "--on", url)
    assert tables(url) == {"users", "events"}
    assert did(url, "SELECT count(*) FROM events WHERE id IN (7, 8)") == [(2,)]


def cut_off(url: str, path: Path) -> None:
    """Leave a partition as upkeep does that is killed after it has detached it."""
    did(url, "INSERT INTO events VALUES (1, '2023-05-01')")
    did(
        url,
        "INSERT INTO asbuilt.deeds (kind, name, parent, told) VALUES ('detach partition', 'events_2023', 'events', '')",
    )
    did(url, "ALTER TABLE events DETACH PARTITION events_2023")


def aside(url: str) -> list[tuple[object, ...]]:
    return did(url, "SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 'events_2023'")


@pytest.mark.parametrize("parts", [PAST, ""])
def test_a_plan_leaves_a_partition_in_peace_that_upkeep_was_cut_off_with(url: str, path: Path, parts: str) -> None:
    wrote(path, PARTED.format(more="", parts=PAST))
    applied(path, url)
    cut_off(url, path)
    wrote(path, PARTED.format(more="", parts=parts))
    steps, notes = planned(path, url)
    assert steps == []
    [note] = notes
    assert "events_2023 was detached on" in str(note)
    assert "`asbuilt maintain` goes on with that" in str(note)
    verified = " ".join(run("verify", str(path), "--to", url, "-q").output.split())
    assert "undocumented" not in verified
    assert "events_2023 was detached on" in verified


def test_what_upkeep_was_cut_off_with_is_ended_before_a_plan_is_carried_out_or_taken_back(url: str, path: Path) -> None:
    wrote(path, PARTED.format(more="", parts=PAST))
    applied(path, url)
    cut_off(url, path)
    wrote(path, PARTED.format(more=", note text", parts=PAST))
    applied(path, url)
    assert aside(url) == [("asbuilt_kept_partitions",)]
    assert planned(path, url) == ([], [])
    schema = json.loads(run("history", str(path), "--to", url, "--format", "json").stdout)["schema"]
    assert schema["changes"] == []
    did(url, "ALTER TABLE asbuilt_kept_partitions.events_2023 SET SCHEMA public")
    did(
        url,
        "INSERT INTO asbuilt.deeds (kind, name, parent, told) VALUES ('detach partition', 'events_2023', 'events', '')",
    )
    done("rollback", str(path), "--on", url)
    assert aside(url) == [("asbuilt_kept_partitions",)]
    assert did(url, "SELECT count(*) FROM asbuilt_kept_partitions.events_2023") == [(1,)]


def test_what_keeps_upkeep_from_its_end_is_told_and_nothing_is_carried_out(url: str, path: Path) -> None:
    wrote(path, PARTED.format(more="", parts=PAST))
    applied(path, url)
    cut_off(url, path)
    did(url, "CREATE SCHEMA asbuilt_kept_partitions; CREATE TABLE asbuilt_kept_partitions.events_2023 (id int)")
    wrote(path, PARTED.format(more=", note text", parts=PAST))
    refused = run("apply", str(path), "--to", url, "--yes", "-q", "--no-backup")
    assert refused.exit_code != 0
    assert "already exists" in refused.output
    assert "nothing was changed" in refused.output
    assert did(url, "SELECT count(*) FROM asbuilt.plans") == [(1,)]


def test_a_partition_that_is_stated_when_its_time_is_over_is_not_made_and_that_is_told(url: str, path: Path) -> None:
    wrote(path, PARTED.format(more="", parts=""))
    applied(path, url)
    wrote(path, PARTED.format(more="", parts=PAST))
    steps, notes = planned(path, url)
    assert steps == []
    [note] = notes
    assert "events_2023 of events is not made: its time is over since 2026-01-02 (line 12: " in str(note)
    assert "take it out of the document, or let the document keep events for longer" in str(note)
    verified = " ".join(run("verify", str(path), "--to", url, "-q").output.split())
    assert str(note) in verified


def test_upkeep_since_a_plan_that_was_taken_back_is_no_change_to_the_plan_before(url: str, path: Path) -> None:
    wrote(path, PARTED.format(more="", parts=PAST), "")
    applied(path, url)
    wrote(path, PARTED.format(more=", note text", parts=PAST))
    applied(path, url)
    did(url, "INSERT INTO events VALUES (1, '2023-05-01')")
    done("maintain", str(path), "--to", url)
    assert "events_2023" not in tables(url)
    done("rollback", str(path), "--on", url)
    steps, notes = planned(path, url)
    assert steps
    assert notes == []
    did(url, "ALTER TABLE events_2024 ADD CHECK (id > -5)")
    assert "changed since plan 1, by no plan" in str(planned(path, url)[1])
    did(url, "ALTER TABLE events_2024 DROP CONSTRAINT events_2024_id_check")
    done("rollback", str(path), "--on", url)
    assert tables(url) == set()
