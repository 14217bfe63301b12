"""The claims about partitions in time: each turns broken by its own sabotage, at the line that promises it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

import asbuilt
from asbuilt.cli import main
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database

pytestmark = pytest.mark.xdist_group("partitions")
DOCUMENT = """# Shop

```sql
CREATE TABLE events (id int NOT NULL, at timestamptz NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE INDEX events_at ON events (at);
CREATE TABLE events_2023_01 PARTITION OF events FOR VALUES FROM ('2023-01-01 00:00+00') TO ('2023-02-01 00:00+00');
CREATE TABLE events_rest PARTITION OF events DEFAULT;
```

## Partition maintenance

- Create partitions 2 months in advance
- Drop partitions of events after 1 year
"""
NEXT = "(date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month')"
THIS = "date_trunc('month', now() AT TIME ZONE 'UTC')"


@dataclass(frozen=True)
class Sabotage:
    sql: str
    broken: frozenset[str]
    line: int


SABOTAGES = {
    "next_partition_gone": Sabotage(f"DO $$ BEGIN EXECUTE 'DROP TABLE events_' || to_char({NEXT}, 'YYYY_MM'); END $$", frozenset({"partitions_ahead events"}), 12),
    "partition_of_today_detached": Sabotage(f"DO $$ BEGIN EXECUTE 'ALTER TABLE events DETACH PARTITION events_' || to_char({THIS}, 'YYYY_MM'); END $$", frozenset({"partitions_ahead events"}), 12),
    "rows_of_a_due_period_in_the_default_one": Sabotage(
        f"DO $$ BEGIN EXECUTE 'DROP TABLE events_' || to_char({NEXT}, 'YYYY_MM'); END $$; INSERT INTO events VALUES (1, now() + interval '1 month')",
        frozenset({"partitions_ahead events", "default_partition_empty events_rest"}), 7,
    ),
    "old_rows_attached_again": Sabotage("CREATE TABLE old PARTITION OF events FOR VALUES FROM ('2023-01-01 00:00+00') TO ('2023-02-01 00:00+00'); INSERT INTO events VALUES (1, '2023-01-05')", frozenset({"partitions_retired events"}), 13),
}  # fmt: skip


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asbuilt.Project, str]]:
    """A database that was built, and kept by `maintain`: one partition gone, three made."""
    path = tmp_path_factory.mktemp("claims") / "d.md"
    path.write_text(DOCUMENT)
    with scratch_database() as url:
        project = asbuilt.load(path)
        project.build(url)
        done = CliRunner().invoke(main, ["maintain", str(path), "--to", url, "--format", "json"])
        assert [chore["done"] for chore in json.loads(done.stdout)["due"]] == [True] * 6, done.output
        yield project, url


@contextmanager
def copied(url: str, name: str) -> Iterator[str]:
    """Give a copy of a database, gone at the end."""
    database = urlsplit(url).path.lstrip("/")
    copy = f"{database}_{name}"[:60]
    with POSTGRES.connect(url.replace(f"/{database}?", "/postgres?")) as server:
        server.execute(f"CREATE DATABASE {copy} TEMPLATE {database}")
        try:
            yield url.replace(f"/{database}?", f"/{copy}?")
        finally:
            server.execute(f"DROP DATABASE {copy} WITH (FORCE)")


def broken(project: asbuilt.Project, url: str) -> dict[str, int]:
    run = project.verify(url)
    assert all(e.statement and e.observed and "maintain" in e.reproduce for e in run.broken)
    return {f"{e.claim.kind} {e.claim.subject}": project.source.line_at(e.claim.spans[0].start) for e in run.broken}


def test_what_upkeep_did_is_proved_and_no_surprise(kept: tuple[asbuilt.Project, str]) -> None:
    project, url = kept
    run = project.verify(url)
    assert run.broken == ()
    assert run.notes == ("events_2023_01 was retired: its time is over",)
    held = {f"{e.claim.kind} {e.claim.subject}" for e in run.evidence if e.verdict == "holds"}
    assert held >= {"partitions_ahead events", "partitions_retired events", "default_partition_empty events_rest"}
    assert {e.claim.kind for e in run.evidence} & {"retention", "partitions_made_ahead"} == set()
    assert project.plan(url).steps == ()
    assert {e.claim.kind for e in project.check().claims if e.reason.startswith("not verified yet")} >= {
        "partitions_ahead",
        "partitions_retired",
    }


@pytest.mark.parametrize("name", SABOTAGES)
def test_a_sabotage_breaks_exactly_its_claims(kept: tuple[asbuilt.Project, str], name: str) -> None:
    project, url = kept
    sabotage = SABOTAGES[name]
    with copied(url, name) as copy:
        with POSTGRES.connect(copy) as session:
            session.execute(sabotage.sql)
        found = broken(project, copy)
    assert set(found) == sabotage.broken
    assert sabotage.line in found.values()


def test_a_role_that_may_read_no_row_leaves_them_unknown(kept: tuple[asbuilt.Project, str]) -> None:
    project, url = kept
    with POSTGRES.connect(url) as session:
        session.execute("DROP ROLE IF EXISTS asbuilt_reads_nothing; CREATE ROLE asbuilt_reads_nothing LOGIN")
        try:
            run = project.verify(url.replace("//postgres@", "//asbuilt_reads_nothing@"))
        finally:
            session.execute("DROP ROLE asbuilt_reads_nothing")
    [found] = [e for e in run.evidence if e.claim.kind == "default_partition_empty"]
    assert found.verdict == "unknown"
    assert "may not be read" in found.reason


def test_up_makes_what_comes_and_finds_it_standing_again(tmp_path: Path) -> None:
    path = tmp_path / "d.md"
    path.write_text(DOCUMENT.replace("- Drop partitions of events after 1 year\n", ""))
    with scratch_database() as url:
        first = asbuilt.load(path).up(url)
        again = asbuilt.load(path).up(url)
    assert (first.is_new, again.is_new) == (True, False)
    assert first.run.broken == again.run.broken == ()
    assert again.run.notes == ()
