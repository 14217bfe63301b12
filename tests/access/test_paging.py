"""Cursors carry values of every type there and back, and lead nowhere else."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from asbuilt.access.paging import Cursors, Paging
from asbuilt.access.queries import Ordering, Question
from asbuilt.access.refusals import QueryRefused
from asbuilt.access.schema import Column, Schema, Table

QUESTION = Question("posts", ("null", ("column", (), "editor")), (Ordering(("column", (), "id")),))
VALUES = [
    7, -(2**62), "it's", True, 0.1, b"\x00\xff", None, [1, 2], Decimal("1.20"), UUID(int=7), date(1906, 12, 9),
    time(9, 30), timedelta(days=-3, microseconds=5), datetime(2026, 1, 1, 1, 2, 3, 4),
    datetime(2026, 1, 1, 1, 2, 3, 4, UTC), datetime.max.replace(tzinfo=UTC),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_cursor_gives_back_what_it_was_made_of(value: Any) -> None:
    cursors = Cursors(QUESTION, [type(value), int], b"key")
    assert cursors.values(cursors.of((value, 5))) == (value, 5)
    assert cursors.values(cursors.of((None, 5))) == (None, 5)


def test_a_cursor_belongs_to_its_question_and_its_key() -> None:
    given = Cursors(QUESTION, [int], b"key").of((5,))
    other = Question("posts", None, QUESTION.order)
    for cursors in (Cursors(other, [int], b"key"), Cursors(QUESTION, [int], b"other")):
        with pytest.raises(QueryRefused, match="the cursor does not belong to this question"):
            cursors.values(given)
    for changed in ("", "x", "ä", given[:-1], f"{given}AAAA", given.swapcase()):
        with pytest.raises(QueryRefused, match="the cursor does not belong to this question"):
            Cursors(QUESTION, [int], b"key").values(changed)


def test_pages_without_a_primary_key_need_an_order() -> None:
    table = Table("visits", "visits", "Visit", (Column("page", "page", "text"),))
    schema = Schema((table,))
    with pytest.raises(QueryRefused, match="visits has no primary key: its pages need an order"):
        Paging(schema, Question("visits"), b"key")
    Paging(schema, Question("visits", order=(Ordering(("column", (), "page")),)), b"key")
