"""Room in time, and what fills up: a disk, the numbers of a counter."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from workshop import DOCUMENT, filled

import asbuilt
from asbuilt.cli import main
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.evidence import Verdict
from asbuilt.project import Project
from asbuilt.project.forecast import forecast
from asbuilt.volume.capacity import when

COUNTING = """# Counting

```sql
CREATE TABLE visits (
    id serial PRIMARY KEY,
    page text NOT NULL
);
```

## Data volume

| Entity | Now | Year 1 | Year 3 |
|--------|-----|--------|--------|
| visits | 1,000 | 2,000 | 4,000 |

## Performance targets

- Storage: < 1 MB
"""


@pytest.fixture
def counting(tmp_path: Path) -> Project:
    path = tmp_path / "counting.md"
    path.write_text(COUNTING, encoding="utf-8")
    return asbuilt.load(path)


@pytest.fixture
def url(counting: Project) -> Iterator[str]:
    with scratch_database() as url:
        counting.build(url)
        yield url


def test_the_room_is_that_of_the_rows() -> None:
    with filled(0) as (url, _):
        found = forecast(asbuilt.load(DOCUMENT), url, (1,))
    with filled(1) as (_, session):
        true = {
            name: session.rows("SELECT pg_total_relation_size(%s::text::regclass)", (name,))[0][0]
            for name in ("clients", "jobs", "parts")
        }
    for size in found.sizes:
        assert 0.8 < size.total[1] / true[size.table] < 1.25


def test_partitions_count_for_what_they_divide() -> None:
    found = forecast(asbuilt.load(Path(__file__).parents[2] / "examples/shop.md"), years=(1,))
    assert "audit_log" in {size.table for size in found.sizes}
    assert not any(size.table.startswith("audit_log_") for size in found.sizes)
    assert next(size for size in found.sizes if size.table == "audit_log").total[0] > 0


def test_a_counter_ends_when_its_numbers_do(counting: Project, url: str) -> None:
    with POSTGRES.connect(url) as session:
        session.execute("INSERT INTO visits (page) SELECT 'p' FROM generate_series(1, 1000)")
        session.execute("SELECT setval('visits_id_seq', 1073741823); ANALYZE")
    end = forecast(counting, url).counters[0]
    assert (end.table, end.column, end.used) == ("visits", "id", 1_073_741_823)
    assert end.years == pytest.approx(1, abs=0.02)


def test_numbers_that_last_hold_and_those_that_do_not_break(counting: Project, url: str) -> None:
    with POSTGRES.connect(url) as session:
        session.execute("INSERT INTO visits (page) SELECT 'p' FROM generate_series(1, 1000); ANALYZE")
        before = next(e for e in counting.verify(url).evidence if e.claim.kind == "counter_lasts")
        session.execute("SELECT setval('visits_id_seq', 2147480000)")
        after = next(e for e in counting.verify(url).evidence if e.claim.kind == "counter_lasts")
    assert (before.verdict, after.verdict) == (Verdict.HOLDS, Verdict.BROKEN)
    assert "1,000 of 2,147,483,647" in before.observed
    assert counting.source.line_at(after.claim.spans[0].start) == 5


def test_a_stated_disk_is_full_some_day(counting: Project) -> None:
    found = forecast(counting, disk=10**15)
    stated, given = found.disks
    assert stated.bytes == 2**20
    assert stated.span is not None
    assert stated.years is not None
    assert 0 < stated.years < 30
    assert given.years is None


@pytest.mark.parametrize(("limit", "year"), [(0, 0.0), (50, 5.0), (10_000, None)])
def test_when_is_the_year_in_which_a_limit_is_reached(limit: float, year: float | None) -> None:
    found = when(lambda years: 10 * years, limit)
    assert found == (None if year is None else pytest.approx(year, abs=1e-6))


def test_the_command_tells_room_and_ends(counting: Project) -> None:
    shown = CliRunner().invoke(main, ["forecast", str(counting.path), "--disk", "2TB", "--quiet"])
    assert shown.exit_code == 0, shown.output
    assert "visits.id (integer) has 2,147,483,647 numbers" in shown.output
    assert "2.0 TB of disk" in shown.output
    data = json.loads(CliRunner().invoke(main, ["forecast", str(counting.path), "--format", "json"]).output)
    assert data["counters"][0]["column"] == "visits.id"
    assert data["disks"][0]["line"] == 18
    refused = CliRunner().invoke(main, ["forecast", str(counting.path), "--disk", "much"])
    assert refused.exit_code == 2
    assert "no size, such as 500GB" in refused.output
