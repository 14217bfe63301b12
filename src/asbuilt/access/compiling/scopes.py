"""Where names in a statement stand: a table under an alias, the rows that it points at joined on demand, and the holes for values."""

import itertools
from collections.abc import Iterator

from asbuilt.access.schema import Column, Relation, Schema, Table
from asbuilt.access.types import JSON, KINDS, bare

_PLAIN = frozenset(KINDS).difference(JSON, ("character", "citext"))
"""Types that are the same everywhere and without a length."""


def quoted(name: str) -> str:
    """Return a name as SQL takes it, a schema before it included."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))


class Holes:
    """The numbered holes of one statement, and its aliases."""

    def __init__(self) -> None:
        self._holes = itertools.count(1)
        self._aliases = itertools.count()

    def hole(self) -> str:
        return f"${next(self._holes)}"

    def unseen(self, column: Column, brackets: str = "") -> str:
        """Return a hole for a value of a column, or with `brackets` for an array of them, that the server does not see when
        it plans: one plan serves all values. Seeing it, the server may plan anew each time, only to find the same."""
        hole, type = self.hole(), bare(column.type)
        if column.values or column.type.endswith("[]") or type not in _PLAIN:
            return hole
        return f"(SELECT {hole}::{type}{brackets}){f'::{type}{brackets}' if brackets else ''}"

    def alias(self) -> str:
        return f"t{next(self._aliases)}"


class Scope:
    """A table under an alias. `search` is the searched words' SQL, once it is known."""

    def __init__(self, schema: Schema, table: Table, holes: Holes) -> None:
        self.schema = schema
        self.table = table
        self.holes = holes
        self.alias = holes.alias()
        self.search = ""
        self._joined: dict[tuple[str, ...], tuple[str, Table]] = {(): (self.alias, table)}
        self._joins: list[str] = []

    def column(self, path: tuple[str, ...], name: str) -> str:
        """Return a column of this table's row, or of one that it points at, which is joined."""
        alias, _ = self.at(path)
        return f"{alias}.{quoted(name)}"

    def at(self, path: tuple[str, ...]) -> tuple[str, Table]:
        """Return the alias and the table at the end of a path of relations to one row each."""
        if path not in self._joined:
            alias, table = self.at(path[:-1])
            relation = table.by_relation[path[-1]]
            target, other = self.schema.by_name[relation.target], self.holes.alias()
            pairs = joined(alias, other, relation.pairs)
            self._joins.append(f" LEFT JOIN {quoted(target.name)} AS {other} ON {pairs}")
            self._joined[path] = other, target
        return self._joined[path]

    def join(self, table: str, alias: str, on: str) -> None:
        """Join a table whose columns are not asked for."""
        self._joins.append(f" JOIN {quoted(table)} AS {alias} ON {on}")

    def source(self) -> str:
        """Return what stands after FROM, once all columns are known."""
        return f"{quoted(self.table.name)} AS {self.alias}{''.join(self._joins)}"

    def inner(self, relation: Relation) -> "Scope":
        return Scope(self.schema, self.schema.by_name[relation.target], self.holes)


def joined(left: str, right: str, pairs: tuple[tuple[str, str], ...]) -> str:
    return " AND ".join(f"{right}.{quoted(there)} = {left}.{quoted(here)}" for here, there in pairs)


def reached(outer: str, relation: Relation, inner: Scope) -> Iterator[str]:
    """Yield the conditions under which a row of `inner` belongs to the row under the alias `outer`.

    A table between is joined: its two keys are its primary key, so no row comes twice.
    """
    if relation.through is None:
        yield joined(outer, inner.alias, relation.pairs)
        return
    between = inner.holes.alias()
    inner.join(relation.through, between, joined(between, inner.alias, relation.pairs))
    yield joined(outer, between, relation.into)
