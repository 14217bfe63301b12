"""How rows of a table are copied: the statement, and what makes its bytes of rows given by name."""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from asbuilt.access.copying import binary, texts
from asbuilt.access.refusals import InvalidRow, Problem, QueryRefused
from asbuilt.access.schema import Column, Table
from asbuilt.access.valuing import tuples

_CHUNK = 2000
"""Rows in one message to the server."""
_MOST_TOLD = 100
_ODD = (TypeError, ValueError, ArithmeticError, AttributeError, struct.error, msgspec.MsgspecError)
Write = Callable[[Sequence[Sequence[Any]]], bytes]


class Copying:
    """Writes rows with these attributes for one table; `is_endless` as in `binary.written`."""

    def __init__(self, table: Table, attributes: Sequence[str], *, is_endless: bool, document: str = "") -> None:
        if not attributes:
            raise QueryRefused(f"{table.accessor}: rows without a field cannot be copied", help="create() makes one")
        self._table = table
        self._document = document
        self._attributes = attributes
        self._is_endless = is_endless
        self._columns = [table.by_attribute[name] for name in attributes]
        self._is_binary = all(map(binary.is_binary, self._columns))
        self._write = self._written(self._columns)

    @property
    def table(self) -> str:
        return self._table.name

    @property
    def columns(self) -> list[str]:
        return [column.name for column in self._columns]

    @property
    def format(self) -> Literal["binary", "text"]:
        return "binary" if self._is_binary else "text"

    def chunks(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[bytes]:
        """Yield the bytes of rows; refuse a row that has other fields than the first."""
        if self._is_binary:
            yield binary.FIRST
        for start in range(0, len(rows), _CHUNK):
            yield self._chunk(rows[start : start + _CHUNK], start)
        if self._is_binary:
            yield binary.LAST

    def _chunk(self, rows: Sequence[Mapping[str, Any]], first: int) -> bytes:
        values = tuples(self._table, self._attributes, rows, first)
        try:
            return self._write(values)
        except _ODD as error:
            raise self._odd(values, first) from error

    def _written(self, columns: Sequence[Column]) -> Write:
        write = binary.written if self._is_binary else texts.rows_written
        return write(columns, is_endless=self._is_endless)

    def _odd(self, rows: Sequence[tuple[Any, ...]], first: int) -> InvalidRow:
        """Return which values they are that could not be written."""
        writes = [self._written([column]) for column in self._columns]
        found = [
            Problem(column.attribute, "type", f"cannot be written as {column.type}: {error}", column.line, row=at)
            for at, row in enumerate(rows, first)
            for column, write, value in zip(self._columns, writes, row, strict=True)
            if (error := _failure(write, value)) is not None
        ]
        return InvalidRow(self._table.entity, tuple(found[:_MOST_TOLD]), document=self._document)


def _failure(write: Write, value: Any) -> Exception | None:
    try:
        write([(value,)])
    except _ODD as error:
        return error
    return None
