"""Tables whose rows come to be on another server, or here: what is here is kept, and nothing is copied unasked."""

from asbuilt.engines.changes import Hazard
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.plan.keeping import keepings
from asbuilt.plan.running import apply, roll_back
from asbuilt.plan.steps import fingerprint
from plan.expansion import Scenario, ground, planned

WRAPPER = "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER there FOREIGN DATA WRAPPER w;"
HERE = f"{WRAPPER} CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL)"
THERE = f"{WRAPPER} CREATE FOREIGN TABLE people (id bigint NOT NULL, name text NOT NULL) SERVER there"


def test_the_rows_of_a_table_that_is_foreign_now_are_kept_and_come_back() -> None:
    rows = "INSERT INTO people SELECT i, 'name ' || i FROM generate_series(1, 30) i"
    scenario = Scenario(HERE, THERE, rows)
    plan, wanted = planned(scenario)
    assert plan.proof.is_proved, plan.proof
    [step] = plan.steps
    assert step.title == "put the foreign table people in the place of the table"
    assert [(d.hazard, d.text) for o in step.operations for d in o.dangers] == [
        (Hazard.DATA_LOST, "the rows of people")
    ]
    with ground(scenario) as (url, session):
        begin = session.inspect()
        apply(POSTGRES, url, plan)
        assert fingerprint(session.inspect()) == fingerprint(wanted)
        roll_back(POSTGRES, url)
        assert fingerprint(session.inspect()) == fingerprint(begin)
        assert session.rows("SELECT count(*), max(name) FROM people") == [(30, "name 9")]


def test_a_table_in_the_place_of_a_foreign_one_begins_empty_and_what_is_written_there_is_kept_aside() -> None:
    scenario = Scenario(THERE, HERE, "SELECT 1")
    plan, wanted = planned(scenario)
    assert plan.proof.is_proved, plan.proof
    [danger] = [d for step in plan.steps for o in step.operations for d in o.dangers]
    assert danger.hazard == Hazard.APPLICATION_BREAKS
    assert danger.text == "the rows of people stay on server there: the new table begins empty, until you copy them"
    with ground(scenario) as (url, session):
        begin = session.inspect()
        for name in ("ada", "bob"):  # the second time, what the first one kept is still there
            apply(POSTGRES, url, plan)
            assert fingerprint(session.inspect()) == fingerprint(wanted)
            session.execute(f"INSERT INTO people VALUES (1, '{name}')")
            roll_back(POSTGRES, url)
            assert fingerprint(session.inspect()) == fingerprint(begin)
        kept = session.rows(f'SELECT id, name FROM "{plan.kept}".people__written_since ORDER BY name')
        assert kept == [(1, "ada"), (1, "bob")]
        journal = POSTGRES.journal(session)
        assert [t.what for k in keepings(journal, journal.entries()) for t in k.things] == [
            "the rows of people__written_since"
        ]
