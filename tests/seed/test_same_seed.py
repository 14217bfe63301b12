"""The same seed, the same rows: two databases that are dumped to the same bytes."""

import subprocess

import pytest

from asbuilt.engines.postgres import places
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_server
from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.seed import plan, run

pytestmark = pytest.mark.live

TABLES = """
CREATE TYPE state AS ENUM ('new', 'done');
CREATE TABLE users (id uuid PRIMARY KEY, email text UNIQUE NOT NULL, born date, active boolean NOT NULL, boss uuid REFERENCES users);
CREATE TABLE orders (id int PRIMARY KEY, user_id uuid NOT NULL REFERENCES users, state state NOT NULL,
    total numeric(10, 2) NOT NULL CHECK (total > 0), lines jsonb NOT NULL, created_at timestamptz NOT NULL, shipped_at timestamptz);
CREATE TABLE notes (order_id int REFERENCES orders, number int, text text NOT NULL, PRIMARY KEY (order_id, number));
"""


def dumped(session: PostgresSession, seed: int) -> bytes:
    session.execute(TABLES)
    assert run(session, plan(session.inspect(), 200, seed)).problems == ()
    command = [
        str(places.binaries() / "pg_dump"),
        "--data-only",
        "--restrict-key=x",
        scratch_server().url(session.database),
    ]
    return subprocess.run(command, capture_output=True, check=True).stdout


def test_two_databases_get_the_same_bytes(session: PostgresSession) -> None:
    with POSTGRES.scratch() as second, POSTGRES.scratch() as third:
        first = dumped(session, 7)
        assert b"@example." in first
        assert dumped(second, 7) == first
        assert dumped(third, 8) != first
