"""What documents state of their caches, compiled for the database that they build."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cache.plans import PLAN, Written

from asbuilt.cache.compiling import cache_plan
from asbuilt.cache.keys import key_of, untrue_after
from asbuilt.cache.plan import EVENTS, CachePlan, Drop, Hole, Key
from asbuilt.cache.spelling import spelled
from asbuilt.document import parse
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.state import DatabaseState
from asbuilt.model.merging import merge
from asbuilt.reading import read
from asbuilt.text import Source

pytestmark = pytest.mark.live
SCHEMA = """# Shop

```sql
CREATE TABLE users (
    id UUID PRIMARY KEY,
    email VARCHAR(255) UNIQUE NOT NULL,
    name TEXT COLLATE "C" UNIQUE,
    role TEXT NOT NULL,
    deleted_at TIMESTAMPTZ
);
CREATE TABLE orders (
    id BIGINT PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    status TEXT NOT NULL,
    total NUMERIC NOT NULL
);
CREATE TABLE sessions (
    id UUID PRIMARY KEY,
    user_id UUID REFERENCES users (id) ON DELETE SET NULL,
    token_hash TEXT UNIQUE NOT NULL
);
CREATE TABLE notes (id BIGINT PRIMARY KEY, body TEXT);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
```

## Caching

### Redis Keys

```yaml
"""


@lru_cache
def built() -> DatabaseState:
    source = Source("shop.md", SCHEMA + "```\n")
    with POSTGRES.scratch() as session:
        return POSTGRES.trial(merge(source, read(parse(source)).facts), session).state


def plan(*lines: str) -> CachePlan:
    source = Source("shop.md", SCHEMA + "\n".join(lines) + "\n```\n")
    return cache_plan(built(), merge(source, read(parse(source)).facts))


def one(pattern: str, invalidate: str = "", ttl: str = "TTL: 60 seconds") -> Key:
    lines = [f"Key: {pattern}", ttl, f"Invalidate: {invalidate}" if invalidate else ""]
    [key] = plan(*filter(None, lines)).keys
    return key


def notes(*lines: str) -> list[tuple[int, str]]:
    return [(note.line, note.text) for note in plan(*lines).notes]


@pytest.mark.parametrize(
    ("pattern", "table", "columns"),
    [
        ("user:{userId}", "users", ("id",)),
        ("user:${id}", "users", ("id",)),
        ("users:{user_id}", "users", ("id",)),
        ("user:<userId>", "users", ("id",)),
        ("user:email:{email}", "users", ("email",)),
        ("user:by-email:{userEmail}", "users", ("email",)),
        ("cache:v1:user:{id}", "users", ("id",)),
        ("session:{tokenHash}", "sessions", ("token_hash",)),
        ("order:{orderId}", "orders", ("id",)),
        ("user:{userId}:profile", None, ()),
        ("users:role:{role}", None, ()),
        ("users:active:page:{pageNum}", None, ()),
        ("user:{userId}:orders", None, ()),
        ("user:name:{name}", None, ()),
        ("note:{noteId}", None, ()),
        ("stats:daily", None, ()),
    ],
)
def test_what_a_key_holds(pattern: str, table: str | None, columns: tuple[str, ...]) -> None:
    key = one(pattern, "on user change")
    assert (key.table, key.columns, key.ttl) == (table, columns, 60)


def test_a_row_goes_with_any_write_of_it() -> None:
    assert one("user:{userId}", "On user update").drops == (Drop("users", EVENTS, ("id",)),)
    assert one("user:email:{email}").drops == (Drop("users", EVENTS, ("email",)),)


@pytest.mark.parametrize(
    ("pattern", "text", "drops"),
    [
        ("users:active:page:{n}", "On any user change", (Drop("users", EVENTS),)),
        ("users:role:{role}", "on user update", (Drop("users", ("update",), ("role",)),)),
        ("users:role:{role}", "on user role change", (Drop("users", ("update",), ("role",), ("role",)),)),
        ("users:role:{role}", "on any user change", (Drop("users", EVENTS),)),
        ("user:{userId}:profile", "when a user is updated", (Drop("users", ("update",), ("id",)),)),
        ("user:{userId}:summary", "on user update or order create", (Drop("users", ("update",), ("id",)), Drop("orders", ("insert",), ("user_id",)))),
        ("user:{userId}:summary", "on order update/delete", (Drop("orders", ("update", ), ("user_id",)), Drop("orders", ("delete",), ("user_id",)), Drop("users", ("delete",), ("id",)))),
        ("orders:open", "on order status change", (Drop("orders", ("update",), (), ("status",)),)),
        ("user:{userId}:sessions", "on session update", (Drop("sessions", ("update",), ("user_id",)), Drop("users", ("delete",), ("id",)))),
        ("user:{userId}:card", "on user delete", (Drop("users", ("delete",), ("id",)), Drop("users", ("update",), ("id",), ("deleted_at",)))),
    ],
)  # fmt: skip
def test_what_makes_it_untrue(pattern: str, text: str, drops: tuple[Drop, ...]) -> None:
    assert one(pattern, text).drops == drops


def test_rows_go_along_with_those_that_they_reference() -> None:
    assert one("order:{orderId}", "on order update").drops == (
        Drop("orders", EVENTS, ("id",)),
        Drop("users", ("delete",)),
    )
    assert Drop("users", ("delete",)) in one("session:{tokenHash}", "on session delete").drops


def test_what_cannot_be_taken_as_written_is_told_with_its_line() -> None:
    first = SCHEMA.count("\n") + 1
    assert notes("Key: user:{userId}:profile", "TTL: 60 seconds", "Invalidate: on newsletter") == [
        (first, "nothing in the document says which write `on newsletter` is: it does not make the key go"),
        (first, "nothing but time makes it go: the document names no write that makes it untrue"),
    ]
    [(line, text)] = notes("Key: user:{userId}", "Invalidate: on user update")
    assert (line, "3600 seconds are assumed" in text) == (first, True)
    [(_, text)] = notes("Key: note:{noteId}", "TTL: 60 seconds", "Invalidate: on note update")
    assert "row level security" in text
    [(_, text)] = notes("Key: user:name:{name}", "TTL: 60 seconds", "Invalidate: on user update")
    assert "several spellings" in text
    assert notes("Key: user:{userId}", "TTL: 60 seconds", "", "Key: users:{id}", "TTL: 60 seconds") == [
        (first + 3, "holds the same rows as `user:{userId}`, which reads use")
    ]


def test_a_plan_says_what_it_is_of() -> None:
    before, after = plan("Key: user:{userId}", "TTL: 60 seconds"), plan("Key: user:{userId}", "TTL: 90 seconds")
    assert before.name == "shop"
    assert before.digest == after.digest != plan("Key: user:{email}", "TTL: 60 seconds").digest
    assert before.prefix == f"shop:{before.digest}:"


@pytest.mark.parametrize(
    ("kind", "same"),
    [
        ("uuid", (UUID(int=1), "00000000-0000-0000-0000-000000000001", "00000000000000000000000000000001")),
        ("number", (1, Decimal("1.0"), Decimal("1.00"), "1")),
        ("folded", ("Ada@X", "ada@x")),
        ("padded", ("a ", "a")),
        ("boolean", (True, "true")),
        ("moment", (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))))),
        ("whole", (5, "5", True + 4)),
    ],
)
def test_equal_values_have_one_spelling(kind: str, same: tuple[object, ...]) -> None:
    assert len({spelled(value, kind) for value in same}) == 1


PAIR = Key("a:{x}:{y}", ("a:", ":", ""), (Hole("x", "text"), Hole("y", "text")), 1, 1)


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_no_two_values_share_a_key(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (key_of(PAIR, one) == key_of(PAIR, other)) == (one == other)
    assert str(key_of(PAIR, one)).count(":") == 2


ROWS = st.none() | st.fixed_dictionaries({"id": st.integers(0, 3), "email": st.sampled_from(["a", "b", "c:d"])})


@given(ROWS, ROWS)
def test_a_write_takes_out_the_keys_of_the_row_as_it_was_and_as_it_is(before: object, after: object) -> None:
    untrue = untrue_after(PLAN, [Written("users", before, after)])  # type: ignore[arg-type]
    rows = [row for row in (before, after) if isinstance(row, dict)]
    by_id = {key_of(PLAN.keys[0], (row["id"],)) for row in rows}
    by_email = {key_of(PLAN.keys[1], (row["email"],)) for row in rows}
    assert untrue.keys == by_id | by_email
    assert untrue.groups == ({"users:page:{n}"} if rows else set(PLAN.by_pattern))


def test_a_row_that_does_not_tell_takes_out_all() -> None:
    untrue = untrue_after(PLAN, [Written("users", {"id": 1}, None)])
    assert untrue.keys == {"user:1"}
    assert untrue.groups == {"user:email:{email}", "users:page:{n}"}


def test_a_change_of_another_column_leaves_what_depends_on_one() -> None:
    key = Key("open", ("open",), (), 1, 1, drops=(Drop("orders", ("update",), (), ("status",)),))
    only = CachePlan((key,))
    assert not untrue_after(only, [Written("orders", {"status": "a", "total": 1}, {"status": "a", "total": 2})])
    assert untrue_after(only, [Written("orders", {"status": "a"}, {"status": "b"})]).keys == {"open"}
    assert not untrue_after(only, [Written("orders", None, {"status": "b"})])
