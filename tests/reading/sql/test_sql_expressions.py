"""The helpers that look into a piece of SQL."""

import pytest

from asbuilt.reading.sql.expressions import (
    columns_of,
    functions_of,
    is_expression,
    tables_of,
    values_of,
)


def test_columns_and_functions_of_an_expression() -> None:
    assert columns_of("a.x > 1 AND lower(Y) = 'q' AND \"Z\" IS NULL AND y = 2") == ("x", "y", "Z")
    assert functions_of("coalesce(now(), CURRENT_TIMESTAMP) > auth.uid() + lower(a)") == (
        "now",
        "current_timestamp",
        "auth.uid",
        "lower",
    )


def test_tables_of_a_query() -> None:
    query = "WITH q AS (SELECT a FROM s.w) SELECT u.*, u.b, c FROM q JOIN u ON q.a = u.b"
    assert set(tables_of(query)) == {"s.w", "u"}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("s IN ('a', 'b')", ("s", ("a", "b"))),
        ("(s)::text = ANY ((ARRAY['a'::varchar, 'b'])::text[])", ("s", ("a", "b"))),
        ("s = 'a' OR s = 'b'", ("s", ("a", "b"))),
        ("s = 'a' OR t = 'b'", None),
        ("s IN (1, 2)", None),
        ("s NOT IN ('a')", None),
        ("s <> 'a'", None),
    ],
)
def test_allowed_values(condition: str, expected: object) -> None:
    assert values_of(condition) == expected


@pytest.mark.parametrize("text", ["", "((", "a b c", "1; DROP TABLE x", "'"])
def test_what_is_no_expression_names_nothing(text: str) -> None:
    assert not is_expression(text)
    assert (columns_of(text), functions_of(text), values_of(text)) == ((), (), None)
