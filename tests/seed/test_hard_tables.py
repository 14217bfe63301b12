"""Tables that are hard to fill: circles of keys that bind, partitions of many kinds, types made of types."""

import pytest

from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.seed import lacking, plan, run

pytestmark = pytest.mark.live

HARD = {
    "a circle of keys that may not be empty but wait": """
        CREATE TABLE a (id serial PRIMARY KEY, b_id int NOT NULL);
        CREATE TABLE b (id serial PRIMARY KEY, a_id int NOT NULL REFERENCES a DEFERRABLE);
        ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b DEFERRABLE INITIALLY DEFERRED;""",
    "types made of types": """
        CREATE TYPE address AS (street text, number int, zip varchar(5));
        CREATE TABLE homes (id int PRIMARY KEY, home address NOT NULL, others address[] NOT NULL);""",
    "ranges over several columns": """
        CREATE TABLE m (region int NOT NULL, at date NOT NULL) PARTITION BY RANGE (region, at);
        CREATE TABLE m1 PARTITION OF m FOR VALUES FROM (1, '2024-01-01') TO (1, '2025-01-01');
        CREATE TABLE m2 PARTITION OF m FOR VALUES FROM (2, '2024-01-01') TO (3, MINVALUE);""",
    "remainders that have no partition": """
        CREATE TABLE h (id int PRIMARY KEY) PARTITION BY HASH (id);
        CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (MODULUS 4, REMAINDER 0);
        CREATE TABLE h1 PARTITION OF h FOR VALUES WITH (MODULUS 4, REMAINDER 1);""",
    "one row a parent": """
        CREATE TABLE products (id uuid PRIMARY KEY);
        CREATE TABLE stocks (product_id uuid PRIMARY KEY REFERENCES products);""",
    "patterns that forbid": """
        CREATE TABLE p (a text NOT NULL CHECK (a !~ '[a-z]'), b text NOT NULL CHECK (b !~* '[a-z ]'));""",
    "types that are rare": """
        CREATE TABLE x (a varbit(5) NOT NULL, b macaddr8 NOT NULL, c line NOT NULL, d circle NOT NULL, e box NOT NULL,
            f path NOT NULL, g polygon NOT NULL, h lseg NOT NULL, i money NOT NULL, j tsquery NOT NULL, k pg_lsn NOT NULL,
            l int4multirange NOT NULL, m tstzmultirange NOT NULL, n jsonpath NOT NULL, o timetz NOT NULL, p "char" NOT NULL,
            q name NOT NULL, r oid NOT NULL, s regclass NOT NULL, t inet[] NOT NULL, u int[][] NOT NULL);""",
}


@pytest.mark.parametrize("name", HARD)
def test_a_hard_table_gets_all_its_rows(session: PostgresSession, name: str) -> None:
    session.execute(HARD[name])
    result = run(session, plan(session.inspect(), 30, 1))
    assert result.problems == ()
    assert set(result.rows.values()) == {30}


def test_a_circle_that_cannot_be_closed_is_told(session: PostgresSession) -> None:
    session.execute("""
        CREATE TABLE a (id int PRIMARY KEY, b_id int NOT NULL);
        CREATE TABLE b (id int PRIMARY KEY, a_id int NOT NULL REFERENCES a);
        ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b;""")
    result = run(session, plan(session.inspect(), 5, 1))
    assert set(result.rows.values()) == {0}
    assert "neither key may be empty or wait" in result.problems[0]


def test_rows_that_stand_count(session: PostgresSession) -> None:
    session.execute("CREATE TABLE kinds (code text PRIMARY KEY); INSERT INTO kinds VALUES ('x'), ('y')")
    session.execute("CREATE TABLE full_up (id int); INSERT INTO full_up SELECT generate_series(1, 9)")
    state = session.inspect()
    assert lacking(session, state, 5) == {"kinds": 3, "full_up": 0}
    assert run(session, plan(state, lacking(session, state, 5), 1)).rows == {"kinds": 3}
    assert lacking(session, state, 0) == {}
