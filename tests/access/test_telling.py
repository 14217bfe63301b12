"""What a statement by hand writes, and what given rows tell."""

import pytest

from asbuilt.access.schema import Column, Table
from asbuilt.access.telling import moving, of_given, written_by

TABLES = frozenset({"users", "orders", "crm.users"})
USERS = Table(
    "users",
    "users",
    "User",
    (
        Column("id", "id", "bigint", is_written=False),
        Column("email", "email", "character varying(80)"),
        Column("rank", "rank", "numeric(8,2)"),
        Column("slug", "slug", "text", is_amended=True),
        Column("twice", "twice", "integer", is_written=False),
    ),
    primary_key=("id",),
)


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("UPDATE orders SET total = 1", ("orders",)),
        ("with x as (delete from Orders returning 1) select * from x", ("orders",)),
        ('INSERT INTO "users" SELECT * FROM orders', ("crm.users", "orders", "users")),
        ("TRUNCATE users CASCADE", ("crm.users", "users")),
        ("MERGE INTO orders USING x ON true WHEN MATCHED THEN DELETE", ("orders",)),
        ("SELECT * FROM users FOR UPDATE", ()),
        ("SELECT * FROM users FOR NO KEY UPDATE", ()),
        ("SELECT updated_at FROM users", ()),
        ("UPDATE things SET users_seen = 1", ()),
    ],
)
def test_what_a_statement_by_hand_may_write(sql: str, tables: tuple[str, ...]) -> None:
    assert written_by(sql, TABLES) == tables


def test_what_a_change_may_move() -> None:
    told = ("id", "email", "rank", "slug", "twice", "gone")
    assert moving(USERS, told, ("email",)) == ("email", "slug", "twice", "gone")
    assert moving(USERS, ("id", "email"), ("rank",)) == ()


def test_what_rows_tell_that_are_copied_in() -> None:
    told = ("id", "email", "rank", "slug")
    [written] = of_given(USERS, told, [{"email": "a", "rank": 1.005, "slug": "x"}])
    assert (written.before, written.after) == (None, {"email": "a"})
    [written] = of_given(USERS, told, [{"email": "a"}] * 1001)
    assert (written.before, written.after) == (None, None)
