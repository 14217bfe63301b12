"""Which tables a column of a query may come from, by the rules of SQL for what a name means where."""

import pytest
from sql_reading import read_fence


def used(sql: str) -> dict[str, str]:
    """Return the columns that a statement takes, each with its tables."""
    read = read_fence(sql, "Query Patterns")
    (statement,) = read.statements
    for use in statement.uses:
        assert read.at(use.span).strip('"').lower() == use.column.lower()
    return {use.column: " ".join(use.tables) for use in statement.uses}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a, t.b FROM t", {"a": "t", "b": "t"}),
        ("SELECT x.a FROM s.t AS x", {"a": "s.t"}),
        ("SELECT a FROM t, u", {"a": "t u"}),
        ('SELECT "A b" FROM t', {"A b": "t"}),
        ("SELECT t.a FROM t JOIN u ON u.b = t.c", {"a": "t", "b": "u", "c": "t"}),
        ("SELECT a AS x FROM t ORDER BY x", {"a": "t"}),
        ("SELECT a AS x FROM t ORDER BY x + 1", {"a": "t", "x": "t"}),
        ("SELECT lower(a) FROM t GROUP BY lower", {"a": "t"}),
        ("SELECT DISTINCT ON (x) a AS x FROM t", {"a": "t"}),
        ("SELECT a AS x FROM t WHERE x = 1", {"a": "t", "x": "t"}),
        ("SELECT 1 FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.b = t.a AND c = 1)", {"b": "u", "a": "t", "c": "u t"}),
        ("SELECT s.x, s.a FROM (SELECT *, 1 AS x FROM t) s", {"a": "t"}),
        ("SELECT s.x FROM (SELECT a AS x FROM t) s", {"a": "t"}),
        ("SELECT s.a FROM (SELECT q.* FROM (SELECT * FROM t) q) s", {"a": "t"}),
        ("WITH q AS (SELECT a FROM t) SELECT a, b FROM q JOIN u ON true", {"a": "t", "b": "u"}),
        ("WITH q AS (SELECT a FROM t), r AS (SELECT a AS z FROM q) SELECT z FROM r", {"a": "t"}),
        ("WITH q AS (DELETE FROM t WHERE a = 1 RETURNING b) SELECT b FROM q", {"a": "t", "b": "t"}),
        ("WITH RECURSIVE q(n) AS (SELECT a FROM t UNION SELECT n FROM q) SELECT n FROM q", {"a": "t"}),
        ("SELECT a FROM t UNION SELECT b FROM u", {"a": "t", "b": "u"}),
        ("SELECT a FROM t, generate_series(1, 3) n", {}),
        ("SELECT t.a, n FROM t, generate_series(1, t.b) n", {"a": "t", "b": "t"}),
        ("SELECT x.a FROM t JOIN LATERAL (SELECT u.a FROM u WHERE u.b = t.c) x ON true", {"a": "u", "b": "u", "c": "t"}),
        ("SELECT t FROM t", {}),
        ("SELECT row_to_json(x) FROM t x", {}),
        ("SELECT x.p FROM t AS x (p, q)", {}),
        ("SELECT sum(a) FILTER (WHERE b) OVER (PARTITION BY c ORDER BY d) FROM t", dict.fromkeys("abcd", "t")),
        ("SELECT (a).street, b[1], c::text FROM t", dict.fromkeys("abc", "t")),
        ("VALUES (1)", {}),
        ("SELECT 1", {}),
        ("UPDATE t SET a = b FROM u WHERE u.c = t.d RETURNING e", {"b": "t u", "c": "u", "d": "t", "e": "t u"}),
        ("DELETE FROM t USING u WHERE t.a = u.b", {"a": "t", "b": "u"}),
        ("INSERT INTO t (a) SELECT b FROM u", {"b": "u"}),
        ("INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET b = excluded.c RETURNING d", {"c": "t", "d": "t"}),
        ("MERGE INTO t USING u ON t.a = u.b WHEN MATCHED THEN UPDATE SET c = u.d", {"a": "t", "b": "u", "d": "u"}),
        ("EXPLAIN SELECT a FROM t", {"a": "t"}),
        ("CREATE VIEW v AS SELECT a FROM t", {"a": "t"}),
        ("CREATE MATERIALIZED VIEW v AS SELECT a FROM t", {"a": "t"}),
        ("CREATE POLICY p ON t USING (a = 1) WITH CHECK (b IN (SELECT c FROM u))", {"a": "t", "b": "t", "c": "u t"}),
        ("SELECT a FROM t WHERE b = ? AND c = :name", dict.fromkeys("abc", "t")),
        ("SELECT '测试', a FROM t WHERE b = '€' AND c = $1", dict.fromkeys("abc", "t")),
    ],
)  # fmt: skip
def test_a_column_comes_from_the_tables_in_its_reach(sql: str, expected: dict[str, str]) -> None:
    assert used(sql) == expected
