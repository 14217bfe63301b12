"""Values as a program gives them: is one fit for its column, and if not, what is wrong with it.

Each `fit_…` returns nothing for a sound value, else the rule that it breaks and in words what is wrong. The generated
check of a row asks quick questions first; these are for what does not pass them.
"""

import datetime
import decimal
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from asbuilt.access.schema import Column
from asbuilt.access.types import KINDS, bare
from asbuilt.access.widths import width_of
from asbuilt.model.names import did_you_mean

RANGES = {"smallint": 15, "integer": 31, "bigint": 63}
_SHOWN = 40
_NUMERIC = re.compile(r"numeric\((\d+),(-?\d+)\)")


class Fault(NamedTuple):
    """What is wrong with a value: the rule that it breaks, and in words; `seen` is the value, where it is told."""

    rule: str
    message: str
    seen: str = ""

    def told(self, column: Column) -> str:
        """Return the message; what a secret is stays out of it."""
        if not self.seen:
            return self.message
        return f"{self.message}, not {'what was given' if is_secret(column.name) else self.seen}"


def is_secret(column: str) -> bool:
    """Tell whether a column's name says that its values are nobody's business."""
    return _SECRET.search(column) is not None


_SECRET = re.compile(r"pass(?:word|wd|phrase)?|secret|token|hash|salt|(?:^|_)pin(?:$|_)", re.IGNORECASE)


def told(value: Any) -> str:
    """Return a value as a message shows it, not all of it where it is long."""
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def _wants(words: str, value: Any) -> Fault:
    return Fault("type", f"must be {words}", f"{type(value).__name__} {told(value)}")


def _fit_whole(column: Column, value: Any) -> Fault | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return _wants("an int", value)
    least, most = _bounds(column)
    if not least <= value < most:
        return Fault("range", f"must be between {least} and {most - 1}", told(value))
    return None


def _bounds(column: Column) -> tuple[int, int]:
    if column.type == "oid":
        return 0, 2**32
    most = 2 ** RANGES.get(column.type, 63)
    return -most, most


def _fit_numeric(column: Column, value: Any) -> Fault | None:
    if not isinstance(value, int | decimal.Decimal) or isinstance(value, bool):
        return _wants("a Decimal or an int", value)
    number = decimal.Decimal(value)
    found = _NUMERIC.fullmatch(column.type)
    if found is None:
        return None
    if number.is_infinite():
        return Fault("range", "must be finite", str(value))
    precision, scale = int(found[1]), int(found[2])
    if number.is_nan() or abs(rounded(number, scale)) < decimal.Decimal(10) ** (precision - scale):
        return None
    return Fault("range", f"must have at most {precision - scale} digits before the point", told(value))


def rounded(value: decimal.Decimal | int, scale: int) -> decimal.Decimal:
    """Return a number as the server keeps it in `numeric(…, scale)`: half is rounded away from zero."""
    number = decimal.Decimal(value)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= -scale:
        return number
    return number.quantize(decimal.Decimal((0, (1,), -scale)), decimal.ROUND_HALF_UP, WIDE)


WIDE = decimal.Context(prec=200_000, Emax=999_999, Emin=-999_999)


def _fit_float(column: Column, value: Any) -> Fault | None:
    if not isinstance(value, float | int) or isinstance(value, bool):
        return _wants("a float", value)
    if column.type == "real" and abs(value) > _MOST_SINGLE and abs(value) != float("inf"):
        return Fault("range", "must fit into a real", told(value))
    return None


_MOST_SINGLE = 3.4028235677973366e38


def _fit_text(column: Column, value: Any) -> Fault | None:
    if not isinstance(value, str):
        return _wants("a str", value)
    if (fault := _unstorable(value)) is not None:
        return fault
    width = width_of(column.type)
    if width is not None and len(value) > width and value[width:].strip(" "):
        return Fault("length", f"must have at most {width} characters", str(len(value)))
    return None


def is_encodable(value: str) -> bool:
    """Tell whether a text is one: it has no half of a surrogate pair."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unstorable(value: str) -> Fault | None:
    if "\0" in value:
        return Fault("type", "has a NUL character, which PostgreSQL cannot store")
    if not is_encodable(value):
        return Fault("type", "has half of a surrogate pair, which is no character")
    return None


def _fit_label(column: Column, value: Any) -> Fault | None:
    if not isinstance(value, str):
        return _wants("a str", value)
    if str(value) in column.values:
        return None
    near = did_you_mean(value, column.values)
    meant = f"; did you mean {near!r}?" if near else ""
    return Fault("values", f"must be one of {', '.join(map(repr, column.values))}", f"{told(value)}{meant}")


def _fit_moment(column: Column, value: Any) -> Fault | None:
    if not isinstance(value, datetime.datetime):
        return _wants("a datetime", value)
    is_aware = column.type.endswith("with time zone")
    if is_aware and value.tzinfo is None:
        return Fault("type", "must have a time zone, as datetime.now(UTC) has", told(value))
    if not is_aware and value.tzinfo is not None:
        return Fault("type", "must have no time zone, as the column keeps none", told(value))
    return None


def _fit_date(column: Column, value: Any) -> Fault | None:
    if isinstance(value, datetime.datetime) or not isinstance(value, datetime.date):
        return _wants("a date", value)
    return None


def _fit_time(column: Column, value: Any) -> Fault | None:
    if not isinstance(value, datetime.time):
        return _wants("a time", value)
    return Fault("type", "must have no time zone") if value.tzinfo is not None else None


def _fit_uuid(column: Column, value: Any) -> Fault | None:
    """A UUID, or its text in the usual form."""
    if isinstance(value, uuid.UUID) or (isinstance(value, str) and _UUID.fullmatch(value)):
        return None
    return Fault("type", "must be a UUID", told(value)) if isinstance(value, str) else _wants("a UUID", value)


_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _fit_bytes(column: Column, value: Any) -> Fault | None:
    return None if isinstance(value, bytes | bytearray | memoryview) else _wants("bytes", value)


def _fit_bool(column: Column, value: Any) -> Fault | None:
    return None if isinstance(value, bool) else _wants("a bool", value)


def _fit_span(column: Column, value: Any) -> Fault | None:
    return None if isinstance(value, datetime.timedelta) else _wants("a timedelta", value)


def _fit_json(column: Column, value: Any) -> Fault | None:
    try:
        text = msgspec.json.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError, UnicodeError) as error:
        return Fault("type", f"cannot be written as JSON: {error}")
    if column.type == "jsonb" and _NUL.search(text):
        return Fault("type", "has a NUL character, which jsonb cannot store")
    return None


_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def _fit_list(column: Column, value: Any) -> Fault | None:
    if not isinstance(value, list | tuple):
        return _wants("a list", value)
    single = msgspec.structs.replace(column, type=column.type.removesuffix("[]"))
    for at, element in enumerate(value):
        if isinstance(element, list | tuple) or element is None:
            continue
        if (fault := fault_of(single, element)) is not None:
            return Fault(fault.rule, f"[{at}] {fault.message}", fault.seen)
    return None


def _fit_words(column: Column, value: Any) -> Fault | None:
    """A value of a type that is read and written as text."""
    return _unstorable(value) if isinstance(value, str) else _wants("a str", value)


_FIT: Mapping[str, Callable[[Column, Any], Fault | None]] = {
    **dict.fromkeys((*RANGES, "oid"), _fit_whole),
    "numeric": _fit_numeric,
    **dict.fromkeys(("real", "double precision"), _fit_float),
    **dict.fromkeys(("text", "character varying", "character", "citext", "name"), _fit_text),
    "boolean": _fit_bool, "uuid": _fit_uuid, "date": _fit_date, "time without time zone": _fit_time,
    **dict.fromkeys(("timestamp without time zone", "timestamp with time zone"), _fit_moment),
    "interval": _fit_span, "bytea": _fit_bytes, **dict.fromkeys(("json", "jsonb"), _fit_json),
}  # fmt: skip

_LISTED = frozenset(name for name, kind in KINDS.items() if kind.listed)
"""Types whose arrays are lists; others are written as the server writes them."""


def fault_of(column: Column, value: Any) -> Fault | None:
    """Return what is wrong with a value that is not None, as far as its type goes."""
    if column.type.endswith("[]"):
        return _fit_list(column, value) if column.values or bare(column.type) in _LISTED else _fit_words(column, value)
    if column.values:
        return _fit_label(column, value)
    return _FIT.get(bare(column.type), _fit_words)(column, value)
