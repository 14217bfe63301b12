"""What the server refuses, as both drivers tell it: the same refusals, with entity, field and line."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import asyncpg
import psycopg
import pytest
from tests.access.conftest import standing

from asbuilt.access.refusals import (
    DataError,
    Duplicate,
    InvalidRow,
    MissingReference,
    NotPermitted,
    QueryRefused,
    StillReferenced,
    Unanswered,
)
from asbuilt.access.schema import Schema
from asbuilt.access.translating import translated

SHOP = Path(__file__).parents[2] / "examples" / "shop.md"
SAMPLE = """
DELETE FROM users;
INSERT INTO users (id, email, name, password_hash) VALUES ('00000000-0000-0000-0000-000000000001', 'ada@example.com', 'Ada', 'x');
INSERT INTO users (id, email, name, password_hash) VALUES ('00000000-0000-0000-0000-000000000002', 'bob@example.com', 'Bob', 'x');
INSERT INTO orders (user_id, total) VALUES ('00000000-0000-0000-0000-000000000001', 5);
"""
CASES = [
    ("INSERT INTO users (email, name, password_hash) VALUES ('ada@example.com', 'A', 'x')", Duplicate, "User: email is taken by another row", "email         varchar(255) NOT NULL UNIQUE,"),
    ("INSERT INTO orders (user_id, total) VALUES (gen_random_uuid(), 5)", MissingReference, "Order: user_id refers to a User that does not exist", "user_id    uuid NOT NULL REFERENCES users (id) ON DELETE RESTRICT,"),
    ("DELETE FROM users WHERE name = 'Ada'", StillReferenced, "User: is still referred to by orders.user_id", "user_id    uuid NOT NULL REFERENCES users (id) ON DELETE RESTRICT,"),
    ("INSERT INTO orders (total) VALUES (5)", InvalidRow, "Order: user_id is required", "user_id    uuid NOT NULL REFERENCES users (id) ON DELETE RESTRICT,"),
    ("INSERT INTO orders (user_id, total) SELECT id, -1 FROM users", InvalidRow, "Order: total breaks `orders_total_check`: total >= (0)::numeric", "total      numeric(12, 2) NOT NULL CHECK (total >= 0),"),
    ("UPDATE users SET status = 'gone'", InvalidRow, 'invalid input value for enum user_status: "gone"', ""),
    ("UPDATE users SET name = repeat('x', 300)", InvalidRow, "value too long for type character varying(200)", ""),
    ("SELECT nothing FROM users", QueryRefused, 'column "nothing" does not exist', ""),
    ("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)", Unanswered, "canceling statement due to statement timeout", ""),
    ("DO $$ BEGIN RAISE EXCEPTION 'not on Sundays'; END $$", InvalidRow, "not on Sundays", ""),
    ("SET LOCAL ROLE pg_monitor; DELETE FROM users", NotPermitted, "permission denied for table users", ""),
]  # fmt: skip


def by_asyncpg(url: str, sql: str) -> Exception:
    async def run() -> Exception:
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction():
                await connection.execute(SAMPLE + sql)
        except asyncpg.PostgresError as error:
            return error
        finally:
            await connection.close()
        raise AssertionError("it was not refused")

    return asyncio.run(run())


def by_psycopg(url: str, sql: str) -> Exception:
    with psycopg.connect(url) as connection:
        try:
            with connection.transaction():
                connection.execute((SAMPLE + sql).encode())
        except psycopg.Error as error:
            return error
    raise AssertionError("it was not refused")


@pytest.fixture(scope="module")
def shop() -> object:
    with standing(SHOP) as found:
        yield found


@pytest.mark.parametrize("driver", [by_asyncpg, by_psycopg], ids=["asyncpg", "psycopg"])
@pytest.mark.parametrize(("sql", "kind", "words", "line"), CASES, ids=[case[0][:30] for case in CASES])
def test_both_drivers_give_the_same_refusal(
    driver: Callable[[str, str], Exception],
    sql: str,
    kind: type[DataError],
    words: str,
    line: str,
    shop: tuple[str, Schema],
) -> None:
    url, schema = shop
    refusal = translated(schema, driver(url, sql))
    assert type(refusal) is kind
    assert str(refusal).startswith(words)
    if line:
        assert isinstance(refusal, InvalidRow)
        stated = SHOP.read_text(encoding="utf-8").splitlines()[refusal.problems[0].line - 1]
        assert stated.strip() == line


def test_a_row_that_refers_to_its_own_table(shop: tuple[str, Schema]) -> None:
    url, schema = shop
    new = "INSERT INTO categories (parent_id, slug, name) VALUES (gen_random_uuid(), 'a', 'A')"
    assert type(translated(schema, by_psycopg(url, new))) is MissingReference
    key = "ALTER TABLE categories DROP CONSTRAINT categories_parent_id_fkey, ADD CONSTRAINT categories_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES categories (id);"
    rows = "INSERT INTO categories (id, slug, name) VALUES ('00000000-0000-0000-0000-00000000000a', 'a', 'A'); INSERT INTO categories (parent_id, slug, name) VALUES ('00000000-0000-0000-0000-00000000000a', 'b', 'B');"
    gone = f"{key} {rows} DELETE FROM categories WHERE slug = 'a'"
    assert type(translated(schema, by_psycopg(url, gone))) is StillReferenced


def test_a_value_that_the_driver_cannot_write(shop: tuple[str, Schema]) -> None:
    url, schema = shop

    async def run() -> Exception:
        connection = await asyncpg.connect(url)
        try:
            await connection.fetch("SELECT $1::int", "five")
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            return error
        finally:
            await connection.close()
        raise AssertionError("it was not refused")

    refusal = translated(schema, asyncio.run(run()))
    assert type(refusal) is InvalidRow
    assert "five" in str(refusal)
