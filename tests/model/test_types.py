"""Types: who can be right beside whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.model.types import KNOWN, Family, agree, is_known, type_name

ANY = st.sampled_from(sorted(KNOWN))


@pytest.mark.parametrize(
    ("written", "sql"),
    [
        ("VARCHAR(255)", "character varying(255)"),
        ("text_array", "text[]"),
        ("float (0.0–1.0, how sure)", "double precision"),
        ("String(100)", "character varying(100)"),
        ("Decimal(10, 2)", "numeric(10, 2)"),
        ("timestamp with time zone", "timestamp with time zone"),
        ("UUID/ObjectId", "uuid"),
        ("INT(11)", "integer"),
        ("text[]", "text[]"),
        ("timestamptz(6)", "timestamp(6) with time zone"),
    ],
)
def test_a_written_type_becomes_postgresqls(written: str, sql: str) -> None:
    found = type_name(written)
    assert found is not None
    assert found.sql == sql


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("string", "VARCHAR(255)", True),
        ("datetime", "TIMESTAMPTZ", True),
        ("INTEGER", "BIGINT", False),
        ("String(50)", "VARCHAR(255)", False),
        ("Enum", "VARCHAR(50)", True),
        ("UUID", "INTEGER", False),
        ("text[]", "TEXT", False),
    ],
)
def test_types_agree_unless_both_are_native_and_differ(one: str, other: str, expected: bool) -> None:
    first, second = type_name(one), type_name(other)
    assert first is not None
    assert second is not None
    assert agree(first, second) is expected


@given(ANY, ANY)
def test_agreement_has_no_direction(one: str, other: str) -> None:
    first, second = type_name(one), type_name(other)
    assert first is not None
    assert second is not None
    assert agree(first, second) == agree(second, first)


@given(ANY)
def test_a_type_agrees_with_itself_in_any_case(word: str) -> None:
    first, second = type_name(word), type_name(word.upper())
    assert first is not None
    assert second is not None
    assert agree(first, second)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_types(text: str) -> None:
    found = type_name(text)
    assert found is None or found.family in Family
    assert is_known(text) in (True, False)
