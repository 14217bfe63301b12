"""Values as the server reads them of text, which every type can be, and rows of them in COPY's text format."""

import datetime
import uuid
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec

from asbuilt.access.schema import Column
from asbuilt.access.types import JSON, TEXT, bare, kind_of

Write = Callable[[Any], str]
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_PLAIN = frozenset({"smallint", "integer", "bigint", "oid", "numeric", "real", "double precision", "uuid"})
"""Types whose values Python writes as the server reads them, none of it to be escaped."""
_QUOTES = str.maketrans({"\\": "\\\\", '"': '\\"'})


def rows_written(columns: Sequence[Column], *, is_endless: bool) -> Callable[[Sequence[Sequence[Any]]], bytes]:
    """Return what writes rows of these columns; `is_endless` as in `binary.written`."""
    space: dict[str, Any] = {f"w{at}": text_of(column, is_endless=is_endless) for at, column in enumerate(columns)}
    space["escaped"] = _escaped
    names = ", ".join(f"v{at}" for at in range(len(columns)))
    line = "\\t".join(["%s"] * len(columns)) + "\\n"
    values = ", ".join(_piece(column, f"v{at}", f"w{at}") for at, column in enumerate(columns))
    text = f"def write(rows):\n    return ''.join(['{line}' % ({values},) for {names}, in rows]).encode()"
    exec(compile(text, "<rows for COPY>", "exec"), space)
    write: Callable[[Sequence[Sequence[Any]]], bytes] = space["write"]
    return write


def _piece(column: Column, value: str, write: str) -> str:
    """Return the expression of a field's text; what a string would take anyway is left to it."""
    is_text = column.values or bare(column.type) in TEXT
    if bare(column.type) in _PLAIN and not column.type.endswith("[]"):
        made = value
    elif is_text and not column.type.endswith("[]"):
        made = f"({value} if {value}.isprintable() and '\\\\' not in {value} else escaped({value}))"
    else:
        made = f"escaped({write}({value}))"
    return f"'\\\\N' if {value} is None else {made}" if column.is_nullable or column.is_amended else made


def _escaped(text: str) -> str:
    return text if text.isprintable() and "\\" not in text else text.translate(_ESCAPES)


def text_of(column: Column, *, is_endless: bool = False) -> Write:
    """Return what writes a column's values, none of them None."""
    kind = kind_of(column)
    if kind.is_text:
        return _words
    one = _one(column, is_endless)
    if not column.type.endswith("[]"):
        return one
    if bare(column.type) in JSON:
        return partial(_array, partial(_element, one))
    return partial(_words_listed if one is _words else _array, partial(_nested, one))


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


def _words_listed(element: Write, values: Any) -> str:
    """Return an array of texts: all at once where none of them has to be looked at."""
    if isinstance(values, list) and values and {*map(type, values)} == {str}:
        body = '","'.join(values)
        if body.isprintable() and "\\" not in body and body.count('"') == 2 * len(values) - 2:
            return f'{{"{body}"}}'
    return _array(element, values)


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
