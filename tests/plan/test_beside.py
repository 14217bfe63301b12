"""What is not just a column of an ordinary table changes beside the writers, too: both applications write, and everything comes back."""

from dataclasses import dataclass

import pytest

from asbuilt.engines.base import Session
from asbuilt.engines.changes import Hazard
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.plan.running import apply, contract, roll_back
from asbuilt.plan.steps import fingerprint
from plan.expansion import Scenario, carry_out, contents, ground, planned

pytestmark = pytest.mark.xdist_group("expanding")


@dataclass(frozen=True)
class Case:
    """A scenario with what yesterday's and today's application write, the latter also `as_before`, and what is looked at in the end."""

    scenario: Scenario
    yesterday: tuple[str, ...]
    today: tuple[str, ...]
    as_before: tuple[str, ...]
    looks: tuple[str, ...]


CASES = {
    "under a materialised view": Case(
        Scenario(
            """CREATE TABLE bills (id int PRIMARY KEY, amount int NOT NULL);
            CREATE MATERIALIZED VIEW sums AS SELECT id % 3 AS part, sum(amount) AS total FROM bills GROUP BY 1;
            CREATE UNIQUE INDEX sums_part ON sums (part); CREATE VIEW high AS SELECT * FROM sums WHERE total > 10""",
            """CREATE TABLE bills (id int PRIMARY KEY, amount numeric(12,2) NOT NULL);
            CREATE MATERIALIZED VIEW sums AS SELECT id % 3 AS part, sum(amount) AS total FROM bills GROUP BY 1;
            CREATE UNIQUE INDEX sums_part ON sums (part); CREATE VIEW high AS SELECT * FROM sums WHERE total > 10""",
            "INSERT INTO bills SELECT i, i FROM generate_series(1, 300) i",
        ),
        (
            "INSERT INTO bills VALUES (1001, 5)",
            "UPDATE bills SET amount = 7 WHERE id = 4",
            "REFRESH MATERIALIZED VIEW CONCURRENTLY sums",
        ),
        (
            "INSERT INTO bills VALUES (2001, 5.00)",
            "UPDATE bills SET amount = 8.00 WHERE id = 5",
            "REFRESH MATERIALIZED VIEW CONCURRENTLY sums",
        ),
        (
            "INSERT INTO bills VALUES (2001, 5)",
            "UPDATE bills SET amount = 8 WHERE id = 5",
            "REFRESH MATERIALIZED VIEW sums",
        ),
        ("SELECT * FROM bills ORDER BY id", "SELECT * FROM high ORDER BY part"),
    ),
    "a type that goes": Case(
        Scenario(
            """CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad'); CREATE DOMAIN score AS int CHECK (VALUE > 0);
            CREATE TABLE days (id int PRIMARY KEY, m mood NOT NULL DEFAULT 'ok', s score, more mood[]);
            CREATE INDEX days_m ON days (m) WHERE m <> 'sad'; CREATE VIEW good AS SELECT id FROM days WHERE m = 'glad'""",
            """CREATE TYPE feeling AS ENUM ('sad', 'ok', 'glad', 'great');
            CREATE TABLE days (id int PRIMARY KEY, m feeling NOT NULL DEFAULT 'ok', s bigint, more text[]);
            CREATE INDEX days_m ON days (m) WHERE m <> 'sad'; CREATE VIEW good AS SELECT id FROM days WHERE m = 'glad'""",
            "INSERT INTO days SELECT i, CASE i % 3 WHEN 0 THEN 'sad' WHEN 1 THEN 'ok' ELSE 'glad' END::mood, i, '{ok}' FROM generate_series(1, 300) i",
        ),
        (
            "INSERT INTO days (id, m) VALUES (1001, 'glad')",
            "UPDATE days SET s = 77, more = '{glad,sad}' WHERE id = 4",
            "UPDATE days SET m = 'sad' WHERE m = 'glad' AND id < 20",
        ),
        (
            "INSERT INTO days (id, s) VALUES (2001, 9)",
            "UPDATE days SET m = 'glad', more = '{sad}' WHERE id = 6",
        ),
        (
            "INSERT INTO days (id, s) VALUES (2001, 9)",
            "UPDATE days SET m = 'glad', more = '{sad}' WHERE id = 6",
        ),
        ("SELECT id, m::text, s, more::text FROM days ORDER BY id", "SELECT count(*) FROM good"),
    ),
}  # fmt: skip


def write(session: Session, statements: tuple[str, ...]) -> None:
    for sql in statements:
        session.execute(sql)


def expected(case: Case, *writes: tuple[str, ...]) -> list[object]:
    """Return what there would be if the same had been written and nothing had ever changed."""
    with ground(case.scenario) as (_, session):
        for statements in writes:
            write(session, statements)
        return list(contents(session, case.looks))


@pytest.mark.parametrize("name", CASES)
def test_both_applications_write_and_everything_comes_back(name: str) -> None:
    case = CASES[name]
    plan, wanted = planned(case.scenario)
    assert plan.proof.is_proved, plan.proof
    hazards = {d.hazard for step in plan.now for o in step.operations for d in o.dangers}
    assert not hazards & {Hazard.APPLICATION_BREAKS, Hazard.TABLE_REWRITTEN, Hazard.LONG_EXCLUSIVE_LOCK}, hazards
    both = expected(case, case.yesterday, case.as_before)
    for is_contracted in (False, True):
        with ground(case.scenario) as (url, session):
            begin = session.inspect()
            write(session, case.yesterday[:1])
            apply(POSTGRES, url, plan)
            write(session, case.yesterday[1:])
            write(session, case.today)
            if is_contracted and plan.later:
                contract(POSTGRES, url)
                assert fingerprint(session.inspect()) == fingerprint(wanted)
            roll_back(POSTGRES, url)
            assert list(contents(session, case.looks)) == both, f"contracted: {is_contracted}"
            assert fingerprint(session.inspect()) == fingerprint(begin)


@pytest.mark.parametrize("name", CASES)
def test_yesterdays_application_works_at_each_step_and_what_it_wrote_comes_back(name: str) -> None:
    case = CASES[name]
    plan, _ = planned(case.scenario, is_tried=False)
    wanted = expected(case, case.yesterday)
    for count in range(1, len(plan.now) + 1):
        with ground(case.scenario) as (url, session):
            begin = session.inspect()
            carry_out(url, plan, count)
            write(session, case.yesterday)
            roll_back(POSTGRES, url)
            told = f"after step {count} ({plan.steps[count - 1].title})"
            assert list(contents(session, case.looks)) == wanted, told
            assert fingerprint(session.inspect()) == fingerprint(begin), told
