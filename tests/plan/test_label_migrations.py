"""A migration of the document's that takes labels from an enum: what its rows become is said, and the type changes beside its writers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from asbuilt.diagnostics import Severity
from asbuilt.engines.base import Session
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.plan.steps import Plan
from asbuilt.project import Project, changes
from asbuilt.text import Source
from plan.expansion import carry_out

FIRST = """# Jobs

```sql
CREATE TYPE state AS ENUM ('new', 'old', 'done');
CREATE TABLE jobs (id int PRIMARY KEY, state state NOT NULL DEFAULT 'new', note text);
```
"""
SECOND = FIRST.replace("'new', 'old', 'done'", "'new', 'done'")
RENAMED_AWAY = """
## Migrations

### Version 1 → Version 2

```sql
UPDATE jobs SET state = 'done' WHERE state = 'old';
ALTER TYPE state RENAME TO state_old;
CREATE TYPE state AS ENUM ('new', 'done');
ALTER TABLE jobs ALTER COLUMN state DROP DEFAULT;
ALTER TABLE jobs ALTER COLUMN state TYPE state USING state::text::state;
ALTER TABLE jobs ALTER COLUMN state SET DEFAULT 'new';
DROP TYPE state_old;
```
"""
ROWS = "INSERT INTO jobs SELECT i, (ARRAY['new', 'old', 'done'])[i % 3 + 1]::state, i FROM generate_series(1, 300) i"


def project(text: str, folder: Path) -> Project:
    path = folder / "jobs.md"
    path.write_text(text, encoding="utf-8")
    return Project(Source(str(path), text), path)


@pytest.fixture
def session(url: str, tmp_path: Path) -> Iterator[Session]:
    project(FIRST, tmp_path).build(url)
    with POSTGRES.connect(url) as found:
        found.execute(ROWS)
        yield found


def planned(text: str, url: str, folder: Path) -> Plan:
    return changes.plan_for(project(text, folder), url).plan


def errors(text: str, folder: Path) -> list[str]:
    return [d.message for d in project(text, folder).check().diagnostics if d.severity == Severity.ERROR]


def test_a_document_with_such_a_migration_is_right(tmp_path: Path) -> None:
    assert errors(SECOND + RENAMED_AWAY, tmp_path) == []
    [wrong] = errors(SECOND + RENAMED_AWAY.replace("SET state = 'done'", "SET state = 'dome'"), tmp_path)
    assert "invalid input value for enum state: `dome`" in wrong


def test_the_rows_become_what_it_says_and_the_way_back_gives_them_what_they_had(
    url: str, session: Session, tmp_path: Path
) -> None:
    look = "SELECT id, state::text, note FROM jobs ORDER BY id"
    before = session.rows(look)
    plan = planned(SECOND + RENAMED_AWAY, url, tmp_path)
    assert plan.proof.is_proved
    assert plan.later
    assert plan.hazards == ("data_lost",)
    changes.apply_plan(url, plan, ("all",))
    assert session.rows("SELECT count(*) FROM jobs WHERE state = 'done'") == [(200,)]
    changes.contract_plan(project(SECOND + RENAMED_AWAY, tmp_path), url)
    session.execute("UPDATE jobs SET note = 'seen' WHERE id = 1")
    changes.take_back(url)
    assert session.rows(look) == [(1, before[0][1], "seen"), *before[1:]]


@pytest.mark.parametrize("condition", ["state = 'old'", "state IN ('old')", "jobs.state = 'old'::state"])
def test_what_yesterdays_application_still_writes_becomes_what_the_migration_says(
    url: str, session: Session, tmp_path: Path, condition: str
) -> None:
    plan = planned(SECOND + RENAMED_AWAY.replace("state = 'old'", condition), url, tmp_path)
    switch = next(step.number for step in plan.now if "take over" in step.title)
    carry_out(url, plan, switch - 1)
    session.execute("INSERT INTO jobs VALUES (1001, 'old', 'late'); UPDATE jobs SET state = 'old' WHERE id = 3")
    for step in plan.now[switch - 1 :]:
        with session.transaction():
            for sql in step.statements:
                session.execute(sql)
    late = "SELECT id, state::text, asbuilt_old_state::text FROM jobs WHERE id IN (3, 1001) ORDER BY id"
    assert session.rows(late) == [(3, "done", "old"), (1001, "done", "old")]
    session.execute("UPDATE jobs SET note = 'seen' WHERE id = 3; UPDATE jobs SET state = 'new' WHERE id = 1001")
    assert session.rows(late) == [(3, "done", "old"), (1001, "new", "new")]
    for step in reversed(plan.now):
        with session.transaction():
            for sql in step.reverse:
                session.execute(sql)
    rows = session.rows("SELECT id, state::text FROM jobs WHERE id IN (1, 2, 3, 1001) ORDER BY id")
    assert rows == [(1, "old"), (2, "done"), (3, "old"), (1001, "new")]
