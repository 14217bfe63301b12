"""Rows that are not as before are told with the columns that differ."""

from collections import Counter

import pytest

from asbuilt.plan.rows import Row, TableRows, unlike

COLUMNS = ("email", "id", "note")


def told(key: tuple[int, ...], before: list[Row], after: list[Row]) -> list[str]:
    one, other = (TableRows(COLUMNS, key, Counter(rows)) for rows in (before, after))
    return list(unlike({"users": one}, {"users": other}))


@pytest.mark.parametrize("key", [(1,), ()])
def test_the_columns_that_differ_are_named(key: tuple[int, ...]) -> None:
    before: list[Row] = [("a", "1", "x"), ("b", "2", "y"), ("c", "3", None)]
    assert told(key, before, [*before[1:], before[0]]) == []
    assert told(key, before, [("a", "1", None), *before[1:]]) == ["1 row of users is not as before in note"]
    more: list[Row] = [("A", "1", "x"), ("b", "2", None), before[2]]
    assert told(key, before, more) == ["2 rows of users are not as before in email, note"]
    assert told(key, before, before[1:]) == ["1 row of users is not as before"]
    assert told(key, before, []) == ["3 rows of users are not as before"]


def test_values_that_changed_places_differ_where_a_key_tells_the_rows_apart() -> None:
    before: list[Row] = [("a", "1", "x"), ("b", "2", "y")]
    after: list[Row] = [("a", "1", "y"), ("b", "2", "x")]
    assert told((1,), before, after) == ["2 rows of users are not as before in note"]
    assert told((), before, after) == ["2 rows of users are not as before"]


def test_rows_that_are_missing_hide_no_columns_of_others() -> None:
    before: list[Row] = [("a", "1", "x"), ("b", "2", "y")]
    assert told((1,), before, [("a", "1", None)]) == ["2 rows of users are not as before"]
