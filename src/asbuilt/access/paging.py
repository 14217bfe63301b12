"""Pages by key: a cursor says after which row to go on. It is signed, and good for the question that it came from alone."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable, Sequence
from hashlib import blake2s
from operator import attrgetter
from types import GenericAlias
from typing import Any, Generic, TypeVar

import msgspec
from msgspec.structs import replace

from asbuilt.access.memo import Memo
from asbuilt.access.queries import Asked, Ordering, Question, Values
from asbuilt.access.refusals import QueryRefused
from asbuilt.access.schema import Schema, Table
from asbuilt.access.types import type_of

R = TypeVar("R", covariant=True)
_SIGNED = 12
"""Bytes of the signature: 96 bits."""
_encode = msgspec.msgpack.Encoder().encode


class Page(msgspec.Struct, Generic[R], frozen=True):
    """Rows of a question, in its order. `next` is the cursor of the page after it, None on the last one.

    `total` is how many rows there are in all, where that was asked for; None where it was not, or took too long.
    """

    rows: list[R]
    next: str | None = None
    total: int | None = None


class Cursors:
    """The cursors of one question: the values of a row in its order, of these types, under a signature.

    The signature covers the question's conditions and order, too, so that a cursor leads nowhere else.
    """

    __slots__ = ("_decode", "_signing")

    def __init__(self, question: Question, types: Sequence[Any], key: bytes) -> None:
        mark = repr((question.table, question.where, question.order, question.is_searched)).encode()
        self._signing = blake2s(mark + b"\0", key=key, digest_size=_SIGNED)
        told = tuple(one if one is Any else one | None for one in types)
        self._decode = msgspec.msgpack.Decoder(GenericAlias(tuple, told)).decode

    def of(self, values: Sequence[Any]) -> str:
        """Return the cursor of a row with these values."""
        told = _encode(values)
        return urlsafe_b64encode(self._signature(told) + told).decode().rstrip("=")

    def values(self, cursor: str) -> tuple[Any, ...]:
        """Return the values in a cursor; refuse one that was changed, or comes from another question."""
        try:
            whole = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except (Error, ValueError):
            raise _foreign() from None
        told = whole[_SIGNED:]
        if not hmac.compare_digest(whole[:_SIGNED], self._signature(told)):
            raise _foreign()
        return self._decode(told)  # type: ignore[no-any-return]

    def _signature(self, told: bytes) -> bytes:
        signing = self._signing.copy()
        signing.update(told)
        return signing.digest()


class Paging:
    """The pages of one question. The primary key settles what its order leaves open, so that no row is missed or seen twice."""

    __slots__ = ("_cursors", "_is_keyed", "_question", "_told")

    def __init__(self, schema: Schema, question: Question, key: bytes) -> None:
        table = schema.by_name[question.table]
        settled = _settled(question, table)
        names = [_attribute(table, one) for one in settled.order]
        self._is_keyed = None in names
        self._told: Callable[[Any], Sequence[Any]] = _keys if self._is_keyed else _values_of(names)
        self._cursors = Cursors(settled, [_type_of(schema, table, one) for one in settled.order], key)
        self._question = replace(settled, is_keyed=self._is_keyed)

    def asked(self, memo: Memo, values: Values, after: str | None, size: int) -> Asked:
        """Return the question about a page: its rows, after the one that a cursor comes from, and one more."""
        is_null = None
        if after is not None:
            found = self._cursors.values(after)
            is_null = tuple([value is None for value in found])
            values = replace(values, after=tuple([value for value in found if value is not None]))
        question = self._question
        return memo.of(
            ("page of", question, is_null, size), lambda: replace(question, after=is_null, limit=size + 1)
        ), values

    def page(self, answers: list[Any], *, is_last: bool, total: int | None) -> Page[Any]:
        """Return the page of these answers."""
        following = None if is_last else self._cursors.of(self._told(answers[-1]))
        return Page([row for row, _ in answers] if self._is_keyed else answers, following, total)


def _settled(question: Question, table: Table) -> Question:
    if question.picked is not None:
        raise QueryRefused("pages are of whole rows", help="select with limit and offset")
    if question.is_searched and not question.order:
        raise QueryRefused("a page of what is searched for needs an order", help="add order(…)")
    if not (question.order or table.primary_key):
        raise QueryRefused(f"{table.accessor} has no primary key: its pages need an order", help="add order(…)")
    taken = {one.shape for one in question.order}
    last_down = bool(question.order) and question.order[-1].is_descending
    keys = tuple(
        Ordering(shape, last_down, last_down)
        for name in table.primary_key
        if (shape := ("column", (), name)) not in taken
    )
    return replace(question, order=question.order + keys)


def _type_of(schema: Schema, table: Table, one: Ordering) -> Any:
    kind, *rest = one.shape
    if kind != "column":
        raise QueryRefused("pages are ordered by columns", help="use offset(…) for an order by what is reckoned")
    for name in rest[0]:
        table = schema.by_name[table.by_relation[name].target]
    return type_of(table.by_name[rest[1]])


def _attribute(table: Table, one: Ordering) -> str | None:
    """Return the attribute of a row that holds what it is ordered by; None where that is not in the row."""
    kind, *rest = one.shape
    return table.by_name[rest[1]].attribute if kind == "column" and not rest[0] else None


def _values_of(names: Sequence[str | None]) -> Callable[[Any], Sequence[Any]]:
    values = attrgetter(*map(str, names))
    return values if len(names) > 1 else lambda row: (values(row),)


def _keys(answer: tuple[Any, Sequence[Any]]) -> Sequence[Any]:
    return answer[1]


def _foreign() -> QueryRefused:
    return QueryRefused("the cursor does not belong to this question", help="begin again without one")
