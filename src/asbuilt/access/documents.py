"""Rows out of a document: what the server wrote as JSON, a row with all that is included in it.

Nearly all values are in JSON as msgspec reads them: that is the quick way. A document with one that is not (`infinity`, NaN,
NULL in an array, a label that an enumeration has had since) is read a second time, value by value, and gives what
the driver would have given.
"""

import datetime
from collections.abc import Callable, Mapping
from types import GenericAlias
from typing import Any, Literal, get_args, get_origin

import msgspec

from asbuilt.access.queries import Question
from asbuilt.access.schema import Column, Schema
from asbuilt.access.types import kind_of

Read = Callable[[Any], Any]
_INFINITE: dict[Any, dict[str, Any]] = {
    datetime.date: {"-infinity": datetime.date.min, "infinity": datetime.date.max},
    datetime.datetime: {"-infinity": datetime.datetime.min, "infinity": datetime.datetime.max},
}
"""As asyncpg has it, with a time zone and without."""
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_items = msgspec.json.Decoder(list[msgspec.Raw]).decode
_text = msgspec.json.Decoder(str).decode


def reader(schema: Schema, types: Mapping[str, type], question: Question) -> Read:
    """Return what makes a row of a document."""
    quickly = msgspec.json.Decoder(_type_of(schema, types, question)).decode
    exactly: list[Read] = []

    def read(document: str) -> Any:
        try:
            return quickly(document)
        except msgspec.ValidationError:
            if not exactly:
                exactly.append(_exactly(schema, types, question))
            return exactly[0](document)

    return read


def _type_of(schema: Schema, types: Mapping[str, type], question: Question) -> Any:
    """Return the type of rows with what a question includes."""
    table = schema.by_name[question.table]
    if not table.relations:
        return types[table.name]
    inner = dict(question.included)
    given = [
        _several(schema, types, inner[r.name], is_many=r.is_many) if r.name in inner else Any for r in table.relations
    ]
    return types[table.name][tuple(given)]  # type: ignore[index]


def _several(schema: Schema, types: Mapping[str, type], question: Question, *, is_many: bool) -> Any:
    kind = _type_of(schema, types, question)
    return GenericAlias(list, (kind,)) if is_many else kind | None


def _exactly(schema: Schema, types: Mapping[str, type], question: Question) -> Read:
    """Return what makes a row of a document, value by value."""
    table = schema.by_name[question.table]
    row = types[table.name]
    reads: dict[str, Read] = {column.attribute: _value(column) for column in table.columns}
    for name, inner in question.included:
        reads[name] = _related(_exactly(schema, types, inner), is_many=table.by_relation[name].is_many)

    def read(document: Any) -> Any:
        return row(**{name: reads[name](value) for name, value in _fields(document).items()})

    return read


def _related(read: Read, *, is_many: bool) -> Read:
    if is_many:
        return lambda value: [read(item) for item in _items(value)]
    return lambda value: None if bytes(value) == b"null" else read(value)


def _value(column: Column) -> Read:
    """Return what reads a value of a column."""
    kind = kind_of(column).type
    if get_origin(kind) is not list:
        return _single(kind)
    [item] = get_args(kind)
    return msgspec.json.decode if item is Any else _array(_single(item))


def _single(kind: Any) -> Read:
    decode = msgspec.json.Decoder(kind if kind is Any else kind | None).decode
    odd = _odd(kind)

    def read(value: Any) -> Any:
        try:
            return decode(value)
        except msgspec.ValidationError:
            if odd is None:
                raise
            return odd(_text(value))

    return read


def _odd(kind: Any) -> Callable[[str], Any] | None:
    """Return what makes a value of a text that stands where JSON has none for it."""
    if kind in _INFINITE:
        return _INFINITE[kind].__getitem__
    if get_origin(kind) is Literal:
        return str
    return float if kind is float else None


def _array(read: Read) -> Read:
    """Return what reads an array, of arrays or of values."""

    def read_all(value: Any) -> Any:
        text = bytes(value)
        if text == b"null":
            return None
        return [read_all(item) if bytes(item)[:1] == b"[" else read(item) for item in _items(text)]

    return read_all
