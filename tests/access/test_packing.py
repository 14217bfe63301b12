"""Records, packed: what comes back is what was there, or nothing is kept."""

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.access.packing import packed, unpacked

ZONES = st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=5, minutes=30))])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
VALUES = st.one_of(
    JSON,
    st.binary(),
    st.decimals(allow_nan=False),
    st.uuids(),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.datetimes(),
    st.datetimes(timezones=ZONES, min_value=dt.datetime(1, 1, 3), max_value=dt.datetime(9999, 12, 29)),
    st.lists(st.uuids() | st.none(), max_size=3),
)


@given(st.lists(VALUES, max_size=6))
def test_a_record_comes_back_as_it_was(record: list[Any]) -> None:
    content = packed(tuple(record))
    assert content is not None
    found = unpacked(content)
    assert found == record
    assert [type(value) for value in found] == [type(value) for value in record]
    assert packed(tuple(found)) == content


@pytest.mark.parametrize("value", [2**64, float("nan"), Decimal("nan"), object(), {"a": {2**70}}])
def test_what_would_not_come_back_is_not_kept(value: Any) -> None:
    assert packed((1, value)) is None


def test_nothing_is_an_answer_too() -> None:
    assert unpacked(packed([]) or b"") == []
    assert unpacked(packed([(1, UUID(int=1))]) or b"") == [[1, UUID(int=1)]]
