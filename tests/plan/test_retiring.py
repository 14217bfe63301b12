"""Partitions whose time is over: detached, kept aside or dropped, as the document says and no sooner."""

import json
import threading
import time
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.periods import kept_until, oldest_kept
from plan.commands import run

pytestmark = pytest.mark.xdist_group("partitions")
DAY = 86_400
DOCUMENT = """# Shop

```sql
CREATE TABLE users (id int PRIMARY KEY);
CREATE TABLE events (id int NOT NULL, at date NOT NULL, user_id int REFERENCES users, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE INDEX events_user ON events (user_id);
CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
{more}
```

## Retention

{said}
"""
ASIDE = "asbuilt_kept_partitions.events_2023"

BEGUN = "INSERT INTO asbuilt.deeds (kind, name, parent, told) VALUES ('detach partition', 'events_2023', 'events', '')"


def applied(tmp_path: Path, url: str, said: str, more: str = "", *, rows: int = 3) -> str:
    path = tmp_path / "d.md"
    path.write_text(DOCUMENT.format(more=more, said=said))
    done = run("apply", str(path), "--to", url, "--yes", "-q", "--no-backup")
    assert done.exit_code == 0, done.output
    with POSTGRES.connect(url) as session:
        session.execute(
            f"INSERT INTO users VALUES (1); INSERT INTO events SELECT n, '2023-05-01', 1 FROM generate_series(1, {rows}) n"
        )
    return str(path)


def due(path: str, url: str, *words: str) -> list[dict[str, object]]:
    return json.loads(run("maintain", path, "--to", url, "--format", "json", *words).stdout)["due"]  # type: ignore[no-any-return]


def kinds(path: str, url: str, *words: str) -> list[tuple[object, object]]:
    return [(chore["kind"], chore["done"]) for chore in due(path, url, *words)]


def is_settled(path: str, url: str) -> bool:
    """Tell whether nothing is left to do, neither for a plan nor for upkeep, and the journal agrees."""
    planned = json.loads(run("plan", path, "--to", url, "--format", "json", "-q").stdout)
    schema = json.loads(run("history", path, "--to", url, "--format", "json").stdout)["schema"]
    return (planned["steps"], planned["notes"], schema["changes"], due(path, url)) == ([], [], [], [])


def places(url: str) -> list[str]:
    with POSTGRES.connect(url) as session:
        return [
            row[0]
            for row in session.rows(
                "SELECT oid::regclass::text FROM pg_class WHERE relname = 'events_2023' UNION ALL "
                "SELECT 'attached' FROM pg_inherits WHERE inhrelid = to_regclass('events_2023')"
            )
        ]


@given(st.dates(date(1990, 1, 1), date(2190, 1, 1)), st.integers(1, 40 * 365))
def test_nothing_goes_before_its_time(day: date, days: int) -> None:
    until = kept_until(day, days * DAY)
    assert until >= day + timedelta(days=days)
    assert oldest_kept(until + timedelta(days=3), days * DAY) >= day
    assert oldest_kept(day + timedelta(days=days - 1), days * DAY) < day


def test_a_year_is_a_calendar_year() -> None:
    assert oldest_kept(date(2026, 3, 1), 365 * DAY) == date(2025, 3, 1)
    assert oldest_kept(date(2025, 2, 28), 365 * DAY) == date(2024, 2, 28)
    assert oldest_kept(date(2024, 3, 1), 30 * DAY) == date(2024, 1, 31)
    assert oldest_kept(date(2026, 12, 31), 720 * DAY) == date(2024, 12, 31)
    assert oldest_kept(date(2026, 1, 1), 10**12) == date.min


def test_what_the_document_plainly_drops_is_dropped(url: str, tmp_path: Path) -> None:
    path = applied(tmp_path, url, "- Partitions of events older than 2 years are dropped")
    told = run("maintain", path, "--to", url, "--dry-run").output
    assert "detach partition events_2023 of events, past its time since 2026-01-02 (line 14" in told
    assert "then drop it" in told
    assert places(url) == ["events_2023", "attached"]
    assert kinds(path, url) == [("make partition", True)] * 2 + [
        ("detach partition", True),
        ("keep partition aside", True),
        ("drop partition", True),
    ]
    assert places(url) == []
    assert is_settled(path, url)


def test_what_is_only_kept_for_a_time_is_dropped_when_that_is_allowed(url: str, tmp_path: Path) -> None:
    path = applied(tmp_path, url, "- Keep events for 2 years")
    told = run("maintain", path, "--to", url, "--dry-run").output
    assert "keep it aside in asbuilt_kept_partitions: the document does not say that it is dropped" in told
    assert kinds(path, url)[2:] == [("detach partition", True), ("keep partition aside", True)]
    assert places(url) == [ASIDE]
    with POSTGRES.connect(url) as session:
        assert session.rows(f"SELECT count(*) FROM {ASIDE}") == [(3,)]
        session.execute("DELETE FROM users")
    assert is_settled(path, url)
    assert (
        "drop partition events_2023 of events"
        in run("maintain", path, "--to", url, "--dry-run", "--allow", "data_lost").output
    )
    assert kinds(path, url, "--allow", "all") == [("drop partition", True)]
    assert places(url) == []
    assert is_settled(path, url)


@pytest.mark.parametrize(
    "said",
    [
        "- Archive events older than 2 years",
        "| Data | Retention | Then |\n| --- | --- | --- |\n| events | 2 years | archive |",
    ],
)
def test_what_is_archived_is_never_dropped(url: str, tmp_path: Path, said: str) -> None:
    path = applied(tmp_path, url, said)
    run("maintain", path, "--to", url, "--allow", "data_lost")
    assert places(url) == [ASIDE]
    assert kinds(path, url, "--allow", "data_lost") == []


@pytest.mark.parametrize(
    "said",
    [
        "- Keep completed events for 2 years",
        "- Events are kept for at least 2 years",
        "- Events are anonymized after 2 years",
        "- Keep events for 10 years",
        "- Keep events for 2 years\n- Keep events for 10 years",
        "- Backups of events: 30 days",
        "- events: kept forever",
        "\n## Backup\n\n| Data | Frequency | Retention |\n| --- | --- | --- |\n| events | daily | 30 days |",
    ],
)
def test_what_the_document_does_not_say_of_a_whole_table_retires_nothing(url: str, tmp_path: Path, said: str) -> None:
    path = applied(tmp_path, url, said)
    assert kinds(path, url, "--allow", "all") == [("make partition", True)] * 2
    assert places(url) == ["events_2023", "attached"]


def test_an_empty_partition_is_dropped_as_nothing_is_lost(url: str, tmp_path: Path) -> None:
    path = applied(tmp_path, url, "- Keep events for 2 years", rows=0)
    assert kinds(path, url)[-1] == ("drop partition", True)
    assert is_settled(path, url)


def test_beside_a_default_partition_it_is_detached_with_a_short_lock_and_told(url: str, tmp_path: Path) -> None:
    path = applied(tmp_path, url, "- Keep events for 2 years", "CREATE TABLE events_rest PARTITION OF events DEFAULT;")
    assert "with a short lock as there is a default partition" in run("maintain", path, "--to", url, "--dry-run").output
    assert kinds(path, url)[2:] == [("detach partition", True), ("keep partition aside", True)]
    assert is_settled(path, url)


def test_a_detaching_that_was_interrupted_is_brought_to_its_end(url: str, tmp_path: Path) -> None:
    path = applied(tmp_path, url, "- Keep events for 2 years")
    with psycopg.connect(url) as reader, psycopg.connect(url, autocommit=True) as other:
        other.execute(BEGUN)
        reader.execute("SELECT count(*) FROM events")
        other.execute("SET statement_timeout = '300ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            other.execute("ALTER TABLE events DETACH PARTITION events_2023 CONCURRENTLY")
        assert other.execute("SELECT count(*) FROM pg_inherits WHERE inhdetachpending").fetchall() == [(1,)]
    assert kinds(path, url)[2:] == [("detach partition", True), ("keep partition aside", True)]
    assert is_settled(path, url)


def test_it_waits_for_readers_and_holds_up_no_writer(url: str, tmp_path: Path) -> None:
    path = applied(tmp_path, url, "- Keep events for 2 years")
    stalls = []

    def write() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            for number in range(400):
                began = time.monotonic()
                connection.execute("INSERT INTO events VALUES (%s, '2026-05-05', 1)", [number])
                stalls.append(time.monotonic() - began)
                time.sleep(0.005)

    writer = threading.Thread(target=write)
    with psycopg.connect(url) as reader:
        reader.execute("SELECT count(*) FROM events")
        writer.start()
        threading.Timer(1.5, reader.rollback).start()
        assert kinds(path, url)[2:] == [("detach partition", True), ("keep partition aside", True)]
    writer.join()
    assert len(stalls) == 400
    assert max(stalls) < 0.7
    assert is_settled(path, url)


def test_killed_after_detaching_the_next_run_goes_on_and_the_journal_agrees(url: str, tmp_path: Path) -> None:
    path = applied(tmp_path, url, "- Keep events for 2 years")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(BEGUN)
        connection.execute("ALTER TABLE events DETACH PARTITION events_2023 CONCURRENTLY")
    assert kinds(path, url)[2:] == [("keep partition aside", True)]
    assert is_settled(path, url)


def test_what_cannot_be_dropped_holds_up_nothing_else(url: str, tmp_path: Path) -> None:
    path = applied(tmp_path, url, "- Drop partitions of events after 2 years")
    with POSTGRES.connect(url) as session:
        session.execute("CREATE SCHEMA reports; CREATE VIEW reports.old AS SELECT * FROM events_2023")
    done = run("maintain", path, "--to", url)
    assert done.exit_code == 1
    assert "done make partition events_2027" in done.output
    assert "not done drop partition events_2023 of events" in done.output
    assert "other objects depend on it" in done.output
    with POSTGRES.connect(url) as session:
        session.execute("DROP SCHEMA reports CASCADE")
    assert kinds(path, url) == [("drop partition", True)]


def test_rows_that_others_point_at_keep_their_partition_and_that_is_told(url: str, tmp_path: Path) -> None:
    more = "CREATE TABLE notes (event_id int, at date, FOREIGN KEY (event_id, at) REFERENCES events);"
    path = applied(tmp_path, url, "- Drop partitions of events after 2 years", more)
    with POSTGRES.connect(url) as session:
        session.execute("INSERT INTO notes VALUES (1, '2023-05-01')")
    done = run("maintain", path, "--to", url)
    assert done.exit_code == 1
    assert "done make partition events_2028" in done.output
    assert "not done detach partition events_2023" in done.output
    assert "violates foreign key constraint" in done.output
    with POSTGRES.connect(url) as session:
        assert session.rows("SELECT count(*) FROM events") == [(3,)]
        session.execute("DELETE FROM notes")
    assert kinds(path, url) == [("detach partition", True), ("keep partition aside", True), ("drop partition", True)]


def test_a_word_that_is_no_hazard_is_refused(url: str, tmp_path: Path) -> None:
    refused = run("maintain", "d.md", "--to", url, "--allow", "everything")
    assert refused.exit_code == 2
    assert "there is no hazard `everything`" in refused.output


def test_the_history_tells_what_was_retired(url: str, tmp_path: Path) -> None:
    path = applied(tmp_path, url, "- Partitions of events older than 2 years are dropped")
    run("maintain", path, "--to", url)
    told = run("history", path, "--to", url).output
    assert "make partition events_2027 of events" in told
    assert "drop partition events_2023 of events" in told
    deeds = json.loads(run("history", path, "--to", url, "--format", "json").stdout)["upkeep"]
    assert [deed["kind"] for deed in deeds][-3:] == ["detach partition", "keep partition aside", "drop partition"]
