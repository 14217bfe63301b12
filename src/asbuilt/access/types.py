"""The server's types and a program's: one table.

Where a type's text in JSON is not what a program gets from the driver, `json` says how it is written there.
"""

import datetime
import decimal
import uuid
from types import GenericAlias
from typing import Any, Literal, NamedTuple

from asbuilt.access.schema import Column


class Kind(NamedTuple):
    """A type as a program has it: its annotation, the type, its SQL in JSON, and whether it is read as text.

    `listed` is the SQL of its arrays in JSON, empty where these are read as text.
    """

    annotation: str
    type: Any
    json: str = "{0}"
    is_text: bool = False
    listed: str = "{0}"


_WHOLE = Kind("int", int)
_TEXT = Kind("str", str)
_AS_TEXT = Kind("str", str, "{0}::text", is_text=True)
_SPAN = "replace('PT' || extract(epoch FROM {0}) - extract(year FROM {0}) * 21600 || 'S', 'PT-', '-PT')"
"""A year is 365 days to a driver, and a quarter more to the server."""
KINDS = {
    "smallint": _WHOLE, "integer": _WHOLE, "bigint": _WHOLE,
    "oid": Kind("int", int, "{0}::bigint", listed="{0}::bigint[]"),
    "text": _TEXT, "character varying": _TEXT, "character": _TEXT, "citext": _TEXT, "name": _TEXT,
    "boolean": Kind("bool", bool),
    "numeric": Kind("Decimal", decimal.Decimal),
    "real": Kind("float", float, "{0}::double precision", listed="{0}::double precision[]"), "double precision": Kind("float", float),
    "uuid": Kind("UUID", uuid.UUID),
    "date": Kind("date", datetime.date),
    "time without time zone": Kind("time", datetime.time),
    "timestamp without time zone": Kind("datetime", datetime.datetime),
    "timestamp with time zone": Kind("datetime", datetime.datetime),
    "interval": Kind("timedelta", datetime.timedelta, _SPAN, listed=""),
    "json": Kind("Any", Any), "jsonb": Kind("Any", Any),
    "bytea": Kind("bytes", bytes, "translate(encode({0}, 'base64'), E'\\n', '')", listed=""),
}  # fmt: skip
JSON = ("json", "jsonb")
TEXT = frozenset({"text", "character varying", "character", "citext", "name"})
HIDDEN = frozenset({"tsvector"})
"""Types that serve the server alone: their columns are in no row."""


def bare(type: str) -> str:
    """Return a type's name without length, precision and array brackets."""
    name, found, rest = type.partition("(")
    return (name + rest.partition(")")[2] if found else name).removesuffix("[]")


def is_text(column: Column) -> bool:
    """Tell whether a column holds plain text, no enumeration's values."""
    return bare(column.type) in TEXT and not column.values


def kind_of(column: Column) -> Kind:
    """Return what a column's values are in a program; what is in no table here is read and written as text."""
    if column.values:
        kind = Kind(f"Literal[{', '.join(map(repr, column.values))}]", Literal[column.values])
    else:
        kind = KINDS.get(bare(column.type), _AS_TEXT)
    if not column.type.endswith("[]"):
        return kind
    if kind.is_text or not kind.listed:
        return _AS_TEXT
    return Kind(f"list[{kind.annotation}]", GenericAlias(list, (kind.type,)), kind.listed)


def read(column: Column, name: str) -> str:
    """Return the SQL that reads a column, `name` in the statement, so that every driver knows what comes.

    The elements of an array may be of a domain.
    """
    if kind_of(column).is_text:
        return f"{name}::text"
    if not column.type.endswith("[]"):
        return name
    return f"{name}::{'text' if column.values else bare(column.type)}[]"


def annotation(column: Column) -> str:
    """Return a column's type as a program's source has it."""
    words = kind_of(column).annotation
    return f"{words} | None" if column.is_nullable and words != "Any" else words


def type_of(column: Column) -> Any:
    """Return a column's type as a value."""
    kind = kind_of(column).type
    return kind | None if column.is_nullable and kind is not Any else kind
