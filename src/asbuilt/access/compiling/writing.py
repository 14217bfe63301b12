"""Writes as one statement each, which returns the row as it is then."""

from collections.abc import Callable, Mapping, Sequence

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
    picked = ", ".join(f"n.c{at}::{plain_type(column)}" for at, column in enumerate(columns))
    aliases = ", ".join(f"c{at}" for at in range(len(columns)))
    return (
        f"INSERT INTO {quoted(table.name)} AS t0 ({_names(names)}) SELECT {picked} "
        f"FROM unnest({arrays}) AS n ({aliases}) {returning(table)}"
    )


def _array(column: Column) -> str:
    """Return the type of an array of a column's values; what has no array of its own kind goes as text."""
    return "text[]" if goes_as_text(column) else f"{plain_type(column)}[]"


def goes_as_text(column: Column) -> bool:
    """Tell whether an array of a column's values holds them as text."""
    return kind_of(column).is_text or column.type.endswith("[]") or column.type in JSON or bool(column.values)


def plain_type(column: Column) -> str:
    """Return a column's type as SQL takes it."""
    return quoted(column.type) if column.values and not column.type.endswith("[]") else column.type


def updated(
    table: Table, sets: Mapping[str, Shape | None], schema: Schema, *, is_versioned: bool, former: Sequence[str] = ()
) -> str:
    """Return the statement that changes the row of a primary key; `sets` gives what is reckoned, None for a plain value.

    Its holes: the values, the key, the version where `is_versioned`. `former` are columns that are returned behind the row
    as they were.
    """
    scope = Scope(schema, table, Holes())
    changes = _sets(scope, sets)

    def where(inner: Scope) -> list[str]:
        conditions = _keyed(inner)
        if is_versioned and table.version:
            conditions.append(f"{inner.alias}.{quoted(table.version)} = {inner.holes.hole()}")
        return [*conditions, *standing(inner)]

    return _update(scope, changes, where, former)


def updated_where(
    schema: Schema, question: Question, sets: Mapping[str, Shape | None], former: Sequence[str] = ()
) -> str:
    """Return the statement that changes all rows of a question, and returns them."""
    scope = Scope(schema, schema.by_name[question.table], Holes())
    return _update(scope, _sets(scope, sets), lambda inner: _conditions(inner, question), former)


def _update(scope: Scope, changes: str, where: Callable[[Scope], list[str]], former: Sequence[str]) -> str:
    """Return the statement that changes rows. What is to be told as it was is read, under a lock, before it is changed."""
    table = scope.table
    head = f"UPDATE {quoted(table.name)} AS t0 SET {changes}"
    if not former:
        return f"{head}{_where(scope, where(scope))} {returning(table)}"
    inner = Scope(scope.schema, table, scope.holes)
    conditions = where(inner)
    keys = [quoted(name) for name in table.primary_key]
    picked = [f"{inner.alias}.{key} AS k{n}" for n, key in enumerate(keys)]
    picked += [f"{read(table.by_name[c], f'{inner.alias}.{quoted(c)}')} AS f{n}" for n, c in enumerate(former)]
    rows = f"SELECT {', '.join(picked)} FROM {inner.source()}{_all(conditions)} FOR NO KEY UPDATE OF {inner.alias}"
    same = " AND ".join(f"t0.{key} = f.k{n}" for n, key in enumerate(keys))
    told = "".join(f", f.f{n}" for n in range(len(former)))
    return f"{head} FROM ({rows}) AS f WHERE {same} {returning(table)}{told}"


def _keyed(scope: Scope) -> list[str]:
    """Return the conditions that a row has a primary key."""
    table = scope.table
    return [f"{scope.alias}.{quoted(name)} = {taken(table.by_name[name], scope.holes)}" for name in table.primary_key]


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


def deleted(table: Table, schema: Schema) -> str:
    """Return the statement that deletes the row of a primary key."""
    scope = Scope(schema, table, Holes())
    return f"DELETE FROM {quoted(table.name)} AS t0{_all(_keyed(scope))} {returning(table)}"


def deleted_where(schema: Schema, question: Question) -> str:
    """Return the statement that deletes all rows of a question, and returns them."""
    table = schema.by_name[question.table]
    scope = Scope(schema, table, Holes())
    return f"DELETE FROM {quoted(table.name)} AS t0{_where(scope, _conditions(scope, question))} {returning(table)}"


def marked(table: Table, schema: Schema, former: Sequence[str] = ()) -> str:
    """Return the statement that marks the row of a primary key as deleted."""
    scope = Scope(schema, table, Holes())
    return _update(scope, _mark(table), lambda inner: [*_keyed(inner), *standing(inner)], former)


def marked_where(schema: Schema, question: Question, former: Sequence[str] = ()) -> str:
    """Return the statement that marks all rows of a question as deleted, and returns them."""
    table = schema.by_name[question.table]
    return _update(Scope(schema, table, Holes()), _mark(table), lambda inner: _conditions(inner, question), former)


def restored(table: Table, schema: Schema, former: Sequence[str] = ()) -> str:
    """Return the statement that takes the mark of a deleted row away."""
    column = table.by_name[str(table.deleted)]
    value = "false" if column.type == "boolean" else "NULL"
    return _update(Scope(schema, table, Holes()), f"{quoted(column.name)} = {value}", _keyed, former)


def _mark(table: Table) -> str:
    column = table.by_name[str(table.deleted)]
    return f"{quoted(column.name)} = {'true' if column.type == 'boolean' else 'clock_timestamp()'}"


def _conditions(scope: Scope, question: Question) -> list[str]:
    conditions = [] if question.with_deleted else standing(scope)
    if question.where is not None:
        conditions.append(expression(question.where, scope))
    return conditions


def _where(scope: Scope, conditions: list[str]) -> str:
    """Return what chooses the rows to write; those that depend on other rows by their key."""
    if scope.source() != f"{quoted(scope.table.name)} AS {scope.alias}":
        key = ", ".join(f"{scope.alias}.{quoted(name)}" for name in scope.table.primary_key)
        return f" WHERE ({key}) IN (SELECT {key} FROM {scope.source()}{_all(conditions)})"
    return _all(conditions)


def _all(conditions: Sequence[str]) -> str:
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
