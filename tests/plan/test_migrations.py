"""A document's own migrations: placed in the plan, gone through once, taken back with the rows."""

from pathlib import Path

import pytest

from asbuilt.engines.changes import Hazard
from asbuilt.engines.postgres.changing.written import taken_apart
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.plan.steps import Phase, Plan
from asbuilt.project import Project, changes
from asbuilt.project.telling import recorded
from asbuilt.text import Source

pytestmark = pytest.mark.xdist_group("migrations")

SCHEMA = """# App – Data Design

**Database**: PostgreSQL 16

## users

```sql
CREATE TABLE users (
    id int PRIMARY KEY,
    email text NOT NULL,
    metadata jsonb{more}
);
```
"""
MIGRATION = r"""
## Migration Strategy

### Version 1 → Version 2

```sql
-- Step 1: Add new column (backward compatible)
ALTER TABLE users ADD COLUMN phone VARCHAR(20);

-- Step 2: Backfill data
UPDATE users SET phone = metadata->>'phone'
WHERE metadata->>'phone' IS NOT NULL;

-- Step 3: Add constraints (after backfill)
ALTER TABLE users ALTER COLUMN phone SET NOT NULL;
ALTER TABLE users ADD CONSTRAINT phone_format
    CHECK (phone ~ '^\+?[1-9]\d{1,14}$');

-- Step 4: Clean up old structure
UPDATE users SET metadata = metadata - 'phone';
```
"""
ROLLBACK = """
### Rollback Plan

```sql
-- Rollback Step 1: Copy data back
UPDATE users SET metadata = jsonb_set(metadata, '{phone}', to_jsonb(phone))
WHERE phone IS NOT NULL;

-- Rollback Step 2: Drop new column
ALTER TABLE users DROP COLUMN phone;
```
"""
FIRST = SCHEMA.format(more="")
SECOND = FIRST + MIGRATION + ROLLBACK
ROWS = "INSERT INTO users SELECT i, 'a' || i, jsonb_build_object('phone', '+49151' || i, 'x', i) FROM generate_series(1, 40) i"


def project(text: str, folder: Path) -> Project:
    path = folder / "app.md"
    path.write_text(text, encoding="utf-8")
    return Project(Source(str(path), text), path)


def built(url: str, folder: Path, text: str = FIRST, rows: str = ROWS) -> None:
    project(text, folder).build(url)
    with POSTGRES.connect(url) as session:
        session.execute(rows)


def planned(text: str, url: str, folder: Path) -> Plan:
    return changes.plan_for(project(text, folder), url).plan


def titles(plan: Plan) -> list[str]:
    return [step.title for step in plan.steps]


def rows(url: str, what: str = "*") -> list[tuple[object, ...]]:
    with POSTGRES.connect(url) as session:
        return session.rows(f"SELECT {what} FROM users ORDER BY id")


def test_its_statements_are_placed_between_the_structure_that_they_need(url: str, tmp_path: Path) -> None:
    built(url, tmp_path)
    plan = planned(SECOND, url, tmp_path)
    found = titles(plan)
    order = ["add column users.phone", "fill users.phone", "require users.phone", "check phone_format over the rows of users", "write over users.metadata"]  # fmt: skip
    assert [title for title in found if title in order] == order
    assert {step.migration for step in plan.steps} == {"Version 1 → Version 2"}
    fill, clean = plan.steps[found.index(order[1])], plan.steps[found.index(order[-1])]
    assert (fill.phase, clean.phase) == (Phase.BACKFILL, Phase.CONTRACT)
    assert SECOND[fill.causes[0].start :].startswith("UPDATE users SET phone")
    assert plan.proof.is_proved


def test_it_is_gone_through_once_and_recorded_by_its_name(url: str, tmp_path: Path) -> None:
    built(url, tmp_path)
    before = rows(url)
    plan = planned(SECOND, url, tmp_path)
    entry = changes.apply_plan(url, plan, ("all",))
    assert [m.name for m in recorded([entry])] == ["Version 1 → Version 2"]
    assert rows(url, "phone, metadata") == [(f"+49151{i}", {"x": i}) for i in range(1, 41)]
    assert planned(SECOND, url, tmp_path).steps == ()
    changes.take_back(url)
    assert rows(url) == before
    assert titles(planned(SECOND, url, tmp_path)) == titles(plan)


def test_a_document_that_states_the_end_beside_its_migration_is_right(url: str, tmp_path: Path) -> None:
    built(url, tmp_path)
    text = SCHEMA.format(more=",\n    phone varchar(20) NOT NULL") + MIGRATION + ROLLBACK
    assert not [d for d in project(text, tmp_path).check().diagnostics if d.code == "statement_refused"]
    plan = planned(text, url, tmp_path)
    assert "fill users.phone" in titles(plan)
    assert Hazard.MIGRATION_LEADS_ELSEWHERE not in plan.hazards
    changes.apply_plan(url, plan, ("all",))
    assert rows(url, "phone") == [(f"+49151{i}",) for i in range(1, 41)]


def test_a_migration_that_leads_elsewhere_than_the_document_is_told(url: str, tmp_path: Path) -> None:
    built(url, tmp_path)
    text = SCHEMA.format(more=",\n    phone varchar(30)") + MIGRATION + ROLLBACK
    plan = planned(text, url, tmp_path)
    assert Hazard.MIGRATION_LEADS_ELSEWHERE in plan.hazards
    told = next(r.danger.text for r in plan.steps[-1].risks if r.danger.hazard == Hazard.MIGRATION_LEADS_ELSEWHERE)
    assert "`Version 1 → Version 2` leaves column users.phone otherwise" in told
    changes.apply_plan(url, plan, ("all",))
    assert planned(text, url, tmp_path).steps == ()


def test_rows_that_the_backfill_will_leave_without_a_value_are_counted_before(url: str, tmp_path: Path) -> None:
    built(url, tmp_path)
    with POSTGRES.connect(url) as session:
        session.execute("INSERT INTO users VALUES (90, 'b', '{}'), (91, 'c', '{\"phone\": \"none\"}')")
    plan = planned(SECOND, url, tmp_path)
    counted = {r.danger.text: r.rows for s in plan.steps for r in s.risks if r.is_real}
    assert counted["rows of users have no phone"] == 1
    assert counted["rows of users may not keep check phone_format"] == 1


def test_a_database_that_has_gone_through_it_is_left_alone(url: str, tmp_path: Path) -> None:
    built(url, tmp_path, SECOND, "SELECT 1")
    assert planned(SECOND, url, tmp_path).steps == ()
    plan = planned(SECOND.replace("email text NOT NULL", "email text NOT NULL,\n    more int"), url, tmp_path)
    assert titles(plan) == ["add column users.more"]


def test_what_is_true_already_is_not_done_again(url: str, tmp_path: Path) -> None:
    built(url, tmp_path)
    with POSTGRES.connect(url) as session:
        session.execute("ALTER TABLE users ADD COLUMN phone varchar(20)")
    plan = planned(SECOND, url, tmp_path)
    assert titles(plan)[1] == "write over users.phone"
    assert "add column users.phone" not in titles(plan)
    changes.apply_plan(url, plan, ("all",))
    assert planned(SECOND, url, tmp_path).steps == ()


def test_its_updates_are_done_range_by_range(url: str, tmp_path: Path) -> None:
    built(url, tmp_path)
    steps = {step.title: step for step in planned(SECOND, url, tmp_path).steps}
    fill, clean = steps["fill users.phone"].filling(), steps["write over users.metadata"].filling()
    assert fill
    assert clean
    assert (fill.key, fill.aside, clean.kept) == (("id",), "", ("metadata",))


def test_its_rollback_is_tried_and_brings_back_what_was_written_since(url: str, tmp_path: Path) -> None:
    built(url, tmp_path)
    before = dict(rows(url, "id, metadata"))
    plan = planned(SECOND, url, tmp_path)
    assert [(m.is_back, m.has_rows, m.lacking) for m in plan.migrations] == [(True, True, "")]
    assert plan.steps[-1].title == "on the way back: write over users.metadata"
    changes.apply_plan(url, plan, ("all",))
    with POSTGRES.connect(url) as session:
        session.execute("UPDATE users SET phone = '+4999' WHERE id = 2; DELETE FROM users WHERE id = 3")
        session.execute("INSERT INTO users VALUES (90, 'new', '{\"a\": 1}', '+4912')")
    changes.take_back(url)
    after = dict(rows(url, "id, metadata"))
    assert after.pop(90) == {"a": 1, "phone": "+4912"}
    assert after.pop(2) == {"x": 2, "phone": "+4999"}
    assert after == {number: value for number, value in before.items() if number not in (2, 3)}


@pytest.mark.parametrize(
    ("old", "new", "lacking"),
    [
        ("ALTER TABLE users DROP COLUMN phone;", "", "column users.phone is still there"),
        ("{phone}', to_jsonb(phone)", "{fon}', to_jsonb(phone)", "rows of users are not as before in metadata"),
        ("UPDATE users SET metadata = jsonb_set", "UPDATE users SET meta = jsonb_set", "`UPDATE users SET meta"),
    ],
)
def test_a_rollback_that_does_not_lead_back_is_told_and_helped(
    url: str, tmp_path: Path, old: str, new: str, lacking: str
) -> None:
    built(url, tmp_path)
    before = rows(url)
    text = FIRST + MIGRATION + ROLLBACK.replace(old, new)
    plan = planned(text, url, tmp_path)
    [placed] = plan.migrations
    assert placed.is_back is False
    assert lacking in placed.lacking
    changes.apply_plan(url, plan, ("all",))
    changes.take_back(url)
    assert rows(url) == before


SPLIT = """# Staff

## people

```sql
{people}
```

## Migration Strategy

### Version 1 → Version 2

```sql
CREATE TABLE cooks (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE waiters (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO cooks SELECT id, name FROM people WHERE kind = 'cook';
INSERT INTO waiters SELECT id, name FROM people WHERE kind IN ('waiter', 'waitress');
DROP TABLE people;
```

### Rollback Plan

```sql
CREATE TABLE people (id int PRIMARY KEY, kind text NOT NULL, name text NOT NULL);
INSERT INTO people SELECT id, 'cook', name FROM cooks;
INSERT INTO people SELECT id, {kind}, name FROM waiters;
DROP TABLE cooks;
DROP TABLE waiters;
```
"""
PEOPLE = "CREATE TABLE people (id int PRIMARY KEY, kind text NOT NULL, name text NOT NULL);"
PARTS = "CREATE TABLE cooks (id int PRIMARY KEY, name text NOT NULL);\nCREATE TABLE waiters (id int PRIMARY KEY, name text NOT NULL);"


def test_a_table_is_split_and_comes_back_with_the_rows_that_the_parts_took(url: str, tmp_path: Path) -> None:
    """Rows of a kind that neither part takes are no rows of such a table: what is tried has the kinds that are looked for."""
    project(f"# Staff\n\n```sql\n{PEOPLE}\n```\n", tmp_path).build(url)
    for parts, kind, told in (
        (("cook", "waiter", "waitress"), "'waiter'", "1 row of people is not as before in kind"),
        (("cook", "waiter"), "'waiter'", ""),
    ):
        text = SPLIT.format(people=PARTS, kind=kind)
        text = text if "waitress" in parts else text.replace("kind IN ('waiter', 'waitress')", "kind = 'waiter'")
        [placed] = planned(text, url, tmp_path).migrations
        assert (placed.is_back, placed.has_rows, placed.lacking) == (not told, True, told)


def test_a_migration_without_a_rollback_comes_back_by_what_was_kept(url: str, tmp_path: Path) -> None:
    built(url, tmp_path)
    before = rows(url)
    plan = planned(FIRST + MIGRATION, url, tmp_path)
    assert [m.is_back for m in plan.migrations] == [None]
    changes.apply_plan(url, plan, ("all",))
    with POSTGRES.connect(url) as session:
        session.execute("UPDATE users SET metadata = '{\"mine\": 1}' WHERE id = 5")
    changes.take_back(url)
    expected = [(*row[:2], {"mine": 1}) if row[0] == 5 else row for row in before]
    assert rows(url) == expected


NAMES = """
## Migration

### 002 full name

```sql
UPDATE users SET full_name = first || ' ' || last;
```
"""
OLD_NAMES = SCHEMA.format(more=",\n    first text,\n    last text")
NEW_NAMES = SCHEMA.format(more=",\n    full_name text NOT NULL")


def test_a_backfill_without_structure_gets_its_columns_first_and_the_old_ones_go_last(url: str, tmp_path: Path) -> None:
    built(url, tmp_path, OLD_NAMES, "INSERT INTO users VALUES (1, 'a', '{}', 'Ada', 'Lovelace')")
    dropped = NAMES.replace("|| last;", "|| last;\nALTER TABLE users DROP COLUMN first, DROP COLUMN last;")
    plan = planned(NEW_NAMES + dropped, url, tmp_path)
    found = titles(plan)
    assert found.index("add column users.full_name") < found.index("fill users.full_name")
    assert found.index("fill users.full_name") < found.index("require users.full_name")
    assert found.index("fill users.full_name") < found.index("drop column users.first, its values kept aside")
    changes.apply_plan(url, plan, ("all",))
    assert rows(url, "full_name") == [("Ada Lovelace",)]
    changes.take_back(url)
    assert rows(url, "id, email, metadata, first, last") == [(1, "a", {}, "Ada", "Lovelace")]


ONLY_ROWS = """
## Migration

### 003 tidy

```sql
UPDATE users SET email = lower(email) WHERE email <> lower(email);
DELETE FROM users WHERE email LIKE '%@example.com';
INSERT INTO users (id, email) VALUES (1000, 'system');
```
"""


def test_a_migration_that_only_writes_rows_is_placed_where_there_is_a_record(url: str, tmp_path: Path) -> None:
    built(url, tmp_path)
    plan = planned(FIRST + ONLY_ROWS, url, tmp_path)
    assert plan.steps == ()
    changes.apply_plan(url, planned(SECOND, url, tmp_path), ("all",))
    with POSTGRES.connect(url) as session:
        session.execute("ALTER TABLE users ALTER COLUMN phone DROP NOT NULL, DROP CONSTRAINT phone_format")
        session.execute(
            "UPDATE users SET email = 'A' WHERE id = 1; UPDATE users SET email = 'x@example.com' WHERE id = 2"
        )
    before = rows(url)
    text = (SECOND + ONLY_ROWS).replace("phone ~ '^\\+?[1-9]\\d{1,14}$'", "true")
    plan = planned(text.replace("ALTER TABLE users ALTER COLUMN phone SET NOT NULL;", ""), url, tmp_path)
    assert titles(plan)[1:4] == ["write over users.email", "delete rows of users", "put rows into users"]
    changes.apply_plan(url, plan, ("all",))
    found = dict(rows(url, "id, email"))
    assert (found[1], 2 in found, found[1000]) == ("a", False, "system")
    changes.take_back(url)
    assert rows(url) == before


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("UPDATE t SET a = b, c = f(1, 2) WHERE d", ("update", "t", "t", ("a", "c"), ("b", "f(1, 2)"), "", "d", True)),
        ("UPDATE t x SET (a, b) = (1, 2) FROM o WHERE o.i = x.i", ("update", "t", "x", ("a", "b"), (), "o", "o.i = x.i", False)),
        ('UPDATE s."T" SET a = (SELECT max(v) FROM o WHERE o.i = 1)', ("update", "s.T", "T", ("a",), ("(SELECT max(v) FROM o WHERE o.i = 1)",), "", "", True)),
        ("-- why\nWITH n AS (SELECT 1) UPDATE t SET a = 1;", ("update", "t", "t", ("a",), ("1",), "", "", False)),
        ("DELETE FROM t USING o WHERE o.i = t.i", ("delete", "t", "t", (), (), "o", "o.i = t.i", False)),
        ("UPDATE t SET name = 'Zoë, = ' || where_from WHERE t.x = 'WHERE'", ("update", "t", "t", ("name",), ("'Zoë, = ' || where_from",), "", "t.x = 'WHERE'", True)),
    ],
)  # fmt: skip
def test_statements_are_taken_apart(sql: str, expected: tuple[object, ...]) -> None:
    found = taken_apart(sql)
    assert found is not None
    assert (found.kind, found.table, found.alias, found.columns, found.values, found.sources, found.condition, found.is_row_wise) == expected  # fmt: skip


def test_a_statement_that_is_none_of_these_is_left_whole() -> None:
    assert taken_apart("SELECT 1") is None
    assert taken_apart("DO $$ BEGIN END $$") is None
