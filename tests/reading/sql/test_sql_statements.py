"""Every statement: its kind, its role, what it makes and needs; query patterns and migrations."""

import pytest
from sql_reading import read_fence, read_markdown

from asbuilt.model.sql import Migration, QueryPattern, UnreadableSql


@pytest.mark.parametrize(
    ("sql", "kind", "role"),
    [
        ("CREATE TABLE t (id int)", "create table", "schema"),
        ("CREATE VIEW v AS SELECT 1", "create view", "schema"),
        ("CREATE MATERIALIZED VIEW v AS SELECT 1", "create materialized view", "schema"),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "create function", "schema"),
        ("CREATE EXTENSION citext", "create extension", "schema"),
        ("CREATE POLICY p ON t USING (true)", "create policy", "schema"),
        ("DROP INDEX i", "drop index", "schema"),
        ("ALTER INDEX i RENAME TO j", "alter index", "schema"),
        ("CREATE AGGREGATE a (int) (sfunc = f, stype = int)", "create aggregate", "schema"),
        ("CREATE DATABASE d", "create database", "setting"),
        ("GRANT SELECT ON t TO r", "grant", "schema"),
        ("GRANT ALL ON DATABASE d TO r", "grant database", "setting"),
        ("GRANT r TO s", "grant role", "setting"),
        ("REVOKE ALL ON t FROM r", "revoke", "schema"),
        ("ALTER SYSTEM SET work_mem = '1MB'", "alter system", "setting"),
        ("SET search_path TO a", "set", "setting"),
        ("SELECT pg_reload_conf()", "select", "setting"),
        ("BEGIN", "begin", "setting"),
        ("VACUUM ANALYZE t", "vacuum", "maintenance"),
        ("ANALYZE t", "analyze", "maintenance"),
        ("REINDEX TABLE t", "reindex", "maintenance"),
        ("INSERT INTO t VALUES (1)", "insert", "seed"),
        ("SELECT 1", "select", "example"),
        ("\\c shop", "meta", "setting"),
    ],
)
def test_kind_and_role(sql: str, kind: str, role: str) -> None:
    (statement,) = read_fence(sql).statements
    assert (statement.kind, statement.role.value) == (kind, role)
    assert statement.text.text == sql == statement.sql


@pytest.mark.parametrize(
    ("heading", "sql", "role"),
    [
        ("Query Patterns", "SELECT 1", "query"),
        ("Health Checks", "SELECT 1", "health"),
        ("Data Retention", "DELETE FROM t", "purge"),
        ("Migration Strategy", "UPDATE t SET a = 1", "backfill"),
        ("Migration Strategy", "ALTER TABLE t ADD a int", "migration"),
        ("Seed Data", "INSERT INTO t VALUES (1)", "seed"),
    ],
)
def test_the_chapter_decides_the_role(heading: str, sql: str, role: str) -> None:
    (statement,) = read_fence(sql, heading).statements
    assert statement.role.value == role


def needs(sql: str) -> set[str]:
    read = read_fence(sql)
    (statement,) = read.statements
    for need in statement.needs:
        assert read.at(need.span).strip('"').lower() == need.name.name.lower()
    return {" ".join(filter(None, (n.name.kind, n.name.schema, n.name.table, n.name.name))) for n in statement.needs}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "CREATE TABLE t (a uuid DEFAULT gen_random_uuid() REFERENCES u(id))",
            {"function gen_random_uuid", "table u", "column u id"},
        ),
        (
            "CREATE TABLE t (id int PRIMARY KEY, up int REFERENCES t(id), m shop.mood, e citext)",
            {"type shop mood", "type citext"},
        ),
        (
            "CREATE INDEX i ON s.t (lower(a)) WHERE b",
            {"schema s", "table s t", "function lower", "column s t a", "column s t b"},
        ),
        ("ALTER TABLE t ADD a int, ADD CHECK (a > b)", {"table t", "column t b"}),
        (
            "CREATE TRIGGER g BEFORE UPDATE OF a ON t FOR EACH ROW WHEN (NEW.b > 0) EXECUTE FUNCTION f()",
            {"table t", "function f", "column t a", "column t b"},
        ),
        ("CREATE VIEW v AS WITH q AS (SELECT * FROM w) SELECT * FROM q", {"table w"}),
        ("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT a FROM hidden; END", set()),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'WITH q AS (SELECT 1) SELECT a FROM s.w, q'", {"table s w"}),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN SELECT a FROM w; END'", set()),
        ("CREATE POLICY p ON t TO app USING (auth.uid() = o)", {"table t", "role app", "function auth uid"}),
        ("CREATE TABLE p PARTITION OF t FOR VALUES IN (1)", {"table t"}),
        ("DROP TABLE a", {"table a"}),
        ("DROP TABLE IF EXISTS a", set()),
    ],
)
def test_what_a_statement_needs(sql: str, expected: set[str]) -> None:
    assert needs(sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            'CREATE TABLE "T" (id serial, CONSTRAINT c CHECK (true))',
            ["table T", "column T id", "sequence T_id_seq", "constraint T c"],
        ),
        ("ALTER TABLE t ADD COLUMN a int, ADD CONSTRAINT k UNIQUE (a)", ["column t a", "constraint t k"]),
        ("CREATE INDEX ON t (a, lower(b))", ["index t_a_expr_idx"]),
        ("CREATE TYPE s.m AS ENUM ('a')", ["type s m"]),
        ("CREATE DOMAIN d AS int", ["domain d"]),
        ("CREATE OR REPLACE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", ["function s f"]),
        ("CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION f()", ["trigger t g"]),
        ("CREATE SEQUENCE q", ["sequence q"]),
    ],
)
def test_what_a_statement_makes(sql: str, expected: list[str]) -> None:
    (statement,) = read_fence(sql).statements
    made = [" ".join(filter(None, (c.kind, c.schema, c.table, c.name))) for c in statement.creates]
    assert made == expected


def test_a_query_pattern_names_its_index_its_target_and_its_parameters() -> None:
    read = read_fence(
        "-- Find by mail\nSELECT * FROM u WHERE mail = ? AND data ? 'k' AND age > :age LIMIT :age;\n-- Optimized by: idx_mail, idx_age\n-- Target: < 50ms\n\n-- Next\nSELECT 1;",
        "Query Patterns",
    )
    first, second = read.of(QueryPattern)
    assert (first.title, second.title) == ("Find by mail", "Next")
    assert (
        [name for name, _ in first.served_by]
        == ["idx_mail", "idx_age"]
        == [read.at(span) for _, span in first.served_by]
    )
    assert (first.target_ms, second.target_ms, second.served_by) == (50.0, None, ())
    assert first.statement.parameters == ("?", ":age")
    assert first.statement.sql == "SELECT * FROM u WHERE mail = $1 AND data ? 'k' AND age > $2 LIMIT $2"
    assert not first.statement.is_repaired


MIGRATIONS = """# Shop
## Migration Strategy
### Version 1 → Version 2
```sql
ALTER TABLE t ADD a int;
UPDATE t SET a = 1;
```
### Rollback Plan
```sql
ALTER TABLE t DROP COLUMN a;
```
### 003
```sql
-- Up
ALTER TABLE t ADD b int;
-- Down
ALTER TABLE t DROP COLUMN b;
```
"""


def test_a_rollback_carries_the_name_of_the_migration_before_it() -> None:
    found = read_markdown(MIGRATIONS).of(Migration)
    shape = [(m.name, len(m.forward), len(m.rollback)) for m in found]
    assert shape == [("Version 1 → Version 2", 2, 0), ("Version 1 → Version 2", 0, 1), ("003", 1, 1)]
    assert {s.unit for m in found[:2] for s in (*m.forward, *m.rollback)} == {"Version 1 → Version 2"}


@pytest.mark.parametrize(
    ("up", "down"), [("**Up:**", "**Down:**"), ("#### Forward", "#### Rollback"), ("Run this.", "Rollback:")]
)
def test_both_ways_of_a_migration_carry_one_name(up: str, down: str) -> None:
    fence = "```sql\nALTER TABLE t {} a{};\n```"
    text = f"# Shop\n## Migration Strategy\n### 004 phones\n{up}\n\n{fence.format('ADD', ' int')}\n\n{down}\n\n{fence.format('DROP', '')}\n"
    found = read_markdown(text).of(Migration)
    assert [(m.name, len(m.forward), len(m.rollback)) for m in found] == [("004 phones", 1, 0), ("004 phones", 0, 1)]


def test_a_bad_statement_leaves_its_neighbours_alone() -> None:
    read = read_fence("CREATE TABLE a (id int);\nCREATE TABEL b (id int);\nCREATE TABLE c (id int);")
    assert [s.creates[0].name for s in read.statements] == ["a", "c"]
    (bad,) = read.of(UnreadableSql)
    assert (bad.text.text, read.at(bad.at)) == ("CREATE TABEL b (id int)", "T")
    assert "TABEL" in bad.message


def test_a_missing_semicolon_and_an_open_quote_are_lived_through() -> None:
    read = read_fence(
        "CREATE TABLE a (id int)\nCREATE TABLE b (id int);\nSELECT 'open;\nCREATE TABLE c (x text DEFAULT 'q');"
    )
    assert [s.creates[0].name for s in read.statements if s.creates] == ["a", "b", "c"]
    assert [u.text.text for u in read.of(UnreadableSql)] == ["SELECT 'open;"]


@pytest.mark.parametrize("language", ["python", "json", "mermaid", "bash", "text"])
def test_other_fences_are_declined(language: str) -> None:
    assert read_fence("create a table for the users from the list", language=language).claimed == 0


def test_sql_without_a_language_and_in_a_shell_is_read() -> None:
    assert read_fence("-- a\nCREATE TABLE t (\n  id int\n);", language="").statements[0].kind == "create table"
    read = read_fence("cd /srv\npsql shop -c 'SELECT 1'\npsql <<SQL\nCREATE TABLE t (id int);\nSQL", language="bash")
    assert [s.text.text for s in read.statements] == ["SELECT 1", "CREATE TABLE t (id int)"]
    assert [read.at(span) for span in read.prose] == ["cd /srv", "psql <<SQL", "SQL"]


def test_a_template_is_read_and_states_nothing() -> None:
    read = read_fence("CREATE INDEX idx_[table]_[column] ON [table]([column]);")
    assert (read.claimed, read.facts, read.diagnostics) == (1, (), ())


@pytest.mark.parametrize(
    "part",
    [
        "CHECK (state IN ('open', 'shut'))",
        "-- since V3\nCHECK (a > 0)\n-- since V4\nCHECK (b > 0)",
        "CONSTRAINT total_fits CHECK (total > 0)",
        "state VARCHAR(20) NOT NULL DEFAULT 'open'",
        "WHERE shut_at IS NULL",
        "idx_boxes_state   -- filter by state\nidx_boxes_owner_id",
    ],
)
def test_a_part_of_a_statement_shown_by_itself_is_no_mistake(part: str) -> None:
    assert read_fence(part).of(UnreadableSql) == []


def test_what_is_nested_too_deeply_to_look_into_is_kept() -> None:
    read = read_fence("CREATE VIEW v AS SELECT " + " || ".join("a" * 90) + " FROM t;\nCREATE TABLE t (a text);")
    assert [(s.kind, s.role.value) for s in read.statements] == [("create view", "schema"), ("create table", "schema")]
    assert not read.of(UnreadableSql)
