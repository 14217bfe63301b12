"""Values as the server reads them of text, which every type can be, and rows of them in COPY's text format."""

import datetime
import uuid
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec

from asbuilt.access.schema import Column
from asbuilt.access.types import JSON, bare, kind_of

Write = Callable[[Any], str]
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_QUOTES = str.maketrans({"\\": "\\\\", '"': '\\"'})


def rows_written(columns: Sequence[Column], *, is_endless: bool) -> Callable[[Sequence[Sequence[Any]]], bytes]:
    """Return what writes rows of these columns; `is_endless` as in `binary.written`."""
    writes = [text_of(column, is_endless=is_endless) for column in columns]

    def write(rows: Sequence[Sequence[Any]]) -> bytes:
        lines = ("\t".join([_field(w, value) for w, value in zip(writes, row, strict=True)]) for row in rows)
        return "".join([f"{line}\n" for line in lines]).encode()

    return write


def _field(write: Write, value: Any) -> str:
    return "\\N" if value is None else write(value).translate(_ESCAPES)


def text_of(column: Column, *, is_endless: bool = False) -> Write:
    """Return what writes a column's values, none of them None."""
    kind = kind_of(column)
    if kind.is_text:
        return _words
    one = _one(column, is_endless)
    if not column.type.endswith("[]"):
        return one
    return partial(_array, partial(_element, one) if bare(column.type) in JSON else partial(_nested, one))


def _one(column: Column, is_endless: bool) -> Write:
    name = bare(column.type)
    if column.values or name not in _TEXTS:
        return _words
    if is_endless and name in ("date", "timestamp without time zone"):
        return partial(_endless, datetime.date if name == "date" else datetime.datetime)
    return _TEXTS[name]


def _words(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"must be a str, not {type(value).__name__}")
    return value


def _array(element: Write, values: Any) -> str:
    """Return an array as the server reads it."""
    if not isinstance(values, list | tuple):
        raise TypeError(f"must be a list, not {type(values).__name__}")
    return "{" + ",".join([element(value) for value in values]) + "}"


def _nested(write: Write, value: Any) -> str:
    return _array(partial(_nested, write), value) if isinstance(value, list | tuple) else _element(write, value)


def _element(write: Write, value: Any) -> str:
    return "NULL" if value is None else f'"{write(value).translate(_QUOTES)}"'


def _endless(type: Any, value: Any) -> str:
    if value == type.max or value == type.min:
        return "infinity" if value == type.max else "-infinity"
    return str(value.isoformat())


def _span(value: datetime.timedelta) -> str:
    return f"{value.days} days {value.seconds} seconds {value.microseconds} microseconds"


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


_TEXTS: dict[str, Write] = {
    **dict.fromkeys(("smallint", "integer", "bigint", "oid"), lambda value: str(int(value))),
    **dict.fromkeys(("real", "double precision"), lambda value: repr(float(value))),
    "boolean": lambda value: "t" if value else "f",
    "numeric": lambda value: str(Decimal(value)),
    "uuid": lambda value: str(uuid.UUID(str(value))),
    **dict.fromkeys(("date", "time without time zone"), lambda value: value.isoformat()),
    **dict.fromkeys(("timestamp without time zone", "timestamp with time zone"), lambda value: value.isoformat()),
    "interval": _span,
    **dict.fromkeys(JSON, _json),
    "bytea": lambda value: f"\\x{bytes(value).hex()}",
}  # fmt: skip
