"""A rename in a document's own migration: both names work from there on until the contract, and the rows come back."""

from pathlib import Path

import pytest

from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.plan.running import apply, contract, roll_back
from asbuilt.plan.steps import fingerprint
from asbuilt.project import Project, changes
from asbuilt.text import Source

pytestmark = pytest.mark.xdist_group("migrations")

OLD = "CREATE TABLE users (id int PRIMARY KEY, name varchar(40) NOT NULL, age int); CREATE INDEX users_name ON users (name)"
DOCUMENT = """# App – Data Design

**Database**: PostgreSQL 16

## users

```sql
CREATE TABLE users (
    id int PRIMARY KEY,
    full_name varchar(40) NOT NULL,
    age int,
    initial text
);
CREATE INDEX users_name ON users (full_name);
```

## Migration Strategy

### Version 1 → Version 2

```sql
ALTER TABLE users RENAME COLUMN name TO full_name;
ALTER TABLE users ADD COLUMN initial text;
UPDATE users SET initial = left(full_name, 1);
```
"""


@pytest.mark.parametrize("is_contracted", [False, True])
def test_both_names_work_until_the_contract(tmp_path: Path, *, is_contracted: bool) -> None:
    path = tmp_path / "app.md"
    path.write_text(DOCUMENT, encoding="utf-8")
    with scratch_database() as url, POSTGRES.connect(url) as session:
        session.execute(OLD)
        session.execute("INSERT INTO users SELECT i, 'name ' || i, i FROM generate_series(1, 40) i")
        begin = session.inspect()
        plan = changes.plan_for(Project(Source(str(path), DOCUMENT), path), url).plan
        assert plan.proof.is_proved, plan.proof
        assert [step.title for step in plan.later] == ["drop the old name users.name"]
        assert "application_breaks" not in plan.hazards
        assert apply(POSTGRES, url, plan).state == "expanded"
        assert session.rows("SELECT name, full_name, initial FROM users WHERE id = 7") == [("name 7", "name 7", "n")]
        session.execute(
            "INSERT INTO users (id, name) VALUES (101, 'old'); INSERT INTO users (id, full_name) VALUES (102, 'new')"
        )
        session.execute(
            "UPDATE users SET name = 'by old' WHERE id = 5; UPDATE users SET full_name = 'by new' WHERE id = 6"
        )
        if is_contracted:
            assert contract(POSTGRES, url).state == "applied"
            assert plan.after == fingerprint(session.inspect())
        roll_back(POSTGRES, url)
        assert fingerprint(session.inspect()) == fingerprint(begin)
        assert session.rows("SELECT count(*) FROM users WHERE name = 'name ' || id") == [(38,)]
        found = session.rows("SELECT id, name FROM users WHERE id IN (5, 6, 101, 102) ORDER BY id")
        assert found == [(5, "by old"), (6, "by new"), (101, "old"), (102, "new")]


def test_what_a_later_migration_changes_again_is_renamed_at_once(tmp_path: Path) -> None:
    """Two columns that are to be kept in step have to stay what they are until the contract."""
    text = DOCUMENT.replace("full_name varchar(40)", "full_name varchar(60)")
    text += "\n### Version 2 → Version 3\n\n```sql\nALTER TABLE users ALTER COLUMN full_name TYPE varchar(60);\n```\n"
    path = tmp_path / "app.md"
    path.write_text(text, encoding="utf-8")
    with scratch_database() as url, POSTGRES.connect(url) as session:
        session.execute(OLD)
        session.execute("INSERT INTO users SELECT i, 'name ' || i, i FROM generate_series(1, 40) i")
        plan = changes.plan_for(Project(Source(str(path), text), path), url).plan
        assert plan.proof.is_proved, plan.proof
        assert plan.later == ()
        assert "application_breaks" in plan.hazards
        [renamed] = [step for step in plan.steps if step.title == "rename column users.name to full_name"]
        assert renamed.at_once == (
            "users changes again later in the plan, and what is kept in step has to stay as it is",
        )


def test_a_table_that_a_migration_renames_answers_to_its_old_name(tmp_path: Path) -> None:
    text = DOCUMENT.replace("ALTER TABLE users RENAME COLUMN name TO full_name", "ALTER TABLE people RENAME TO users")
    text = text.replace("full_name", "name")
    path = tmp_path / "app.md"
    path.write_text(text, encoding="utf-8")
    with scratch_database() as url, POSTGRES.connect(url) as session:
        session.execute(OLD.replace("users", "people").replace("people_name", "users_name"))
        session.execute("INSERT INTO people SELECT i, 'name ' || i, i FROM generate_series(1, 40) i")
        plan = changes.plan_for(Project(Source(str(path), text), path), url).plan
        assert plan.proof.is_proved, plan.proof
        assert [step.title for step in plan.later] == ["drop the view people"]
        apply(POSTGRES, url, plan)
        session.execute(
            "INSERT INTO people (id, name) VALUES (101, 'old'); INSERT INTO users (id, name) VALUES (102, 'new')"
        )
        contract(POSTGRES, url)
        assert plan.after == fingerprint(session.inspect())
        roll_back(POSTGRES, url)
        assert session.rows("SELECT count(*), max(id) FROM people") == [(42, 102)]
