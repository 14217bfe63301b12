"""What only PostgreSQL knows: each finding of the trial on the real server, at its place, and what its fix does."""

import pytest

from asbuilt.diagnostics import Diagnostic, apply_edits
from asbuilt.document import parse
from asbuilt.engines.postgres.diagnosing import KINDS, diagnose
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.model.merging import merge
from asbuilt.reading import read
from asbuilt.rules import check
from asbuilt.text import Source

_USERS = "CREATE TABLE users (id INT PRIMARY KEY, email TEXT NOT NULL, status TEXT CHECK (status IN ('on', 'off')));\n"


def document(schema: str, more: str = "") -> str:
    return f"# Schema\n\n```sql\n{schema.strip()}\n```\n{more}"


def chapter(title: str, sql: str) -> str:
    return f"\n## {title}\n\n```sql\n{sql.strip()}\n```\n"


def findings(session: PostgresSession, text: str) -> list[Diagnostic]:
    """Return what is found when the document is tried out in `session`, notes left out."""
    source = Source("design.md", text)
    reading = read(parse(source))
    design = merge(source, reading.facts)
    with session.attempt():
        trial = POSTGRES.trial(design, session)
    found = check(design, (*reading.diagnostics, *diagnose(trial, design)))
    return [d for d in found if d.severity != "info" or d.code == "extension_unavailable"]


def told(session: PostgresSession, text: str) -> list[tuple[str, str]]:
    return [(d.code, text[d.span.start : d.span.end]) for d in findings(session, text)]


CASES = {
    "extension_unavailable": ("CREATE EXTENSION postgis;", "postgis"),
    "primary_key_without_partition_key": (
        "CREATE TABLE events (id UUID PRIMARY KEY, at TIMESTAMPTZ) PARTITION BY RANGE (at);", None),
    "partition_of_unpartitioned": (
        "CREATE TABLE events (id INT PRIMARY KEY);\n"
        "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (1) TO (9);", "events"),
    "not_immutable": (
        "CREATE TABLE a (id INT PRIMARY KEY, at TIMESTAMPTZ);\n"
        "CREATE INDEX recent ON a (at) WHERE at > now() - interval '1 day';", "now"),
    "function_undefined": ("CREATE TABLE a (id UUID PRIMARY KEY DEFAULT make_an_id());", "make_an_id"),
    "type_undefined": (_USERS + "ALTER TABLE users ADD CHECK (email::address IS NOT NULL);", "address"),
    "relation_undefined": ("CREATE TABLE a (id INT PRIMARY KEY DEFAULT nextval('numbers'));", None),
    "column_undefined": (
        _USERS + "CREATE VIEW v AS SELECT id FROM users;\nCREATE VIEW w AS SELECT colour FROM v;", "colour"),
    "rows_refused": (_USERS, None),
    "statement_refused": ("CREATE TABLE a (id INT PRIMARY KEY, b TEXT, CHECK (b > 3));", ">"),
}  # fmt: skip
_SEED = chapter("Seed Data", "INSERT INTO users VALUES (1, 'a@example.com', 'new');")


@pytest.mark.parametrize("code", [kind.code for kind in KINDS] + ["statement_refused"])
def test_each_kind_of_refusal_is_found_at_its_place(session: PostgresSession, code: str) -> None:
    schema, place = CASES[code]
    found = told(session, document(schema, _SEED if code == "rows_refused" else ""))
    assert code in [c for c, _ in found]
    if place:
        assert (code, place) in found


def test_the_function_of_a_trigger_is_written_from_what_it_must_keep_true(session: PostgresSession) -> None:
    text = document(
        "CREATE TABLE users (id INT PRIMARY KEY, email TEXT, name TEXT);\n"
        "CREATE TABLE orders (id INT PRIMARY KEY, user_id INT REFERENCES users (id), user_email TEXT, user_name TEXT);\n"
        "CREATE INDEX orders_user ON orders (user_id);\n"
        "CREATE TRIGGER keep AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION keep_orders();"
    )
    (finding,) = [d for d in findings(session, text) if d.code == "trigger_function_missing"]
    fixed = apply_edits(Source("design.md", text), finding.fixes[0].edits)
    assert "UPDATE orders SET user_email = NEW.email, user_name = NEW.name WHERE user_id = NEW.id;" in fixed
    assert "trigger_function_missing" not in [code for code, _ in told(session, fixed)]


def test_a_trigger_function_that_nothing_explains_changes_nothing(session: PostgresSession) -> None:
    text = document(
        _USERS + "CREATE TRIGGER enigma AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION do_what_is_needed();"
    )
    (finding,) = findings(session, text)
    assert "changes nothing" in finding.fixes[0].title
    assert told(session, apply_edits(Source("design.md", text), finding.fixes[0].edits)) == []


def test_seeds_are_sown_and_what_follows_from_a_refused_one_is_held_back(session: PostgresSession) -> None:
    schema = _USERS + (
        "CREATE TABLE orders (id INT PRIMARY KEY, user_id INT REFERENCES users (id));\n"
        "CREATE INDEX orders_user ON orders (user_id);"
    )
    seeds = "INSERT INTO users VALUES (1, 'a', 'new');\nINSERT INTO orders VALUES (1, 1);"
    assert [code for code, _ in told(session, document(schema, chapter("Seed Data", seeds)))] == ["rows_refused"]
    assert told(session, document(schema, chapter("Seed Data", seeds.replace("new", "on")))) == []


def test_what_the_seeds_leave_out_is_said_once_and_put_right(session: PostgresSession) -> None:
    text = document(_USERS, chapter("Seed Data", "INSERT INTO users (id, status) VALUES (1, 'on'), (2, 'off');"))
    (finding,) = findings(session, text)
    assert finding.code == "seed_leaves_out_required"
    assert told(session, apply_edits(Source("design.md", text), finding.fixes[0].edits)) == []


def test_trying_leaves_no_rows_and_no_prepared_statements(session: PostgresSession) -> None:
    text = document(_USERS, _SEED.replace("new", "on") + chapter("Query Patterns", "SELECT * FROM users WHERE id = ?;"))
    source = Source("design.md", text)
    POSTGRES.trial(merge(source, read(parse(source)).facts), session)
    assert session.rows("SELECT count(*) FROM users") == [(0,)]
    assert session.rows("SELECT count(*) FROM pg_prepared_statements") == [(0,)]


def test_queries_are_prepared_one_after_the_other(session: PostgresSession) -> None:
    queries = "SELECT * FROM users WHERE id = ?;\nSELECT sum(email) FROM users;\nSELECT lower(?), email FROM users;"
    found = told(session, document(_USERS, chapter("Query Patterns", queries)))
    assert found == [("function_undefined", "sum")]


def test_statistics_are_called_what_the_server_calls_them(session: PostgresSession) -> None:
    query = "SELECT tablename, n_live_tup FROM pg_stat_user_tables ORDER BY tablename;"
    text = document(_USERS, chapter("Monitoring Queries", query))
    (finding,) = findings(session, text)
    assert finding.code == "column_undefined"
    fixed = apply_edits(Source("design.md", text), finding.fixes[0].edits)
    assert "SELECT relname, n_live_tup FROM pg_stat_user_tables ORDER BY relname;" in fixed
    assert told(session, fixed) == []


def test_an_index_of_recent_rows_may_index_all_of_them(session: PostgresSession) -> None:
    text = document(CASES["not_immutable"][0])
    (finding,) = findings(session, text)
    assert told(session, apply_edits(Source("design.md", text), finding.fixes[0].edits)) == []


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("SELECT id FROM users WHERE id = ? AND email = ? AND nonesuch(email) = 1;", "nonesuch"),
        ("SELECT id FROM users WHERE id > :lower_bound AND email = :email AND lower(users.id) = 'a';", "lower"),
        ("SELECT id FROM users u WHERE '测' = ? AND id = $2 AND other.thing = 1;", "other.thing"),
        ("SELECT id\nFROM users\nWHERE id IN (?, ?)\n  AND email = ?\n  AND id + status > 1;", "+"),
        ("SELECT `id` FROM users WHERE id = ? AND nonesuch(email);", "nonesuch"),
    ],
)
def test_a_refused_query_with_parameters_is_pointed_at_where_the_document_has_it(
    session, query: str, place: str
) -> None:
    text = document(_USERS, chapter("Query Patterns", query))
    found = [(code, at) for code, at in told(session, text) if code in ("function_undefined", "statement_refused")]
    assert [at for _, at in found] == [place]
