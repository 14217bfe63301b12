"""What rows are ordered by, and the condition for those after one of them."""

from collections.abc import Sequence

from asbuilt.access.compiling.filtering import expression, searched
from asbuilt.access.compiling.scopes import Scope
from asbuilt.access.queries import Ordering, Question


def ordering(scope: Scope, question: Question) -> list[tuple[str, str]]:
    """Return what rows are ordered by, each with its direction; the best first of what is searched for without an order."""
    if question.is_searched and not question.order and question.picked is None:
        return [(f"ts_rank({searched(scope)}, {scope.search})", " DESC")]
    return [(expression(one.shape, scope), _direction(one)) for one in question.order]


def ordered_by(keys: Sequence[tuple[str, str]]) -> str:
    return f" ORDER BY {', '.join(key + direction for key, direction in keys)}" if keys else ""


def _direction(one: Ordering) -> str:
    nulls = "" if one.nulls_first == one.is_descending else f" NULLS {'FIRST' if one.nulls_first else 'LAST'}"
    return f"{' DESC' if one.is_descending else ''}{nulls}"


def after(scope: Scope, order: Sequence[Ordering], is_null: Sequence[bool]) -> str:
    """Return the condition for the rows after one whose values in the order are given, NULL where `is_null`."""
    columns = [expression(one.shape, scope) for one in order]
    if _is_plain(scope, order) and not any(is_null):
        sign = "<" if order[0].is_descending else ">"
        values = [scope.holes.unseen(scope.table.by_name[one.shape[2]]) for one in order]
        return f"({', '.join(columns)}) {sign} ({', '.join(values)})"
    holes = [None if null else scope.holes.hole() for null in is_null]
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
