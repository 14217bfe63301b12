"""A plan on a copy: what it would lose, refuse or leave behind is seen there, and nowhere else."""

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from asbuilt import seed
from asbuilt.cli import main
from asbuilt.engines.base import Session
from asbuilt.engines.changes import Operation
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.engines.state import DatabaseState
from asbuilt.plan.rehearsing import Rehearsal, began_with, rehearse
from asbuilt.plan.steps import Plan, Step
from plan.expansion import Scenario, ground, planned
from plan.test_expanding import RENAME, RETYPE, SCENARIOS

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


def write(session: Session, state: DatabaseState, tables: object) -> tuple[str, ...]:
    write.seed = getattr(write, "seed", 1) + 1  # type: ignore[attr-defined]
    return seed.run(session, seed.plan(state, dict.fromkeys(tables, 3), write.seed)).problems  # type: ignore[attr-defined, call-overload]


def rehearsed(scenario: Scenario, plan: Plan, most: int | None = None) -> Rehearsal:
    with ground(scenario) as (url, live):
        stood = live.inspect()
        with POSTGRES.copied(url, most) as copy:
            begun, _ = began_with(POSTGRES, copy, plan, write)
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


@pytest.mark.parametrize(
    ("scenario", "title", "change", "found"),
    [
        (DROPPED, "nick", more_on_the_way_back("UPDATE users SET nick = upper(nick) WHERE id = 7"), ["back"]),
        (DROPPED, "nick", more_on_the_way_back("DELETE FROM users WHERE id = 7"), ["back", "since", "again"]),
        (DROPPED, "nick", more("UPDATE users SET name = 'x' WHERE id = 7"), ["kept", "back"]),
        (DROPPED, "nick", more_on_the_way_back("CREATE TABLE left_over ()"), ["down"]),
        (RENAME, "fill the copy", lambda o: replace(o, backfill=replace(o.backfill, condition="id <> 7")), ["yesterday_reads", "back"]),
        (RENAME, "rename column", more("ALTER TABLE users DISABLE TRIGGER USER"), ["yesterday_writes", "today_writes"]),
        (RETYPE, "let the new orders.note take over", more("ALTER TABLE orders ADD CONSTRAINT no CHECK (id < 0) NOT VALID"), ["yesterday_writes"]),
    ],
    ids=["value", "row", "up", "schema", "backfill", "triggers", "refused"],
)  # fmt: skip
def test_what_a_plan_does_wrong_is_found(
    scenario: Scenario, title: str, change: Callable[[Operation], Operation], found: list[str]
) -> None:
    plan, _ = planned(scenario)
    assert set(broken(rehearsed(scenario, changed(plan, title, change)))) >= set(found[:1])


def test_rows_that_do_not_suit_end_it() -> None:
    plan, _ = planned(CHECKED)
    done = rehearsed(CHECKED, plan)
    assert broken(done) == ["up"]
    assert "violated by some row" in done.checks[-1].observed


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
        assert "on a copy with 10 rows of 1 tables" in done.stdout
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


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def states(url: str) -> list[str]:
    with POSTGRES.connect(url) as session:
        return [entry.state for entry in POSTGRES.journal(session).entries()]
