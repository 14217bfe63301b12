"""Plans tried on a real server before they are trusted: what is seen of each step, and what is caught."""

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest

from asbuilt import seed
from asbuilt.engines.base import Session
from asbuilt.engines.changes import Hazard
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.engines.postgres.tracing import MODES, watch
from asbuilt.engines.state import DatabaseState
from asbuilt.errors import PlanDoesNotWork
from asbuilt.plan import risks
from asbuilt.plan.making import make, side
from asbuilt.plan.planning import Side
from asbuilt.plan.proving import proved
from asbuilt.plan.risks import assessed
from asbuilt.plan.steps import Plan

pytestmark = pytest.mark.xdist_group("proving plans")
OLD = """
CREATE TABLE users (id int PRIMARY KEY, email text, age int);
CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users, total varchar(50));
CREATE TABLE apart (id int PRIMARY KEY);
"""


@pytest.fixture
def live() -> Iterator[PostgresSession]:
    with POSTGRES.scratch() as session:
        yield session


@pytest.fixture
def wanted() -> Iterator[PostgresSession]:
    with POSTGRES.scratch() as session:
        yield session


def fill(session: Session, state: DatabaseState) -> None:
    seed.run(session, seed.plan(state, dict.fromkeys(state.tables, 3)))


def planned(live: Session, wanted: Session, old: str, new: str) -> tuple[Plan, Side, Side]:
    live.execute(old)
    wanted.execute(new)
    before, after = side(POSTGRES, live), side(POSTGRES, wanted)
    return make(POSTGRES, before, after), before, after


# The lock that PostgreSQL's documentation states for each form, what is written anew and what is read through.
FORMS = [
    ("ALTER TABLE t ADD COLUMN c int", "ACCESS EXCLUSIVE", False, False),
    ("ALTER TABLE t ADD COLUMN c int DEFAULT 7 NOT NULL", "ACCESS EXCLUSIVE", False, False),
    ("ALTER TABLE t ADD COLUMN c uuid DEFAULT gen_random_uuid()", "ACCESS EXCLUSIVE", True, False),
    ("ALTER TABLE t ADD COLUMN c int GENERATED ALWAYS AS (n + 1) STORED", "ACCESS EXCLUSIVE", True, False),
    ("ALTER TABLE t DROP COLUMN n", "ACCESS EXCLUSIVE", False, False),
    ("ALTER TABLE t ALTER COLUMN n TYPE bigint", "ACCESS EXCLUSIVE", True, False),
    ("ALTER TABLE t ALTER COLUMN s TYPE varchar(50)", "ACCESS EXCLUSIVE", False, False),
    ("ALTER TABLE t ALTER COLUMN s TYPE varchar(10)", "ACCESS EXCLUSIVE", True, False),
    ("ALTER TABLE t ALTER COLUMN s TYPE text", "ACCESS EXCLUSIVE", False, False),
    ("ALTER TABLE t ALTER COLUMN n SET DEFAULT 1", "ACCESS EXCLUSIVE", False, False),
    ("ALTER TABLE t ALTER COLUMN n SET NOT NULL", "ACCESS EXCLUSIVE", False, True),
    ("ALTER TABLE t ALTER COLUMN n SET STATISTICS 10", "SHARE UPDATE EXCLUSIVE", False, False),
    ("ALTER TABLE t ALTER COLUMN s SET STORAGE external", "ACCESS EXCLUSIVE", False, False),
    ("ALTER TABLE t SET (fillfactor = 70)", "SHARE UPDATE EXCLUSIVE", False, False),
    ("ALTER TABLE t ADD CONSTRAINT k CHECK (n > 0)", "ACCESS EXCLUSIVE", False, True),
    ("ALTER TABLE t ADD CONSTRAINT k CHECK (n > 0) NOT VALID", "ACCESS EXCLUSIVE", False, False),
    ("ALTER TABLE t VALIDATE CONSTRAINT waiting", "SHARE UPDATE EXCLUSIVE", False, True),
    ("ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (n) REFERENCES o", "SHARE ROW EXCLUSIVE", False, True),
    ("ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (n) REFERENCES o NOT VALID", "SHARE ROW EXCLUSIVE", False, False),
    ("ALTER TABLE t ADD CONSTRAINT k UNIQUE (n)", "ACCESS EXCLUSIVE", False, True),
    ("ALTER TABLE t DISABLE TRIGGER USER", "SHARE ROW EXCLUSIVE", False, False),
    ("ALTER TABLE t ENABLE ROW LEVEL SECURITY", "ACCESS EXCLUSIVE", False, False),
    ("ALTER TABLE t SET UNLOGGED", "ACCESS EXCLUSIVE", True, False),
    ("ALTER TABLE t RENAME COLUMN n TO m", "ACCESS EXCLUSIVE", False, False),
    ("CREATE INDEX ON t (n)", "SHARE", False, True),
    ("CREATE INDEX CONCURRENTLY ON t (n)", "SHARE UPDATE EXCLUSIVE", False, True),
    ("DROP INDEX t_s", "ACCESS EXCLUSIVE", False, False),
    ("DROP INDEX CONCURRENTLY t_s", "SHARE UPDATE EXCLUSIVE", False, False),
    ("CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
     "SHARE ROW EXCLUSIVE", False, False),
    ("COMMENT ON TABLE t IS 'x'", "SHARE UPDATE EXCLUSIVE", False, False),
    ("UPDATE t SET n = n", "ROW EXCLUSIVE", False, True),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "mode", "is_rewritten", "is_read"), FORMS, ids=[form[0] for form in FORMS])
def test_what_is_seen_is_what_postgresql_documents(
    live: PostgresSession, statement: str, mode: str, is_rewritten: bool, is_read: bool
) -> None:
    live.execute("CREATE TABLE o (id int PRIMARY KEY); INSERT INTO o SELECT generate_series(1, 9)")
    live.execute("CREATE TABLE t (id int PRIMARY KEY, n int, s varchar(20)); CREATE INDEX t_s ON t (s)")
    live.execute("INSERT INTO t SELECT i, i, i FROM generate_series(1, 9) AS i")
    live.execute("ALTER TABLE t ADD CONSTRAINT waiting CHECK (n < 100) NOT VALID")
    seen = watch(live).run([statement], is_alone="CONCURRENTLY" in statement)
    assert {lock.relation: lock.mode for lock in seen.locks}["t"] == mode
    assert ("t" in seen.rewrites, "t" in seen.scans) == (is_rewritten, is_read)


def test_what_a_step_makes_itself_is_not_told_of(live: PostgresSession) -> None:
    live.execute("CREATE TABLE t (n int)")
    seen = watch(live).run(["CREATE TABLE u (n int)", "ALTER TABLE u ADD COLUMN m int"], is_alone=False)
    assert seen.locks == ()


def test_the_modes_are_in_order_of_strength(live: PostgresSession) -> None:
    live.execute("CREATE TABLE t (n int)")
    for weaker, stronger in itertools.pairwise(MODES):
        seen = watch(live).run([f"LOCK TABLE t IN {mode} MODE" for mode in (stronger, weaker)], is_alone=False)
        assert [lock.mode for lock in seen.locks] == [stronger]


def test_a_plan_is_tried_up_and_back(live: PostgresSession, wanted: PostgresSession) -> None:
    new = """
    CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, age int, CHECK (age > 0));
    CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users, total varchar(20));
    CREATE INDEX ON orders (user_id);
    CREATE TABLE apart (id int PRIMARY KEY);
    """
    plan, before, after = planned(live, wanted, OLD, new)
    plan = proved(POSTGRES, plan, before, after, fill)
    assert plan.proof.is_proved
    seen = {step.title: step for step in plan.steps}
    build = seen["create index orders_user_id_idx on orders"]
    assert [(k.relation, k.mode) for k in build.locks] == [("orders", "SHARE UPDATE EXCLUSIVE")]
    assert build.scans == ("orders",)
    assert "users" in seen["change the type of users.id from integer to bigint"].rewrites
    assert not [lock for step in plan.steps for lock in step.locks if lock.relation.startswith("apart")]


def sabotaged(plan: Plan, **changes: tuple[str, ...]) -> Plan:
    first = plan.steps[0]
    spoiled = replace(first, operations=(replace(first.operations[0], **changes), *first.operations[1:]))
    return replace(plan, steps=(spoiled, *plan.steps[1:]))


ADDED = OLD + "ALTER TABLE users ADD COLUMN nick text;"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"reverse": ("ALTER TABLE users DROP COLUMN age",)},
            r"does not come back .*column users\.nick, column users\.age",
        ),
        ({"reverse": ()}, r"does not come back to where it began: column users\.nick"),
        ({"reverse": ("ALTER TABLE users DROP COLUMN nock",)}, r"step 1 .* cannot be taken back .* \"nock\""),
        ({"statements": ("ALTER TABLE users ADD COLUMN nick int",)}, r"leads elsewhere .*: column users\.nick"),
        ({"statements": ("ALTER TABLE users ADD COLUM nick text",)}, r"step 1 \(add column users\.nick\) fails"),
    ],
)
def test_a_plan_that_does_not_work_is_caught(
    live: PostgresSession, wanted: PostgresSession, changes: dict[str, tuple[str, ...]], told: str
) -> None:
    plan, before, after = planned(live, wanted, OLD, ADDED)
    with pytest.raises(PlanDoesNotWork, match=told):
        proved(POSTGRES, sabotaged(plan, **changes), before, after, fill)
    assert side(POSTGRES, live) == before


def test_rows_of_ours_that_do_not_suit_say_nothing(live: PostgresSession, wanted: PostgresSession) -> None:
    new = OLD.replace("total varchar(50)", "total varchar(50) CHECK (total = 'never generated')")
    plan, before, after = planned(live, wanted, OLD, new)
    assert proved(POSTGRES, plan, before, after, fill).proof.is_proved


def test_what_cannot_be_copied_is_said(live: PostgresSession, wanted: PostgresSession) -> None:
    plan, before, after = planned(live, wanted, OLD, ADDED)
    table = replace(before.state.tables["users"], grants=("nobody_of_this_name: SELECT",))
    odd = replace(before.state, tables={**before.state.tables, "users": table})
    plan = proved(POSTGRES, plan, Side(odd, before.needs), after, fill)
    assert not plan.proof.is_proved
    assert "nobody_of_this_name" in plan.proof.reason


def weighed(
    live: PostgresSession, wanted: PostgresSession, old: str, new: str, personal: frozenset[str] = frozenset()
) -> Plan:
    plan, before, after = planned(live, wanted, old, new)
    return assessed(POSTGRES, live, proved(POSTGRES, plan, before, after, fill), before.state, personal)


RETYPED = OLD.replace("email text, age int", "email text, age bigint")


def test_an_empty_table_raises_no_alarm(live: PostgresSession, wanted: PostgresSession) -> None:
    assert weighed(live, wanted, OLD, RETYPED).hazards == ()


def test_a_table_with_many_rows_does(live: PostgresSession, wanted: PostgresSession) -> None:
    many = "INSERT INTO users SELECT i, repeat('x', 500), i FROM generate_series(1, 40000) AS i; ANALYZE users"
    plan = weighed(live, wanted, f"{OLD}; {many}", RETYPED)
    assert plan.hazards == (Hazard.TABLE_REWRITTEN, Hazard.LONG_EXCLUSIVE_LOCK)
    [rewritten, locked] = plan.steps[0].risks
    assert rewritten.rows == 40000
    assert "nobody may read or write users for about" in locked.danger.text
    assert plan.steps[0].locks[0].seconds >= risks.LONG_SECONDS


def test_a_check_beside_the_writers_is_no_long_lock(live: PostgresSession, wanted: PostgresSession) -> None:
    many = "INSERT INTO users SELECT i, repeat('x', 3000), i FROM generate_series(1, 40000) AS i; ANALYZE users"
    required = OLD.replace("email text", "email text NOT NULL")
    plan = weighed(live, wanted, f"{OLD}; ALTER TABLE users ALTER email SET STORAGE plain; {many}",
                   f"{required}; ALTER TABLE users ALTER email SET STORAGE plain")  # fmt: skip
    assert plan.proof.is_proved
    assert Hazard.LONG_EXCLUSIVE_LOCK not in plan.hazards


def test_what_an_application_of_before_runs_into_is_told(live: PostgresSession, wanted: PostgresSession) -> None:
    rows = "INSERT INTO users VALUES (1, 'a', 1)"
    new = OLD.replace(
        "email text, age int", "email text NOT NULL, code text NOT NULL, CHECK (email <> ''), CHECK (code <> '')"
    )
    plan = weighed(live, wanted, f"{OLD}; {rows}", new.replace("CREATE TABLE apart (id int PRIMARY KEY);", ""))
    told = {
        r.danger.text for s in plan.steps for r in s.risks if r.danger.hazard == Hazard.APPLICATION_BREAKS and r.is_real
    }
    assert told == {
        "an application that still asks for column users.age does not find it",
        "an application that writes rows into users without email is refused",
        "an application that writes rows into users without code is refused",
    }


NARROWED = OLD.replace("varchar(50)", "varchar(5)")
LONG = "INSERT INTO orders SELECT i, NULL, 'number ' || i FROM generate_series(1, 12) AS i"


def test_rows_that_do_not_fit_are_counted_and_shown(live: PostgresSession, wanted: PostgresSession) -> None:
    plan = weighed(live, wanted, f"{OLD}; {LONG}", NARROWED)
    [risk] = plan.steps[0].risks
    assert (risk.danger.hazard, risk.rows, risk.samples[0]) == (Hazard.TYPE_NARROWED, 12, "number 1")


def test_a_value_that_is_only_written_otherwise_fits(live: PostgresSession, wanted: PostgresSession) -> None:
    ages = "INSERT INTO users SELECT i, NULL, i FROM generate_series(1, 12) AS i"
    priced = OLD.replace("age int", "age numeric(12,2)")
    assert weighed(live, wanted, f"{OLD}; {ages}", priced).hazards == ()


@pytest.mark.parametrize("name", ["orders.total", "orders.*"])
def test_personal_data_is_not_shown(live: PostgresSession, wanted: PostgresSession, name: str) -> None:
    [risk] = weighed(live, wanted, f"{OLD}; {LONG}", NARROWED, frozenset({name})).steps[0].risks
    assert (risk.rows, risk.samples) == (12, (risks.MASKED,))


@pytest.mark.parametrize("name", ["api_key_hash", "token", "resetTokens", "client_secret", "password", "pin"])
def test_what_looks_secret_is_not_shown(live: PostgresSession, wanted: PostgresSession, name: str) -> None:
    old, new = (f'CREATE TABLE apps (id int PRIMARY KEY, "{name}" {type})' for type in ("text", "varchar(3)"))
    [risk] = weighed(live, wanted, f"{old}; INSERT INTO apps VALUES (1, 'a3f9c1')", new).steps[0].risks
    assert (risk.rows, risk.samples) == (1, (risks.MASKED,))


@pytest.mark.parametrize("name", ["shipping", "tokenizer", "hashtag", "spin"])
def test_what_only_sounds_like_a_secret_is_shown(live: PostgresSession, wanted: PostgresSession, name: str) -> None:
    old, new = (f"CREATE TABLE apps (id int PRIMARY KEY, {name} {type})" for type in ("text", "varchar(3)"))
    [risk] = weighed(live, wanted, f"{old}; INSERT INTO apps VALUES (1, 'a3f9c1')", new).steps[0].risks
    assert risk.samples == ("a3f9c1",)


def test_a_count_that_takes_too_long_is_estimated(
    live: PostgresSession, wanted: PostgresSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(risks, "COUNT_SECONDS", 0.001)
    many = "INSERT INTO orders SELECT i, NULL, 'number ' || i FROM generate_series(1, 200000) AS i; ANALYZE orders"
    risk = weighed(live, wanted, f"{OLD}; {many}", NARROWED).steps[0].risks[0]
    assert risk.danger.hazard == Hazard.TYPE_NARROWED
    assert risk.rows
    assert risk.reason.startswith("estimated")


BODY = "CREATE FUNCTION spent() RETURNS bigint LANGUAGE {} AS $$ {} $$;"


@pytest.mark.parametrize(
    ("language", "body", "told"),
    [
        ("plpgsql", "BEGIN RETURN (SELECT count(total) FROM orders); END", ["function spent() names orders.total"]),
        ("sql", "SELECT count(total) FROM orders", ["function spent() names orders.total"]),
        ("sql", "SELECT count(id) FROM orders -- total", []),
        ("plpgsql", "BEGIN EXECUTE 'SELECT x FROM ' || quote_ident('orders'); RETURN 1; END", []),
        ("plpgsql", "BEGIN PERFORM 1 FROM orders; EXECUTE 'SELECT ' || 'x'; RETURN 1; END",
         ["function spent() puts statements together as it runs, and may name what changes here"]),
    ],
)  # fmt: skip
def test_functions_that_name_what_goes_are_named(
    live: PostgresSession, wanted: PostgresSession, language: str, body: str, told: list[str]
) -> None:
    function = BODY.format(language, body)
    plan, before, _ = planned(
        live,
        wanted,
        OLD + function,
        OLD.replace(", total varchar(50)", "") + "SET check_function_bodies = off;" + function,
    )
    found = assessed(POSTGRES, live, plan, before.state).steps[-1].risks
    hidden = [risk.danger.text for risk in found if risk.danger.hazard == Hazard.DEPENDENCY_NOT_TRACEABLE]
    assert [text.removeprefix("the text of ") for text in hidden] == told
