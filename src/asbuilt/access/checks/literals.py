"""Types of the server as kinds of values, and constants as their text, to be read the same everywhere."""

import datetime
import decimal
import re
import uuid
from collections.abc import Callable
from typing import Any

KIND_OF_TYPE = {
    **dict.fromkeys(("smallint", "int2", "integer", "int4", "bigint", "int8"), "int"),
    "numeric": "numeric", "double precision": "float", "float8": "float",
    **dict.fromkeys(("text", "character varying", "varchar"), "text"),
    **dict.fromkeys(("character", "bpchar"), "bpchar"),
    "citext": "citext",
    **dict.fromkeys(("boolean", "bool"), "bool"),
    "uuid": "uuid", "date": "date",
    **dict.fromkeys(("timestamp without time zone", "timestamp"), "timestamp"),
    **dict.fromkeys(("timestamp with time zone", "timestamptz"), "timestamptz"),
    **dict.fromkeys(("time without time zone", "time"), "time"),
    "interval": "interval", "json": "json", "jsonb": "json",
}  # fmt: skip
"""The kind of each type that is spoken of, by the server's name and the parser's. What is not here only the server knows."""

_PART = re.compile(
    r"(?P<count>-?\d+) (?P<unit>day|hour|min|minute|sec|second|week)s?|(?P<clock>-?\d\d+:\d\d(?::\d\d(?:\.\d{1,6})?)?)"
)


def interval(text: str) -> datetime.timedelta:
    """Return an interval of days and smaller; raise ValueError for others, whose length depends on the calendar."""
    found = datetime.timedelta()
    at = 0
    for part in _PART.finditer(text):
        if text[at : part.start()].strip():
            raise ValueError(text)
        found += _clock(part["clock"]) if part["clock"] else _span(int(part["count"]), part["unit"])
        at = part.end()
    if text[at:].strip() or not at:
        raise ValueError(text)
    return found


def _span(count: int, unit: str) -> datetime.timedelta:
    seconds = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}[unit[0]]
    return datetime.timedelta(seconds=count * seconds)


def _clock(text: str) -> datetime.timedelta:
    sign = -1 if text.startswith("-") else 1
    hours, minutes, *seconds = text.lstrip("-").split(":")
    whole = datetime.timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds[0]) if seconds else 0)
    return sign * whole


def _number(text: str) -> decimal.Decimal:
    value = decimal.Decimal(text)
    if not value.is_finite():
        raise ValueError(text)
    return value


def _float(text: str) -> float:
    return float(_number(text))


def _truth(text: str) -> bool:
    return {"true": True, "t": True, "false": False, "f": False}[text]


def _aware(text: str) -> datetime.datetime:
    value = datetime.datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError(text)
    return value


def _naive(text: str) -> datetime.datetime:
    value = datetime.datetime.fromisoformat(text)
    if value.tzinfo is not None:
        raise ValueError(text)
    return value


READ: dict[str, Callable[[str], Any]] = {
    "int": int, "numeric": _number, "float": _float, "text": str, "bpchar": str, "enum": str, "citext": str, "bool": _truth,
    "uuid": uuid.UUID, "date": datetime.date.fromisoformat, "timestamp": _naive, "timestamptz": _aware,
    "time": datetime.time.fromisoformat, "interval": interval,
}  # fmt: skip
"""What makes a value of a constant's text; they raise ValueError, KeyError or ArithmeticError for what they do not know."""


def is_sound(text: str, kind: str) -> bool:
    """Tell whether the text is a constant of the kind, to be read as the server reads it."""
    try:
        READ[kind](text)
    except (ValueError, KeyError, ArithmeticError):
        return False
    return True


def days(count: int) -> datetime.timedelta:
    return datetime.timedelta(days=count)


def midnight(date: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(date, datetime.time())
