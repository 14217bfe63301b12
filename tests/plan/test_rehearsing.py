"""A plan on a copy: what it would lose, refuse or leave behind is seen there, and nowhere else."""

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from asbuilt import seed
from asbuilt.engines.base import Session
from asbuilt.engines.changes import Operation
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.engines.state import DatabaseState
from asbuilt.plan.comparing import Difference
from asbuilt.plan.rehearsal import Rehearsal
from asbuilt.plan.rehearsing import begun_with, rehearse
from asbuilt.plan.steps import Plan, Step
from plan.commands import run
from plan.expansion import Scenario, ground, planned
from plan.test_expanding import RENAME, RETYPE, SCENARIOS
from plan.test_migrations import FIRST, SECOND
from plan.test_migrations import ROWS as PEOPLE

pytestmark = pytest.mark.xdist_group("expanding")

DROPPED = Scenario(
    "CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, nick text)",
    "CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL)",
    "INSERT INTO users SELECT i, 'name ' || i, 'nick ' || i FROM generate_series(1, 40) i",
)
CHECKED = Scenario(
    "CREATE TABLE users (id int PRIMARY KEY, age int)",
    "CREATE TABLE users (id int PRIMARY KEY, age int CHECK (age > 0))",
    "INSERT INTO users SELECT i, i - 1 FROM generate_series(1, 40) i",
)
PARTITIONED = Scenario(
    "CREATE TABLE logs (id int, at date NOT NULL, words text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);"
    "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    "CREATE TABLE logs (id int, at date NOT NULL, words text, kind text NOT NULL DEFAULT 'x', PRIMARY KEY (id, at)) PARTITION BY RANGE (at);"
    "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2027-01-01'); CREATE INDEX logs_words ON logs (words)",
    "INSERT INTO logs SELECT i, '2026-03-01', 'w' || i FROM generate_series(1, 40) i",
)

LOOSE = Scenario(
    "CREATE TABLE users (id int PRIMARY KEY, name text, age int)",
    "CREATE TABLE users (id int PRIMARY KEY, full_name text, age int)",
    "INSERT INTO users SELECT i, 'name ' || i, i FROM generate_series(1, 40) i",
    ("users.full_name name",),
)
COUNTED = Scenario(
    """CREATE TABLE albums (id int PRIMARY KEY, songs int NOT NULL DEFAULT 0, changed_at timestamptz);
    CREATE TABLE songs (id int PRIMARY KEY, album int NOT NULL REFERENCES albums, title text, beats int,
                        twice int GENERATED ALWAYS AS (beats * 2) STORED);
    CREATE FUNCTION count_songs() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      UPDATE albums a SET songs = (SELECT count(*) FROM songs s WHERE s.album = a.id), changed_at = clock_timestamp();
      RETURN NULL; END $$;
    CREATE TRIGGER counting AFTER INSERT OR UPDATE OR DELETE ON songs FOR EACH STATEMENT EXECUTE FUNCTION count_songs()""",
    """CREATE TABLE albums (id int PRIMARY KEY, songs int NOT NULL DEFAULT 0, changed_at timestamptz);
    CREATE TABLE songs (id int PRIMARY KEY, album int NOT NULL REFERENCES albums, name text, beats int,
                        twice int GENERATED ALWAYS AS (beats * 2) STORED);
    CREATE FUNCTION count_songs() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      UPDATE albums a SET songs = (SELECT count(*) FROM songs s WHERE s.album = a.id), changed_at = clock_timestamp();
      RETURN NULL; END $$;
    CREATE TRIGGER counting AFTER INSERT OR UPDATE OR DELETE ON songs FOR EACH STATEMENT EXECUTE FUNCTION count_songs()""",
    "INSERT INTO albums SELECT i FROM generate_series(1, 5) i; INSERT INTO songs SELECT i, 1 + i % 5, 't' || i, i FROM generate_series(1, 40) i",
    ("songs.name title",),
)


FIRST_SEED = 3
"""The rows of a rehearsal are the same whichever tests ran before; none of them holds a label that goes, which is rightly refused."""


def write(session: Session, state: DatabaseState, tables: object) -> tuple[str, ...]:
    write.seed = getattr(write, "seed", 1) + 1  # type: ignore[attr-defined]
    return seed.run(session, seed.plan(state, dict.fromkeys(tables, 3), write.seed)).problems  # type: ignore[attr-defined, call-overload]


def rehearsed(scenario: Scenario, plan: Plan, most: int | None = None) -> Rehearsal:
    write.seed = FIRST_SEED  # type: ignore[attr-defined]
    with ground(scenario) as (url, live):
        stood = live.inspect()
        with POSTGRES.copied(url, most) as copy:
            begun = begun_with(POSTGRES, copy, plan, write)
            done = rehearse(POSTGRES, copy, plan, write, begun)
        assert live.inspect() == stood
        assert POSTGRES.journal(live).entries() == []
    return done


def broken(done: Rehearsal) -> list[str]:
    return [check.name for check in done.checks if check.verdict == "broken"]


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_works_holds(name: str) -> None:
    plan, _ = planned(SCENARIOS[name])
    done = rehearsed(SCENARIOS[name], plan)
    assert broken(done) == []
    assert {step.part for step in done.steps} == {"up", "contract", "down", "again"}
    assert {"kept", "yesterday_reads", "yesterday_writes", "today_writes", "today_keeps", "back", "since"} <= {
        check.name for check in done.checks
    }


@pytest.mark.parametrize("scenario", [DROPPED, PARTITIONED], ids=["dropped", "partitioned"])
def test_what_changes_at_once_holds_too(scenario: Scenario) -> None:
    done = rehearsed(scenario, planned(scenario)[0])
    assert broken(done) == []


def test_what_the_old_shape_has_no_place_for_is_a_note() -> None:
    done = rehearsed(PARTITIONED, planned(PARTITIONED)[0])
    [note] = done.notes
    assert note.startswith("what today's application writes into logs.kind has no place in the old shape")


def changed(plan: Plan, title: str, change: Callable[[Operation], Operation]) -> Plan:
    """Return the plan with what some operations do made wrong: those whose title has these words."""
    assert any(title in o.title for step in plan.steps for o in step.operations)

    def wrong(step: Step) -> Step:
        return replace(step, operations=tuple(change(o) if title in o.title else o for o in step.operations))

    return replace(plan, steps=tuple(wrong(step) for step in plan.steps))


def more(*statements: str) -> Callable[[Operation], Operation]:
    return lambda operation: replace(operation, statements=(*operation.statements, *statements))


def more_on_the_way_back(*statements: str) -> Callable[[Operation], Operation]:
    return lambda operation: replace(operation, reverse=(*operation.reverse, *statements))


def wrong_by_trigger(what: str) -> tuple[str, ...]:
    body = f"BEGIN {what}; RETURN NEW; END"
    return (
        f"CREATE FUNCTION wrong() RETURNS trigger LANGUAGE plpgsql AS $${body}$$",
        "CREATE TRIGGER a_wrong BEFORE UPDATE ON users FOR EACH ROW WHEN (OLD.id <> 33) EXECUTE FUNCTION wrong()",
    )


@pytest.mark.parametrize(
    ("scenario", "title", "change", "found"),
    [
        (DROPPED, "nick", more_on_the_way_back("UPDATE users SET nick = upper(nick) WHERE id = 33"), {"back"}),
        (DROPPED, "nick", more_on_the_way_back("DELETE FROM users WHERE id = 33"), {"back", "since", "again"}),
        (DROPPED, "nick", more("UPDATE users SET name = 'x' WHERE id = 33"), {"kept", "back"}),
        (DROPPED, "nick", more_on_the_way_back("CREATE TABLE left_over ()"), {"down"}),
        (DROPPED, "nick", more_on_the_way_back("INSERT INTO users VALUES (-1)"), {"down"}),
        (RENAME, "fill the copy", lambda o: replace(o, backfill=replace(o.backfill, condition="id <> 33")), {"yesterday_reads"}),
        (RENAME, "rename column", more("ALTER TABLE users DISABLE TRIGGER USER"), {"yesterday_writes", "since"}),
        (LOOSE, "rename column", more("ALTER TABLE users DISABLE TRIGGER USER"), {"since"}),
        (LOOSE, "rename column", more(*wrong_by_trigger("NEW.age := NEW.age + 1")), {"yesterday_reads_it", "today_reads_it", "later_reads_it"}),
        (LOOSE, "rename column", more(*wrong_by_trigger("UPDATE users SET age = age + 1 WHERE id = 33")), {"today_keeps"}),
        (LOOSE, "drop the old name", more("UPDATE users SET full_name = 'x' WHERE id = 33"), {"contract_keeps"}),
        (LOOSE, "rename column", more(*wrong_by_trigger("RAISE 'no'")), {"yesterday_writes", "today_writes", "later_writes"}),
        (LOOSE, "drop the old name", more("ALTER TABLE users ADD CONSTRAINT no CHECK (id < 0) NOT VALID"), {"later_writes"}),
        (LOOSE, "drop the old name", more("SELECT 1 / 0"), {"contract"}),
        (RETYPE, "let the new orders.note take over", more("ALTER TABLE orders ADD CONSTRAINT no CHECK (id < 0) NOT VALID"), {"yesterday_writes"}),
        (RETYPE, "let the new orders.note take over", more("UPDATE orders SET total = total + 1 WHERE id = 5"), {"converted"}),
    ],
    ids=["value", "row", "up", "schema", "no way back", "backfill", "triggers", "not in step", "wrong value", "another row",
         "contract", "no writes", "after the contract", "no contract", "refused", "converted"],
)  # fmt: skip
def test_what_a_plan_does_wrong_is_found(
    scenario: Scenario, title: str, change: Callable[[Operation], Operation], found: set[str]
) -> None:
    plan, _ = planned(scenario)
    assert set(broken(rehearsed(scenario, changed(plan, title, change)))) >= found


def test_what_triggers_change_in_other_rows_is_no_fault_of_the_plan() -> None:
    done = rehearsed(COUNTED, planned(COUNTED)[0])
    assert broken(done) == []
    assert [note for note in done.notes if "by itself" in note and "albums.songs" in note]


def test_keys_that_may_be_personal_are_not_told() -> None:
    assert Difference("users", ("7",), "age").told == "users (7): age is another"
    assert Difference("users", ("emma@example.org", "7")).told == "users (…, 7): the row is gone"
    assert Difference("notes", (None, "Emma", 1), is_extra=True).told == "notes (a row without a key): the row is there"


def test_rows_that_do_not_suit_end_it() -> None:
    plan, _ = planned(CHECKED)
    done = rehearsed(CHECKED, plan)
    assert broken(done) == ["up"]
    assert "violated by some row" in done.checks[-1].observed


def test_what_could_not_be_tried_is_unknown_and_no_fault() -> None:
    plan, _ = planned(DROPPED)
    with ground(DROPPED) as (url, _), POSTGRES.copied(url, None) as copy:
        copy.missing["users"] = "who knows"
        begun = begun_with(POSTGRES, copy, plan, lambda *_: ("nothing suits",))
        done = rehearse(POSTGRES, copy, plan, write, begun)
    unknown = {check.name: check.observed for check in done.checks if check.verdict == "unknown"}
    assert unknown == {
        "copied": "they were not copied: who knows",
        "tried": "no rows could be made for it: nothing suits",
    }
    assert done.is_fine


def test_a_sample_has_the_first_rows_and_some_from_anywhere() -> None:
    many = replace(DROPPED, rows="INSERT INTO users SELECT i, i, i FROM generate_series(1, 20000) i; ANALYZE users")
    with ground(many) as (url, _), POSTGRES.copied(url, 100) as copy:
        [(count, low, high)] = copy.rows("SELECT count(*), min(id), max(id) FROM users")
        assert (count, low) == (100, 1)
        assert high > 100


def test_a_migration_of_the_document_runs_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "app.md"
    path.write_text(FIRST)
    with scratch_database() as url:
        run("build", str(path), "--to", url)
        with POSTGRES.connect(url) as session:
            session.execute(PEOPLE)
        path.write_text(SECOND)
        assert migrations(path, url) == [("holds", "it does")]
        with POSTGRES.connect(url) as session:
            session.execute("UPDATE users SET metadata = '{}' WHERE id = 33")
        assert migrations(path, url) == [("broken", "it stops at: look for rows of users without phone")]


def migrations(path: Path, url: str) -> list[tuple[str, str]]:
    data = json.loads(run("rehearse", str(path), "--to", url, "--format", "json").stdout)
    return [(check["verdict"], check["observed"]) for check in data["checks"] if check["name"] == "migration"]


def test_a_sample_brings_what_its_rows_point_at() -> None:
    with ground(RETYPE) as (url, _), POSTGRES.copied(url, 2) as copy:
        assert copy.counts["lines"] == 2
        assert copy.rows("SELECT count(*) FROM lines l LEFT JOIN orders o ON o.id = l.order_id WHERE o.id IS NULL") == [
            (0,)
        ]
        assert copy.rows("SELECT nextval('orders_id_seq') > (SELECT max(id) FROM orders)") == [(True,)]


def test_a_role_that_may_only_read_is_enough() -> None:
    with ground(DROPPED) as (url, live):
        live.execute(
            "DROP ROLE IF EXISTS rehearsing_reader; CREATE ROLE rehearsing_reader LOGIN; GRANT SELECT ON users TO rehearsing_reader"
        )
        reader = url.replace("//postgres@", "//rehearsing_reader@")
        assert reader != url
        with POSTGRES.copied(reader, None) as copy:
            assert copy.counts == {"users": 40}
        live.execute(
            "REVOKE SELECT ON users FROM rehearsing_reader; CREATE TABLE open (); GRANT SELECT ON open TO rehearsing_reader"
        )
        live.execute("DROP OWNED BY rehearsing_reader; DROP ROLE rehearsing_reader")


def test_rows_that_a_policy_hides_are_not_taken_for_none() -> None:
    with ground(DROPPED) as (url, live):
        live.execute("ALTER TABLE users ENABLE ROW LEVEL SECURITY; DROP ROLE IF EXISTS rehearsing_reader;")
        live.execute("CREATE ROLE rehearsing_reader LOGIN; GRANT SELECT ON users TO rehearsing_reader")
        try:
            for most in (10, None):
                with POSTGRES.copied(url.replace("//postgres@", "//rehearsing_reader@"), most) as copy:
                    assert copy.counts == {"users": 0}
                    assert "row-level security" in copy.missing["users"]
        finally:
            live.execute("DROP OWNED BY rehearsing_reader; DROP ROLE rehearsing_reader")


SHELF = """# Shelf

## Change log

{log}

## Books

```sql
CREATE TABLE books (id int PRIMARY KEY, {name} text NOT NULL, pages int);
```
"""


def test_the_command_tells_what_came_of_it_and_what_to_do_next(tmp_path: Path) -> None:
    path = tmp_path / "shelf.md"
    path.write_text(SHELF.format(log="- 1.0: first", name="name"))
    with scratch_database() as url:
        run("build", str(path), "--to", url)
        with POSTGRES.connect(url) as session:
            session.execute("INSERT INTO books SELECT i, 'b' || i, i FROM generate_series(1, 30) i")
        assert "nothing to rehearse" in run("rehearse", str(path), "--to", url, "-q").stdout
        path.write_text(SHELF.format(log="- 1.1: renamed `books.name` to `books.title`", name="title"))
        done = run("rehearse", str(path), "--to", url, "--rows", "10", "-q")
        assert done.exit_code == 0
        assert "on a copy with 10 rows of 1 table" in done.stdout
        onward = shlex.split(done.stdout.splitlines()[-1].removeprefix("next  asbuilt"))
        assert onward[:4] == ["apply", str(path), "--to", url]
        data = json.loads(run("rehearse", str(path), "--to", url, "--rows", "all", "--format", "json").stdout)
        assert (data["is_fine"], data["rows"]) == (True, {"books": 30})
        assert run(*onward, "-q").exit_code == 0
        waiting = json.loads(run("rehearse", str(path), "--to", url, "--format", "json").stdout)
        assert waiting["is_fine"]
        assert [check["name"] for check in waiting["checks"]][:2] == ["kept", "yesterday_reads"]
        assert run("rehearse", str(path), "--to", url, "--rows", "none").exit_code == 2
        assert states(url) == ["expanded"]


def states(url: str) -> list[str]:
    with POSTGRES.connect(url) as session:
        return [entry.state for entry in POSTGRES.journal(session).entries()]
