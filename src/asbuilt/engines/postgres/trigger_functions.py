"""The function that a trigger calls and nobody defines, written as far as the document shows what it must do."""

import re
from collections.abc import Iterator

from asbuilt.engines.postgres.quoting import identifier
from asbuilt.model.design import Design, Entity
from asbuilt.model.entities import UniversalRule
from asbuilt.model.names import normal
from asbuilt.model.sql import SqlStatement

_TOUCHING = re.compile(r"updated|modified|touch|timestamp", re.IGNORECASE)
_TOUCHED = ("updated_at", "modified_at", "last_modified")
_BEFORE = re.compile(r"\bBEFORE\b[^;]*?\bUPDATE\b", re.IGNORECASE)


def function_for(name: str, statement: SqlStatement, design: Design) -> tuple[str, str]:
    """Return the `CREATE FUNCTION` that a trigger's statement calls for, and in words what the function does.

    Where other tables repeat columns of the trigger's table (`orders.user_email`), it updates them; where its name
    says that it marks the time of an update, it does; else it changes nothing.
    """
    table = next((made.table for made in statement.creates if made.kind == "trigger"), None)
    entity = design.entity(table) if table else None
    lines = [*_copies(design, entity), *_touches(design, name, statement, entity)] if entity else []
    body = "".join(f"    {line}\n" for line in lines)
    sql = (
        f"CREATE FUNCTION {name}() RETURNS trigger AS $$\nBEGIN\n{body}    RETURN NEW;\nEND;\n$$ LANGUAGE plpgsql;\n\n"
    )
    return sql, "as a trigger function" if lines else "as a trigger function that changes nothing"


def _copies(design: Design, origin: Entity) -> Iterator[str]:
    """Yield an `UPDATE` for each table that repeats columns of `origin` beside its foreign key."""
    for entity in design.tables():
        for key in entity.foreign_keys:
            target = design.entity(key.target)
            if target is not origin or len(key.columns) != 1 or not entity.field(key.columns[0]):
                continue
            pairs = list(_repeated(entity, origin, key.columns[0]))
            column = key.target_columns[0] if key.target_columns else (*origin.primary_key, "id")[0]
            if pairs:
                changes = ", ".join(f"{identifier(copy)} = NEW.{identifier(own)}" for copy, own in pairs)
                found = f"{identifier(key.columns[0])} = NEW.{identifier(column)}"
                yield f"UPDATE {identifier(entity.name)} SET {changes} WHERE {found};"


def _repeated(entity: Entity, origin: Entity, key: str) -> Iterator[tuple[str, str]]:
    """Yield the columns `user_email` of `entity` with the columns `email` of `users` that they repeat."""
    prefix = normal(origin.name) + "_"
    for field in entity.fields:
        own = origin.field(field.name.lower().removeprefix(prefix))
        if field.name != key and field.name.lower().startswith(prefix) and own and own.name not in origin.primary_key:
            yield field.name, own.name


def _touches(design: Design, name: str, statement: SqlStatement, entity: Entity) -> Iterator[str]:
    """Yield the assignment of the time of an update, to a column that the table has or is said to have."""
    shared = [column for rule in design.of(UniversalRule) for column in rule.columns]
    column = next((c for c in (*(field.name for field in entity.fields), *shared) if c in _TOUCHED), None)
    if column and _TOUCHING.search(name) and _BEFORE.search(statement.sql):
        yield f"NEW.{identifier(column)} = now();"
