"""Quick questions of values, as Python source: most sound values answer with yes, and the others are looked at closely (`values.py`)."""

import datetime
import uuid
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec

from asbuilt.access.checks.values import RANGES, WIDE, is_encodable
from asbuilt.access.schema import Column
from asbuilt.access.types import bare
from asbuilt.access.widths import width_of


def quick(column: Column, local: str, constants: dict[str, Any]) -> str:
    """Return a question about the value in a local variable; `constants` is given what it names besides `SPACE`."""
    is_list = column.type.endswith("[]")
    if column.values:
        labels = f"labels_{local}"
        constants[labels] = frozenset(column.values)
        return (
            _listed(local, "str", f"{labels}.issuperset({local})")
            if is_list
            else f"{local}.__class__ is str and {local} in {labels}"
        )
    maker = (_LISTS if is_list else _SINGLE).get(bare(column.type))
    return maker(column, local) if maker else "False"


def _text(column: Column, local: str) -> str:
    width = width_of(column.type)
    fits = f" and len({local}) <= {width}" if width is not None else ""
    return f"{local}.__class__ is str{fits} and '\\0' not in {local} and ({local}.isascii() or is_encodable({local}))"


def _whole(column: Column, local: str) -> str:
    most = 2 ** RANGES.get(column.type, 63)
    return f"{local}.__class__ is int and {-most} <= {local} < {most}"


def _number(column: Column, local: str) -> str:
    """Of a Decimal, which is rounded on the way; whole numbers need no rounding."""
    precision, _, scale = column.type.partition("(")[2].rstrip(")").partition(",")
    if not precision:
        return f"{local}.__class__ is int or {local}.__class__ is Decimal and {local}.is_finite()"
    if not 0 <= int(scale) <= int(precision) <= 38:
        return "False"
    most = f"M{int(precision) - int(scale)}"
    kept = f"({local} := {local}.quantize(D{scale}, UP, WIDE))"
    return f"{local}.__class__ is Decimal and {local}.is_finite() and -{most} < {local} < {most} and -{most} < {kept} < {most}"


_SINGLE: dict[str, Callable[[Column, str], str]] = {
    **dict.fromkeys(RANGES, _whole),
    **dict.fromkeys(("text", "character varying", "citext"), _text),
    "boolean": lambda column, local: f"{local}.__class__ is bool",
    "uuid": lambda column, local: f"{local}.__class__ is UUID",
    "numeric": _number,
    "double precision": lambda column, local: f"{local}.__class__ is float and {local} - {local} == 0",
    "date": lambda column, local: f"{local}.__class__ is date",
    "timestamp with time zone": lambda column, local: f"{local}.__class__ is datetime and {local}.tzinfo is not None",
    "timestamp without time zone": lambda column, local: f"{local}.__class__ is datetime and {local}.tzinfo is None",
    "json": lambda column, local: f"{local} is not None and is_json({local})",
    "jsonb": lambda column, local: f"{local} is not None and is_jsonb({local})",
}


def _listed(local: str, type: str, more: str = "True") -> str:
    """Return whether a value is a list of this type alone, of which more is true."""
    return f"{local}.__class__ is list and {{*map(type, {local})}} <= {{{type}}} and {more}"


def _texts(column: Column, local: str) -> str:
    width = width_of(column.type)
    fit = f" and max(map(len, {local}), default=0) <= {width}" if width is not None else ""
    return _listed(local, "str", f"is_text(''.join({local})){fit}")


def _wholes(column: Column, local: str) -> str:
    most = 2 ** RANGES.get(bare(column.type), 63)
    return _listed(local, "int", f"(not {local} or {-most} <= min({local}) and max({local}) < {most})")


_LISTS: dict[str, Callable[[Column, str], str]] = {
    **dict.fromkeys(RANGES, _wholes),
    **dict.fromkeys(("text", "character varying", "citext"), _texts),
    "boolean": lambda column, local: _listed(local, "bool"),
    "uuid": lambda column, local: _listed(local, "UUID"),
    "double precision": lambda column, local: _listed(local, "float"),
    "date": lambda column, local: _listed(local, "date"),
}


def _is_text(value: str) -> bool:
    return "\0" not in value and (value.isascii() or is_encodable(value))


def _is_json(value: Any) -> bool:
    try:
        msgspec.json.encode(value)
    except Exception:
        return False
    return True


def _is_jsonb(value: Any) -> bool:
    try:
        return b"\\u0000" not in msgspec.json.encode(value)
    except Exception:
        return False


SPACE: dict[str, Any] = {
    "is_encodable": is_encodable, "is_text": _is_text, "is_json": _is_json, "is_jsonb": _is_jsonb, "UUID": uuid.UUID, "Decimal": Decimal,
    "date": datetime.date, "datetime": datetime.datetime, "WIDE": WIDE, "UP": ROUND_HALF_UP,
    **{f"D{scale}": Decimal((0, (1,), -scale)) for scale in range(39)},
    **{f"M{digits}": Decimal(10) ** digits for digits in range(39)},
}  # fmt: skip
"""What the questions name."""
