"""What the server refuses, as the refusals of data access: with the entity, the field, and the line that states the rule.

One table for all drivers: what they tell of an error is brought into one form first. Codes: PostgreSQL's manual, appendix A.
"""

import re
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from asbuilt.access.refusals import (
    DataError,
    Duplicate,
    InvalidRow,
    MissingReference,
    NotPermitted,
    Problem,
    QueryRefused,
    StillReferenced,
    Unanswered,
)
from asbuilt.access.schema import Constraint, Schema, Table


class Told(Struct, frozen=True):
    """What a server tells of an error; empty where it does not say. `state` is the SQLSTATE, `message` its first line.

    `row` is the number of the row, from 0, where several were copied in.
    """

    message: str
    state: str = ""
    schema: str = ""
    table: str = ""
    column: str = ""
    constraint: str = ""
    detail: str = ""
    hint: str = ""
    row: int | None = None


_COPIED = re.compile(r"^COPY .+?, \w+ (\d+)\b", re.MULTILINE)
"""Where a server, in whatever language, says in which row of those that are copied in it failed, from 1."""


_HOLES = re.compile(
    r"server expects (?P<wanted>\d+) arguments? for this query, (?P<given>\d+) "
    r"|bind message supplies (?P<brought>\d+) parameters, .* requires (?P<needed>\d+)"
)


def translated(schema: Schema, error: Any) -> DataError:
    """Return what is raised for a driver's error."""
    return refusal(schema, told_by(error))


def told_by(error: Any) -> Told:
    """Return what a driver's error tells; asyncpg has it on the error, psycopg on its `diag`."""
    source = getattr(error, "diag", error)
    message = getattr(source, "message_primary", None) or getattr(source, "message", None) or str(error)
    state = getattr(error, "sqlstate", None) or ""
    if not state and (isinstance(error, ValueError) or type(error).__name__ == "DataError"):
        state = "22000"  # the driver could not write a value as its column's type

    def said(*names: str) -> str:
        return next((str(found) for name in names if (found := getattr(source, name, None))), "")

    copied = _COPIED.search(said("context"))
    return Told(
        str(message),
        state,
        schema=said("schema_name"),
        table=said("table_name"),
        column=said("column_name"),
        constraint=said("constraint_name"),
        detail=said("message_detail", "detail"),
        hint=said("message_hint", "hint"),
        row=int(copied[1]) - 1 if copied else None,
    )


def refusal(schema: Schema, told: Told) -> DataError:
    """Return the refusal for what a server told."""
    if found := _HOLES.search(told.message):
        wanted, given = found["wanted"] or found["needed"], found["given"] or found["brought"]
        return QueryRefused(
            f"{given} values were given, and the statement has holes for {wanted}", help="`$1` takes the first"
        )
    make = _BY_STATE.get(told.state) or _BY_CLASS.get(told.state[:2])
    return make(schema, told) if make else Unanswered(told.message, sqlstate=told.state)


def _table(schema: Schema, told: Told) -> Table | None:
    qualified = f"{told.schema}.{told.table}"
    return schema.by_name.get(qualified) or schema.by_name.get(told.table)


def _constraint(table: Table | None, told: Told) -> Constraint | None:
    return next((c for c in table.constraints if c.name == told.constraint), None) if table else None


def _fields(table: Table, columns: tuple[str, ...]) -> str:
    """Return the attributes of columns, with commas between them."""
    return ", ".join(column.attribute for name in columns if (column := table.by_name.get(name)))


def _invalid(
    kind: type[InvalidRow], schema: Schema, told: Told, rule: str, message: str, columns: tuple[str, ...] = ()
) -> InvalidRow:
    table = _table(schema, told)
    constraint = _constraint(table, told)
    names = columns or (constraint.columns if constraint else ())
    line = constraint.line if constraint else 0
    line = line or next((c.line for name in names if table and (c := table.by_name.get(name))), 0)
    field = _fields(table, names) if table else ", ".join(names)
    problem = Problem(field, rule, message, line, told.constraint, told.row)
    return kind(table.entity if table else told.table, (problem,), document=schema.document)


def _unique(schema: Schema, told: Told) -> DataError:
    return _invalid(Duplicate, schema, told, "unique", "is taken by another row")


def _excluded(schema: Schema, told: Told) -> DataError:
    return _invalid(Duplicate, schema, told, "exclusion", f"conflicts with another row (`{told.constraint}`)")


def _foreign_key(schema: Schema, told: Told) -> DataError:
    constraint = _constraint(_table(schema, told), told)
    target = constraint.target if constraint else ""
    if told.state == "23001" or _is_about_target(told, target):
        return _still_referenced(schema, told, target)
    name = schema.by_name[target].entity if target in schema.by_name else target or "row"
    return _invalid(MissingReference, schema, told, "reference", f"refers to a {name} that does not exist")


def _is_about_target(told: Told, target: str) -> bool:
    """Tell whether the row that is referred to was to go: then the message names its table as well, in any language."""
    bare = target.rpartition(".")[2]
    words = re.findall(r"\w+", told.message.replace(told.constraint, " "))
    return words.count(bare) > (1 if bare == told.table else 0)


def _still_referenced(schema: Schema, told: Told, target: str) -> DataError:
    """Return the refusal about the row that is referred to; the server names the table that refers."""
    referring, referred = _table(schema, told), schema.by_name.get(target)
    by = referring.accessor if referring else told.table
    constraint = _constraint(referring, told)
    field = _fields(referring, constraint.columns) if referring and constraint else ""
    message = f"is still referred to by {by}{f'.{field}' if field else ''}"
    problem = Problem("", "reference", message, constraint.line if constraint else 0, told.constraint)
    return StillReferenced(referred.entity if referred else target, (problem,), document=schema.document)


def _not_null(schema: Schema, told: Told) -> DataError:
    return _invalid(InvalidRow, schema, told, "required", "is required", (told.column,) if told.column else ())


def _check(schema: Schema, told: Told) -> DataError:
    """Return the refusal for a check; a domain's names no table, so it is looked for among the checks of all."""
    found = [(t, c) for t in schema.tables for c in t.checks if c.constraint == told.constraint and told.constraint]
    table = _table(schema, told)
    ours = [(t, check) for t, check in found if table is None or t is table]
    if len(ours) != 1:
        return _invalid(
            InvalidRow, schema, told, "check", f"breaks `{told.constraint}`" if told.constraint else told.message
        )
    [(table, check)] = ours
    message = f"breaks `{told.constraint}`: {check.text}"
    problem = Problem(_fields(table, check.columns), "check", message, check.line, told.constraint, told.row)
    return InvalidRow(table.entity, (problem,), document=schema.document)


def _value(rule: str) -> Callable[[Schema, Told], DataError]:
    """Return what makes the refusal of a value of which the server does not say where it stands."""
    return lambda schema, told: _invalid(
        InvalidRow, schema, told, rule, told.message, (told.column,) if told.column else ()
    )


def _question(schema: Schema, told: Told) -> DataError:
    is_ours = told.state == "42P01" and any(f'"{name}"' in told.message for name in schema.by_name)
    unlike = f"the database is not as {schema.document or 'the document'} says: `asbuilt plan` shows what is missing"
    return QueryRefused(told.message, help=unlike if is_ours else told.hint)


def _not_permitted(schema: Schema, told: Told) -> DataError:
    return NotPermitted(told.message, help=told.hint)


def _unanswered(*, can_be_repeated: bool) -> Callable[[Schema, Told], DataError]:
    return lambda schema, told: Unanswered(told.message, sqlstate=told.state, can_be_repeated=can_be_repeated)


_BY_STATE: dict[str, Callable[[Schema, Told], DataError]] = {
    "23505": _unique,
    "23503": _foreign_key,
    "23001": _foreign_key,
    "23502": _not_null,
    "23514": _check,
    "44000": _check,
    "23P01": _excluded,
    "22001": _value("length"),
    "22003": _value("range"),
    "22008": _value("range"),
    "P0001": _value("check"),
    **dict.fromkeys(("22000", "22007", "22021", "22023", "22030", "22032", "22P02", "22P03", "22P05"), _value("type")),
    "42501": _not_permitted,
    **dict.fromkeys(("40001", "40P01", "55P03", "57014", "53300", "57P03"), _unanswered(can_be_repeated=True)),
}
_BY_CLASS: dict[str, Callable[[Schema, Told], DataError]] = {
    "21": _question, "22": _question, "25": _question, "28": _not_permitted, "42": _question, "0A": _question,
}  # fmt: skip
