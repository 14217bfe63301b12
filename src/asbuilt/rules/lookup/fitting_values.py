"""A value in SQL that a column takes, as far as its type, its values and its name tell."""

import re

from asbuilt.model.design import Design, Field
from asbuilt.model.types import Family

_BY_FAMILY = {
    Family.UUID: "gen_random_uuid()", Family.INTEGER: "1", Family.DECIMAL: "1", Family.FLOAT: "1", Family.BOOLEAN: "false",
    Family.TIMESTAMP: "now()", Family.DATE: "current_date", Family.TIME: "localtime", Family.INTERVAL: "interval '1 day'",
    Family.JSON: "'{}'", Family.BYTES: "'\\x00'", Family.NETWORK: "'192.0.2.1'",
}  # fmt: skip
_PHONE = re.compile(r"phone|mobile|telephone|fax", re.IGNORECASE)
_HASH = re.compile(r"hash|password|digest", re.IGNORECASE)


def fitting_value(design: Design, field: Field) -> str:
    """Return an expression that can stand in every row of an insert, unique where the column is."""
    if field.references:
        reference = field.references.value
        return f"(SELECT {reference.columns[0] if reference.columns else 'id'} FROM {reference.entity} LIMIT 1)"
    values = field.values.value if field.values else ()
    listed = design.enum_of(field)
    values = values or (tuple(v.value for v in listed.values) if listed else ())
    if values:
        return "'" + values[0].replace("'", "''") + "'"
    type = field.type.value if field.type else None
    if type is not None and type.is_array:
        return "'{}'"
    if type is not None and type.family in _BY_FAMILY:
        return _BY_FAMILY[type.family]
    return _text(field, type.arguments[0] if type and type.arguments else None)


def _text(field: Field, limit: int | None) -> str:
    """Return a text of the kind that the column's name asks for, not longer than `limit`."""
    if _PHONE.search(field.name):
        return "'+1' || (2000000000 + floor(random() * 7999999999)::bigint)" if field.is_unique else "'+12025550100'"
    if "email" in field.name.lower():
        return "left(gen_random_uuid()::text, 8) || '@example.com'"
    if _HASH.search(field.name):
        return f"repeat('x', {min(limit or 60, 60)})"
    if field.is_unique:
        return f"left(gen_random_uuid()::text, {min(limit or 36, 36)})"
    example = field.name.replace("_", " ")
    return f"'{example[:limit] if limit else example}'"
