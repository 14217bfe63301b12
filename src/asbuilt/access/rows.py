"""The types of rows, and what makes rows of what the driver gives: by position, nothing checked that the server has checked."""

from collections.abc import Callable, Mapping, Sequence
from itertools import starmap
from types import GenericAlias, new_class
from typing import Any, Generic, TypeVar

import msgspec
from msgspec.structs import replace

from asbuilt.access.queries import Question
from asbuilt.access.schema import Schema, Table
from asbuilt.access.types import type_of

Decode = Callable[[Any], Any]
DecodeAll = Callable[[Sequence[Any]], list[Any]]
RowTypes = Mapping[str, type]
"""The type of a table's rows, by the table's name."""


def row_types(schema: Schema) -> RowTypes:
    """Return a type for the rows of each table: its columns, then its relations, which are UNSET unless they are included.

    Rows are no work for the garbage collector: being frozen, none leads back to itself.
    """
    return {table.name: _row_type(table) for table in schema.tables}


def _row_type(table: Table) -> type:
    variables = {relation.name: TypeVar(relation.name, covariant=True) for relation in table.relations}
    annotations = {column.attribute: type_of(column) for column in table.columns} | variables

    def fill(body: dict[str, Any]) -> None:
        body["__annotations__"] = annotations
        body["__doc__"] = f"A row of {table.name}."
        body["__module__"] = __name__
        body.update(dict.fromkeys(variables, msgspec.UNSET))

    generic: Any = Generic
    bases = (msgspec.Struct, generic[tuple(variables.values())]) if variables else (msgspec.Struct,)
    return new_class(table.entity, bases, {"frozen": True, "gc": False, "repr_omit_defaults": True}, fill)


def decoders(schema: Schema, types: RowTypes, question: Question) -> tuple[Decode, DecodeAll]:
    """Return what makes an answer of a record, a tuple of what was selected or a row with what is included; and of all records."""
    if question.picked is not None:
        return tuple, lambda records: list(map(tuple, records))
    row = types[question.table]
    if not (question.included or question.is_keyed):
        return lambda record: row(*record), lambda records: list(starmap(row, records))
    return each(decoder(schema, types, question))


def each(decode: Decode) -> tuple[Decode, DecodeAll]:
    return decode, lambda records: [decode(record) for record in records]


def decoder(schema: Schema, types: RowTypes, question: Question) -> Decode:
    """Return what makes a row of a record."""
    if question.is_keyed:
        return _keyed(decoder(schema, types, replace(question, is_keyed=False)), len(question.order))
    table = schema.by_name[question.table]
    row = types[table.name]
    if not question.included:
        return lambda record: row(*record)
    width = len(table.columns)
    at = {name: width + n for n, (name, _) in enumerate(question.included)}
    inner = dict(question.included)
    decoders = {name: _related(schema, types, table, name, its) for name, its in inner.items()}
    last = max(n for n, relation in enumerate(table.relations) if relation.name in at)
    slots = [(at[r.name], decoders[r.name]) if r.name in at else None for r in table.relations[: last + 1]]
    return _whole(row, width, slots)


def _whole(row: type, width: int, slots: Sequence[tuple[int, Decode] | None]) -> Decode:
    """Return what makes a row with relations: written out and compiled once, as it runs for each row."""
    related = ", ".join("UNSET" if slot is None else f"d{slot[0]}(r[{slot[0]}])" for slot in slots)
    space = {f"d{slot[0]}": slot[1] for slot in slots if slot} | {"row": row, "UNSET": msgspec.UNSET}
    return eval(f"lambda r: row(*r[:{width}], {related})", space)  # type: ignore[no-any-return]


def _keyed(decode: Decode, keys: int) -> Decode:
    return lambda record: (decode(record[:-keys]), tuple(record[-keys:]))


def _related(schema: Schema, types: RowTypes, table: Table, name: str, question: Question) -> Decode:
    """Return what makes rows of the JSON of a relation."""
    relation = table.by_relation[name]
    kind = _including(schema, types, question)
    decode = msgspec.json.Decoder(GenericAlias(list, (kind,)) if relation.is_many else kind).decode
    return decode if relation.is_many else lambda text: None if text is None else decode(text)


def _including(schema: Schema, types: RowTypes, question: Question) -> Any:
    """Return the type of rows with what a question includes."""
    table = schema.by_name[question.table]
    if not table.relations:
        return types[table.name]
    inner = dict(question.included)
    given = [
        _several(schema, types, inner[r.name], is_many=r.is_many) if r.name in inner else Any for r in table.relations
    ]
    return types[table.name][tuple(given)]  # type: ignore[index]


def _several(schema: Schema, types: RowTypes, question: Question, *, is_many: bool) -> Any:
    kind = _including(schema, types, question)
    return GenericAlias(list, (kind,)) if is_many else kind | None
