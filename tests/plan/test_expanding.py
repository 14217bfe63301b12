"""What is in use changes side by side: yesterday's and today's application both work, and there is a way back from anywhere."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import cache

import pytest

from asbuilt.engines.base import Session
from asbuilt.engines.changes import Hazard
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.state import DatabaseState
from asbuilt.errors import GroundMoved, NothingToDo, ServerRefused
from asbuilt.plan.keeping import keepings
from asbuilt.plan.making import Told, make, side
from asbuilt.plan.proving import proved
from asbuilt.plan.running import apply, contract, roll_back
from asbuilt.plan.steps import Phase, Plan, fingerprint
from asbuilt.plan.storing import to_text
from plan.expansion import Scenario, carry_out, contents, ground, planned

pytestmark = pytest.mark.xdist_group("expanding")

RENAME = Scenario(
    """CREATE TABLE users (id int PRIMARY KEY, name varchar(40) NOT NULL UNIQUE CHECK (name <> ''), age int);
    CREATE INDEX users_lower ON users (lower(name)) WHERE name <> 'x';
    CREATE TABLE posts (id int PRIMARY KEY, author varchar(40) NOT NULL REFERENCES users (name) ON UPDATE CASCADE);
    CREATE VIEW adults AS SELECT name FROM users WHERE age > 17""",
    """CREATE TABLE users (id int PRIMARY KEY, full_name varchar(60) NOT NULL UNIQUE CHECK (full_name <> ''), age int);
    CREATE INDEX users_lower ON users (lower(full_name)) WHERE full_name <> 'x';
    CREATE TABLE posts (id int PRIMARY KEY, author varchar(60) NOT NULL REFERENCES users (full_name) ON UPDATE CASCADE);
    CREATE VIEW adults AS SELECT full_name FROM users WHERE age > 17""",
    "INSERT INTO users SELECT i, 'name ' || i, i FROM generate_series(1, 300) i; INSERT INTO posts SELECT i, 'name ' || i FROM generate_series(1, 9) i",
    ("users.full_name name",),
)
RETYPE = Scenario(
    """CREATE TABLE orders (id serial PRIMARY KEY, total varchar(20) NOT NULL DEFAULT '0', note varchar(50));
    CREATE TABLE lines (id int PRIMARY KEY, order_id int NOT NULL REFERENCES orders ON DELETE CASCADE, UNIQUE (order_id, id));
    CREATE INDEX lines_order ON lines (order_id); CREATE INDEX orders_total ON orders (total) WHERE total <> '7';
    CREATE VIEW sums AS SELECT id, total FROM orders""",
    """CREATE TABLE orders (id bigserial PRIMARY KEY, total numeric(10,2) NOT NULL DEFAULT 0 CHECK (total >= 0), note varchar(8));
    CREATE TABLE lines (id int PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE, UNIQUE (order_id, id));
    CREATE INDEX lines_order ON lines (order_id); CREATE INDEX orders_total ON orders (total) WHERE total <> 7;
    CREATE VIEW sums AS SELECT id, total FROM orders""",
    "INSERT INTO orders (total, note) SELECT i || '.5', CASE i % 3 WHEN 0 THEN NULL ELSE 'the note ' || i END FROM generate_series(1, 300) i;"
    "INSERT INTO lines SELECT i, i FROM generate_series(1, 9) i",
)
TABLE = Scenario(
    """CREATE TABLE people (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name varchar(20), age int);
    CREATE TABLE pets (id int PRIMARY KEY, owner int REFERENCES people)""",
    """CREATE TABLE users (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, label varchar(30), age int);
    CREATE TABLE pets (id int PRIMARY KEY, owner int REFERENCES users)""",
    "INSERT INTO people (name, age) SELECT 'p' || i, i FROM generate_series(1, 50) i; INSERT INTO pets VALUES (1, 7)",
    ("users people", "users.label name"),
)
CENTS = Scenario(
    "CREATE TABLE bills (id int PRIMARY KEY, amount int NOT NULL)",
    "CREATE TABLE bills (id int PRIMARY KEY, amount numeric(12,2) NOT NULL)",
    "INSERT INTO bills SELECT i, i FROM generate_series(1, 300) i",
)
LABELS = Scenario(
    """CREATE TYPE mood AS ENUM ('good', 'so so', 'bad');
    CREATE TABLE days (id int PRIMARY KEY, mood mood NOT NULL DEFAULT 'good', was mood); CREATE INDEX days_mood ON days (mood) WHERE was IS NULL""",
    """CREATE TYPE mood AS ENUM ('bad', 'good');
    CREATE TABLE days (id int PRIMARY KEY, mood mood NOT NULL DEFAULT 'bad', was mood); CREATE INDEX days_mood ON days (mood) WHERE was IS NULL""",
    "INSERT INTO days SELECT i, CASE i % 3 WHEN 0 THEN 'bad' ELSE 'good' END::mood FROM generate_series(1, 300) i",
)
SCENARIOS = {"rename": RENAME, "retype": RETYPE, "table": TABLE, "labels": LABELS}
INHERITED = Scenario(
    """CREATE TABLE things (id int PRIMARY KEY, size int NOT NULL DEFAULT 7 CHECK (size > 0));
    CREATE TABLE cars (doors int, PRIMARY KEY (id)) INHERITS (things); CREATE INDEX cars_size ON cars (size)""",
    """CREATE TABLE things (id int PRIMARY KEY, size numeric(9,2) NOT NULL DEFAULT 7 CHECK (size > 0));
    CREATE TABLE cars (doors int, PRIMARY KEY (id)) INHERITS (things); CREATE INDEX cars_size ON cars (size)""",
    "INSERT INTO things SELECT i, i FROM generate_series(1, 200) i; INSERT INTO cars SELECT i, i, 4 FROM generate_series(1, 100) i",
)

# What each application writes: the same statements work from the first step to the contract, and from the switch on.
YESTERDAY = {
    "rename": ("INSERT INTO users VALUES (1001, 'old app', 50)", "UPDATE users SET name = 'renamed 5' WHERE id = 5",
               "INSERT INTO users (id, name) VALUES (6, 'name 6') ON CONFLICT (name) DO UPDATE SET age = 66",
               "UPDATE users SET age = 1 WHERE name = 'name 8'", "DELETE FROM users WHERE name = 'name 11'"),
    "retype": ("INSERT INTO orders (note) VALUES ('short')", "INSERT INTO orders (total, note) VALUES ('12.25', NULL)",
               "UPDATE orders SET note = 'brief' WHERE id = 5", "DELETE FROM orders WHERE id = 8", "INSERT INTO lines VALUES (77, 77)"),
    "table": ("INSERT INTO people (name, age) VALUES ('old app', 3)", "UPDATE people SET name = 'changed' WHERE id = 5",
              "DELETE FROM people WHERE name = 'p9'", "UPDATE people SET age = age + 1 WHERE name = 'p10'"),
    "labels": ("INSERT INTO days (id, mood) VALUES (1001, 'good')", "UPDATE days SET mood = 'bad', was = 'good' WHERE id = 5",
               "DELETE FROM days WHERE mood = 'bad'::mood AND id = 9", "UPDATE days SET was = mood WHERE id < 4"),
}  # fmt: skip
TODAY = {
    "rename": ("INSERT INTO users (id, full_name) VALUES (2001, 'new app')", "UPDATE users SET full_name = 'again' WHERE id = 7",
               "INSERT INTO users (id, full_name) VALUES (9, 'name 9') ON CONFLICT (full_name) DO UPDATE SET age = 99"),
    "retype": ("INSERT INTO orders (total, note) VALUES (99.5, 'today')", "UPDATE orders SET total = 1.25 WHERE id = 9",
               "INSERT INTO lines VALUES (78, 9)"),
    "table": ("INSERT INTO users (label, age) VALUES ('new app', 4)", "UPDATE users SET label = 'tomorrow' WHERE id = 12"),
    "labels": ("INSERT INTO days (id, mood, was) VALUES (2001, 'bad', 'good')", "UPDATE days SET was = 'bad' WHERE mood <> 'bad' AND id = 8"),
}  # fmt: skip
# What there is to compare after the way back, and what the same writes are in the old shape.
LOOKS = {
    "rename": ("SELECT id, name, age FROM users ORDER BY id", "SELECT * FROM posts ORDER BY id", "SELECT count(*) FROM adults"),
    "retype": ("SELECT id, total::numeric, note FROM orders ORDER BY id", "SELECT * FROM lines ORDER BY id",
               "SELECT last_value FROM orders_id_seq"),
    "table": ("SELECT id, name, age FROM people ORDER BY id", "SELECT * FROM pets"),
    "labels": ("SELECT id, mood::text, was::text FROM days ORDER BY id",),
}  # fmt: skip
IN_OLD_SHAPE = (
    ("full_name", "name"),
    ("users (label", "people (name"),
    ("UPDATE users SET label", "UPDATE people SET name"),
)


@cache
def plan_of(name: str) -> tuple[Plan, DatabaseState]:
    return planned(KILLED[name])


def switch_of(plan: Plan) -> int:
    """Return the number of the last step that changes over: from there on today's application works."""
    return max(step.number for step in plan.now if "take over" in step.title or step.title.startswith("rename"))


def write(session: Session, statements: tuple[str, ...]) -> None:
    for sql in statements:
        session.execute(sql)


def in_old_shape(name: str, statements: tuple[str, ...]) -> Iterator[str]:
    for sql in statements:
        for new, old in IN_OLD_SHAPE if name in ("rename", "table") else ():
            sql = sql.replace(new, old)
        yield sql


def expected(name: str, *writes: tuple[str, ...]) -> list[object]:
    """Return what there would be if the same had been written and nothing had ever changed."""
    with ground(SCENARIOS[name]) as (_, session):
        for statements in writes:
            write(session, tuple(in_old_shape(name, statements)))
        return list(contents(session, LOOKS[name]))


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_plan_is_tried_and_leads_to_what_is_wanted(name: str) -> None:
    plan, wanted = plan_of(name)
    assert plan.proof.is_proved
    assert plan.later
    assert {step.phase for step in plan.later} == {Phase.CONTRACT}
    assert Hazard.APPLICATION_BREAKS not in {d.hazard for s in plan.now for o in s.operations for d in o.dangers}
    with ground(SCENARIOS[name]) as (url, session):
        begin = session.inspect()
        assert apply(POSTGRES, url, plan).state == "expanded"
        assert contract(POSTGRES, url).state == "applied"
        assert fingerprint(session.inspect()) == fingerprint(wanted)
        assert roll_back(POSTGRES, url)[0].state == "rolled back"
        assert fingerprint(session.inspect()) == fingerprint(begin)
        assert list(contents(session, LOOKS[name])) == expected(name)


@pytest.mark.parametrize("name", SCENARIOS)
def test_yesterdays_application_works_at_each_step_and_the_way_back_keeps_what_it_wrote(name: str) -> None:
    plan, _ = plan_of(name)
    wanted = expected(name, YESTERDAY[name])
    for count in range(1, len(plan.now) + 1):
        with ground(SCENARIOS[name]) as (url, session):
            begin = session.inspect()
            carry_out(url, plan, count)
            write(session, YESTERDAY[name])
            roll_back(POSTGRES, url)
            told = f"after step {count} ({plan.steps[count - 1].title})"
            assert list(contents(session, LOOKS[name])) == wanted, told
            assert fingerprint(session.inspect()) == fingerprint(begin), told


@pytest.mark.parametrize("name", SCENARIOS)
def test_todays_application_works_from_the_switch_on_and_the_way_back_keeps_what_it_wrote(name: str) -> None:
    plan, _ = plan_of(name)
    wanted = expected(name, TODAY[name])
    for count in range(switch_of(plan), len(plan.steps) + 1):
        with ground(SCENARIOS[name]) as (url, session):
            begin = session.inspect()
            carry_out(url, plan, count)
            write(session, TODAY[name])
            roll_back(POSTGRES, url)
            told = f"after step {count} ({plan.steps[count - 1].title})"
            assert list(contents(session, LOOKS[name])) == wanted, told
            assert fingerprint(session.inspect()) == fingerprint(begin), told


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_both_write_meanwhile_is_there_after_the_way_back(name: str) -> None:
    plan, _ = plan_of(name)
    with ground(SCENARIOS[name]) as (url, session):
        write(session, YESTERDAY[name][:1])
        apply(POSTGRES, url, plan)
        write(session, YESTERDAY[name][1:])
        write(session, TODAY[name])
        contract(POSTGRES, url)
        roll_back(POSTGRES, url)
        assert list(contents(session, LOOKS[name])) == expected(name, YESTERDAY[name], TODAY[name])


def test_both_names_hold_the_same_whichever_is_written() -> None:
    with ground(RENAME) as (url, session):
        apply(POSTGRES, url, plan_of("rename")[0])
        write(session, YESTERDAY["rename"] + TODAY["rename"])
        assert session.rows("SELECT count(*) FROM users WHERE name IS DISTINCT FROM full_name") == [(0,)]
        assert session.rows("INSERT INTO users (id, full_name) VALUES (1, 'x1') ON CONFLICT (id) DO UPDATE SET full_name = 'both', name = 'lost' RETURNING name, full_name") == [("both", "both")]  # fmt: skip
        with pytest.raises(ServerRefused, match="users_full_name_check"):
            session.execute("UPDATE users SET name = '' WHERE id = 2")
        with pytest.raises(ServerRefused, match="null value"):
            session.execute("INSERT INTO users (id) VALUES (5000)")
        session.execute("UPDATE users SET full_name = repeat('long ', 12) WHERE id = 3")
        assert session.rows("SELECT length(name), length(full_name) FROM users WHERE id = 3") == [(40, 60)]


def test_a_value_that_does_not_fit_stops_it_before_the_switch() -> None:
    plan, _ = plan_of("retype")
    with ground(RETYPE) as (url, session):
        session.execute("UPDATE orders SET total = 'a lot' WHERE id = 50")
        with pytest.raises(ServerRefused, match="invalid input syntax for type numeric"):
            apply(POSTGRES, url, plan)
        write(session, YESTERDAY["retype"])
        session.execute("UPDATE orders SET total = '1000' WHERE id = 50")
        assert apply(POSTGRES, url, None).state == "expanded"
        assert session.rows("SELECT total FROM orders WHERE id = 50")[0][0] == 1000


def test_what_is_written_since_and_fits_no_more_stops_the_way_back_and_is_told() -> None:
    plan, _ = plan_of("retype")
    with ground(RETYPE) as (url, session):
        apply(POSTGRES, url, plan)
        session.execute("INSERT INTO orders (id, total) VALUES (3000000000, 1)")
        with pytest.raises(ServerRefused, match=r"values of orders\.id written since do not fit integer") as caught:
            roll_back(POSTGRES, url)
        assert "asbuilt rollback" in caught.value.help
        session.execute("DELETE FROM orders WHERE id = 3000000000")
        assert roll_back(POSTGRES, url)[0].state == "rolled back"


def at_once(scenario: Scenario) -> Plan:
    with ground(scenario) as (url, live), POSTGRES.scratch() as goal:
        goal.execute(scenario.new)
        before, after = side(POSTGRES, live), side(POSTGRES, goal)
        plan = make(POSTGRES, before, after, Told(()), lambda: POSTGRES.twin(url))
        return proved(POSTGRES, plan, before, after)


@pytest.mark.parametrize("has_key", [True, False])
def test_what_a_type_changed_at_once_only_about_holds_is_kept_aside_there_and_back(has_key: bool) -> None:
    key = " PRIMARY KEY" if has_key else ""
    cents, euros = (f"CREATE TABLE bills (id int{key}, amount {type} NOT NULL)" for type in ("numeric(12,2)", "int"))
    rows = "INSERT INTO bills SELECT i, i FROM generate_series(1, 30) i; UPDATE bills SET amount = 12.34 WHERE id = 5"
    there, back = at_once(Scenario(cents, euros, rows)), at_once(Scenario(euros, cents, rows))
    assert Hazard.TYPE_NARROWED in {d.hazard for s in there.steps for o in s.operations for d in o.dangers}
    with ground(Scenario(cents, euros, rows)) as (url, session):
        apply(POSTGRES, url, there)
        roll_back(POSTGRES, url)
        assert session.rows("SELECT amount::text FROM bills WHERE id = 5") == [("12.34",)]
    with ground(Scenario(euros, cents, rows)) as (url, session):
        apply(POSTGRES, url, back)
        session.execute("UPDATE bills SET amount = 77.77 WHERE id = 6; UPDATE bills SET amount = 8 WHERE id = 7")
        roll_back(POSTGRES, url)
        kept = session.rows(f'SELECT id, written::text FROM "{back.kept}".bills__amount__written_since')
        assert kept == [(6, "77.77")]


def test_a_statement_that_is_prepared_is_refused_after_the_switch_and_the_plan_says_so() -> None:
    """What a type's change under one name does to clients that keep their statements: no lock, no hazard, but an error."""
    plan, _ = planned(CENTS)
    [noted] = [step for step in plan.steps if step.notes]
    assert noted.title == "let the new bills.amount take over"
    assert "returns bills.amount is refused from then on (`cached plan must not change result type`)" in noted.notes[0]
    assert [bool(step.notes) for step in at_once(CENTS).steps] == [True]
    with ground(CENTS) as (url, session):
        session.execute("PREPARE mine AS SELECT amount FROM bills WHERE id = 1")
        assert session.rows("EXECUTE mine") == [(1,)]
        apply(POSTGRES, url, plan)
        with pytest.raises(ServerRefused, match="cached plan must not change result type"):
            session.rows("EXECUTE mine")


@pytest.mark.parametrize("is_contracted", [False, True])
def test_what_is_written_since_and_only_about_fits_is_kept_aside_on_the_way_back(is_contracted: bool) -> None:
    """Cents written into what was a number of euros: the old column has 12, and 12.34 is not gone."""
    plan, _ = planned(CENTS)
    with ground(CENTS) as (url, session):
        for written in ("12.34", "77.77"):  # the second time, what the first one kept is still there
            apply(POSTGRES, url, plan)
            if is_contracted:
                contract(POSTGRES, url)
            session.execute(f"UPDATE bills SET amount = {written} WHERE id = 5")
            session.execute("UPDATE bills SET amount = 8 WHERE id = 6")
            roll_back(POSTGRES, url)
        assert session.rows("SELECT id, amount FROM bills WHERE id IN (5, 6) ORDER BY id") == [(5, 78), (6, 8)]
        kept = session.rows(
            f'SELECT id, written::text FROM "{plan.kept}".bills__amount__written_since ORDER BY written'
        )
        assert kept == [(5, "12.34"), (5, "77.77")]
        journal = POSTGRES.journal(session)
        told = [thing.what for k in keepings(journal, journal.entries()) for thing in k.things]
        assert "the rows of bills__amount__written_since" in told


def test_nothing_is_kept_aside_on_the_way_back_where_everything_fits() -> None:
    plan, _ = planned(CENTS)
    with ground(CENTS) as (url, session):
        apply(POSTGRES, url, plan)
        session.execute("UPDATE bills SET amount = 8 WHERE id = 6")
        roll_back(POSTGRES, url)
        assert session.rows("SELECT FROM pg_tables WHERE tablename LIKE '%written_since'") == []


def test_a_plan_that_waits_keeps_others_out() -> None:
    plan, _ = plan_of("rename")
    with ground(RENAME) as (url, session):
        with pytest.raises(NothingToDo, match="no plan waits"):
            contract(POSTGRES, url)
        apply(POSTGRES, url, plan)
        with pytest.raises(GroundMoved, match="waits for its contract") as caught:
            apply(POSTGRES, url, plan)
        assert "--contract" in caught.value.help
        session.execute("ALTER TABLE users ADD COLUMN more int")
        with pytest.raises(GroundMoved, match="has changed since plan 1"):
            contract(POSTGRES, url)
        session.execute("ALTER TABLE users DROP COLUMN more")
        assert contract(POSTGRES, url).state == "applied"


def test_an_empty_table_changes_at_once() -> None:
    plan, _ = planned(Scenario(RENAME.old, RENAME.new, "SELECT 1", RENAME.renames))
    assert not plan.later
    assert "rename column users.name to full_name" in {step.title for step in plan.steps}


def test_what_rests_on_a_type_that_goes_or_comes_or_is_made_anew_changes_side_by_side() -> None:
    old = "CREATE TABLE t (id int PRIMARY KEY, s text NOT NULL DEFAULT 'a')"
    new = "CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE t (id int PRIMARY KEY, s mood NOT NULL DEFAULT 'a')"
    rows = "INSERT INTO t VALUES (1, 'b')"
    assert planned(Scenario(old, new, rows))[0].later
    assert planned(Scenario(new, old, rows))[0].later
    other = new.replace("('a', 'b')", "('b')").replace("DEFAULT 'a'", "DEFAULT 'b'")
    assert planned(Scenario(new, other, rows), is_tried=False)[0].later


def test_a_label_that_rows_still_hold_stops_it_before_the_switch_and_is_counted() -> None:
    plan, _ = plan_of("labels")
    [danger] = [d for step in plan.steps for o in step.operations for d in o.dangers if " in mood " in d.text]
    assert danger.text == "rows of days hold a value in mood that mood has no more (so so)"
    with ground(LABELS) as (url, session):
        session.execute("UPDATE days SET mood = 'so so' WHERE id < 8")
        assert session.rows(danger.count) == [(7,)]
        assert session.rows(danger.sample) == [("so so", 7)]
        with pytest.raises(ServerRefused, match='invalid input value for enum asbuilt_new_mood: "so so"'):
            apply(POSTGRES, url, plan)
        session.execute("UPDATE days SET mood = 'bad' WHERE mood = 'so so'")
        assert apply(POSTGRES, url, None).state == "expanded"
        with pytest.raises(ServerRefused, match="invalid input value for enum mood"):
            session.execute("UPDATE days SET mood = 'so so' WHERE id = 1")


@pytest.mark.parametrize("column", ["mood", "was"])
def test_a_label_that_is_written_while_columns_are_filled_is_found_before_the_switch(column: str) -> None:
    plan, _ = plan_of("labels")
    fill = next(step.number for step in plan.now if step.title.startswith(f"fill it: days.{column}"))
    with ground(LABELS) as (_, session):
        for step in plan.now:
            with session.transaction():
                if step.title == f"look for rows of days whose {column} could not be filled":
                    break
                for sql in step.statements:
                    session.execute(sql)
            if step.number == fill:
                session.execute(f"UPDATE days SET {column} = 'so so' WHERE id = 8")
        with pytest.raises(ServerRefused, match="is violated by some row"):
            session.execute(step.statements[0])


def test_a_label_that_the_old_type_lacks_stops_the_way_back_and_is_told() -> None:
    more = Scenario(LABELS.old, LABELS.new.replace("'bad',", "'bad', 'great',", 1), LABELS.rows)
    plan, _ = planned(more)
    with ground(more) as (url, session):
        apply(POSTGRES, url, plan)
        session.execute("UPDATE days SET was = 'great' WHERE id = 7")
        with pytest.raises(ServerRefused, match=r"values of days\.was written since do not fit mood as it was"):
            roll_back(POSTGRES, url)
        session.execute("UPDATE days SET was = NULL WHERE id = 7")
        roll_back(POSTGRES, url)
        assert list(contents(session, LOOKS["labels"])) == expected("labels")


TYPES = {
    "int to bigint": ("int", "bigint", "i", "4000000000", 1),
    "bigint to int": ("bigint", "int", "i", "7", "7"),
    "int to text": ("int", "text", "i", "'77'", 77),
    "text to int": ("text", "int", "lpad(i::text, 5, '0')", "77", "77"),
    "varchar cut": ("varchar(30)", "varchar(6)", "'value ' || i", "'new'", "new"),
    "numeric": ("numeric(12,4)", "numeric(8,1)", "i / 7.0", "1.5", "1.5000"),
    "timestamp": ("timestamp", "timestamptz", "'2026-01-01'::timestamp + i * interval '1 h'", "'2026-05-05 12:00:00+00'", "2026-05-05 12:00:00"),
    "text to jsonb": ("text", "jsonb", "'{\"a\":  ' || i || '}'", "'[1, 2]'", "[1, 2]"),
    "smallint to numeric": ("smallint", "numeric(3,1)", "i % 20", "3.0", "3"),
    "text to date": ("text", "date", "'2026-01-' || 1 + i % 28", "'2026-03-03'", "2026-03-03"),
}  # fmt: skip
KEYS = {
    "int": ("id int PRIMARY KEY", "i"),
    "uuid": ("id uuid PRIMARY KEY", "md5(i::text)::uuid"),
    "two": ("id int, part text, PRIMARY KEY (id, part)", "i / 3, 'p' || i"),
    "none": ("id int", "i"),
}


@pytest.mark.parametrize(
    ("types", "key"), [*((types, "int") for types in TYPES), *(("varchar cut", key) for key in KEYS if key != "int")]
)
def test_any_type_and_key_there_and_back(types: str, key: str) -> None:
    before, after, values, _, _ = TYPES[types]
    columns, ids = KEYS[key]
    old, new = (f"CREATE TABLE t ({columns}, v {type_}, n int); CREATE INDEX ON t (n)" for type_ in (before, after))
    if types != "text to jsonb":
        old, new = f"{old}; CREATE INDEX ON t (v)", f"{new}; CREATE INDEX ON t (v)"
    way = Scenario(old, new, f"INSERT INTO t SELECT {ids}, {values}, i FROM generate_series(1, 60) i; INSERT INTO t SELECT {ids}, NULL, i FROM generate_series(99, 99) i")  # fmt: skip
    plan, wanted = planned(way, is_tried=False)
    assert plan.later
    look = "SELECT v::text, n FROM t ORDER BY n"
    with ground(way) as (url, session):
        begin, rows = session.inspect(), session.rows(look)
        apply(POSTGRES, url, plan)
        turned = session.rows(look)
        assert [n for _, n in turned] == [n for _, n in rows]
        assert turned[-1] == (None, 99)
        roll_back(POSTGRES, url)
        assert session.rows(look) == rows
        apply(POSTGRES, url, plan)
        contract(POSTGRES, url)
        assert fingerprint(session.inspect()) == fingerprint(wanted)
        roll_back(POSTGRES, url)
        assert fingerprint(session.inspect()) == fingerprint(begin)
        if key != "none":
            assert session.rows(look) == rows


@pytest.mark.parametrize("types", [name for name in TYPES if name != "int to bigint"])
@pytest.mark.parametrize("is_contracted", [False, True])
def test_what_is_written_in_the_new_type_comes_back_in_the_old(types: str, *, is_contracted: bool) -> None:
    before, after, values, written, back = TYPES[types]
    old, new = (f"CREATE TABLE t (id int PRIMARY KEY, v {type_})" for type_ in (before, after))
    way = Scenario(old, new, f"INSERT INTO t SELECT i, {values} FROM generate_series(1, 30) i")
    plan, _ = planned(way, is_tried=False)
    with ground(way) as (url, session):
        rows = session.rows("SELECT id, v::text FROM t WHERE id NOT IN (5, 100) ORDER BY id")
        apply(POSTGRES, url, plan)
        if is_contracted:
            contract(POSTGRES, url)
        session.execute(f"INSERT INTO t (id, v) VALUES (100, {written}); UPDATE t SET v = {written} WHERE id = 5")
        roll_back(POSTGRES, url)
        assert session.rows("SELECT v::text FROM t WHERE id IN (5, 100)") == [(str(back),)] * 2
        assert session.rows("SELECT id, v::text FROM t WHERE id NOT IN (5, 100) ORDER BY id") == rows


_CHILD = """
import sys
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.plan.keeping import keepings
from asbuilt.plan.running import apply, contract, roll_back
from asbuilt.plan.storing import from_text
if sys.argv[1] == "there":
    apply(POSTGRES, sys.argv[2], from_text(sys.stdin.read()))
    contract(POSTGRES, sys.argv[2])
else:
    roll_back(POSTGRES, sys.argv[2])
"""


def child(act: str, url: str, plan: Plan) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", _CHILD, act, url], stdin=subprocess.PIPE, text=True)
    assert process.stdin
    process.stdin.write(to_text(plan))
    process.stdin.close()
    return process


def wait_until(session: Session, state: str, count: int) -> None:
    query = "SELECT count(*) FROM asbuilt.steps WHERE state = %s"
    until = time.monotonic() + 30
    while time.monotonic() < until:
        is_there = session.rows("SELECT to_regclass('asbuilt.steps') IS NOT NULL")[0][0]
        if is_there and session.rows(query, [state])[0][0] >= count:
            return
        time.sleep(0.002)
    raise AssertionError(f"never {count} steps {state}")


def wait_until_free(session: Session) -> None:
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    until = time.monotonic() + 20
    while session.rows(others)[0][0]:
        assert time.monotonic() < until
        time.sleep(0.01)


def finish(url: str, plan: Plan) -> None:
    """Do what a user does whose command was killed: the same again."""
    states = [entry.state for entry in entries(url)]
    if not states or states[-1] in ("running", "contracting"):
        apply(POSTGRES, url, None if states else plan)
    if [entry.state for entry in entries(url)] == ["expanded"]:
        contract(POSTGRES, url)


def entries(url: str) -> list[object]:
    with POSTGRES.connect(url) as session:
        return list(POSTGRES.journal(session).entries())


KILLED = {**SCENARIOS, "inherited": INHERITED}
ROWS = {
    "inherited": "SELECT count(*), count(size) FROM things",
    "rename": "SELECT count(*), count(full_name) FROM users",
    "labels": "SELECT count(*), count(mood) FROM days",
}
STEPS = {"rename": range(10), "labels": range(13), "inherited": range(12)}


@pytest.mark.parametrize(("name", "count"), [(name, count) for name in STEPS for count in STEPS[name]])
def test_killed_at_any_step_it_goes_on(name: str, count: int) -> None:
    plan, wanted = plan_of(name)
    assert count < len(plan.steps)
    with ground(KILLED[name]) as (url, session):
        process = child("there", url, plan)
        wait_until(session, "done", count)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        wait_until_free(session)
        finish(url, plan)
        assert fingerprint(session.inspect()) == fingerprint(wanted)
        assert session.rows(ROWS[name]) == [(300, 300)]


@pytest.mark.parametrize(("name", "count"), [(name, count) for name in STEPS for count in STEPS[name][::3]])
def test_killed_on_the_way_back_it_goes_on_back(name: str, count: int) -> None:
    plan, _ = plan_of(name)
    look = LOOKS.get(name, (ROWS[name],))
    with ground(KILLED[name]) as (url, session):
        begin, rows = session.inspect(), list(contents(session, look))
        apply(POSTGRES, url, plan)
        contract(POSTGRES, url)
        process = child("back", url, plan)
        wait_until(session, "reversed", count)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        wait_until_free(session)
        if [entry.state for entry in entries(url)] != ["rolled back"]:  # type: ignore[attr-defined]
            roll_back(POSTGRES, url)
        assert fingerprint(session.inspect()) == fingerprint(begin)
        assert list(contents(session, look)) == rows


@pytest.mark.parametrize("count", range(10))
def test_a_lost_connection_is_made_again(count: int) -> None:
    plan, wanted = plan_of("rename")
    with ground(RENAME) as (url, session):
        process = child("there", url, plan)
        wait_until(session, "done", count)
        session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert process.wait(60) == 0
        assert fingerprint(session.inspect()) == fingerprint(wanted)


def test_writers_go_on_all_the_while_and_nothing_is_lost() -> None:
    plan, _ = plan_of("rename")
    is_over, written = threading.Event(), []
    with ground(RENAME) as (url, session):

        def work() -> None:
            with POSTGRES.connect(url) as other:
                number = 10_000
                while not is_over.is_set():
                    number += 1
                    other.execute("INSERT INTO users VALUES (%s, %s, 1)", [number, f"writer {number}"])
                    other.execute("UPDATE users SET name = name || '!' WHERE id = %s", [number])
                    written.append(number)

        writer = threading.Thread(target=work)
        writer.start()
        apply(POSTGRES, url, plan)
        is_over.set()
        writer.join()
        found = session.rows("SELECT id, full_name, name FROM users WHERE id > 10000 ORDER BY id")
        assert found[: len(written)] == [(n, f"writer {n}!", f"writer {n}!") for n in written]
