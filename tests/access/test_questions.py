"""What a quick question lets pass, a close look finds sound; and what is plainly sound is let pass."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.access.checks.questions import SPACE, quick
from asbuilt.access.checks.values import fault_of
from asbuilt.access.schema import Column

LABELS = ("red", "green")
TYPES = [
    "smallint", "integer", "bigint", "text", "character varying(4)", "citext", "boolean", "uuid", "numeric", "numeric(5,2)", "double precision",
    "date", "timestamp with time zone", "timestamp without time zone", "json", "jsonb", "colour", "real", "interval", "bytea", "inet",
]  # fmt: skip
SOUND: dict[str, Any] = {
    "smallint": 1, "integer": 2**31 - 1, "bigint": -(2**63), "text": "aé", "character varying(4)": "abcd", "citext": "A", "boolean": True,
    "uuid": uuid.uuid4(), "numeric": Decimal("1.5"), "numeric(5,2)": Decimal("999.99"), "double precision": 0.5, "date": dt.date(2024, 1, 1),
    "timestamp with time zone": dt.datetime.now(dt.UTC), "timestamp without time zone": dt.datetime(2024, 1, 1), "json": {"a": ["\0"]},
    "jsonb": {"a": 1}, "colour": "red",
}  # fmt: skip
SOUND_LISTS = frozenset({"smallint", "integer", "bigint", "text", "character varying(4)", "citext", "boolean", "uuid", "double precision", "date", "colour"})  # fmt: skip


class Text(str):
    """A text of a kind of its own."""


ONE = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**64), 2**64), st.floats(), st.decimals(), st.text(max_size=6),
    st.sampled_from(["\0", "\ud800", "a\ud83d", "\ude00", "red", "blau", Text("red"), object(), b"\0", {"a": "\0"}, {"a": "\\u0000"}, {1: 2}, {"a": {3}}]),
    st.dates(), st.datetimes(), st.datetimes(timezones=st.just(dt.UTC)), st.uuids(), st.timedeltas(),
)  # fmt: skip
VALUES = (
    ONE
    | st.lists(ONE, max_size=4)
    | st.lists(st.integers(-40_000, 2**63), max_size=3)
    | st.lists(st.text(max_size=6), max_size=3)
)


def is_passed(column: Column, value: Any) -> bool:
    space = dict(SPACE)
    question = quick(column, "v", space)
    return bool(eval(question, space | {"v": value}))


def column_of(type: str) -> Column:
    return Column("c", "c", type, values=LABELS if type.startswith("colour") else ())


@pytest.mark.parametrize("type", [*TYPES, *(f"{type}[]" for type in TYPES)])
def test_what_a_question_lets_pass_is_sound(type: str) -> None:
    column = column_of(type)

    @given(VALUES)
    def tried(value: Any) -> None:
        if is_passed(column, value):
            assert value is not None
            assert fault_of(column, value) is None

    tried()


@pytest.mark.parametrize("type", list(SOUND))
def test_what_is_plainly_sound_is_let_pass(type: str) -> None:
    assert is_passed(column_of(type), SOUND[type])
    assert is_passed(column_of(f"{type}[]"), [SOUND[type]]) is (type in SOUND_LISTS)
