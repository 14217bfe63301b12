"""Writes as one statement each, which returns the row as it is then."""

from collections.abc import Mapping, Sequence

from asbuilt.access.compiling.filtering import expression, standing
from asbuilt.access.compiling.scopes import Holes, Scope, quoted
from asbuilt.access.conditions import Shape
from asbuilt.access.queries import Question
from asbuilt.access.schema import Column, Schema, Table
from asbuilt.access.types import JSON, kind_of, read


def inserted(table: Table, names: Sequence[str]) -> str:
    """Return the statement that inserts a row of these columns."""
    return f"{_insert(table, names)} {returning(table)}"


def _insert(table: Table, names: Sequence[str]) -> str:
    target = f"INSERT INTO {quoted(table.name)} AS t0"
    if not names:
        return f"{target} DEFAULT VALUES"
    holes = Holes()
    values = ", ".join(taken(table.by_name[name], holes) for name in names)
    return f"{target} ({_names(names)}) VALUES ({values})"


def upserted(table: Table, names: Sequence[str], key: Sequence[str]) -> str:
    """Return the statement that inserts a row, or changes the one that has its unique key already."""
    changed = [name for name in names if name not in key] or list(key[:1])
    sets = [f"{quoted(name)} = excluded.{quoted(name)}" for name in changed]
    sets += _counted(table, names)
    return f"{_insert(table, names)} ON CONFLICT ({_names(key)}) DO UPDATE SET {', '.join(sets)} {returning(table)}"


def inserted_many(table: Table, names: Sequence[str]) -> str:
    """Return the statement that inserts rows given as one array a column."""
    holes = Holes()
    columns = [table.by_name[name] for name in names]
    arrays = ", ".join(f"{holes.hole()}::{_array(column)}" for column in columns)
    picked = ", ".join(f"n.c{at}::{_type(column)}" for at, column in enumerate(columns))
    aliases = ", ".join(f"c{at}" for at in range(len(columns)))
    return (
        f"INSERT INTO {quoted(table.name)} AS t0 ({_names(names)}) SELECT {picked} "
        f"FROM unnest({arrays}) AS n ({aliases}) {returning(table)}"
    )


def _array(column: Column) -> str:
    """Return the type of an array of a column's values; what has no array of its own kind goes as text."""
    return "text[]" if _goes_as_text(column) else f"{_type(column)}[]"


def _goes_as_text(column: Column) -> bool:
    return kind_of(column).is_text or column.type.endswith("[]") or column.type in JSON or bool(column.values)


def _type(column: Column) -> str:
    return quoted(column.type) if column.values and not column.type.endswith("[]") else column.type


def updated(table: Table, sets: Mapping[str, Shape | None], schema: Schema, *, is_versioned: bool) -> str:
    """Return the statement that changes the row of a primary key; `sets` gives what is reckoned, None for a plain value.

    Its holes: the values, the key, the version where `is_versioned`.
    """
    scope = Scope(schema, table, Holes())
    changes = _sets(scope, sets)
    conditions = [f"t0.{quoted(name)} = {taken(table.by_name[name], scope.holes)}" for name in table.primary_key]
    if is_versioned and table.version:
        conditions.append(f"t0.{quoted(table.version)} = {scope.holes.hole()}")
    conditions += standing(scope)
    return f"UPDATE {quoted(table.name)} AS t0 SET {changes} WHERE {' AND '.join(conditions)} {returning(table)}"


def updated_where(schema: Schema, question: Question, sets: Mapping[str, Shape | None]) -> str:
    """Return the statement that changes all rows of a question, and returns them."""
    table = schema.by_name[question.table]
    scope = Scope(schema, table, Holes())
    changes = _sets(scope, sets)
    where = _chosen(scope, question)
    return f"UPDATE {quoted(table.name)} AS t0 SET {changes}{where} {returning(table)}"


def _sets(scope: Scope, sets: Mapping[str, Shape | None]) -> str:
    table = scope.table
    words = [
        f"{quoted(name)} = {taken(table.by_name[name], scope.holes) if shape is None else expression(shape, scope)}"
        for name, shape in sets.items()
    ]
    return ", ".join([*words, *_counted(table, sets)])


def _counted(table: Table, names: Sequence[str] | Mapping[str, object]) -> list[str]:
    """Return what counts a change of the row up, where it has a version that is not given."""
    if table.version is None or table.version in names:
        return []
    return [f"{quoted(table.version)} = t0.{quoted(table.version)} + 1"]


def deleted(table: Table, schema: Schema, *, is_for_good: bool = False) -> str:
    """Return the statement that deletes the row of a primary key, or marks it where the document says so."""
    scope = Scope(schema, table, Holes())
    conditions = [f"t0.{quoted(name)} = {taken(table.by_name[name], scope.holes)}" for name in table.primary_key]
    where = f" WHERE {' AND '.join([*conditions, *(() if is_for_good else standing(scope))])}"
    return f"{_removal(table, is_for_good=is_for_good)}{where} {returning(table)}"


def deleted_where(schema: Schema, question: Question, *, is_for_good: bool = False) -> str:
    """Return the statement that deletes all rows of a question, and returns them."""
    table = schema.by_name[question.table]
    scope = Scope(schema, table, Holes())
    return f"{_removal(table, is_for_good=is_for_good)}{_chosen(scope, question)} {returning(table)}"


def restored(table: Table) -> str:
    """Return the statement that takes the mark of a deleted row away."""
    holes = Holes()
    keys = " AND ".join(f"t0.{quoted(name)} = {taken(table.by_name[name], holes)}" for name in table.primary_key)
    column = table.by_name[str(table.deleted)]
    value = "false" if column.type == "boolean" else "NULL"
    return f"UPDATE {quoted(table.name)} AS t0 SET {quoted(column.name)} = {value} WHERE {keys} {returning(table)}"


def _removal(table: Table, *, is_for_good: bool) -> str:
    if table.deleted is None or is_for_good:
        return f"DELETE FROM {quoted(table.name)} AS t0"
    value = "true" if table.by_name[table.deleted].type == "boolean" else "clock_timestamp()"
    return f"UPDATE {quoted(table.name)} AS t0 SET {quoted(table.deleted)} = {value}"


def _chosen(scope: Scope, question: Question) -> str:
    conditions = [] if question.with_deleted else standing(scope)
    if question.where is not None:
        conditions.append(expression(question.where, scope))
    if scope.source() != f"{quoted(scope.table.name)} AS t0":
        key = ", ".join(f"t0.{quoted(name)}" for name in scope.table.primary_key)
        return f" WHERE ({key}) IN (SELECT {key} FROM {scope.source()} WHERE {' AND '.join(conditions)})"
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def taken(column: Column, holes: Holes) -> str:
    """Return a hole for a column's value; what a program has as text is given as text."""
    return f"{holes.hole()}::text::{column.type}" if kind_of(column).is_text else holes.hole()


def returning(table: Table) -> str:
    """Return what gives the row back, as a select would."""
    columns = (read(column, f"t0.{quoted(column.name)}") for column in table.columns)
    return f"RETURNING {', '.join(columns)}"


def _names(names: Sequence[str]) -> str:
    return ", ".join(quoted(name) for name in names)
