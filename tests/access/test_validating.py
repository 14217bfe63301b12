"""What validation refuses, the server refuses too: generated checks and values, tried on both."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import asbuilt
from asbuilt.access.checks.derived import checks_of, written
from asbuilt.access.deriving import schema_of
from asbuilt.access.refusals import InvalidRow
from asbuilt.access.schema import Schema, Table
from asbuilt.access.validating import Validation
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.engines.state import DatabaseState
from asbuilt.model.design import Design
from asbuilt.text import Source

ROOT = Path(__file__).parents[2]
NOW = datetime.datetime.now(datetime.UTC)
TYPES: dict[str, Any] = {
    "a": ("varchar(4)", st.text("aZ-1 éİıiI\nß", max_size=6)),
    "b": ("text", st.text("ab@.X1_-é%", max_size=9)),
    "c": ("char(3)", st.text("DE d1", max_size=4)),
    "i": ("integer", st.integers(-12, 12)),
    "j": ("integer", st.integers(-12, 12)),
    "s": ("smallint", st.integers(-40000, 40000)),
    "n": ("numeric(5, 2)", st.decimals(-1200, 1200, places=4) | st.sampled_from([Decimal("0.995"), Decimal("999.995"), Decimal("NaN"), Decimal("-0.005")])),
    "m": ("numeric", st.decimals(-5, 5, places=3) | st.integers(-3, 3)),
    "f": ("double precision", st.floats(-4, 4) | st.sampled_from([0.1, float("nan"), float("inf")])),
    "r": ("real", st.sampled_from([0.1, 0.5, 16777217.0, -1.0])),
    "t": ("timestamptz", st.sampled_from([NOW + datetime.timedelta(days=d) for d in (-40, -3, 0, 3, 40)])),
    "d": ("date", st.dates(datetime.date(1899, 12, 30), datetime.date(2040, 1, 1))),
    "e": ("colour", st.sampled_from(["red", "green", "blau"])),
    "y": ("boolean", st.booleans()),
    "l": ("text[]", st.lists(st.sampled_from(["x", "y"]), max_size=3)),
}  # fmt: skip
SCALARS = {
    "i": st.sampled_from(["i", "j", "i + j", "i * 2 - j", "i / 3", "i % 4", "abs(i)", "coalesce(i, 0)", "length(b)", "-j", "greatest(i, j)", "nullif(i, 3)",
                          "cardinality(l)", "array_length(l, 1)", "num_nulls(a, i, e)", "s", "octet_length(b)", "CASE WHEN y THEN i ELSE j END", "length(c)"]),
    "n": st.sampled_from(["n", "m", "n + m", "n * i", "n - 1.5", "coalesce(n, m)", "abs(m)"]),
    "f": st.sampled_from(["f", "r", "f * 2", "f + r", "i::double precision"]),
    "t": st.sampled_from(["a", "b", "lower(a)", "upper(b)", "trim(a)", "btrim(b, 'a')", "a || b", "c::text", "e::text", "coalesce(a, 'é')"]),
}  # fmt: skip
ORDER = st.sampled_from(["<", "<=", ">", ">=", "=", "<>"])
PATTERNS = st.sampled_from(
    [
        "^[a-z]+$",
        "^[^a]*$",
        "a|b$",
        r"^\w+$",
        r"\d",
        "^a{1,2}",
        "(?:ab)+",
        "[[:alpha:]]-",
        r"\.",
        "^(a-)*[a-z]$",
        "$",
        r"^\S+@\S+$",
        "[.-]",
        r"\ya",
        "a.b",
        "(?=a)a",
    ]
)


@st.composite
def atoms(draw: Any) -> str:
    """A condition over the columns, as a document might have it."""
    kind = draw(st.sampled_from(["number", "exact", "float", "text", "pattern", "like", "null", "list", "other"]))
    op = draw(ORDER)
    if kind == "number":
        return f"{draw(SCALARS['i'])} {op} {draw(SCALARS['i'] | st.integers(-3, 6).map(str))}"
    if kind == "exact":
        return f"{draw(SCALARS['n'])} {op} {draw(SCALARS['n'] | st.sampled_from(['0', '1', '0.99', '-2.5']))}"
    if kind == "float":
        return f"{draw(SCALARS['f'])} {op} {draw(st.sampled_from(['0.1', 'f', '0', '2']))}"
    if kind == "text":
        return f"{draw(SCALARS['t'])} {draw(st.sampled_from(['=', '<>']))} {draw(SCALARS['t'] | st.just(repr('a')))}"
    if kind == "pattern":
        return f"{draw(st.sampled_from(['a', 'b', 'c']))} {draw(st.sampled_from(['~', '~*', '!~', '!~*']))} '{draw(PATTERNS)}'"
    if kind == "like":
        word = draw(st.sampled_from(["LIKE", "ILIKE", "NOT LIKE", "NOT ILIKE"]))
        return f"{draw(st.sampled_from(['a', 'b']))} {word} '{draw(st.sampled_from(['a%', '%_b', '%I%', 'é_', '%', 'x']))}'"
    if kind == "null":
        return f"{draw(st.sampled_from(['a', 'i', 'n', 't', 'lower(a)']))} IS {draw(st.sampled_from(['', 'NOT ']))}NULL"
    if kind == "list":
        return draw(st.sampled_from(["a IN ('a', 'Z')", "i NOT IN (1, 2, 3)", "e IN ('red', 'green')", "i IN (1, NULL)", "c IN ('DE', 'd')",
                                     "i = ANY (ARRAY[1, j])", "b <> ALL ('{a,b}'::text[])", "b LIKE ANY (ARRAY['a%', '%b'])"]))  # fmt: skip
    return str(
        draw(
            st.sampled_from(
                ["y", "NOT y", "y IS TRUE", "y IS NOT FALSE", "t > now()", "t <= now() - interval '30 days'", "d <= CURRENT_DATE", "d > '1900-01-01'",
                 "i IS DISTINCT FROM j", "a IS NOT DISTINCT FROM b", "i BETWEEN 1 AND 5", "n NOT BETWEEN 0 AND 1", "a = lower(a)", "upper(b) = b",
                 "starts_with(b, 'a')", "t - interval '1 day' < t", "d + 5 > d", "i BETWEEN SYMMETRIC 5 AND 1"]
            )
        )
    )  # fmt: skip


CONDITIONS = st.recursive(
    atoms(),
    lambda inner: st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda p: f"(({p[0]}) {p[1]} ({p[2]}))") | inner.map(lambda c: f"(NOT ({c}))"),
    max_leaves=4,
)  # fmt: skip
ROWS = st.fixed_dictionaries({}, optional={name: st.none() | values for name, (_, values) in TYPES.items()})


@pytest.fixture(scope="module")
def live() -> Iterator[PostgresSession]:
    with POSTGRES.scratch() as session:
        session.execute("CREATE TYPE colour AS ENUM ('red', 'green')")
        columns = ", ".join(f"{name} {type}" for name, (type, _) in TYPES.items())
        session.execute(f"CREATE TABLE things ({columns})")
        yield session


def state_with(session: PostgresSession, condition: str) -> DatabaseState:
    session.execute("TRUNCATE things")
    session.execute("ALTER TABLE things DROP CONSTRAINT IF EXISTS rule")
    session.execute(f"ALTER TABLE things ADD CONSTRAINT rule CHECK ({condition})")
    return session.inspect()


def refused_by_server(session: PostgresSession, row: dict[str, Any]) -> bool:
    names = ", ".join(row)
    holes = ", ".join(f"%s::{'text' if TYPES[n][0].startswith(('varchar', 'char')) else TYPES[n][0]}" for n in row)
    sql = f"INSERT INTO things ({names}) VALUES ({holes})" if row else "INSERT INTO things DEFAULT VALUES"
    try:
        with session.connection.transaction():
            session.connection.execute(sql, list(row.values()))
    except psycopg.Error:
        return True
    return False


def test_what_is_refused_the_server_refuses_too(live: PostgresSession) -> None:
    counts = {"checks": 0, "told": 0, "rows": 0, "refused": 0, "found": 0}

    @settings(max_examples=120, database=None, suppress_health_check=list(HealthCheck))
    @given(CONDITIONS, st.lists(ROWS, min_size=6, max_size=12))
    def agree(condition: str, rows: list[dict[str, Any]]) -> None:
        state = state_with(live, condition)
        schema = schema_of(state, Design(Source("things.md", ""), ()))
        table = schema.by_name["things"]
        counts["checks"] += 1
        counts["told"] += bool(table.checks)
        for row in rows:
            problems = Validation(schema).problems(table, row)
            refused = refused_by_server(live, row)
            counts["rows"] += 1
            counts["refused"] += refused
            counts["found"] += bool(problems) and refused
            assert not problems or refused, (condition, row, problems)

    agree()
    assert counts["told"] > counts["checks"] * 0.5
    assert counts["found"] > counts["refused"] * 0.5


@pytest.fixture(scope="module")
def shop() -> Schema:
    design = asbuilt.load(ROOT / "examples" / "shop.md").design
    with POSTGRES.scratch() as session:
        return schema_of(POSTGRES.trial(design, session).state, design)


def test_every_check_of_the_shop_is_run_here_too() -> None:
    design = asbuilt.load(ROOT / "examples" / "shop.md").design
    with POSTGRES.scratch() as session:
        state = POSTGRES.trial(design, session).state
    every = [found for table in state.tables.values() for found in written(table, state)]
    assert len(every) > 20
    assert not [found for found in every if found.tree is None]


def told(schema: Schema, table: str, *, is_change: bool = False, **values: Any) -> list[tuple[str, str, str]]:
    """Return the problems: field, rule, and the line of the document without its blanks."""
    lines = (ROOT / "examples" / "shop.md").read_text(encoding="utf-8").splitlines()
    found = Validation(schema).problems(schema.by_name[table], values, is_change=is_change) or []
    return [(p.field, p.rule, " ".join(lines[p.line - 1].split())[:40]) for p in found]


def test_all_problems_come_at_once_with_the_lines_that_state_them(shop: Schema) -> None:
    assert told(shop, "users", emial="x", email="nope", name=5, status="activ") == [
        ("emial", "unknown", "CREATE TABLE users ("),
        ("password_hash", "required", "password_hash varchar(255) NOT NULL,"),
        ("name", "type", "name varchar(200) NOT NULL,"),
        ("status", "values", "status user_status NOT NULL DEFAULT 'act"),
        ("email", "pattern", "CONSTRAINT users_email_format CHECK (ema"),
        ("email", "pattern", "email: z.string().email(),"),
    ]


def test_fields_are_compared_and_defaults_known(shop: Schema) -> None:
    early, late = NOW, NOW + datetime.timedelta(days=1)
    line = "CONSTRAINT coupons_valid_period CHECK (v"
    assert told(shop, "coupons", code="ABCD", percent_off=5, valid_from=late, valid_until=early) == [
        ("", "check", line)
    ]
    assert told(shop, "stock_levels", product_id="8be1bd45-6f0b-4c0a-9f0e-111111111111", reserved=5) == [
        ("", "check", "CONSTRAINT stock_levels_reserved_on_hand")
    ]


def test_a_change_is_held_to_what_is_given(shop: Schema) -> None:
    assert not told(shop, "coupons", is_change=True, valid_until=NOW)
    assert told(shop, "coupons", is_change=True, percent_off=0)[0][:2] == ("percent_off", "range")
    assert told(shop, "coupons", is_change=True, code=None)[0][:2] == ("code", "required")


@pytest.mark.parametrize(
    ("table", "values", "words"),
    [
        ("orders", {"total": 1.5}, "must be a Decimal or an int, not float 1.5"),
        ("orders", {"total": Decimal(99999999999)}, "must have at most 10 digits before the point"),
        ("cart_items", {"quantity": "5"}, "must be an int, not str '5'"),
        ("cart_items", {"quantity": True}, "must be an int, not bool True"),
        ("cart_items", {"quantity": 2**40}, "must be between -2147483648 and 2147483647"),
        ("users", {"name": "a\0b"}, "has a NUL character, which PostgreSQL cannot store"),
        ("users", {"name": "\ud800"}, "has half of a surrogate pair"),
        ("users", {"name": "x" * 201}, "must have at most 200 characters, not 201"),
        ("users", {"preferences": {"a": "\0"}}, "has a NUL character, which jsonb cannot store"),
        ("users", {"preferences": {"a": object()}}, "cannot be written as JSON"),
        ("users", {"created_at": datetime.datetime(2026, 1, 1)}, "must have a time zone"),
        ("orders", {"number": 5}, "is made by the server"),
        ("orders", {"user_id": "5"}, "must be a UUID, not '5'"),
    ],
)
def test_messages_say_what_is_wanted(shop: Schema, table: str, values: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRow) as refusal:
        Validation(shop).check(shop.by_name[table], values, is_change=True)
    assert words in str(refusal.value)


def test_secrets_are_not_shown(shop: Schema) -> None:
    table: Table = shop.by_name["users"]
    problems = Validation(shop).problems(table, {"password_hash": 517}, is_change=True)
    assert problems
    assert "517" not in problems[0].message


def test_what_a_trigger_may_write_is_left_to_the_server() -> None:
    with POSTGRES.scratch() as session:
        session.execute("CREATE TABLE notes (slug text NOT NULL CHECK (slug = lower(slug)), body text NOT NULL)")
        session.execute(
            "CREATE FUNCTION slugs() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.slug := lower(coalesce(NEW.slug, NEW.body)); RETURN NEW; END $$"
        )
        session.execute("CREATE TRIGGER slugs BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION slugs()")
        state = session.inspect()
    design = Design(Source("notes.md", ""), ())
    table = schema_of(state, design).by_name["notes"]
    assert not checks_of(state.tables["notes"], state, design)
    assert not Validation(Schema((table,))).problems(table, {"body": "A"})
    assert Validation(Schema((table,))).problems(table, {"slug": "A"})
