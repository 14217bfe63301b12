"""What stands in the way of a change, because PostgreSQL refuses it while that is there."""

from asbuilt.engines.changes import Change, Verb
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.changing import types
from asbuilt.engines.postgres.changing.building import is_same_but_for_name
from asbuilt.engines.postgres.changing.converting import base
from asbuilt.engines.postgres.changing.objects import is_replaceable
from asbuilt.engines.state import ColumnState, ConstraintState, IndexState, Item, ObjectState, TableState

_BY_REFERENCE = frozenset(
    {"view", "materialized view", "policy", "trigger", "rule", "function", "procedure", "publication"}
)
_BY_EXPRESSION = frozenset({"constraint", "index", "statistics", "column"})
_FAMILIES = (
    ("smallint", "integer", "bigint"),
    ("character varying", "text", "character"),
    ("timestamp without time zone", "timestamp with time zone"),
)


def disturbs(change: Change, other: Item) -> bool:
    """Tell whether `other`, which needs what changes, has to be out of the way meanwhile."""
    if isinstance(change.before, TableState):
        is_gone = change.verb in (Verb.DROP, Verb.REBUILD) or _is_made_again(change.before, change.after)
        return is_gone and other.table != change.item.name
    if change.verb == Verb.DROP:
        return True
    if change.verb == Verb.REBUILD:
        return not isinstance(change.before, ColumnState) or change.before.generated is not None
    return change.verb == Verb.ALTER and _is_in_the_way(change, other)


def _is_made_again(before: TableState, after: object) -> bool:
    return isinstance(after, TableState) and before.server != after.server


def _is_in_the_way(change: Change, other: Item) -> bool:
    before, after = change.before, change.after
    if isinstance(before, ColumnState) and isinstance(after, ColumnState):
        return _is_in_the_way_of_column(before, after, other)
    if isinstance(before, ObjectState) and isinstance(after, ObjectState):
        return _is_in_the_way_of_object(before, after, other)
    if isinstance(before, IndexState) and isinstance(after, IndexState) and other.kind in defining.MARKS:
        return not is_same_but_for_name(before, after)
    if isinstance(before, ConstraintState) and isinstance(after, ConstraintState) and other.kind in defining.MARKS:
        return before.definition != after.definition
    if isinstance(before, ConstraintState | IndexState):
        return _is_replaced(before, after) and other.kind in ("constraint", "view")
    return False


def _is_replaced(before: ConstraintState | IndexState, after: object) -> bool:
    if isinstance(before, ConstraintState) and isinstance(after, ConstraintState):
        return before.kind in ("primary key", "unique") and before.definition != after.definition
    return False


def _is_in_the_way_of_column(before: ColumnState, after: ColumnState, other: Item) -> bool:
    if before.generated != after.generated:
        return True
    if before.type == after.type and before.collation == after.collation:
        return False
    if other.kind in _BY_REFERENCE or other.kind == "column":
        return True
    old, new = base(before.type), base(after.type)
    is_alike = old == new or any(old in family and new in family for family in _FAMILIES)
    return other.kind in _BY_EXPRESSION and not is_alike


def _is_in_the_way_of_object(before: ObjectState, after: ObjectState, other: Item) -> bool:
    if other.kind in defining.MARKS and _indexes(before) != _indexes(after):
        return True
    if before.definition == after.definition and before.kind != "view":
        return False
    if before.kind in ("enum", "domain", "range", "composite"):
        return types.is_made_anew(before, after) and other.kind != "column"
    return not is_replaceable(before, after)


def _indexes(view: ObjectState) -> list[tuple[str, str]]:
    return [(key, value) for key, value in view.properties if key.startswith("index ")]
