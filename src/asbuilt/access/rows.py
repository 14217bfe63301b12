"""The types of rows, and what makes rows of what the driver gives: by position, nothing checked that the server has checked."""

from collections.abc import Callable, Mapping, Sequence
from itertools import starmap
from types import new_class
from typing import Any, Generic, TypeVar

import msgspec

from asbuilt.access.documents import reader
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
    return each(_decoder(schema, types, question))


def each(decode: Decode) -> tuple[Decode, DecodeAll]:
    return decode, lambda records: [decode(record) for record in records]


def _decoder(schema: Schema, types: RowTypes, question: Question) -> Decode:
    """Return what makes a row of a record: of its document where anything is included, and with what it is ordered by."""
    keys = len(question.order)
    if not question.included:
        row = types[question.table]
        return lambda record: (row(*record[:-keys]), tuple(record[-keys:]))
    read = reader(schema, types, question)
    return (
        (lambda record: (read(record[0]), tuple(record[-keys:])))
        if question.is_keyed
        else lambda record: read(record[0])
    )
