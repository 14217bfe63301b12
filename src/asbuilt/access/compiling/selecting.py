"""A question as one statement: rows, or documents of a row and what is included in it, in order, page by page."""

from collections.abc import Sequence

from asbuilt.access.compiling.filtering import expression, searched, standing
from asbuilt.access.compiling.ordering import after, ordered_by, ordering
from asbuilt.access.compiling.scopes import Holes, Scope, quoted, reached
from asbuilt.access.compiling.writing import goes_as_text, plain_type
from asbuilt.access.queries import Question
from asbuilt.access.schema import Column, Schema, Table
from asbuilt.access.types import bare, kind_of, read

_WITHOUT_LIMIT = {"character": "bpchar", "bit": "bit varying"}
"""Types that without a length are of length 1."""


def selected(schema: Schema, question: Question) -> str:
    """Return the statement that answers a question: columns, or where anything is included, JSON of the whole row."""
    scope = Scope(schema, schema.by_name[question.table], Holes())
    return _whole(scope, question, [], is_inner=False)


def selected_each(schema: Schema, question: Question, columns: Sequence[str]) -> str:
    """Return the statement that answers a question for each of many values of some columns, which are its first holes:
    an array a column. Its records end with the number of the values, and come in the question's order for each."""
    holes = Holes()
    table = schema.by_name[question.table]
    types = [_unlimited(table.by_name[name]) for name in columns]
    arrays = ", ".join(f"{holes.hole()}::{'text' if as_text else type}[]" for type, as_text in types)
    names = ", ".join(f"k{n}" for n in range(len(columns)))
    scope = Scope(schema, table, holes)
    casts = [f"::{type}" if as_text else "" for type, as_text in types]
    belonging = [f"{scope.alias}.{quoted(name)} = k.k{n}{casts[n]}" for n, name in enumerate(columns)]
    hidden = [] if question.with_deleted else standing(scope)
    inner = _whole(scope, question, [*belonging, *hidden], is_inner=False)
    return f"SELECT r.*, k.n FROM unnest({arrays}) WITH ORDINALITY AS k ({names}, n), LATERAL ({inner}) AS r"


def _unlimited(column: Column) -> tuple[str, bool]:
    """Return the type of values that a column is compared with, and whether an array of them is one of text.

    It has no length and no precision, by which values would be cut to fit.
    """
    plain = bare(column.type)
    return _WITHOUT_LIMIT.get(plain, plain_type(column) if column.values else plain), goes_as_text(column)


def counted(schema: Schema, question: Question) -> str:
    """Return the statement that counts the rows of a question, its order and limits left out."""
    scope = Scope(schema, schema.by_name[question.table], Holes())
    look(scope, question)
    where = where_of(scope, question, [])
    return f"SELECT count(*) FROM {scope.source()}{where}"


def _whole(scope: Scope, question: Question, belonging: Sequence[str], *, is_inner: bool) -> str:
    """Return a select; its parts are made in the order in which `queries.Values` gives their values."""
    look(scope, question)
    picked = None if question.picked is None else [expression(shape, scope) for shape in question.picked]
    related = [included(scope, name, inner) for name, inner in question.included]
    where = where_of(scope, question, belonging)
    order = ordering(scope, question)
    limits = limited(scope, question)
    if picked is None:
        picked = _row(scope, question, related, [key for key, _ in order], is_inner=is_inner)
    grouped = _grouped(question, picked)
    word = "SELECT DISTINCT" if question.is_distinct else "SELECT"
    return f"{word} {', '.join(picked)} FROM {scope.source()}{where}{grouped}{ordered_by(order)}{limits}"


def limited(scope: Scope, question: Question) -> str:
    """Return how many rows are taken, from which on, and how they are locked."""
    limit = "" if question.limit is None else f" LIMIT {question.limit:d}"
    offset = f" OFFSET {scope.holes.hole()}" if question.has_offset else ""
    lock = f" {question.lock}" if question.lock else ""
    return f"{limit}{offset}{lock}"


def _row(scope: Scope, question: Question, related: Sequence[str], keys: Sequence[str], *, is_inner: bool) -> list[str]:
    """Return what is selected of a row: its columns, or a document of all; then what it is ordered by, where that is needed."""
    columns = columns_of(scope, is_inner=is_inner or bool(related))
    if is_inner:
        return [*columns, *related]
    row = [f"{object_of('SELECT ' + ', '.join([*columns, *related]))}::text"] if related else columns
    return [*row, *keys] if question.is_keyed or (question.is_distinct and related) else row


def object_of(rows: str) -> str:
    return f"(SELECT row_to_json(r.*) FROM ({rows}) AS r)"


def look(scope: Scope, question: Question) -> None:
    """Let what is searched for take the first hole."""
    if question.is_searched:
        scope.search = f"websearch_to_tsquery('{_configuration(scope.table)}', {scope.holes.hole()})"


def columns_of(scope: Scope, *, is_inner: bool) -> list[str]:
    """Return a row's columns; inside JSON under the program's names, and as what JSON can carry."""
    found = []
    for column in scope.table.columns:
        plain, kind = f"{scope.alias}.{quoted(column.name)}", kind_of(column)
        if is_inner:
            found.append(f"{kind.json.format(plain)} AS {quoted(column.attribute)}")
        else:
            found.append(read(column, plain))
    return found


def included(scope: Scope, name: str, question: Question) -> str:
    """Return related rows as one value: JSON, an array of objects or an object."""
    relation = scope.table.by_relation[name]
    inner = scope.inner(relation)
    hides = relation.is_many and not question.with_deleted
    belonging = [*reached(scope.alias, relation, inner), *(standing(inner) if hides else ())]
    rows = _whole(inner, question, belonging, is_inner=True)
    label = f' AS "{name}"'
    if relation.is_many:
        return f"(SELECT coalesce(json_agg(r.*), '[]') FROM ({rows}) AS r){label}"
    return f"{object_of(rows)}{label}"


def where_of(scope: Scope, question: Question, belonging: Sequence[str]) -> str:
    conditions = [*belonging]
    if not belonging and not question.with_deleted:
        conditions += standing(scope)
    if question.is_searched:
        conditions.append(f"{searched(scope)} @@ {scope.search}")
    if question.where is not None:
        conditions.append(expression(question.where, scope))
    if question.after is not None:
        conditions.append(after(scope, question.order, question.after))
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _configuration(table: Table) -> str:
    return table.search.configuration if table.search else "simple"


def _grouped(question: Question, picked: Sequence[str]) -> str:
    """Return what puts rows together where values of many rows are selected beside others: by those others."""
    shapes = question.picked or ()
    if not any(shape[0] == "gathered" for shape in shapes):
        return ""
    keys = [str(at) for at, shape in enumerate(shapes, 1) if shape[0] != "gathered"]
    return f" GROUP BY {', '.join(keys)}" if keys else ""
