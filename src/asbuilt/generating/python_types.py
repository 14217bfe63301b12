"""What a typed Python client calls things, and the types that its columns have."""

import re
from collections.abc import Mapping

from asbuilt.access.schema import Column, Table
from asbuilt.access.types import JSON, annotation, bare, is_text
from asbuilt.cache.plan import CachePlan, Key
from asbuilt.model.names import words

STAND_INS: Mapping[str, str] = {
    "Fields": "Fields", "Values": "dict", "Order": "str", "Reading": "_Reading", "Query": "_Query", "Entity": "_Entity",
}  # fmt: skip
"""Types of an entity that a checker knows exactly, by what stands behind its name, and what stands for each in a running program."""


_PLAIN = frozenset("Any Decimal UUID bool bytes date datetime float int list str time timedelta".split())


def member(table: Table, name: str, kind: str) -> str:
    """Return what declares a member of a class; a type that has the name of another member is called `_date` there."""
    taken = _PLAIN & {*table.by_attribute, *table.by_relation}
    return f"    {name}: {re.sub(r'[a-zA-Z]+', lambda found: f'_{found[0]}' if found[0] in taken else found[0], kind)}"


def variables(table: Table) -> list[str]:
    """Return the type variables of a row, one a relation."""
    return numbered(len(table.relations))


def numbered(count: int) -> list[str]:
    return [f"R{n}" for n in range(1, count + 1)]


def enum_name(column: Column) -> str:
    """Return what an enumeration is called in a program: `order_status` is an `OrderStatus`."""
    return "".join(word.capitalize() for word in words(bare(column.type)))


def column_type(column: Column, *, may_be_none: bool = True) -> str:
    """Return the type of a column's values."""
    if column.values:
        kind = f"list[{enum_name(column)}]" if column.type.endswith("[]") else enum_name(column)
        return f"{kind} | None" if column.is_nullable and may_be_none else kind
    kind = annotation(column)
    return kind if may_be_none else kind.removesuffix(" | None")


def given_type(column: Column) -> str:
    """Return the type of what a program gives for a column: a whole number does where an exact one is kept."""
    kind = column_type(column)
    return kind.replace("Decimal", "Decimal | int", 1) if kind.startswith("Decimal") else kind


def field_type(column: Column) -> str:
    """Return the type of a column in a condition."""
    kind = column_type(column, may_be_none=False)
    whole = column_type(column)
    if column.type.endswith("[]") and kind.startswith("list["):
        return f"ListField[{whole}, {kind[5:-1]}]"
    if column.type in JSON:
        return "JsonField[Any]"
    name = "TextField" if is_text(column) else "NumberField" if kind == "Decimal" else "Field"
    return f"{name}[{whole}]"


def answer_keys(plan: CachePlan) -> list[Key]:
    """Return the keys of the document under which a program keeps answers."""
    return [key for key in plan.by_pattern.values() if key.table is None]


def starred(parameters: str) -> str:
    """Return parameters that are given by name; nothing where there are none."""
    return f", *{parameters}" if parameters else ""
