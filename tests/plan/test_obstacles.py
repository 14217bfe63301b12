"""A way back that rows written since keep shut: which they are is told, without what may be personal."""

import pytest

from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.errors import ServerRefused
from asbuilt.plan.running import apply, roll_back
from asbuilt.project.changes import sync_plan

MOOD = "CREATE TYPE mood AS ENUM ('bad', 'good'); CREATE TABLE days (day int PRIMARY KEY, mood mood)"
USERS = "CREATE TABLE users (id int PRIMARY KEY, email text"
PAIR = "CREATE TABLE roles (name text PRIMARY KEY); CREATE TABLE users (id int PRIMARY KEY, role text"
CASES = {
    "a label": (
        MOOD, MOOD.replace("'good'", "'good', 'great'"), "INSERT INTO days VALUES (1, 'great'), (2, 'bad'), (3, 'great')",
        "rows of days with a mood that mood did not have (great): 2, with the keys (1), (3)", "UPDATE days SET mood = 'good'",
    ),
    "a unique key": (
        f"{USERS} UNIQUE)", f"{USERS})", "INSERT INTO users VALUES (1, 'a@b'), (2, 'a@b'), (3, 'c@d'), (4, NULL), (5, NULL)",
        "rows of users that share (email), against unique users_email_key: 2, with the keys (1), (2)", "DELETE FROM users WHERE id = 2",
    ),
    "a unique index": (
        f"{USERS}); CREATE UNIQUE INDEX one ON users (lower(email)) WHERE id < 9", f"{USERS})",
        "INSERT INTO users VALUES (1, 'a@b'), (2, 'A@B'), (10, 'a@b')",
        "rows of users that share (lower(email)), against unique index one: 2, with the keys (1), (2)", "DELETE FROM users WHERE id = 2",
    ),
    "a check": (
        f"{USERS} CONSTRAINT at CHECK (email LIKE '%@%'))", f"{USERS})",
        "INSERT INTO users SELECT i, 'x' FROM generate_series(1, 8) i",
        "rows of users that do not keep check at: 8, with the keys (1), (2), (3), (4), (5), …", "UPDATE users SET email = 'x@y'",
    ),
    "a reference": (
        f"{PAIR} REFERENCES roles)", f"{PAIR})", "INSERT INTO users VALUES (1, 'none'), (2, NULL)",
        "rows of users whose role is not in roles: 1, with the keys (1)", "UPDATE users SET role = NULL",
    ),
    "a value": (
        f"{USERS} NOT NULL)", f"{USERS})", "INSERT INTO users VALUES (1, NULL)", "rows of users without email: 1, with the keys (1)",
        "UPDATE users SET email = ''",
    ),
    "a number": (
        "CREATE TABLE sums (id int PRIMARY KEY, n smallint)", "CREATE TABLE sums (id int PRIMARY KEY, n numeric)",
        "INSERT INTO sums VALUES (1, 32767.5), (2, 32767.4), (3, -32768.4)",
        "values of sums.n that do not fit smallint: 1, with the keys (1)", "DELETE FROM sums WHERE id = 1",
    ),
    "a key that may be personal": (
        "CREATE TABLE users (email text PRIMARY KEY, age int NOT NULL)", "CREATE TABLE users (email text PRIMARY KEY, age int)",
        "INSERT INTO users VALUES ('emma@example.org', NULL)", "rows of users without age: 1, with the keys (…)", "UPDATE users SET age = 1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_in_the_way_is_counted_and_shown_by_key(case: str) -> None:
    old, new, written, told, mended = CASES[case]
    with scratch_database() as origin, scratch_database() as url, POSTGRES.connect(url) as session:
        session.execute(old)
        with POSTGRES.connect(origin) as other:
            other.execute(new)
        apply(POSTGRES, url, sync_plan(origin, url))
        session.execute(written)
        with pytest.raises(ServerRefused) as caught:
            roll_back(POSTGRES, url)
        assert [line for line in str(caught.value).splitlines() if line.startswith("in the way")] == [
            f"in the way: {told}"
        ]
        assert caught.value.help.startswith("change or delete what is in the way; what was done before it stays")
        session.execute(mended)
        assert roll_back(POSTGRES, url)[0].state == "rolled back"
