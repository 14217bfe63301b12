"""Rows made column by column, over generated tables: counted, valid, the same again, whatever is asked for."""

import hashlib
import importlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asbuilt.engines.base import Session
from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.seed import plan, run
from asbuilt.seed.journal import Mark

pytestmark = pytest.mark.live
RUN = importlib.import_module("asbuilt.seed.run")

COLUMNS = (
    "{n} text NOT NULL",
    "{n} text",
    "{n} varchar(6) NOT NULL UNIQUE",
    "{n}_email text NOT NULL UNIQUE CHECK ({n}_email ~* '^[^@ ]+@[^@ ]+[.][a-z]+$')",
    "{n} char(5) NOT NULL CHECK ({n} ~ '^[A-Z]{{2}}[0-9]{{3}}$')",
    "{n} varchar(9) UNIQUE CHECK ({n} ~ '^[A-Z]{{3}}-[0-9]{{4,5}}$')",
    "{n} int NOT NULL CHECK ({n} BETWEEN 3 AND 5)",
    "{n} int NOT NULL UNIQUE",
    "{n} numeric(8, 2) CHECK ({n} > 0 AND {n} <> 7)",
    "{n} smallint NOT NULL CHECK ({n} > -4), {n}_most bigint NOT NULL, CHECK ({n}_most > {n})",
    "{n}_count int NOT NULL CHECK ({n}_count > 0), {n}_price numeric(9, 2) NOT NULL CHECK ({n}_price >= 0), "
    "{n}_sum numeric(12, 2) NOT NULL, CHECK ({n}_sum = {n}_count * {n}_price)",
    "{n}_start timestamptz NOT NULL, {n}_end timestamptz, CHECK ({n}_end > {n}_start)",
    "{n}_from date NOT NULL, {n}_to date NOT NULL, CHECK ({n}_from <= {n}_to)",
    "{n} timestamp NOT NULL UNIQUE",
    "{n} uuid NOT NULL UNIQUE",
    "{n} mood NOT NULL, {n}_ok boolean",
    "{n} text NOT NULL CHECK ({n} IN ('a', 'b\\c', 'd e'))",
    "{n} jsonb NOT NULL, {n}_tags text[], {n}_ip inet, {n}_raw bytea, {n}_span interval",
    "{n}_a int, {n}_b text, CHECK (({n}_a IS NULL) <> ({n}_b IS NULL))",
    "{n}_kind text NOT NULL, {n}_door int, CHECK (({n}_kind = 'car' AND {n}_door > 1) OR ({n}_kind = 'bus' AND {n}_door IS NULL))",
    "{n} uuid NOT NULL REFERENCES by_uuid",
    "{n} int REFERENCES by_number",
    "{n} int UNIQUE REFERENCES by_number",
    "{n}_a int NOT NULL REFERENCES by_number, {n}_b int NOT NULL REFERENCES by_number, UNIQUE ({n}_a, {n}_b), CHECK ({n}_a <> {n}_b)",
    "{n}_a uuid NOT NULL REFERENCES by_uuid, {n}_place int NOT NULL, UNIQUE ({n}_a, {n}_place)",
    "{n}_mood mood NOT NULL, {n}_a uuid NOT NULL REFERENCES by_uuid, UNIQUE ({n}_mood, {n}_a)",
    "{n}_x int, {n}_y int, FOREIGN KEY ({n}_x, {n}_y) REFERENCES by_two",
)
KEYS = ("id serial PRIMARY KEY", "id uuid PRIMARY KEY, parent uuid REFERENCES made", "id bigint PRIMARY KEY", "id int")
TARGETS = """
CREATE TYPE mood AS ENUM ('good', 'bad', 'it''s');
CREATE TABLE by_uuid (id uuid PRIMARY KEY);
CREATE TABLE by_number (id serial PRIMARY KEY, note text);
CREATE TABLE by_two (x int, y int, PRIMARY KEY (x, y));
"""


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A table of some columns, each with what binds it."""
    key = draw(st.sampled_from(KEYS))
    chosen = draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=6, unique=True))
    return f"CREATE TABLE made ({key}, {', '.join(c.format(n=f'c{i}') for i, c in enumerate(chosen))})"


def fingerprint(session: Session, names: Sequence[str], most: int | None = None) -> list[str]:
    """What stands in tables, as the server writes it: of the first rows only, if so wanted."""
    found = []
    for name in names:
        rows = session.rows(f"SELECT t::text FROM (SELECT * FROM {name} ORDER BY ctid) t")
        found.append(hashlib.sha256("\n".join(row[0] for row in islice(rows, most)).encode()).hexdigest())
    return found


@dataclass
class Notes:
    """A journal in memory that can be broken off after some notes."""

    marks: dict[str, Mark] = field(default_factory=dict)
    left: int = 10**9

    def mark(self, table: str) -> Mark | None:
        return self.marks.get(table)

    def note(self, table: str, mark: Mark) -> None:
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        self.marks[table] = mark


TABLES = ("by_uuid", "by_number", "by_two", "made")
ROWS = {"by_uuid": 40, "by_number": 40, "by_two": 40}


def refuse(*_: object) -> object:
    raise AssertionError("rows were made one by one, or refused")


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=tables(), count=st.integers(1, 100), seed=st.integers(0, 9))
def test_every_row_is_valid_counted_and_the_same_again(
    session: PostgresSession, table: str, count: int, seed: int
) -> None:
    prints = []
    for rows in (count, count, 100):
        with session.attempt(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(RUN, "_fill_singly", refuse)
            session.execute(TARGETS + table)
            result = run(session, plan(session.inspect(), {**ROWS, "made": rows}, seed))
            assert result.problems == ()
            assert session.rows("SELECT count(*) FROM made") == [(rows,)]
            prints.append(fingerprint(session, TABLES, count))
    assert prints[0] == prints[1] == prints[2]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=tables(), broken_off_after=st.integers(0, 5))
def test_what_was_broken_off_goes_on_to_the_same_rows(
    session: PostgresSession, table: str, broken_off_after: int
) -> None:
    prints = []
    for left in (10**9, broken_off_after):
        with session.attempt(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(RUN, "_PIECE", 17)
            session.execute(TARGETS + table)
            seeding, notes = plan(session.inspect(), {**ROWS, "made": 60}), Notes(left=left)
            while True:
                try:
                    result = run(session, seeding, journal=notes)
                    break
                except KeyboardInterrupt:
                    notes.left = broken_off_after + 1
            assert result.rows == {**ROWS, "made": 60}
            prints.append(fingerprint(session, TABLES))
    assert prints[0] == prints[1]


def test_rows_are_added_to_those_that_stand_without_a_collision(session: PostgresSession) -> None:
    session.execute("""CREATE TYPE tint AS ENUM ('red', 'blue', 'green');
        CREATE TABLE tints (tint tint PRIMARY KEY); INSERT INTO tints VALUES ('blue'), ('green');
        CREATE TABLE items (id int PRIMARY KEY, name text UNIQUE); INSERT INTO items VALUES (3, 'x'), (5, 'y'), (4, NULL)""")
    result = run(session, plan(session.inspect(), {"tints": 1, "items": 50}))
    assert result.problems == ()
    assert session.rows("SELECT count(*) FROM tints") == [(3,)]
    assert session.rows("SELECT count(*) FROM items") == [(53,)]


def test_what_is_pointed_at_is_skewed(session: PostgresSession) -> None:
    session.execute("""CREATE TABLE users (id serial PRIMARY KEY);
        CREATE TABLE orders (id serial PRIMARY KEY, user_id int NOT NULL REFERENCES users)""")
    run(session, plan(session.inspect(), {"users": 1000, "orders": 10_000}))
    top = "SELECT sum(n) FROM (SELECT count(*) AS n FROM orders GROUP BY user_id ORDER BY 1 DESC LIMIT 100) t"
    assert session.rows(top)[0][0] > 2500
    assert (
        0
        < session.rows("SELECT count(*) FROM users u WHERE NOT EXISTS (SELECT FROM orders WHERE user_id = u.id)")[0][0]
        < 500
    )


def test_rows_of_many_blocks_stay_apart(session: PostgresSession) -> None:
    session.execute("""CREATE TABLE users (id uuid PRIMARY KEY, email varchar(60) UNIQUE NOT NULL, code char(4) UNIQUE,
        at timestamptz UNIQUE NOT NULL)""")
    assert run(session, plan(session.inspect(), 30_000)).rows == {"users": 30_000}
