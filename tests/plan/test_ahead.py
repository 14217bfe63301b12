"""Partitions of the coming periods: by the calendar, and made on a real server."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

import asbuilt
from asbuilt.cli import main
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.periods import scheme_of
from asbuilt.engines.postgres.scratch import scratch_database

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


@pytest.fixture
def url() -> Iterator[str]:
    with scratch_database() as found:
        yield found


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


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


def test_rows_in_the_default_partition_are_told_of_and_nothing_is_locked(url: str, tmp_path: Path) -> None:
    path = applied(tmp_path / "d.md", url, "CREATE TABLE events_rest PARTITION OF events DEFAULT;")
    with POSTGRES.connect(url) as session:
        session.execute("INSERT INTO events VALUES (1, now())")
        done = json.loads(run("maintain", path, "--to", url, "--format", "json").stdout)
        assert done["due"] == []
        assert "rows lie in events_rest" in done["notes"][0]
        session.execute("DELETE FROM events")
        assert len(json.loads(run("maintain", path, "--to", url, "--format", "json").stdout)["due"]) == 3


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
