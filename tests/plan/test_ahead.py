"""Partitions of the coming periods: by the calendar, and made on a real server."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import asbuilt
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.periods import scheme_of
from asbuilt.engines.postgres.scratch import scratch_database
from plan.commands import run

pytestmark = pytest.mark.xdist_group("partitions")
WRITTEN = {
    "e_2024_02_29": (date(2024, 2, 29), date(2024, 3, 1)),
    "e_2024_w09": (date(2024, 2, 26), date(2024, 3, 4)),
    "e_2024_02": (date(2024, 2, 1), date(2024, 3, 1)),
    "e_y2024m12": (date(2024, 12, 1), date(2025, 1, 1)),
    "e_2024_q4": (date(2024, 10, 1), date(2025, 1, 1)),
    "e_2024": (date(2024, 1, 1), date(2025, 1, 1)),
}
DOCUMENT = """# Shop

```sql
CREATE TABLE events (id int NOT NULL, at timestamptz NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE INDEX events_at ON events (at);
CREATE TABLE events_2024_01 PARTITION OF events FOR VALUES FROM ('2024-01-01 00:00+00') TO ('2024-02-01 00:00+00');
{more}
```
"""


@pytest.mark.parametrize("name", WRITTEN)
@given(st.dates(date(1990, 1, 1), date(2190, 1, 1)))
def test_periods_follow_without_gap_or_overlap(name: str, day: date) -> None:
    scheme = scheme_of({name: WRITTEN[name]})
    assert scheme
    start = scheme.start(day)
    after = scheme.next(start)
    assert start <= day < after
    assert scheme.start(after) == after
    assert scheme.name(start) != scheme.name(after)
    assert scheme.start(WRITTEN[name][0]) == WRITTEN[name][0]
    assert scheme.name(WRITTEN[name][0]) == name


def test_ranges_that_are_no_periods_have_no_scheme() -> None:
    assert scheme_of({"e_2024_01": (date(2024, 1, 1), date(2024, 2, 2))}) is None
    assert scheme_of({"e_old": (date(2024, 1, 1), date(2024, 2, 1))}) is None
    assert scheme_of({"e_2024_01": WRITTEN["e_2024_02"]}) is None
    assert scheme_of({name: WRITTEN[name] for name in ("e_2024_02", "e_2024")}) is None
    assert scheme_of({}) is None


def applied(path: Path, url: str, more: str = "") -> str:
    path.write_text(DOCUMENT.format(more=more))
    done = run("apply", str(path), "--to", url, "--yes", "-q", "--no-backup")
    assert done.exit_code == 0, done.output
    return str(path)


def test_the_coming_partitions_are_made_once_and_no_plan_wants_them_away(url: str, tmp_path: Path) -> None:
    path = applied(tmp_path / "d.md", url)
    made = run("maintain", path, "--to", url, "--format", "json")
    due = json.loads(made.stdout)["due"]
    assert [chore["done"] for chore in due] == [True, True, True], made.output
    assert json.loads(run("maintain", path, "--to", url, "--format", "json").stdout)["due"] == []
    with POSTGRES.connect(url) as session:
        session.execute("INSERT INTO events SELECT n, now() + n * interval '1 month' FROM generate_series(0, 2) n")
        assert session.rows("SELECT count(*) FROM pg_inherits WHERE inhparent = 'events'::regclass") == [(4,)]
        assert session.rows("SELECT count(*) FROM pg_indexes WHERE tablename LIKE 'events\\_20%'") == [(8,)]
    planned = json.loads(run("plan", path, "--to", url, "--format", "json", "-q").stdout)
    assert (planned["steps"], planned["notes"]) == ([], [])


def test_rows_of_the_default_partition_go_where_their_period_gets_a_partition(url: str, tmp_path: Path) -> None:
    more = (
        "CREATE TABLE events_rest PARTITION OF events DEFAULT;\n"
        "CREATE TABLE notes (id int PRIMARY KEY, event_id int, at timestamptz, FOREIGN KEY (event_id, at) REFERENCES events ON DELETE CASCADE);"
    )
    path = applied(tmp_path / "d.md", url, more)
    with POSTGRES.connect(url) as session:
        session.execute("INSERT INTO events VALUES (1, now()), (2, '2024-03-31 23:59:59+00'), (3, '2019-01-01')")
        session.execute("INSERT INTO notes SELECT 1, id, at FROM events WHERE id = 1")
        made = [
            chore["title"] for chore in json.loads(run("maintain", path, "--to", url, "--format", "json").stdout)["due"]
        ]
        assert len(made) == 4
        assert made[0] == "make partition events_2024_03 of events: 1 row moves there from events_rest"
        assert session.rows("SELECT id FROM events_rest") == [(3,)]
        assert session.rows("SELECT tableoid::regclass::text FROM events WHERE id = 2") == [("events_2024_03",)]
        assert session.rows("SELECT count(*) FROM notes") == [(1,)]
        assert json.loads(run("maintain", path, "--to", url, "--format", "json").stdout)["due"] == []


@pytest.mark.parametrize(
    ("said", "months"),
    [
        ("- Create partitions 5 months in advance", 5),
        ("- Partitions for the next 4 months are created ahead of time.", 4),
        ("- The next three partitions are created in advance by a cron job", 3),
        ("- Create partitions of bookings 9 months in advance\n- Create events partitions one month ahead", 1),
    ],
)
def test_partitions_are_made_as_far_ahead_as_the_document_says(
    url: str, tmp_path: Path, said: str, months: int
) -> None:
    path = applied(tmp_path / "d.md", url, "CREATE TABLE bookings (id int PRIMARY KEY);")
    Path(path).write_text(Path(path).read_text() + f"\n## Partition maintenance\n\n{said}\n")
    made = json.loads(run("maintain", path, "--to", url, "--format", "json").stdout)["due"]
    assert len(made) == months + 1


def test_a_database_with_a_time_zone_of_its_own_is_read_as_any_other(tmp_path: Path) -> None:
    path = tmp_path / "events.md"
    path.write_text(
        "# Events\n\n```sql\nCREATE TABLE events (id int, at timestamptz NOT NULL DEFAULT '2026-01-01', gap interval DEFAULT '1 day',\n"
        "    PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\n"
        "CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');\n```\n"
    )
    with scratch_database() as url:
        with POSTGRES.connect(url) as session:
            name = session.database
            session.execute(f"ALTER DATABASE {name} SET timezone = 'Europe/Berlin'")
            session.execute(f"ALTER DATABASE {name} SET datestyle = 'German'")
            session.execute(f"ALTER DATABASE {name} SET intervalstyle = 'iso_8601'")
        project = asbuilt.load(path)
        project.build(url)
        assert project.plan(url).steps == ()
