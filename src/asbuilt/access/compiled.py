"""What was compiled, kept by shape."""

from collections.abc import Callable
from functools import reduce
from typing import Any

from msgspec import Struct

from asbuilt.access.compiling.filtering import standing
from asbuilt.access.compiling.scopes import Holes, Scope, quoted
from asbuilt.access.compiling.selecting import counted, selected
from asbuilt.access.conditions import Shape
from asbuilt.access.queries import Question
from asbuilt.access.refusals import QueryRefused
from asbuilt.access.rows import Decode, RowTypes, decoder
from asbuilt.access.schema import Schema, Table

_MOST_KEPT = 2000


class Compiled(Struct, frozen=True):
    """A statement, and what makes an answer of each of its records."""

    sql: str
    decode: Decode


class Compiler:
    """Compiles each shape once."""

    def __init__(self, schema: Schema, types: RowTypes) -> None:
        self.schema = schema
        self.types = types
        self._kept: dict[Any, Compiled] = {}

    def select(self, question: Question) -> Compiled:
        return self._kept.get(question) or self._keep(
            question, lambda: Compiled(selected(self.schema, question), decoder(self.schema, self.types, question))
        )

    def count(self, question: Question) -> Compiled:
        key = ("count", question)
        return self._kept.get(key) or self._keep(key, lambda: Compiled(counted(self.schema, question), _first))

    def by_key(self, table: Table) -> Compiled:
        """Return the statement for the row of a primary key."""
        if not table.primary_key:
            raise QueryRefused(f"{table.accessor} has no primary key", help="ask by where(…)")
        shapes: list[Shape] = [("is", "=", ("column", (), name)) for name in table.primary_key]
        return self.select(Question(table.name, reduce(lambda a, b: ("and", a, b), shapes)))

    def by_keys(self, table: Table) -> Compiled:
        """Return the statement for the rows of many primary keys, one array a column; it gives pairs of key and row."""
        whole = self.by_key(table).sql.partition(" WHERE ")[0]
        names = [quoted(name) for name in table.primary_key]
        arrays = ", ".join(f"${n}::{table.by_name[key].type}[]" for n, key in enumerate(table.primary_key, 1))
        keys = " AND ".join(f"t0.{name} = k.k{n}" for n, name in enumerate(names))
        columns = ", ".join(f"k{n}" for n in range(len(names)))
        hidden = "".join(f" AND {condition}" for condition in standing(Scope(self.schema, table, Holes())))
        sql = f"{whole}, unnest({arrays}) AS k ({columns}) WHERE {keys}{hidden}"
        decode = decoder(self.schema, self.types, Question(table.name))
        at = [[column.name for column in table.columns].index(name) for name in table.primary_key]
        return Compiled(sql, lambda record: (tuple([record[n] for n in at]), decode(record)))

    def write(self, key: Any, table: str, sql: Callable[[], str]) -> Compiled:
        """Return a write that returns the table's rows; `key` is its shape."""
        return self._kept.get(key) or self._keep(
            key, lambda: Compiled(sql(), decoder(self.schema, self.types, Question(table)))
        )

    def _keep(self, key: Any, make: Callable[[], Compiled]) -> Compiled:
        if len(self._kept) >= _MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        made = self._kept[key] = make()
        return made


def _first(record: Any) -> Any:
    return record[0]
