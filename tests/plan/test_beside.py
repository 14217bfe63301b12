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
    "what a generated column is made of": Case(
        Scenario(
            """CREATE TABLE goods (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, price int NOT NULL, tax text DEFAULT '7',
              gross int GENERATED ALWAYS AS (price * 2) STORED, at timestamp DEFAULT now());
            CREATE TABLE sold (id int PRIMARY KEY, goods int REFERENCES goods ON DELETE CASCADE); CREATE INDEX goods_gross ON goods (gross);
            CREATE VIEW dear AS SELECT id, gross FROM goods WHERE gross > 100""",
            """CREATE TABLE goods (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, price numeric(12,2) NOT NULL, tax varchar(3) DEFAULT '7',
              gross numeric(12,2) GENERATED ALWAYS AS (price * 2) STORED, at timestamp DEFAULT now());
            CREATE TABLE sold (id int PRIMARY KEY, goods int REFERENCES goods ON DELETE CASCADE); CREATE INDEX goods_gross ON goods (gross);
            CREATE VIEW dear AS SELECT id, gross FROM goods WHERE gross > 100""",
            "INSERT INTO goods (price, tax) SELECT i, 'tax ' || i FROM generate_series(1, 300) i; INSERT INTO sold SELECT i, i FROM generate_series(1, 9) i",
        ),
        (
            "INSERT INTO goods (price) VALUES (9)",
            "UPDATE goods SET price = 70 WHERE id = 4",
            "DELETE FROM goods WHERE id = 5",
        ),
        ("INSERT INTO goods (price, tax) VALUES (19.00, 'a')", "UPDATE goods SET price = 8.00 WHERE id = 6"),
        ("INSERT INTO goods (price, tax) VALUES (19, 'a')", "UPDATE goods SET price = 8 WHERE id = 6"),
        ("SELECT id, price, tax, gross FROM goods ORDER BY id", "SELECT * FROM sold ORDER BY id", "SELECT * FROM dear ORDER BY id"),
    ),
    "under an exclusion constraint": Case(
        Scenario(
            """CREATE TABLE stays (id int PRIMARY KEY, room int4range, nights daterange, fee int, EXCLUDE USING gist (nights WITH &&) WHERE (room IS NULL))""",
            """CREATE TABLE stays (id int PRIMARY KEY, room int4range, nights tsrange, fee bigint, EXCLUDE USING gist (nights WITH &&) WHERE (room IS NULL))""",
            "INSERT INTO stays SELECT i, NULL, daterange('2020-01-01'::date + i, '2020-01-01'::date + i + 1), i FROM generate_series(1, 300) i",
        ),
        ("INSERT INTO stays VALUES (1001, NULL, '[2019-01-01,2019-01-05)')", "UPDATE stays SET nights = '[2018-01-01,2018-01-03)', fee = 3 WHERE id = 4"),
        ("INSERT INTO stays VALUES (2001, NULL, '[2017-01-01,2017-01-05)')", "UPDATE stays SET fee = 8 WHERE id = 6"),
        ("INSERT INTO stays VALUES (2001, NULL, '[2017-01-01,2017-01-05)')", "UPDATE stays SET fee = 8 WHERE id = 6"),
        ("SELECT * FROM stays ORDER BY id",),
    ),
    "of a partitioned table": Case(
        Scenario(
            """CREATE TABLE events (id int, at date, note varchar(40) NOT NULL DEFAULT 'x', n int, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
            CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
            CREATE TABLE events_2 PARTITION OF events DEFAULT; CREATE INDEX ON events (note);
            CREATE TABLE marks (id int, at date, FOREIGN KEY (id, at) REFERENCES events)""",
            """CREATE TABLE events (id int, at date, note varchar(9) NOT NULL DEFAULT 'x', n bigint CHECK (n > 0), PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
            CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
            CREATE TABLE events_2 PARTITION OF events DEFAULT; CREATE INDEX ON events (note);
            CREATE TABLE marks (id int, at date, FOREIGN KEY (id, at) REFERENCES events)""",
            "INSERT INTO events SELECT i, '2020-06-01'::date + i, 'the long note ' || i, i FROM generate_series(1, 300) i; INSERT INTO marks VALUES (7, '2020-06-08')",
        ),
        ("INSERT INTO events VALUES (1001, '2020-02-01', 'old', 1)", "UPDATE events SET n = 7 WHERE id = 4", "DELETE FROM events WHERE id = 9"),
        ("INSERT INTO events VALUES (2001, '2020-02-01', 'new', 1)", "UPDATE events SET note = 'short' WHERE id = 6"),
        ("INSERT INTO events VALUES (2001, '2020-02-01', 'new', 1)", "UPDATE events SET note = 'short' WHERE id = 6"),
        ("SELECT id, at, note, n FROM events ORDER BY id", "SELECT * FROM marks", "SELECT count(*) FROM events_2"),
    ),
    "generated, with another name": Case(
        Scenario(
            """CREATE TABLE goods (id int PRIMARY KEY, price int NOT NULL, gross int GENERATED ALWAYS AS (price * 2) STORED UNIQUE, "more than" text);
            CREATE INDEX goods_gross ON goods (gross) WHERE gross > 7; CREATE VIEW dear AS SELECT id, gross FROM goods WHERE gross > 100""",
            """CREATE TABLE goods (id int PRIMARY KEY, cost int NOT NULL, total int GENERATED ALWAYS AS (cost * 2) STORED UNIQUE, "more than" text);
            CREATE INDEX goods_gross ON goods (total) WHERE total > 7; CREATE VIEW dear AS SELECT id, total FROM goods WHERE total > 100""",
            "INSERT INTO goods SELECT i, i FROM generate_series(1, 300) i",
            ("goods.total gross", "goods.cost price"),
        ),
        ("INSERT INTO goods (id, price) VALUES (1001, 9000)", "UPDATE goods SET price = 7000 WHERE gross = 8", "INSERT INTO goods VALUES (1002, 901, DEFAULT, 'x')"),
        ("INSERT INTO goods (id, cost) VALUES (2001, 19000)", "UPDATE goods SET cost = 8000 WHERE total = 12", "UPDATE goods SET \"more than\" = 'y' WHERE id = 7"),
        ("INSERT INTO goods (id, price) VALUES (2001, 19000)", "UPDATE goods SET price = 8000 WHERE gross = 12", "UPDATE goods SET \"more than\" = 'y' WHERE id = 7"),
        ("SELECT id, price, gross, \"more than\" FROM goods ORDER BY id", "SELECT count(*) FROM dear"),
    ),
    "of a partitioned table, with another name": Case(
        Scenario(
            """CREATE TABLE events (id int, at date, note varchar(40) NOT NULL DEFAULT 'x', PRIMARY KEY (id, at), UNIQUE (note, at, id)) PARTITION BY RANGE (at);
            CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') PARTITION BY HASH (id);
            CREATE TABLE events_1_0 PARTITION OF events_1 FOR VALUES WITH (MODULUS 1, REMAINDER 0);
            CREATE TABLE events_2 PARTITION OF events DEFAULT; CREATE INDEX ON events (lower(note)); CREATE INDEX ON events_2 (note)""",
            """CREATE TABLE events (id int, at date, label varchar(60) NOT NULL DEFAULT 'x', PRIMARY KEY (id, at), UNIQUE (label, at, id)) PARTITION BY RANGE (at);
            CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') PARTITION BY HASH (id);
            CREATE TABLE events_1_0 PARTITION OF events_1 FOR VALUES WITH (MODULUS 1, REMAINDER 0);
            CREATE TABLE events_2 PARTITION OF events DEFAULT; CREATE INDEX ON events (lower(label)); CREATE INDEX ON events_2 (label)""",
            "INSERT INTO events SELECT i, '2020-06-01'::date + i, 'note ' || i FROM generate_series(1, 300) i",
            ("events.label note",),
        ),
        ("INSERT INTO events VALUES (1001, '2020-02-01', 'old')", "UPDATE events SET note = 'mine' WHERE id = 4", "UPDATE events SET at = '2022-01-01', note = 'moved' WHERE id = 5",
         "INSERT INTO events VALUES (7, '2020-06-08', 'n') ON CONFLICT (id, at) DO UPDATE SET note = 'there'", "INSERT INTO events_2 VALUES (8, '2033-01-01', 'direct')"),
        ("INSERT INTO events (id, at, label) VALUES (2001, '2020-02-01', 'new')", "UPDATE events SET label = 'short' WHERE label = 'note 6'"),
        ("INSERT INTO events (id, at, note) VALUES (2001, '2020-02-01', 'new')", "UPDATE events SET note = 'short' WHERE note = 'note 6'"),
        ("SELECT id, at, note FROM events ORDER BY id, at", "SELECT count(*) FROM events_2"),
    ),
    "of a partitioned table, with another type and another key's name": Case(
        Scenario(
            """CREATE TABLE events (id int, at date, n int, PRIMARY KEY (id, at)) PARTITION BY RANGE (at); CREATE TABLE events_1 PARTITION OF events DEFAULT""",
            """CREATE TABLE events (number int, at date, n bigint, PRIMARY KEY (number, at)) PARTITION BY RANGE (at); CREATE TABLE events_1 PARTITION OF events DEFAULT""",
            "INSERT INTO events SELECT i, '2020-06-01', i FROM generate_series(1, 300) i",
            ("events.number id",),
        ),
        ("INSERT INTO events (id, at) VALUES (1001, '2020-02-01')", "UPDATE events SET n = 7 WHERE id = 4", "DELETE FROM events WHERE id = 5"),
        ("INSERT INTO events (number, at) VALUES (2001, '2020-02-01')", "UPDATE events SET n = 77 WHERE number = 6"),
        ("INSERT INTO events (id, at) VALUES (2001, '2020-02-01')", "UPDATE events SET n = 77 WHERE id = 6"),
        ("SELECT id, at, n FROM events ORDER BY id",),
    ),
    "inherited, with another name": Case(
        Scenario(
            """CREATE TABLE things (id int PRIMARY KEY, name text NOT NULL); CREATE INDEX ON things (name);
            CREATE TABLE cars (doors int, PRIMARY KEY (id)) INHERITS (things); CREATE INDEX cars_name ON cars (lower(name));
            CREATE TABLE taxis (fee int) INHERITS (cars)""",
            """CREATE TABLE things (id int PRIMARY KEY, label text NOT NULL); CREATE INDEX ON things (label);
            CREATE TABLE cars (doors int, PRIMARY KEY (id)) INHERITS (things); CREATE INDEX cars_name ON cars (lower(label));
            CREATE TABLE taxis (fee int) INHERITS (cars)""",
            "INSERT INTO things SELECT i, 'name ' || i FROM generate_series(1, 100) i; INSERT INTO cars SELECT i, 'car ' || i, 4 FROM generate_series(101, 200) i; INSERT INTO taxis SELECT i, 'taxi ' || i, 4, 5 FROM generate_series(201, 300) i",
            ("things.label name",),
        ),
        ("INSERT INTO things VALUES (1001, 'old')", "UPDATE things SET name = 'mine' WHERE id IN (4, 104, 204)", "INSERT INTO taxis VALUES (1002, 'old taxi', 4, 7)"),
        ("INSERT INTO cars (id, label) VALUES (2001, 'new')", "UPDATE things SET label = 'short' WHERE id IN (5, 105, 205)", "UPDATE taxis SET label = label || '!' WHERE id = 206"),
        ("INSERT INTO cars (id, name) VALUES (2001, 'new')", "UPDATE things SET name = 'short' WHERE id IN (5, 105, 205)", "UPDATE taxis SET name = name || '!' WHERE id = 206"),
        ("SELECT tableoid::regclass::text, id, name FROM things ORDER BY id", "SELECT id, doors, fee FROM taxis ORDER BY id"),
    ),
    "inherited": Case(
        Scenario(
            """CREATE TABLE things (id int PRIMARY KEY, size int NOT NULL DEFAULT 7 CHECK (size > 0), note varchar(40)); CREATE INDEX ON things (size);
            CREATE TABLE cars (doors int, PRIMARY KEY (id)) INHERITS (things); CREATE INDEX cars_size ON cars (size, doors);
            CREATE TABLE taxis (fee int, note varchar(40)) INHERITS (cars)""",
            """CREATE TABLE things (id int PRIMARY KEY, size numeric(9,2) NOT NULL DEFAULT 8 CHECK (size > 0), note varchar(9)); CREATE INDEX ON things (size);
            CREATE TABLE cars (doors bigint, PRIMARY KEY (id)) INHERITS (things); CREATE INDEX cars_size ON cars (size, doors);
            CREATE TABLE taxis (fee int, note varchar(9)) INHERITS (cars)""",
            "INSERT INTO things SELECT i, i, 'the long note ' || i FROM generate_series(1, 100) i; INSERT INTO cars SELECT i, i, 'the long car ' || i, 4 FROM generate_series(1, 100) i; INSERT INTO taxis SELECT i, i, 'the long taxi ' || i, 4, 5 FROM generate_series(201, 300) i",
        ),
        ("INSERT INTO things (id, size) VALUES (1001, 5)", "UPDATE things SET size = 77, note = 'brief' WHERE id IN (4, 104, 204)", "INSERT INTO taxis VALUES (1002, 3, 'old taxi', 4, 7)", "DELETE FROM cars WHERE id = 9"),
        ("INSERT INTO cars (id, size) VALUES (2001, 12.00)", "UPDATE things SET size = 33 WHERE id IN (5, 205)", "UPDATE taxis SET note = 'short' WHERE id = 206"),
        ("INSERT INTO cars (id, size) VALUES (2001, 12)", "UPDATE things SET size = 33 WHERE id IN (5, 205)", "UPDATE taxis SET note = 'short' WHERE id = 206"),
        ("SELECT tableoid::regclass::text, id, size, note FROM things ORDER BY id, 1", "SELECT id, doors, fee, note FROM taxis ORDER BY id"),
    ),
    "of a type whose labels go": Case(
        Scenario(
            """CREATE TYPE state AS ENUM ('new', 'old', 'done'); COMMENT ON TYPE state IS 'was';
            CREATE TABLE jobs (id int PRIMARY KEY, state state NOT NULL DEFAULT 'new' CHECK (state <> 'old'), past state[], next state, note text);
            CREATE INDEX jobs_state ON jobs (state) WHERE state <> 'done'; CREATE TABLE marks (state state UNIQUE);
            CREATE VIEW open AS SELECT id, state FROM jobs WHERE state <> 'done'""",
            """CREATE TYPE state AS ENUM ('done', 'new', 'late'); COMMENT ON TYPE state IS 'is';
            CREATE TABLE jobs (id int PRIMARY KEY, state state NOT NULL DEFAULT 'late' CHECK (state <> 'late' OR note IS NULL), past state[], next state, note text);
            CREATE INDEX jobs_state ON jobs (state) WHERE state <> 'done'; CREATE TABLE marks (state state UNIQUE);
            CREATE VIEW open AS SELECT id, state FROM jobs WHERE state <> 'done'""",
            "INSERT INTO jobs SELECT i, 'new', '{new,done}', 'done' FROM generate_series(1, 300) i; INSERT INTO marks VALUES ('new')",
        ),
        ("INSERT INTO jobs (id, state) VALUES (1001, 'done')", "UPDATE jobs SET state = 'done', next = NULL WHERE state = 'new'::state AND id = 5", "DELETE FROM jobs WHERE id = 9"),
        ("INSERT INTO jobs VALUES (2001, 'new', '{done}')", "UPDATE jobs SET next = 'new' WHERE id = 6", "INSERT INTO marks VALUES ('done')"),
        ("INSERT INTO jobs VALUES (2001, 'new', '{done}')", "UPDATE jobs SET next = 'new' WHERE id = 6", "INSERT INTO marks VALUES ('done')"),
        ("SELECT id, state::text, past::text, next::text FROM jobs ORDER BY id", "SELECT state::text FROM marks ORDER BY 1", "SELECT count(*) FROM open"),
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


def at_once(old: str, new: str, rows: str, *renames: str) -> dict[str, tuple[str, ...]]:
    """Return why steps change things at once, by their titles."""
    plan, _ = planned(Scenario(old, new, rows, renames), is_tried=False)
    return {step.title: step.at_once for step in plan.steps if step.at_once}


def test_a_step_says_why_it_changes_at_once_what_is_in_use() -> None:
    parted = "CREATE TABLE t (id int, {} date) PARTITION BY RANGE ({}); CREATE TABLE t_rest PARTITION OF t DEFAULT"
    rows = "INSERT INTO t VALUES (1, '2020-01-01')"
    why = at_once(parted.format("day", "day"), parted.format("at", "at"), rows, "t.at day")
    assert why == {
        "rename column t.day to at": (
            "PostgreSQL chooses a row's partition by its day before a trigger can give it what was written under the old name",
        )
    }
    assert at_once(parted.format("day", "day"), parted.format("at", "at"), "SELECT 1", "t.at day") == {}
    both = "CREATE TABLE t (id int, {0} date, n {1}, PRIMARY KEY (id, {0})) PARTITION BY RANGE ({0}); CREATE TABLE t_rest PARTITION OF t DEFAULT"
    rows = "INSERT INTO t VALUES (1, '2020-01-01', 1)"
    told = at_once(both.format("day", "int"), both.format("at", "bigint"), rows, "t.at day")
    assert list(told) == ["rename column t.day to at"]
    inherited = "CREATE TABLE t (id int PRIMARY KEY, n {}); CREATE TABLE u ({}) INHERITS (t)"
    for own, told in (
        ("UNIQUE (n)", "u inherits n, and has unique u_n_key on it"),
        ("n {} DEFAULT 7", "u inherits n, and has another default or NOT NULL"),
    ):
        old, new = (inherited.format(type_, own.format(type_)) for type_ in ("int", "text"))
        found = at_once(old, new, "INSERT INTO t VALUES (1, 1)")
        [[reason]] = [whys for title, whys in found.items() if "change the type of t.n" in title]
        assert reason.startswith(f"{told}; ")
    assert at_once(inherited.format("int", ""), inherited.format("text", ""), "INSERT INTO t VALUES (1, 1)") == {}
    keyless = "CREATE TABLE t (id int, n {}, twice {} GENERATED ALWAYS AS (n * 2) STORED)"
    why = at_once(keyless.format("int", "int"), keyless.format("numeric", "numeric"), "INSERT INTO t VALUES (1, 1)")
    told = "; ".join(reason for reasons in why.values() for reason in reasons)
    assert "column t.twice is generated from it" in told
    assert "no key that stays as it is tells the rows of t apart" in told
    enum = "CREATE TYPE mood AS ENUM ('a'{}); CREATE TABLE t (id int PRIMARY KEY, m mood)"
    why = at_once(enum.format(", 'b'"), enum.format(""), "INSERT INTO t VALUES (1, 'a')")
    assert why == {}
    function = "; CREATE FUNCTION f(mood) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1'"
    why = at_once(enum.format(", 'b'") + function, enum.format("") + function, "INSERT INTO t VALUES (1, 'a')")
    told = "two types cannot have the name mood, and function f(mood) rests on it, too"
    assert told in {reason for reasons in why.values() for reason in reasons}
    heirs = f"{enum}; CREATE TABLE u () INHERITS (t)"
    assert at_once(heirs.format(", 'b'"), heirs.format(""), "INSERT INTO t VALUES (1, 'a')") == {}
    domain = "CREATE DOMAIN many AS {}; CREATE TABLE t (id int PRIMARY KEY, m many)"
    why = at_once(domain.format("int"), domain.format("bigint"), "INSERT INTO t VALUES (1, 1)")
    assert why == {"make type many anew": ("two types cannot have the name many",)}
