"""The fields of a table, by name: what conditions are made of. Generated code names each with its type; here they are looked up."""

from collections.abc import Sequence
from typing import Any

from asbuilt.access.conditions import Field, JsonField, ListField, Many, TextField
from asbuilt.access.refusals import QueryRefused
from asbuilt.access.schema import Column, Relation, Schema, Table
from asbuilt.access.types import JSON, is_text
from asbuilt.model.names import did_you_mean


class Fields:
    """The columns and relations of a table; those of a row that it points at lie behind the relation's name."""

    def __init__(self, schema: Schema, table: Table, path: tuple[str, ...] = ()) -> None:
        self._schema = schema
        self._table = table
        self._path = path

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = self._of(name)
        self.__dict__[name] = found
        return found

    def _of(self, name: str) -> Any:
        if column := self._table.by_attribute.get(name):
            return _field(column, self._path)
        if relation := self._table.by_relation.get(name):
            return self._related(relation)
        raise unknown(name, self._table)

    def _related(self, relation: Relation) -> Any:
        target = self._schema.by_name[relation.target]
        path = (*self._path, relation.name)
        return Many(path, Fields(self._schema, target)) if relation.is_many else Fields(self._schema, target, path)


def _field(column: Column, path: tuple[str, ...]) -> Any:
    shape = ("column", path, column.name)
    if column.type.endswith("[]"):
        return ListField(shape)
    if column.type in JSON:
        return JsonField(shape)
    return TextField(shape) if is_text(column) else Field(shape)


def unknown(name: str, table: Table) -> QueryRefused:
    """Return the refusal of a name that a table does not have."""
    return _unknown(name, table, [*table.by_attribute, *table.by_relation])


def unknown_field(name: str, table: Table) -> QueryRefused:
    """Return the refusal of a name that is no field of a table."""
    first, is_deep, _ = name.partition("__")
    whole = f"data.{table.accessor}.fields"
    if name in table.by_relation:
        relation = table.by_relation[name]
        way = f"{whole}.{name}.any(…)" if relation.is_many else f"{whole}.{name}.…"
        return QueryRefused(f"{table.accessor}.{name} is a relation, no field", help=f"ask by its fields: `{way}`")
    if is_deep and (first in table.by_attribute or first in table.by_relation):
        return QueryRefused(
            f"{table.accessor} has no `{name}`: by name a value is equal",
            help=f"write `{whole}.{first} > …` or the like",
        )
    return _unknown(name, table, list(table.by_attribute))


def unknown_relation(name: str, table: Table) -> QueryRefused:
    """Return the refusal of a name that is no relation of a table."""
    known = ", ".join(table.by_relation) or "none"
    if name in table.by_attribute:
        return QueryRefused(
            f"{table.accessor}.{name} is a field, and comes with every row", help=f"relations are included: {known}"
        )
    return _unknown(name, table, list(table.by_relation), "relation ")


def _unknown(name: str, table: Table, known: Sequence[str], what: str = "") -> QueryRefused:
    near = did_you_mean(name, known)
    help = f"did you mean `{near}`?" if near else f"it has {', '.join(known) or 'none'}"
    return QueryRefused(f"{table.accessor} has no {what}`{name}`", help=help)
