"""What the document's migrations promise: each is applied, and can go back. Each has its sabotages here."""

from pathlib import Path

import pytest

from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.evidence import Evidence, Verdict
from asbuilt.project import Project
from asbuilt.text import Source

pytestmark = pytest.mark.xdist_group("migrations")

SCHEMA = """# App – Data Design

## users

```sql
CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL, metadata jsonb);
```

## Migration Strategy
"""
PHONE = """
### Version 1 → Version 2

```sql
ALTER TABLE users ADD COLUMN phone VARCHAR(20);
UPDATE users SET phone = metadata->>'phone' WHERE metadata->>'phone' IS NOT NULL;
```

#### Rollback

```sql
UPDATE users SET metadata = jsonb_set(metadata, '{phone}', to_jsonb(phone)) WHERE phone IS NOT NULL;
ALTER TABLE users DROP COLUMN phone;
```
"""
ORDERS = """
### Version 2 → Version 3

```sql
CREATE TABLE orders (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users (id));
CREATE INDEX CONCURRENTLY idx_orders_user ON orders (user_id);
```

#### Rollback

```sql
DROP TABLE orders;
```
"""
RENAMED = """
### Version 3 → Version 4

```sql
ALTER TABLE users RENAME COLUMN phone TO telephone;
ALTER TABLE users ADD CONSTRAINT telephone_short CHECK (length(telephone) > 3);
```

#### Rollback

```sql
ALTER TABLE users DROP CONSTRAINT telephone_short;
ALTER TABLE users RENAME COLUMN telephone TO phone;
```
"""
ALL = SCHEMA + PHONE + ORDERS + RENAMED
NAMES = ("Version 1 → Version 2", "Version 2 → Version 3", "Version 3 → Version 4")
HOLDS, BROKEN, UNKNOWN = Verdict.HOLDS, Verdict.BROKEN, Verdict.UNKNOWN
APPLIED, BACK = "migration_applied", "migration_can_go_back"


def project(text: str, folder: Path) -> Project:
    return Project(Source(str(folder / "app.md"), text), folder / "app.md")


def run(url: str, sql: str) -> None:
    with POSTGRES.connect(url) as session:
        for statement in sql.split(";"):
            if statement.strip():
                session.execute(statement)


def told(text: str, url: str, folder: Path) -> dict[tuple[str, str], Evidence]:
    evidence = project(text, folder).verify(url).evidence
    return {(e.claim.kind, e.claim.subject): e for e in evidence if e.claim.kind in (APPLIED, BACK)}


def verdicts(found: dict[tuple[str, str], Evidence], kind: str) -> list[Verdict]:
    return [e.verdict for (k, _), e in found.items() if k == kind]


def test_a_database_built_from_the_document_has_gone_through_all_and_can_go_back(url: str, tmp_path: Path) -> None:
    project(ALL, tmp_path).build(url)
    found = told(ALL, url, tmp_path)
    assert [name for kind, name in found if kind == APPLIED] == list(NAMES)
    assert verdicts(found, APPLIED) == [HOLDS] * 3
    assert verdicts(found, BACK) == [HOLDS] * 3
    assert [found[BACK, name].observed for name in NAMES] == ["it leads back, rows included"] * 3
    place = found[BACK, NAMES[1]].claim.spans[0]
    assert ALL[place.start :].startswith("DROP TABLE orders")
    assert all(e.statement and e.reproduce and e.server and e.taken_at for e in found.values())


def test_what_was_applied_by_hand_is_seen_and_what_was_not_is_told(url: str, tmp_path: Path) -> None:
    project(SCHEMA, tmp_path).build(url)
    run(url, "ALTER TABLE users ADD COLUMN phone varchar(20)")
    run(url, "CREATE TABLE orders (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users (id))")
    run(url, "CREATE INDEX idx_orders_user ON orders (user_id)")
    found = told(ALL, url, tmp_path)
    assert verdicts(found, APPLIED) == [HOLDS, HOLDS, BROKEN]
    observed = found[APPLIED, NAMES[2]].observed
    assert observed.startswith("not applied: ")
    assert "constraint users.telephone_short missing" in observed
    assert verdicts(found, BACK) == [HOLDS] * 3


@pytest.mark.parametrize(
    ("sabotage", "broken", "observed"),
    [
        ("ALTER TABLE users DROP COLUMN telephone; ALTER TABLE users ADD COLUMN phone varchar(20)", NAMES[2], "column users.telephone missing"),
        ("ALTER TABLE users DROP CONSTRAINT telephone_short", NAMES[2], "constraint users.telephone_short missing"),
        ("DROP INDEX idx_orders_user", NAMES[1], "index orders.idx_orders_user missing"),
        ("DROP TABLE orders", NAMES[1], "table orders missing"),
    ],
)  # fmt: skip
def test_a_sabotage_breaks_exactly_its_migration(
    url: str, tmp_path: Path, sabotage: str, broken: str, observed: str
) -> None:
    project(ALL, tmp_path).build(url)
    run(url, sabotage)
    found = told(ALL, url, tmp_path)
    assert [key for key, e in found.items() if e.verdict == BROKEN] == [(APPLIED, broken)]
    assert observed in found[APPLIED, broken].observed


def test_other_changes_by_hand_are_nothing_to_a_migration(url: str, tmp_path: Path) -> None:
    project(ALL, tmp_path).build(url)
    run(url, "CREATE INDEX mine ON users (email); ALTER TABLE users ADD COLUMN more int; DROP INDEX mine")
    assert {e.verdict for e in told(ALL, url, tmp_path).values()} == {HOLDS}


def test_the_journal_knows_what_went_through_which_plan(url: str, tmp_path: Path) -> None:
    project(SCHEMA, tmp_path).build(url)
    run(url, "INSERT INTO users VALUES (1, 'a', '{\"phone\": \"12345\"}')")
    second = project(SCHEMA + PHONE, tmp_path)
    second.apply(second.plan(url), url, allowed=("all",))
    found = told(SCHEMA + PHONE, url, tmp_path)
    assert found[APPLIED, NAMES[0]].observed.startswith("plan 1 went through it on ")
    other = SCHEMA + PHONE.replace("VARCHAR(20)", "VARCHAR(20) DEFAULT 'x'")
    assert "with other statements than it has now" in told(other, url, tmp_path)[APPLIED, NAMES[0]].observed
    none = SCHEMA + PHONE.partition("#### Rollback")[0]
    back = told(none, url, tmp_path)[BACK, NAMES[0]]
    assert (back.verdict, back.observed) == (UNKNOWN, "")
    assert back.reason.startswith("it states no rollback; plan 1, which went through it, was tried up and back")


@pytest.mark.parametrize(
    ("old", "new", "observed"),
    [
        ("ALTER TABLE users DROP COLUMN phone;", "", "column users.phone is still there"),
        ("{phone}', to_jsonb(phone)", "{fon}', to_jsonb(phone)", "of users are not as before in metadata"),
        ("UPDATE users SET metadata = jsonb", "UPDATE users SET meta = jsonb", "`UPDATE users SET meta = jsonb_set(metadata, '{phone}', to_j…` fails: column \"meta\""),
        ("DROP COLUMN phone", "DROP COLUMN phone, DROP COLUMN email", "column users.phone is there (`ALTER TABLE users DROP COLUMN phone, DROP COLUMN email` fails: column \"email\""),
    ],
)  # fmt: skip
def test_a_rollback_that_does_not_lead_back_is_broken(
    url: str, tmp_path: Path, old: str, new: str, observed: str
) -> None:
    text = SCHEMA + PHONE.replace(old, new) + ORDERS
    project(text, tmp_path).build(url)
    found = told(text, url, tmp_path)
    assert verdicts(found, APPLIED) == [HOLDS, HOLDS]
    assert [key for key, e in found.items() if e.verdict == BROKEN] == [(BACK, NAMES[0])]
    assert observed in found[BACK, NAMES[0]].observed


def test_an_index_that_comes_again_by_if_not_exists_does_not_hide_a_rollback_that_leaves_it(
    url: str, tmp_path: Path
) -> None:
    text = SCHEMA + ORDERS.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS").replace("INDEX CONCURRENTLY", "INDEX CONCURRENTLY IF NOT EXISTS").replace("DROP TABLE orders", "DROP INDEX idx_orders_user")  # fmt: skip
    project(text, tmp_path).build(url)
    [back] = [e for (kind, _), e in told(text, url, tmp_path).items() if kind == BACK]
    assert (back.verdict, back.observed) == (BROKEN, "table orders is still there")


def test_what_a_later_migration_holds_up_is_unknown(url: str, tmp_path: Path) -> None:
    text = SCHEMA + PHONE + RENAMED.partition("#### Rollback")[0]
    project(text, tmp_path).build(url)
    found = told(text, url, tmp_path)
    assert verdicts(found, BACK) == [UNKNOWN, UNKNOWN]
    assert found[BACK, NAMES[2]].reason.startswith("it states no rollback, and no plan of asbuilt's went through it")
    assert found[BACK, NAMES[0]].reason.startswith(f"`{NAMES[2]}`, which came later, still stands in the copy")


ONLY_ROWS = """
### Tidy

```sql
UPDATE users SET email = lower(email) WHERE email <> lower(email);
```
"""


def test_one_that_only_writes_rows_is_unknown_but_where_the_journal_tells(url: str, tmp_path: Path) -> None:
    project(SCHEMA, tmp_path).build(url)
    assert verdicts(told(SCHEMA + ONLY_ROWS, url, tmp_path), APPLIED) == [UNKNOWN]
    second = project(SCHEMA + PHONE, tmp_path)
    second.apply(second.plan(url), url, allowed=("all",))
    found = told(SCHEMA + PHONE + ONLY_ROWS, url, tmp_path)
    assert verdicts(found, APPLIED) == [HOLDS, BROKEN]
    assert (
        found[APPLIED, "Tidy"].observed
        == "not applied: the journal ends with `Version 1 → Version 2` (plan 1), which comes before it"
    )


def test_a_role_that_may_not_read_the_journal_has_it_seen_in_the_schema(url: str, tmp_path: Path) -> None:
    project(SCHEMA, tmp_path).build(url)
    second = project(SCHEMA + PHONE, tmp_path)
    second.apply(second.plan(url), url, allowed=("all",))
    run(
        url,
        "DROP ROLE IF EXISTS asbuilt_looks; CREATE ROLE asbuilt_looks LOGIN; GRANT SELECT ON users TO asbuilt_looks",
    )
    try:
        found = told(SCHEMA + PHONE, url.replace("postgres@", "asbuilt_looks@"), tmp_path)
        assert found[APPLIED, NAMES[0]].observed == "all that it makes stands"
        assert found[BACK, NAMES[0]].verdict == HOLDS
        run(url, "REVOKE ALL ON users FROM asbuilt_looks")
        found = told(SCHEMA + PHONE, url.replace("postgres@", "asbuilt_looks@"), tmp_path)
        assert found[APPLIED, NAMES[0]].observed == "the schema is what it leads to"
        assert found[BACK, NAMES[0]].reason.startswith("no twin could be made: ")
    finally:
        run(url, "REVOKE ALL ON users FROM asbuilt_looks; DROP ROLE asbuilt_looks")
