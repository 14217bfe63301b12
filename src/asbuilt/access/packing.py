"""Records as bytes and back, each value of the type that the driver gives: what a cache keeps of an answer."""

import datetime
import decimal
import sys
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec.msgpack import Ext

from asbuilt.access.schema import Table
from asbuilt.access.types import JSON

_PLAIN = frozenset({int, str, bool, float, bytes, type(None), dict})


def _taken(moment: datetime.datetime) -> Any:
    return moment.astimezone(datetime.UTC) if moment.tzinfo is not None else Ext(1, moment.isoformat().encode())


_EXTENDED: dict[type, Callable[[Any], Any]] = {
    datetime.datetime: _taken,
    datetime.date: lambda value: Ext(2, value.isoformat().encode()),
    datetime.time: lambda value: Ext(3, value.isoformat().encode()),
    datetime.timedelta: lambda value: Ext(4, f"{value.days} {value.seconds} {value.microseconds}".encode()),
    decimal.Decimal: lambda value: Ext(5, str(value).encode()),
    uuid.UUID: lambda value: Ext(6, value.bytes),
}
_MADE: dict[int, Callable[[bytes], Any]] = {
    1: lambda data: datetime.datetime.fromisoformat(data.decode()),
    2: lambda data: datetime.date.fromisoformat(data.decode()),
    3: lambda data: datetime.time.fromisoformat(data.decode()),
    4: lambda data: datetime.timedelta(*map(int, data.split())),
    5: lambda data: decimal.Decimal(data.decode()),
    6: lambda data: uuid.UUID(bytes=data),
}
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(ext_hook=lambda code, data: _MADE[code](bytes(data))).decode


def packed(answer: Any) -> bytes | None:
    """Return an answer as bytes; None where it would not come back as it is, so that it is not to be kept."""
    try:
        content = _encode(_given(answer))
        return content if unpacked(content) == _plain(answer) else None
    except (TypeError, ValueError, OverflowError, KeyError, msgspec.MsgspecError):
        return None


def unpacked(content: bytes) -> Any:
    """Return an answer that was packed; its records are lists."""
    return _decode(content)


def _given(value: Any) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if (extend := _EXTENDED.get(kind)) is not None:
        return extend(value)
    if isinstance(value, uuid.UUID):
        return _EXTENDED[uuid.UUID](value)
    return [_given(each) for each in value]


def _plain(value: Any) -> Any:
    """Return an answer with its records and arrays as lists."""
    if type(value) in _PLAIN or type(value) in _EXTENDED or isinstance(value, uuid.UUID):
        return value
    return [_plain(each) for each in value]


def is_shared(table: Table) -> bool:
    """Tell whether readers may share a row: none of its values can be changed."""
    return not any(column.type in JSON or column.type.endswith("[]") for column in table.columns)


def size_of(record: Sequence[Any]) -> int:
    """Return the bytes that a row of these values takes, or somewhat more."""
    return 64 + sum(8 + sys.getsizeof(value) + (32 if isinstance(value, uuid.UUID) else 0) for value in record)
