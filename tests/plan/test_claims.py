"""The claim that a journal makes: the schema is what the last plan left. Its sabotage is any change by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.evidence import Evidence, Verdict
from asbuilt.project import Project
from asbuilt.text import Source

FIRST = """# Library – Data Design

## books

```sql
CREATE TABLE books (id int PRIMARY KEY, title text NOT NULL);
```

## Change log

| Version | Date | Changes |
| --- | --- | --- |
| 1.0 | 2026-11-01 | The first shelf |
"""
SECOND = FIRST.replace("title text NOT NULL", "title text NOT NULL, pages int")
KIND = "schema_as_recorded"


@pytest.fixture
def url() -> Iterator[str]:
    with scratch_database() as found:
        yield found


def project(text: str, folder: Path) -> Project:
    return Project(Source(str(folder / "library.md"), text), folder / "library.md")


def told(project: Project, url: str) -> list[Evidence]:
    return [e for e in project.verify(url).evidence if e.claim.kind == KIND]


def changed(url: str, folder: Path) -> Project:
    project(FIRST, folder).build(url)
    second = project(SECOND, folder)
    second.apply(second.plan(url), url)
    return second


def run(url: str, sql: str) -> None:
    with POSTGRES.connect(url) as session:
        session.execute(sql)


def test_nothing_is_claimed_where_no_plan_stands(url: str, tmp_path: Path) -> None:
    first = project(FIRST, tmp_path)
    first.build(url)
    assert told(first, url) == []
    changed_back = project(SECOND, tmp_path)
    changed_back.apply(changed_back.plan(url), url)
    changed_back.rollback(url)
    assert told(first, url) == []


def test_a_schema_that_a_plan_left_holds_until_somebody_changes_it_by_hand(url: str, tmp_path: Path) -> None:
    second = changed(url, tmp_path)
    [found] = told(second, url)
    assert (found.verdict, found.observed) == (Verdict.HOLDS, "as it was left")
    run(url, "CREATE INDEX by_hand ON books (title)")
    [found] = told(second, url)
    assert found.verdict == Verdict.BROKEN
    assert found.observed.endswith("by no plan")
    assert (
        "The first shelf" in second.source[second.source.line_span(second.source.line_at(found.claim.spans[0].start))]
    )
    run(url, "DROP INDEX by_hand")
    assert told(second, url)[0].verdict == Verdict.HOLDS


def test_who_may_not_read_the_journal_is_told_so(url: str, tmp_path: Path) -> None:
    second = changed(url, tmp_path)
    run(
        url,
        "DROP ROLE IF EXISTS asbuilt_reader; CREATE ROLE asbuilt_reader LOGIN; GRANT USAGE ON SCHEMA asbuilt TO asbuilt_reader",
    )
    try:
        [found] = told(second, url.replace("postgres@", "asbuilt_reader@"))
        assert found.verdict == Verdict.UNKNOWN
        assert "may not be read" in found.reason
    finally:
        run(url, "REVOKE ALL ON SCHEMA asbuilt FROM asbuilt_reader; DROP ROLE asbuilt_reader")
