"""The server's functions as a program has them, where they are not Python's own. What a value may mean otherwise there raises `Left`."""

import datetime
import decimal
import re
import struct
from typing import Any

LONGEST = 10_000
_MAX = 800
EXACT = decimal.Context(prec=_MAX, Emin=-_MAX, Emax=_MAX, traps=[decimal.Inexact, decimal.InvalidOperation, decimal.Overflow])  # fmt: skip
_DAY = datetime.timedelta(days=1)


class Left(ArithmeticError):
    """Only the server can tell."""


BAD = type("Bad", (), {"__repr__": lambda self: "BAD"})()
"""Stands for a value that no check can speak of: it is wrong already, or the server reckons it."""


def matches(text: str, pattern: "re.Pattern[str]") -> bool:
    if len(text) > LONGEST:
        raise Left
    return pattern.search(text) is not None


def matches_ascii(text: str, pattern: "re.Pattern[str]") -> bool:
    """As `matches`, for a pattern that depends on the locale beyond ASCII."""
    if not text.isascii():
        raise Left
    return matches(text, pattern)


def lower(text: str) -> str:
    """ASCII in lower case; `I` is another letter in Turkish."""
    if not text.isascii() or "I" in text:
        raise Left
    return text.lower()


def upper(text: str) -> str:
    if not text.isascii() or "i" in text:
        raise Left
    return text.upper()


def is_lower(text: str) -> bool:
    if not text.isascii():
        raise Left
    return text == text.lower()


def is_upper(text: str) -> bool:
    if not text.isascii():
        raise Left
    return text == text.upper()


def div(a: int, b: int) -> int:
    """Whole numbers, divided towards zero."""
    if b == 0:
        raise Left
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def mod(a: int, b: int) -> int:
    """What is left, with the sign of what is divided."""
    if b == 0:
        raise Left
    return a - div(a, b) * b


def compared_with_clock(op: str, value: Any, offset: datetime.timedelta) -> bool:
    """Compare with the server's present, which may be up to a day from ours: a zone, a clock, a long transaction."""
    now = _present(value) + offset
    answers = {_OPS[op](value, at) for at in (now - _DAY, now, now + _DAY)}
    if len(answers) > 1:
        raise Left
    return bool(answers.pop())


def _present(value: Any) -> Any:
    now = datetime.datetime.now(datetime.UTC)
    if not isinstance(value, datetime.datetime):
        return now.date()
    return now if value.tzinfo is not None else now.replace(tzinfo=None)


_OPS: dict[str, Any] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b, "<>": lambda a, b: a != b,
}  # fmt: skip


def json_type(value: Any) -> str:
    """What `jsonb_typeof` says of a value, of plain ones only."""
    found = _JSON_TYPES.get(type(value))
    if found is None:
        raise Left
    return found


_JSON_TYPES = {dict: "object", list: "array", tuple: "array", str: "string", bool: "boolean", int: "number", float: "number"}  # fmt: skip


def size(values: Any) -> int:
    if any(isinstance(value, list | tuple) for value in values):
        raise Left
    return len(values)


def single(value: float) -> float:
    """A double as the server keeps it in a `real`."""
    found: float = struct.unpack("f", struct.pack("f", value))[0]
    return found


def greatest(*values: Any) -> Any:
    return max((value for value in values if value is not None), default=None)


def least(*values: Any) -> Any:
    return min((value for value in values if value is not None), default=None)
