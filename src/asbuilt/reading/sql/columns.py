"""Column definitions to field mentions and the constraints inside them."""

from typing import Any

from msgspec import Struct

from asbuilt.model.entities import CheckMention, ConstraintMention, FieldMention, ForeignKeyMention
from asbuilt.model.fact import Form, Stated
from asbuilt.model.types import Family, TypeName, type_name
from asbuilt.reading.sql.constraints import Place, constraint_mention, reference_of
from asbuilt.reading.sql.drafts import Draft
from asbuilt.reading.sql.expressions import values_allowed
from asbuilt.reading.sql.remarks import values_listed
from asbuilt.reading.sql.syntax import Node, word_of

Said = dict[str, Any]
"""What has been read of a column so far: values for the fields of a `FieldMention`."""


class Column(Struct, frozen=True):
    """A column's field and the constraints that its definition holds."""

    field: FieldMention
    constraints: tuple[ConstraintMention, ...]


def column_of(draft: Draft, node: Node, end: int, entity: str) -> Column:
    """Read a `ColumnDef` whose tokens end before index `end`."""
    first = draft.index_of(node.location)
    firsts = [draft.index_of(c.constraint.location) for c in node.constraints]
    bounds = _bounds(draft, node, firsts, end)
    kind = _type(draft, node, bounds[0])
    said: Said = {"name": node.colname, "type": kind, "max_length": _length(kind)}
    constraints: list[ConstraintMention] = []
    for constraint, at in zip(node.constraints, firsts, strict=True):
        place = Place(draft, at, next((b for b in bounds if b > at), end), entity, node.colname)
        mention = _say(said, constraint.constraint, place)
        if mention is not None:
            constraints.append(mention)
    _say_in_comment(said, draft, end)
    span, name_span = draft.span(first, end), draft.span(first, first + 1)
    return Column(FieldMention(span=span, form=Form.SQL, name_span=name_span, **said), tuple(constraints))


def _bounds(draft: Draft, node: Node, firsts: list[int], end: int) -> list[int]:
    """Return the token indexes at which a constraint, a collation or the options of a foreign table's column begin, and the end."""
    collation = [draft.index_of(node.coll_clause.location)] if node.HasField("coll_clause") else []
    options = (
        [draft.index_of(node.fdwoptions[0].def_elem.location) - len("OPTIONS (".split())] if node.fdwoptions else []
    )
    return [*sorted({*firsts, *collation, *options}), end]


def _type(draft: Draft, node: Node, end: int) -> Stated[TypeName] | None:
    """A type as written; what is none of the model's, such as a document's own enum, keeps its word."""
    if not node.HasField("type_name"):
        return None
    return written_type(draft, draft.index_of(node.type_name.location), end)


def written_type(draft: Draft, first: int, end: int) -> Stated[TypeName] | None:
    """Return the type that tokens `[first, end)` write."""
    if end <= first:
        return None
    raw = draft.written(first, end)
    found = type_name(raw) or type_name(raw.replace('"', ""))
    return Stated(found or TypeName(raw, raw.lower(), Family.OTHER), draft.span(first, end))


def _length(kind: Stated[TypeName] | None) -> Stated[int] | None:
    if kind is None or kind.value.family != Family.STRING or len(kind.value.arguments) != 1:
        return None
    return Stated(kind.value.arguments[0], kind.span)


def _say(said: Said, node: Node, place: Place) -> ConstraintMention | None:
    """Add what one constraint says of the column; return it as a mention of its own where it is one."""
    kind = word_of(node, "contype")
    if kind in ("CONSTR_NULL", "CONSTR_NOTNULL"):
        said["is_nullable"] = Stated(kind == "CONSTR_NULL", place.span)
        return None
    if kind == "CONSTR_DEFAULT":
        said["default"] = default_at(place)
        return None
    if kind in ("CONSTR_IDENTITY", "CONSTR_GENERATED"):
        _say_generated(said, kind, place)
        return None
    mention = constraint_mention(node, place)
    if kind == "CONSTR_PRIMARY":
        said["is_primary"] = Stated(True, place.span)
    elif kind == "CONSTR_UNIQUE":
        said["is_unique"] = Stated(True, place.span)
    elif isinstance(mention, ForeignKeyMention):
        said |= {"references": reference_of(mention), "is_foreign_key": Stated(True, place.span)}
    elif isinstance(mention, CheckMention):
        _say_checked(said, node, mention)
    return mention


def default_at(place: Place) -> Stated[str] | None:
    """Return the expression that follows `DEFAULT`, exactly as written."""
    at = place.draft.find("DEFAULT", place.first, place.end)
    if at is None or at + 1 >= place.end:
        return None
    return Stated(place.draft.written(at + 1, place.end), place.draft.span(at + 1, place.end))


def _say_generated(said: Said, kind: str, place: Place) -> None:
    """An identity column says `GENERATED … AS IDENTITY`, a generated one its expression."""
    if kind == "CONSTR_IDENTITY":
        words = "ALWAYS" if place.draft.find("ALWAYS", place.first, place.end) else "BY DEFAULT"
        said["generated"] = Stated(f"GENERATED {words} AS IDENTITY", place.span)
        said["is_nullable"] = said.get("is_nullable") or Stated(False, place.span)
        return
    inside = place.draft.bracket(place.first, place.end)
    said["generated"] = Stated(place.draft.written(*inside) if inside else "", place.span)


def _say_checked(said: Said, node: Node, mention: CheckMention) -> None:
    allowed = values_allowed(node.raw_expr)
    if allowed and allowed[0] == said["name"]:
        said["values"] = said.get("values") or Stated(allowed[1], mention.span)
    said["check"] = said.get("check") or Stated(mention.condition or "", mention.span)


def _say_in_comment(said: Said, draft: Draft, end: int) -> None:
    """The comment beside a column describes it, and often lists its values."""
    comment = draft.comment_beside(end)
    if comment is not None:
        kind = said["type"]
        said["description"] = comment.text
        said["values"] = said.get("values") or values_listed(comment, kind.value.family if kind else Family.OTHER)
