"""Values as they stand in a key: equal values of a column have one spelling, whatever a program hands over for them."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from operator import index
from typing import Any
from uuid import UUID

_WHOLE = frozenset({"smallint", "integer", "bigint"})
_TEXTS = frozenset({"text", "character varying", "name"})
_RESERVED = re.compile(r"[%:\s\x00-\x1f\x7f]")


def kind_of(type: str, labels: bool) -> str | None:
    """Return how values of a server's type are spelled; None where two spellings may be one value to it, or none is exact."""
    bare = re.sub(r"\(.*?\)", "", type).strip()
    if labels or bare in _TEXTS:
        return "text"
    if bare in _WHOLE:
        return "whole"
    names = {
        "uuid": "uuid",
        "citext": "folded",
        "character": "padded",
        "numeric": "number",
        "boolean": "boolean",
        "date": "day",
        "timestamp with time zone": "moment",
        "timestamp without time zone": "time",
        "bytea": "bytes",
    }
    return names.get(bare)


def spelled(value: Any, kind: str) -> str:
    """Return a value as it stands in a key. What means something in a key is written as `%` and its code.

    Raises TypeError or ValueError for what no column of the kind holds.
    """
    if isinstance(value, Enum):
        value = value.value
    return _RESERVED.sub(_escaped, _SPELLINGS[kind](value))


def _escaped(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())


def _uuid(value: Any) -> str:
    return str(value if isinstance(value, UUID) else UUID(str(value)))


def _number(value: Any) -> str:
    try:
        number = Decimal(str(value)).normalize()
    except InvalidOperation:
        return str(value)
    return f"{number:f}" if number.is_finite() else str(number)


def _boolean(value: Any) -> str:
    return "true" if value is True or str(value).lower() in ("true", "t", "1", "yes", "on") else "false"


def _day(value: Any) -> str:
    return (
        (value.date() if isinstance(value, datetime) else value).isoformat() if isinstance(value, date) else str(value)
    )


def _moment(value: Any) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _time(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _bytes(value: Any) -> str:
    return bytes(value).hex() if isinstance(value, bytes | bytearray | memoryview) else str(value)


def _whole(value: Any) -> str:
    return str(int(value) if isinstance(value, str) else index(value))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


_SPELLINGS: dict[str, Callable[[Any], str]] = {
    "any": str,
    "text": _text,
    "whole": _whole,
    "uuid": _uuid,
    "folded": lambda value: str(value).lower(),
    "padded": lambda value: str(value).rstrip(" "),
    "number": _number,
    "boolean": _boolean,
    "day": _day,
    "moment": _moment,
    "time": _time,
    "bytes": _bytes,
}
