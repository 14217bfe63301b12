"""A question as one statement: rows, or documents of a row and what is included in it, in order, page by page."""

from collections.abc import Sequence

from asbuilt.access.compiling.filtering import expression, searched, standing
from asbuilt.access.compiling.scopes import Holes, Scope, quoted, reached
from asbuilt.access.compiling.writing import goes_as_text, plain_type
from asbuilt.access.queries import Ordering, Question
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
    _look(scope, question)
    where = _where(scope, question, [])
    return f"SELECT count(*) FROM {scope.source()}{where}"


def _whole(scope: Scope, question: Question, belonging: Sequence[str], *, is_inner: bool) -> str:
    """Return a select; its parts are made in the order in which `queries.Values` gives their values."""
    _look(scope, question)
    picked = None if question.picked is None else [expression(shape, scope) for shape in question.picked]
    included = [_included(scope, name, inner) for name, inner in question.included]
    where = _where(scope, question, belonging)
    keys = [expression(one.shape, scope) for one in question.order]
    order = _order(scope, question, keys)
    limit = "" if question.limit is None else f" LIMIT {question.limit:d}"
    offset = f" OFFSET {scope.holes.hole()}" if question.has_offset else ""
    if picked is None:
        picked = _row(scope, question, included, keys, is_inner=is_inner)
    grouped = _grouped(question, picked)
    word = "SELECT DISTINCT" if question.is_distinct else "SELECT"
    lock = f" {question.lock}" if question.lock else ""
    return f"{word} {', '.join(picked)} FROM {scope.source()}{where}{grouped}{order}{limit}{offset}{lock}"


def _row(
    scope: Scope, question: Question, included: Sequence[str], keys: Sequence[str], *, is_inner: bool
) -> list[str]:
    """Return what is selected of a row: its columns, or a document of all; then what it is ordered by, where that is needed."""
    columns = _columns(scope, is_inner=is_inner or bool(included))
    if is_inner:
        return [*columns, *included]
    row = [f"{_object('SELECT ' + ', '.join([*columns, *included]))}::text"] if included else columns
    return [*row, *keys] if question.is_keyed or (question.is_distinct and included) else row


def _object(rows: str) -> str:
    return f"(SELECT row_to_json(r) FROM ({rows}) AS r)"


def _look(scope: Scope, question: Question) -> None:
    """Let what is searched for take the first hole."""
    if question.is_searched:
        scope.search = f"websearch_to_tsquery('{_configuration(scope.table)}', {scope.holes.hole()})"


def _columns(scope: Scope, *, is_inner: bool) -> list[str]:
    """Return a row's columns; inside JSON under the program's names, and as what JSON can carry."""
    found = []
    for column in scope.table.columns:
        plain, kind = f"{scope.alias}.{quoted(column.name)}", kind_of(column)
        if is_inner:
            found.append(f"{kind.json.format(plain)} AS {quoted(column.attribute)}")
        else:
            found.append(read(column, plain))
    return found


def _included(scope: Scope, name: str, question: Question) -> str:
    """Return related rows as one value: JSON, an array of objects or an object."""
    relation = scope.table.by_relation[name]
    inner = scope.inner(relation)
    hides = relation.is_many and not question.with_deleted
    belonging = [*reached(scope.alias, relation, inner), *(standing(inner) if hides else ())]
    rows = _whole(inner, question, belonging, is_inner=True)
    label = f' AS "{name}"'
    if relation.is_many:
        return f"(SELECT coalesce(json_agg(r), '[]') FROM ({rows}) AS r){label}"
    return f"{_object(rows)}{label}"


def _where(scope: Scope, question: Question, belonging: Sequence[str]) -> str:
    conditions = [*belonging]
    if not belonging and not question.with_deleted:
        conditions += standing(scope)
    if question.is_searched:
        conditions.append(f"{searched(scope)} @@ {scope.search}")
    if question.where is not None:
        conditions.append(expression(question.where, scope))
    if question.after is not None:
        conditions.append(_after(scope, question.order, question.after))
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _configuration(table: Table) -> str:
    return table.search.configuration if table.search else "simple"


def _order(scope: Scope, question: Question, keys: Sequence[str]) -> str:
    words = [_directed(key, one) for key, one in zip(keys, question.order, strict=True)]
    if question.is_searched and not words and question.picked is None:
        words = [f"ts_rank({searched(scope)}, {scope.search}) DESC"]
    return f" ORDER BY {', '.join(words)}" if words else ""


def _directed(key: str, one: Ordering) -> str:
    nulls = "" if one.nulls_first == one.is_descending else f" NULLS {'FIRST' if one.nulls_first else 'LAST'}"
    return f"{key}{' DESC' if one.is_descending else ''}{nulls}"


def _grouped(question: Question, picked: Sequence[str]) -> str:
    """Return what puts rows together where values of many rows are selected beside others: by those others."""
    shapes = question.picked or ()
    if not any(shape[0] == "gathered" for shape in shapes):
        return ""
    keys = [str(at) for at, shape in enumerate(shapes, 1) if shape[0] != "gathered"]
    return f" GROUP BY {', '.join(keys)}" if keys else ""


def _after(scope: Scope, order: Sequence[Ordering], is_null: Sequence[bool]) -> str:
    """Return the condition for the rows after one whose values in the order are given, NULL where `is_null`."""
    columns = [expression(one.shape, scope) for one in order]
    holes = [None if null else scope.holes.hole() for null in is_null]
    if _is_plain(scope, order) and not any(is_null):
        sign = "<" if order[0].is_descending else ">"
        return f"({', '.join(columns)}) {sign} ({', '.join(str(hole) for hole in holes)})"
    ways = []
    for at, one in enumerate(order):
        beyond = _beyond(columns[at], holes[at], one)
        if beyond:
            equal = [_equal(columns[i], holes[i]) for i in range(at)]
            ways.append(" AND ".join([*equal, beyond]))
    return f"({' OR '.join(f'({way})' for way in ways) or 'false'})"


def _is_plain(scope: Scope, order: Sequence[Ordering]) -> bool:
    """Tell whether all goes one way and nothing is ever NULL: then one comparison of rows says it, and an index serves it."""
    first = order[0].is_descending
    return all(one.is_descending == first and not _may_be_null(scope, one) for one in order)


def _may_be_null(scope: Scope, one: Ordering) -> bool:
    kind, *rest = one.shape
    if kind != "column" or rest[0]:
        return True
    return scope.table.by_name[rest[1]].is_nullable


def _equal(column: str, hole: str | None) -> str:
    return f"{column} = {hole}" if hole else f"{column} IS NULL"


def _beyond(column: str, hole: str | None, one: Ordering) -> str:
    if hole is None:
        return f"{column} IS NOT NULL" if one.nulls_first else ""
    sign = "<" if one.is_descending else ">"
    return f"{column} {sign} {hole}" if one.nulls_first else f"({column} {sign} {hole} OR {column} IS NULL)"
