"""Questions are put together step by step; a step that was taken before leads to the same shape, with the values of now."""

from typing import Any

import pytest

from asbuilt.access.conditions import Field
from asbuilt.access.memo import Memo
from asbuilt.access.queries import Asked, asking, including, limited, narrowed, ordered
from asbuilt.access.schema import Column, Relation, Schema, Table

USERS = Table(
    "users", "users", "User", (Column("id", "id", "bigint"), Column("name", "name", "text", is_nullable=True)),
    relations=(Relation("boss", "users", is_many=False, pairs=(("boss_id", "id"),)), Relation("staff", "users", is_many=True, pairs=(("id", "boss_id"),))),
)  # fmt: skip
SCHEMA = Schema((USERS,))
ID, NAME = Field[int](("column", (), "id")), Field[str](("column", (), "name"))


def of_id(memo: Memo, value: int) -> Asked:
    return narrowed(memo, asking(USERS), USERS, [value < ID], {})


@pytest.mark.parametrize(
    ("steps", "flat"),
    [
        (lambda m, asked: narrowed(m, asked, USERS, [ID > 1, ID < 9], {"name": "x"}), (1, 9, "x")),
        (lambda m, asked: narrowed(m, narrowed(m, asked, USERS, [], {"id": 5}), USERS, [], {"name": None}), (5,)),
        (lambda m, asked: narrowed(m, asked, USERS, [], {"name": None, "id": 5}), (5,)),
        (lambda m, asked: narrowed(m, asked, USERS, [], {}), ()),
        (lambda m, asked: ordered(m, narrowed(m, asked, USERS, [], {"id": 3}), USERS, ["-name", (ID + 2).desc(), "id"]), (3, 2)),
        (lambda m, asked: limited(m, narrowed(m, asked, USERS, [], {"id": 3}), 4), (3,)),
        (lambda m, asked: including(m, narrowed(m, asked, USERS, [], {"id": 3}), SCHEMA, ("boss",), {"staff": of_id(m, 7)}), (7, 3)),
        (lambda m, asked: including(m, including(m, asked, SCHEMA, (), {"boss": of_id(m, 7)}), SCHEMA, ("boss.staff",), {}), (7,)),
        (lambda m, asked: including(m, including(m, asked, SCHEMA, (), {"boss": of_id(m, 7)}), SCHEMA, ("staff",), {"boss": of_id(m, 8)}), (8,)),
        (lambda m, asked: including(m, asked, SCHEMA, ("boss", "boss.staff", "boss"), {}), ()),
    ],
)  # fmt: skip
def test_a_step_taken_again_is_one_shape(steps: Any, flat: tuple[Any, ...]) -> None:
    """With all remembered, and with nothing remembered."""
    memo = Memo(100)
    first, again, alone = steps(memo, asking(USERS)), steps(memo, asking(USERS)), steps(Memo(1), asking(USERS))
    assert first[0] is again[0]
    assert first == again == alone
    assert first[1].flat() == flat


def test_values_are_those_of_now() -> None:
    memo = Memo(100)
    asked = [
        including(memo, narrowed(memo, asking(USERS), USERS, [name == NAME], {}), SCHEMA, ("boss",), {"staff": of_id(memo, n)})
        for n, name in enumerate("ab")
    ]  # fmt: skip
    assert asked[0][0] is asked[1][0]
    assert [values.flat() for _, values in asked] == [(0, "a"), (1, "b")]


def test_what_is_null_is_another_shape() -> None:
    memo = Memo(100)
    shapes = [narrowed(memo, asking(USERS), USERS, [], {"name": value})[0] for value in ("x", None)]
    assert shapes[0] != shapes[1]
    assert narrowed(memo, asking(USERS), USERS, [], {"name": None, "id": 1})[0] != narrowed(
        memo, asking(USERS), USERS, [], {"name": "x", "id": None}
    )[0]  # fmt: skip


def test_a_memo_keeps_so_many_and_makes_the_others_anew() -> None:
    memo, made = Memo(2), []

    def of(key: int) -> int:
        return memo.of(key, lambda: made.append(key) or key)

    assert [of(key) for key in (1, 2, 1, 3, 2, 1)] == [1, 2, 1, 3, 2, 1]
    assert made == [1, 2, 3, 1]


def test_a_value_is_not_compared() -> None:
    """An array of numbers, say, has no single answer to whether it equals another."""

    class Odd:
        __hash__ = None  # type: ignore[assignment]

        def __eq__(self, other: object) -> bool:
            raise ValueError("ambiguous")

    odd = Odd()
    assert narrowed(Memo(9), asking(USERS), USERS, [], {"id": odd, "name": None})[1].flat()[0] is odd
