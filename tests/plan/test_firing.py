"""A backfill keeps a table's own triggers out of it where it may; where it may not, the plan names them."""

from collections.abc import Iterator

import pytest

from asbuilt.engines.changes import Hazard
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.plan.making import NOTHING_TOLD, make, side
from asbuilt.plan.risks import assessed
from asbuilt.plan.running import apply, contract, roll_back
from asbuilt.plan.steps import Plan, fingerprint

pytestmark = pytest.mark.xdist_group("expanding")

OLD = """
CREATE TABLE bills (id int PRIMARY KEY, amount int NOT NULL, note text, touched int NOT NULL DEFAULT 0);
INSERT INTO bills SELECT i, i FROM generate_series(1, 300) i;
CREATE FUNCTION count_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.touched := NEW.touched + 1; RETURN NEW; END $$;
CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON bills FOR EACH ROW EXECUTE FUNCTION count_up();
CREATE TRIGGER noted BEFORE UPDATE OF note ON bills FOR EACH ROW EXECUTE FUNCTION count_up();
CREATE TRIGGER gone BEFORE DELETE ON bills FOR EACH ROW EXECUTE FUNCTION count_up();
CREATE TRIGGER asleep BEFORE UPDATE ON bills FOR EACH ROW EXECUTE FUNCTION count_up(); ALTER TABLE bills DISABLE TRIGGER asleep;
"""
NEW = OLD.replace("amount int", "amount numeric(12,2)").replace(
    "INSERT INTO bills SELECT i, i FROM generate_series(1, 300) i;", ""
)


@pytest.fixture
def url() -> Iterator[str]:
    """A database that a role without particular rights works in, as its URL says."""
    with scratch_database() as found, POSTGRES.connect(found) as session:
        session.execute("DROP ROLE IF EXISTS asbuilt_plain; CREATE ROLE asbuilt_plain LOGIN")
        name = session.rows("SELECT quote_ident(current_database())")[0][0]
        session.execute(f"GRANT ALL ON DATABASE {name} TO asbuilt_plain; GRANT ALL ON SCHEMA public TO asbuilt_plain")
        session.execute(f"SET ROLE asbuilt_plain; {OLD}; RESET ROLE")
        yield f"{found}{'&' if '?' in found else '?'}options=-crole%3Dasbuilt_plain"
        session.execute("DROP OWNED BY asbuilt_plain CASCADE; DROP ROLE asbuilt_plain")


def plan_to(url: str, wanted: str) -> Plan:
    with POSTGRES.scratch() as goal, POSTGRES.connect(url) as live:
        goal.execute(wanted)
        before, after = side(POSTGRES, live), side(POSTGRES, goal)
        plan = make(
            POSTGRES, before, after, NOTHING_TOLD, lambda: POSTGRES.twin(url), lambda t: POSTGRES.has_rows(live, t)
        )
        return assessed(POSTGRES, live, plan, before.state)


def fired(plan: Plan) -> list[tuple[str, int | None]]:
    return [
        (risk.danger.text, risk.rows)
        for step in plan.steps
        for risk in step.risks
        if risk.danger.hazard == Hazard.TRIGGERS_FIRE and risk.is_real
    ]


def test_a_plain_role_is_told_which_triggers_its_backfill_fires_and_ends_right(url: str) -> None:
    plan = plan_to(url, NEW)
    told = "the trigger touch (count_up) of bills fires for each row that is filled: asbuilt_plain may not set session_replication_role"
    assert set(fired(plan)) == {(told, 300)}
    assert Hazard.TRIGGERS_FIRE in plan.hazards
    with POSTGRES.connect(url) as session:
        begin = session.inspect()
        assert apply(POSTGRES, url, plan).state == "expanded"
        session.execute("UPDATE bills SET amount = 8 WHERE id = 5")
        assert session.rows("SELECT sum(amount), min(touched), max(touched) FROM bills") == [(45153, 1, 2)]
        contract(POSTGRES, url)
        roll_back(POSTGRES, url)
        assert fingerprint(session.inspect()) == fingerprint(begin)
        assert session.rows("SELECT sum(amount) FROM bills") == [(45153,)]


def test_who_may_keep_triggers_out_of_it_is_told_of_those_only_that_fire_all_the_same(url: str) -> None:
    super_url = url.partition("options=")[0].rstrip("&?")
    assert fired(plan_to(super_url, NEW)) == []
    with POSTGRES.connect(super_url) as session:
        session.execute("ALTER TABLE bills ENABLE ALWAYS TRIGGER touch")
    always = NEW.replace("CREATE TRIGGER noted", "ALTER TABLE bills ENABLE ALWAYS TRIGGER touch; CREATE TRIGGER noted")
    found = fired(plan_to(super_url, always))
    assert found
    assert all("in force for replicas, too" in text and "touch" in text for text, _ in found)
