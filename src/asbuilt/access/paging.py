"""Pages by key: a cursor says after which row to go on. It is signed, and good for the question that it came from alone."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Sequence
from hashlib import blake2s
from typing import Any, Generic, TypeVar

import msgspec

from asbuilt.access.queries import Question
from asbuilt.access.refusals import QueryRefused

R = TypeVar("R", covariant=True)
_SIGNED = 12
"""Bytes of the signature: 96 bits."""


class Page(msgspec.Struct, Generic[R], frozen=True):
    """Rows of a question, in its order. `next` is the cursor of the page after it, None on the last one.

    `total` is how many rows there are in all, where that was asked for; None where it was not, or took too long.
    """

    rows: list[R]
    next: str | None = None
    total: int | None = None


def mark_of(question: Question) -> bytes:
    """Return what tells a question from others: its order and conditions, so that a cursor leads nowhere else."""
    return repr((question.table, question.where, question.order, question.is_searched)).encode()


def cursor_of(mark: bytes, values: Sequence[Any], key: bytes) -> str:
    """Return the cursor of a row with these values in the order of the question with this mark."""
    told = msgspec.msgpack.encode(list(values))
    return urlsafe_b64encode(_signature(mark, told, key) + told).decode().rstrip("=")


def values_of(mark: bytes, cursor: str, types: Sequence[Any], key: bytes) -> tuple[Any, ...]:
    """Return the values in a cursor; refuse one that was changed, or comes from another question."""
    try:
        whole = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (Error, ValueError):
        raise _foreign() from None
    signature, told = whole[:_SIGNED], whole[_SIGNED:]
    if not hmac.compare_digest(signature, _signature(mark, told, key)):
        raise _foreign()
    found = msgspec.msgpack.decode(told)
    return tuple(
        None if value is None else msgspec.convert(value, type) for value, type in zip(found, types, strict=True)
    )


def _signature(mark: bytes, told: bytes, key: bytes) -> bytes:
    return blake2s(mark + b"\0" + told, key=key, digest_size=_SIGNED).digest()


def _foreign() -> QueryRefused:
    return QueryRefused("the cursor does not belong to this question", help="begin again without one")
