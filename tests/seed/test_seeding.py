"""Rows that a real server takes, for tables that make it hard."""

import pytest

from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.seed import SeedResult, plan, run

pytestmark = pytest.mark.live


def seeded(session: PostgresSession, sql: str, rows: int = 20, seed: int = 1) -> SeedResult:
    session.execute(sql)
    return run(session, plan(session.inspect(), rows, seed))


def one(session: PostgresSession, sql: str) -> object:
    return session.rows(sql)[0][0]


CHECKS = """
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE DOMAIN code AS text CHECK (VALUE ~ '^[A-Z]{2}[0-9]{3}$');
CREATE DOMAIN share AS numeric(5,2) CHECK (VALUE >= 0 AND VALUE <= 1);
CREATE TABLE things (
    id bigserial PRIMARY KEY,
    code code NOT NULL UNIQUE,
    share share NOT NULL,
    mood mood NOT NULL,
    email varchar(40) NOT NULL UNIQUE CHECK (email ~* '^[^@]+@[^@]+[.][a-z]+$'),
    phone varchar(20) CHECK (phone ~ '^[+][1-9][0-9]{1,14}$'),
    short char(2) NOT NULL CHECK (short = upper(short)),
    low numeric(10,2) NOT NULL CHECK (low > 0),
    high numeric(10,2) NOT NULL,
    net numeric(12,2) NOT NULL, tax numeric(12,2) NOT NULL, gross numeric(12,2) NOT NULL,
    kind text NOT NULL CHECK (kind IN ('car', 'bus')),
    seats int, doors int,
    tags text[] NOT NULL, data jsonb NOT NULL CHECK (jsonb_typeof(data) = 'object'),
    starts_at timestamptz NOT NULL, ends_at timestamptz,
    title text NOT NULL CHECK (length(title) BETWEEN 3 AND 12),
    CHECK (high > low), CHECK (gross = net + tax),
    CHECK ((kind = 'car' AND doors IS NOT NULL AND seats IS NULL) OR (kind = 'bus' AND seats > 10 AND doors IS NULL)),
    CHECK (ends_at IS NULL OR ends_at > starts_at)
);
"""
KEYS = """
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE people (
    tenant_id uuid NOT NULL REFERENCES tenants, number int NOT NULL, boss int, best_team uuid,
    PRIMARY KEY (tenant_id, number), FOREIGN KEY (tenant_id, boss) REFERENCES people (tenant_id, number)
);
CREATE TABLE teams (
    id uuid PRIMARY KEY, tenant_id uuid NOT NULL, lead int NOT NULL,
    FOREIGN KEY (tenant_id, lead) REFERENCES people (tenant_id, number)
);
ALTER TABLE people ADD FOREIGN KEY (best_team) REFERENCES teams;
CREATE TABLE profiles (
    tenant_id uuid, number int, PRIMARY KEY (tenant_id, number), FOREIGN KEY (tenant_id, number) REFERENCES people
);
CREATE TABLE folders (id serial PRIMARY KEY, parent_id int REFERENCES folders);
CREATE TABLE roots (id uuid PRIMARY KEY, root_id uuid NOT NULL REFERENCES roots);
CREATE TABLE links (a int REFERENCES folders, b uuid REFERENCES roots, PRIMARY KEY (a, b));
"""
ODD = """
CREATE SCHEMA "Odd Schema";
CREATE TABLE "Odd Schema"."Some Table" ("Select" text NOT NULL, "it's" int GENERATED ALWAYS AS IDENTITY);
CREATE TABLE bookings (id serial PRIMARY KEY, during tstzrange NOT NULL, EXCLUDE USING gist (during WITH &&));
CREATE TABLE slots (starts_at timestamptz NOT NULL, ends_at timestamptz NOT NULL,
    EXCLUDE USING gist (tstzrange(starts_at, ends_at) WITH &&));
CREATE TABLE logs (id bigint NOT NULL, at timestamptz NOT NULL, region text NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2030-01-01') TO ('2030-02-01');
CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM ('2031-01-01') TO (MAXVALUE) PARTITION BY LIST (region);
CREATE TABLE logs_2_eu PARTITION OF logs_2 FOR VALUES IN ('eu', 'uk');
CREATE TABLE defaults_only (id serial PRIMARY KEY);
CREATE UNIQUE INDEX ON "Odd Schema"."Some Table" (lower("Select"));
"""


def test_checks_of_every_shape_are_kept(session: PostgresSession) -> None:
    result = seeded(session, CHECKS, 60)
    assert result.problems == ()
    assert result.rows == {"things": 60}
    assert one(session, "SELECT count(DISTINCT kind) FROM things") == 2


def test_keys_find_what_they_point_at(session: PostgresSession) -> None:
    result = seeded(session, KEYS, 20)
    assert result.problems == ()
    assert set(result.rows.values()) == {20}
    assert one(session, "SELECT count(*) FROM folders WHERE parent_id IS NOT NULL") != 0
    assert one(session, "SELECT count(*) FROM people WHERE boss IS NOT NULL AND best_team IS NOT NULL") != 0


def test_odd_names_ranges_and_partitions(session: PostgresSession) -> None:
    result = seeded(session, ODD, 15)
    assert result.problems == ()
    assert result.rows["Odd Schema.Some Table"] == result.rows["logs"] == result.rows["slots"] == 15
    assert one(session, "SELECT count(*) FROM logs_2_eu") != 0


def test_the_same_seed_makes_the_same_rows(session: PostgresSession) -> None:
    seeded(session, CHECKS, 10, seed=4)
    first = session.rows("SELECT code, email, low, starts_at FROM things ORDER BY id")
    session.execute("TRUNCATE things")
    run(session, plan(session.inspect(), 10, 4))
    assert session.rows("SELECT code, email, low, starts_at FROM things ORDER BY id") == first
    session.execute("TRUNCATE things")
    run(session, plan(session.inspect(), 10, 5))
    assert session.rows("SELECT code, email, low, starts_at FROM things ORDER BY id") != first


def test_rows_that_stand_are_respected(session: PostgresSession) -> None:
    session.execute("CREATE TABLE kinds (code text PRIMARY KEY); INSERT INTO kinds VALUES ('x'), ('y')")
    session.execute("CREATE TABLE items (id int PRIMARY KEY, kind text NOT NULL REFERENCES kinds)")
    state = session.inspect()
    assert run(session, plan(state, {"items": 10}, 1)).rows == {"items": 10}
    assert run(session, plan(state, {"items": 10}, 1)).rows == {"items": 10}
    assert one(session, "SELECT count(*) FROM items") == 20


def test_what_cannot_be_is_told(session: PostgresSession) -> None:
    result = seeded(
        session,
        """CREATE TYPE tint AS ENUM ('red', 'blue');
        CREATE TABLE tints (tint tint PRIMARY KEY);
        CREATE TABLE empty_parts (id int) PARTITION BY LIST (id);
        CREATE TABLE impossible (a int NOT NULL CHECK (a > 5 AND a < 3));""",
    )
    assert result.rows["tints"] == 2
    assert result.rows["empty_parts"] == result.rows["impossible"] == 0
    assert {problem.split()[0] for problem in result.problems} == {"tints", "empty_parts", "impossible"}


def test_values_look_real(session: PostgresSession) -> None:
    seeded(
        session,
        """CREATE TABLE users (id uuid PRIMARY KEY, email text UNIQUE NOT NULL, phone text NOT NULL,
        password_hash text NOT NULL, website text NOT NULL, country_code char(2) NOT NULL,
        created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL);""",
        40,
    )
    assert one(session, "SELECT count(*) FROM users WHERE email !~ '@example[.](com|org|net)$'") == 0
    assert one(session, "SELECT count(*) FROM users WHERE phone !~ '^[+]1[0-9]{3}55501[0-9]{2}$'") == 0
    assert one(session, "SELECT count(*) FROM users WHERE password_hash !~ '^[$]2b[$]12[$].{53}$'") == 0
    assert one(session, "SELECT count(*) FROM users WHERE website !~ '^https://www[.]example[.]'") == 0
    assert one(session, "SELECT count(*) FROM users WHERE updated_at < created_at OR created_at > now()") == 0


def test_rows_are_copied_in_and_only_where_that_cannot_be_inserted(
    session: PostgresSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.execute("""CREATE TABLE parents (id serial PRIMARY KEY, name text NOT NULL);
        CREATE TABLE children (id uuid PRIMARY KEY, parent_id int NOT NULL REFERENCES parents, note text);
        CREATE TABLE friends (a uuid NOT NULL REFERENCES children, b uuid NOT NULL REFERENCES children);
        CREATE TABLE odd (id uuid PRIMARY KEY, at tid NOT NULL DEFAULT '(0,1)');
        CREATE TABLE bare (id serial PRIMARY KEY)""")
    said: list[str] = []
    for name in ("copy_text", "execute"):
        method = getattr(session, name)
        monkeypatch.setattr(session, name, lambda sql, *more, m=method: (said.append(sql), m(sql, *more)))
    result = run(session, plan(session.inspect(), 30))
    assert result.problems == ()
    assert set(result.rows.values()) == {30}
    assert [s for s in said if s.startswith("COPY")] == [
        'COPY "odd" ("id") FROM STDIN',
        'COPY "parents" ("name") FROM STDIN',
        'COPY "children" ("id", "parent_id", "note") FROM STDIN',
        'COPY "friends" ("a", "b") FROM STDIN',
    ]
    assert [s for s in said if s.startswith("INSERT")] == ['INSERT INTO "bare" SELECT FROM generate_series(1, 30)']


def test_a_table_that_takes_no_copy_is_filled_by_inserts(session: PostgresSession) -> None:
    session.execute("""CREATE TABLE secrets (id int PRIMARY KEY, text text NOT NULL);
        ALTER TABLE secrets ENABLE ROW LEVEL SECURITY; CREATE POLICY all_of_it ON secrets USING (true);
        CREATE ROLE asbuilt_seeder; GRANT ALL ON secrets TO asbuilt_seeder""")
    try:
        state = session.inspect()
        session.execute("SET ROLE asbuilt_seeder")
        assert run(session, plan(state, 25)).rows == {"secrets": 25}
    finally:
        session.execute("RESET ROLE; DROP OWNED BY asbuilt_seeder; DROP ROLE asbuilt_seeder")


def test_values_that_copy_would_read_otherwise_arrive_as_they_are(session: PostgresSession) -> None:
    odd = ["a\tb", "\\N", "line\nline", "\\.", "", None]
    session.execute("CREATE TABLE texts (n int, text text)")
    session.copy("COPY texts (n, text) FROM STDIN", ([str(n), text] for n, text in enumerate(odd)))
    assert [row[0] for row in session.rows("SELECT text FROM texts ORDER BY n")] == odd
