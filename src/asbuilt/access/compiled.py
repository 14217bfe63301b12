"""What was compiled, kept by shape."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

from msgspec import Struct

from asbuilt.access.compiling.selecting import counted, selected, selected_each
from asbuilt.access.compiling.sets import goes_by_set, selected_by_set
from asbuilt.access.compiling.writing import goes_as_text
from asbuilt.access.conditions import Shape
from asbuilt.access.copying.writing import Copying
from asbuilt.access.memo import Memo
from asbuilt.access.paging import Paging
from asbuilt.access.queries import Question
from asbuilt.access.refusals import QueryRefused
from asbuilt.access.rows import Decode, DecodeAll, RowTypes, decoders, each
from asbuilt.access.schema import Schema, Table
from asbuilt.access.telling import Tell, moving, of_changed, of_deleted, of_inserted, of_put

_MOST_KEPT = 2000


class Compiled(Struct, frozen=True):
    """A statement, and what makes an answer of each of its records, and of all.

    `tell` is what a write tells a cache, None where that is nothing; `table` is then the one that it writes.
    """

    sql: str
    decode: Decode
    decode_all: DecodeAll
    table: str = ""
    tell: Tell | None = None


class Compiler:
    """Compiles each shape once. `told` are the columns of each table that writes have to tell a cache of."""

    def __init__(self, schema: Schema, types: RowTypes, told: Mapping[str, tuple[str, ...]]) -> None:
        self.schema = schema
        self.types = types
        self.told = told
        self.memo = Memo(_MOST_KEPT)

    def select(self, question: Question) -> Compiled:
        return self.memo.of(question, lambda: self._selected(question))

    def _selected(self, question: Question) -> Compiled:
        select = selected_by_set if goes_by_set(self.schema, question) else selected
        return Compiled(select(self.schema, question), *decoders(self.schema, self.types, question))

    def count(self, question: Question) -> Compiled:
        return self.memo.of(("count", question), lambda: Compiled(counted(self.schema, question), *each(_first)))

    def paging(self, question: Question, secret: bytes) -> Paging:
        """Return what makes pages of a question."""
        return self.memo.of(("page", question), lambda: Paging(self.schema, question, secret))

    def by_key(self, table: Table) -> Compiled:
        """Return the statement for the row of a primary key."""
        if not table.primary_key:
            raise QueryRefused(f"{table.accessor} has no primary key", help="ask by where(…)")
        return self.by_columns(table, table.primary_key)

    def by_columns(self, table: Table, columns: tuple[str, ...]) -> Compiled:
        """Return the statement for the row with these values of a unique key."""
        shapes: list[Shape] = [("is", "=", ("column", (), name)) for name in columns]
        return self.select(Question(table.name, reduce(lambda a, b: ("and", a, b), shapes)))

    def each(self, question: Question, columns: tuple[str, ...]) -> Compiled:
        """Return the statement that answers a question for each of many values of some columns, one array a column.

        Each record ends with the number of the values that it belongs to, from 1; `decode` is given it without that.
        """
        return self.memo.of(
            ("each", question, columns),
            lambda: Compiled(
                selected_each(self.schema, question, columns), *decoders(self.schema, self.types, question)
            ),
        )

    def by_each_key(self, table: Table) -> str | None:
        """Return the statement for the rows of many primary keys; None where values of a key cannot stand in an array as
        they are given."""
        if any(goes_as_text(table.by_name[name]) for name in table.primary_key):
            return None
        return self.each(Question(table.name), table.primary_key).sql

    def insert(self, key: Any, table: Table, sql: Callable[[], str]) -> Compiled:
        """Return a write of new rows; `key` is its shape."""
        return self.memo.of(key, lambda: self._written(table, sql(), of_inserted))

    def delete(self, key: Any, table: Table, sql: Callable[[], str]) -> Compiled:
        """Return a write that takes rows away."""
        return self.memo.of(key, lambda: self._written(table, sql(), of_deleted))

    def change(self, key: Any, table: Table, sets: Iterable[str], sql: Callable[[Sequence[str]], str]) -> Compiled:
        """Return a write that changes `sets` of rows; `sql` makes it for the columns that are to be told as they were."""

        def made() -> Compiled:
            moved = moving(table, self.told.get(table.name, ()), sets)
            former = [name for name in moved if name in table.by_name] if table.primary_key else []
            return self._written(table, sql(former), lambda table, told: of_changed(table, told, moved, former))

        return self.memo.of(key, made)

    def put(self, key: Any, table: Table, sets: Iterable[str], sql: Callable[[], str]) -> Compiled:
        """Return a write of new rows that changes `sets` of those that stand in their way."""

        def made() -> Compiled:
            moved = moving(table, self.told.get(table.name, ()), sets)
            return self._written(table, sql(), lambda table, told: of_put(table, told, moved))

        return self.memo.of(key, made)

    def copying(self, table: Table, attributes: tuple[str, ...], *, is_endless: bool) -> Copying:
        """Return what writes rows with these attributes for COPY; `is_endless` as the driver has it."""
        key = ("copy", table.name, *attributes)
        document = self.schema.document
        return self.memo.of(key, lambda: Copying(table, attributes, is_endless=is_endless, document=document))

    def _written(self, table: Table, sql: str, telling: Callable[[Table, Sequence[str]], Tell]) -> Compiled:
        tell = telling(table, self.told[table.name]) if table.name in self.told else None
        width = len(table.columns)
        decoding = decoders(self.schema, self.types, Question(table.name))
        if tell is not None:
            plain = decoding[0]
            decoding = each(lambda record: plain(record[:width]))
        return Compiled(sql, *decoding, table.name, tell)


def _first(record: Any) -> Any:
    return record[0]
