"""`asbuilt seed` as its users call it: how many rows, what cannot be, stopped halfway, at the edge."""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from asbuilt.cli import main
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_server
from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.project import load
from asbuilt.project.amounts import listed
from asbuilt.project.seeding import LOCK
from asbuilt.seed import DatabaseJournal

pytestmark = pytest.mark.live

DOCUMENT = """# Shop

## Tables

```sql
CREATE TYPE tint AS ENUM ('red', 'blue');
CREATE TABLE tints (tint tint PRIMARY KEY);
CREATE TABLE users (
    id bigserial PRIMARY KEY, email varchar(60) NOT NULL UNIQUE, born date, score double precision, name text NOT NULL CHECK (name <> ''),
    password_hash text,
    boss bigint REFERENCES users);
CREATE TABLE towns (id serial PRIMARY KEY, city text NOT NULL UNIQUE);
CREATE TABLE orders (id uuid PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, total numeric(8, 2) NOT NULL CHECK (total >= 0));
```

```mermaid
erDiagram
  USERS ||--|{ ORDERS : places
```

## Data volume

| Entity | Now | Year 1 | Year 3 |
| --- | --- | --- | --- |
| users | 100 | 200 | 300 |
| orders | 1K | 2K | 4K |

## Test data

### Scenarios

- Small (40 records)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "shop.md"
    found.write_text(DOCUMENT, encoding="utf-8")
    return found


@pytest.fixture
def session(own_cache: Path, path: Path) -> Iterator[PostgresSession]:
    with POSTGRES.scratch() as found:
        POSTGRES.build(found, load(path).design)
        yield found


def called(session: PostgresSession, path: Path, *arguments: str) -> Result:
    url = scratch_server().url(session.database)
    return CliRunner().invoke(main, ["seed", str(path), "--to", url, "-q", *arguments])


def rows(session: PostgresSession, table: str) -> int:
    return int(session.rows(f"SELECT count(*) FROM {table}")[0][0])


def test_rows_are_written_as_they_are_listed_and_those_that_stand_count(session: PostgresSession, path: Path) -> None:
    done = called(session, path, "--rows", "users=1k, Order=2000")
    assert done.exit_code == 0
    assert "passwords are hashes of test-Password-1" in done.stdout
    assert (rows(session, "users"), rows(session, "orders")) == (1000, 2000)
    assert session.rows("SELECT count(*) > 0 FROM users WHERE password_hash LIKE '$2b$12$%'") == [(True,)]
    again = called(session, path, "--rows", "users=1.5K", "--format", "json")
    assert json.loads(again.stdout)["rows"] == {"users": 500}
    assert rows(session, "users") == 1500
    assert "all rows that are asked for stand" in called(session, path, "--rows", "users=1500").stdout
    assert session.rows("SELECT count(*) FROM pg_namespace WHERE nspname = 'asbuilt'") == [(0,)]


def test_a_year_and_a_scenario_take_their_numbers_from_the_document(session: PostgresSession, path: Path) -> None:
    dry = json.loads(called(session, path, "--year", "3", "--dry-run", "--format", "json").stdout)
    assert {t["table"]: t["rows"] for t in dry["tables"]} == {"users": 300, "orders": 4000, "tints": 2, "towns": 100}
    assert [p.split(":")[1] for p in dry["problems"]] == [" tint is unique and has 2 values"]
    done = called(session, path, "--scenario", "small")
    assert done.exit_code == 1
    assert (rows(session, "orders"), rows(session, "users"), rows(session, "tints")) == (40, 10, 2)
    assert "tints takes 2 rows, not 10: tint is unique and has 2 values" in done.stdout


def test_empty_writes_nothing_and_one_writes_one(session: PostgresSession, path: Path) -> None:
    assert called(session, path, "--scenario", "empty").exit_code == 0
    assert rows(session, "users") == 0
    assert called(session, path, "--scenario", "one").exit_code == 0
    assert {rows(session, name) for name in ("tints", "users", "orders", "towns")} == {1}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--rows", "usrs=5"), "did you mean users?"),
        (("--rows", "users"), "'users' is no table with a number"),
        (("--rows", "tints=1M"), "tints takes 2 rows, not 1,000,000: tint is unique and has 2 values"),
        (("--rows", "towns=1M"), "towns takes 2,843 rows, not 1,000,000: city is unique and has 2,843 values"),
        (("--rows", "orders=10"), "orders takes no row: user_id must point at users, which has none"),
        ((), "say how many rows"),
        (("--rows", "users=1", "--year", "1"), "say only one of them"),
        (("--resume",), "no seeding was interrupted here"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_written(
    session: PostgresSession, path: Path, arguments: tuple[str, ...], told: str
) -> None:
    result = called(session, path, *arguments)
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())
    assert rows(session, "users") == rows(session, "tints") == 0


@pytest.mark.parametrize("is_fresh", [True, False])
def test_what_was_interrupted_goes_on_or_is_taken_away(
    session: PostgresSession, path: Path, is_fresh: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_fresh:
        assert called(session, path, "--rows", "users=7").exit_code == 0
    note = DatabaseJournal.note
    left = 4

    def noted(journal: DatabaseJournal, table: str, mark: object) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise KeyboardInterrupt
        note(journal, table, mark)  # type: ignore[arg-type]

    monkeypatch.setattr(DatabaseJournal, "note", noted)
    monkeypatch.setattr(import_module("asbuilt.seed.run"), "_PIECE", 2000)
    stopped = called(session, path, "--rows", "users=8k,orders=300")
    assert stopped.exit_code == 130
    assert "--resume" in stopped.stderr
    written = rows(session, "users")
    assert 0 < written < 8000
    assert "--clean takes away what it wrote" in " ".join(called(session, path, "--year", "1").stderr.split())
    if is_fresh:
        assert called(session, path, "--resume").exit_code == 0
        assert (rows(session, "users"), rows(session, "orders")) == (8000, 300)
        assert session.rows("SELECT max(id) FROM users") == [(8000,)]
    else:
        assert "took away" in called(session, path, "--clean").stdout
        assert rows(session, "users") == 7
    assert not DatabaseJournal(session).is_there


def test_the_edges_of_every_field_are_there_and_every_row_is_valid(session: PostgresSession, path: Path) -> None:
    result = called(session, path, "--scenario", "edge")
    assert result.exit_code == 0
    assert "kept out by constraints" in result.stdout
    for condition in (
        "name LIKE '%👩%'", "length(name) = 10000", "name LIKE '%' || chr(10) || '%'", "name LIKE '%''%'", "email = ''", "length(email) = 60",
        "born = '2024-02-29'", "born = 'infinity'", "born IS NULL", "score = 'NaN'", "score = 1e308",
    ):  # fmt: skip
        assert session.rows(f"SELECT count(*) > 0 FROM users WHERE {condition}") == [(True,)], condition
    assert session.rows("SELECT count(*) > 0 FROM orders WHERE total = 999999.99") == [(True,)]
    assert session.rows("SELECT count(*) FROM users WHERE name = ''") == [(0,)]


def test_two_do_not_seed_at_once_and_a_refusal_leaves_nothing(session: PostgresSession, path: Path) -> None:
    session.execute(f"SELECT pg_advisory_lock({LOCK})")
    assert "somebody else is seeding this database" in called(session, path, "--rows", "users=5").stderr
    session.execute(f"SELECT pg_advisory_unlock({LOCK})")
    session.execute("""CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room' USING ERRCODE = '53100'; END $$;
        CREATE TRIGGER no BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION no()""")
    assert "free some space on the server's disk" in " ".join(called(session, path, "--rows", "users=5").stderr.split())
    assert not DatabaseJournal(session).is_there


def test_who_is_never_without_one_has_one(session: PostgresSession, path: Path) -> None:
    assert called(session, path, "--rows", "users=80,orders=200,towns=2843").exit_code == 0
    alone = "SELECT count(*) FROM users u WHERE NOT EXISTS (SELECT FROM orders WHERE user_id = u.id)"
    assert session.rows(alone) == [(0,)]
    assert rows(session, "orders") == 200
    assert rows(session, "towns") == 2843


def test_numbers_are_read_as_people_write_them() -> None:
    assert listed("users=1M,orders=5k, items = 12") == {"users": 1_000_000, "orders": 5000, "items": 12}
    for wrong in ("users", "users=many", "=5"):
        with pytest.raises(ValueError):
            listed(wrong)
