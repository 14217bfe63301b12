"""Expressions as SQL: one function a kind of shape, in one table."""

from collections.abc import Callable
from typing import Any

from asbuilt.access.compiling.scopes import Scope, quoted, reached
from asbuilt.access.conditions import Shape
from asbuilt.access.refusals import QueryRefused
from asbuilt.access.schema import Column


def expression(shape: Shape, scope: Scope) -> str:
    """Return an expression's SQL; its values take the next holes, in the order of the shape."""
    return str(_BY_KIND[shape[0]](scope, *shape[1:]))


def _column(scope: Scope, path: tuple[str, ...], name: str) -> str:
    return scope.column(path, name)


def _is(scope: Scope, sign: str, shape: Shape) -> str:
    return f"{expression(shape, scope)} {sign} {scope.holes.hole()}{_cast(shape)}"


def _cast(shape: Shape) -> str:
    """Return the type of a value that the server could not tell from what stands on the other side."""
    return {"path": "::text", "lower": "::text", "number": "::double precision"}.get(shape[0], "")


def _same(scope: Scope, sign: str, left: Shape, right: Shape) -> str:
    return f"{expression(left, scope)} {sign} {expression(right, scope)}"


def _reckoned(scope: Scope, sign: str, left: Shape, right: Shape) -> str:
    return f"({expression(left, scope)} {sign} {expression(right, scope)})"


def _value(scope: Scope) -> str:
    return scope.holes.hole()


def _one(scope: Scope) -> str:
    return "1"


def _null(scope: Scope, shape: Shape) -> str:
    return f"{expression(shape, scope)} IS NULL"


def _in(scope: Scope, shape: Shape) -> str:
    values = expression(shape, scope)
    key = _unique(scope, shape)
    return f"{values} = ANY ({scope.holes.unseen(key, '[]') if key else scope.holes.hole()})"


def _unique(scope: Scope, shape: Shape) -> Column | None:
    """Return the column that a shape is, where it is unique by itself."""
    if shape[0] != "column":
        return None
    _, table = scope.at(shape[1])
    return table.by_name[shape[2]] if (shape[2],) in (table.primary_key, *table.uniques) else None


def _both(word: str) -> Callable[..., str]:
    def sql(scope: Scope, left: Shape, right: Shape) -> str:
        return f"({expression(left, scope)} {word} {expression(right, scope)})"

    return sql


def _not(scope: Scope, shape: Shape) -> str:
    return f"(NOT {expression(shape, scope)})"


def _sign(sign: str, cast: str = "") -> Callable[..., str]:
    def sql(scope: Scope, shape: Shape) -> str:
        return f"{expression(shape, scope)} {sign} {scope.holes.hole()}{cast}"

    return sql


def _has(scope: Scope, shape: Shape) -> str:
    array = expression(shape, scope)
    return f"{scope.holes.hole()} = ANY ({array})"


def _path(scope: Scope, shape: Shape) -> str:
    return f"({expression(shape, scope)} #>> {scope.holes.hole()}::text[])"


def _number(scope: Scope, shape: Shape) -> str:
    return f"({expression(shape, scope)})::double precision"


def _lower(scope: Scope, shape: Shape) -> str:
    return f"lower({expression(shape, scope)})"


def _any(scope: Scope, path: tuple[str, ...], shape: Shape | None) -> str:
    source, where, inner = related(scope, path)
    if shape is not None:
        where.append(expression(shape, inner))
    return f"EXISTS (SELECT FROM {source()} WHERE {' AND '.join(where)})"


def _many(scope: Scope, word: str, path: tuple[str, ...], field: Shape | None, shape: Shape | None) -> str:
    source, where, inner = related(scope, path)
    what = f"{word}({expression(field, inner) if field else '*'})"
    if shape is not None:
        where.append(expression(shape, inner))
    whole = f"coalesce({what}, 0)" if word == "sum" else what
    return f"(SELECT {whole} FROM {source()} WHERE {' AND '.join(where)})"


def related(scope: Scope, path: tuple[str, ...]) -> tuple[Callable[[], str], list[str], Scope]:
    """Return what the related rows at the end of a path are read from, and under which conditions they belong to the row."""
    outer, table = scope.at(path[:-1])
    relation = table.by_relation[path[-1]]
    inner = scope.inner(relation)
    return inner.source, [*reached(outer, relation, inner), *standing(inner)], inner


def standing(scope: Scope) -> list[str]:
    """Return the condition under which a row is not marked as deleted; none where no row ever is."""
    if (name := scope.table.deleted) is None:
        return []
    column = f"{scope.alias}.{quoted(name)}"
    return [f"NOT {column}" if scope.table.by_name[name].type == "boolean" else f"{column} IS NULL"]


def _gathered(scope: Scope, word: str, shape: Shape | None) -> str:
    if shape is None:
        return "count(*)"
    inner = expression(shape, scope)
    return f"count(DISTINCT {inner})" if word == "count distinct" else f"{word}({inner})"


def _rank(scope: Scope) -> str:
    return f"ts_rank({searched(scope)}, {scope.search})"


def _highlight(scope: Scope, shape: Shape) -> str:
    search = scope.table.search
    configuration = search.configuration if search else "simple"
    searched(scope)
    return f"ts_headline('{configuration}', {expression(shape, scope)}, {scope.search})"


def searched(scope: Scope) -> str:
    """Return what is searched of a row; refuse where the table has no index for that, or nothing is looked for."""
    if scope.table.search is None:
        raise QueryRefused(f"{scope.table.accessor} has no full-text index", help="state one in the document")
    if not scope.search:
        raise QueryRefused("there is no rank and no highlight where nothing is searched for", help="add search(…)")
    text = scope.table.search.expression
    return f"{scope.alias}.{quoted(text)}" if text.isidentifier() else f"({text})"


_BY_KIND: dict[str, Callable[..., Any]] = {
    "column": _column,
    "is": _is,
    "same": _same,
    "reckoned": _reckoned,
    "value": _value,
    "one": _one,
    "null": _null,
    "in": _in,
    "and": _both("AND"),
    "or": _both("OR"),
    "not": _not,
    "like": _sign("LIKE"),
    "ilike": _sign("ILIKE"),
    "matches": _sign("~"),
    "has key": _sign("?", "::text"),
    "contains json": _sign("@>", "::jsonb"),
    "contains": _sign("@>"),
    "overlaps": _sign("&&"),
    "has": _has,
    "path": _path,
    "number": _number,
    "lower": _lower,
    "any": _any,
    "many": _many,
    "gathered": _gathered,
    "rank": _rank,
    "highlight": _highlight,
}
