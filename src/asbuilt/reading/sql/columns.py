"""Column definitions to field mentions and the constraints inside them."""

from dataclasses import dataclass, replace

from asbuilt.model.entities import CheckMention, ConstraintMention, FieldMention, ForeignKeyMention
from asbuilt.model.fact import Form, Stated
from asbuilt.model.types import Family, TypeName, type_name
from asbuilt.reading.sql.constraints import Place, constraint_mention, reference_of
from asbuilt.reading.sql.drafts import Draft
from asbuilt.reading.sql.expressions import values_allowed
from asbuilt.reading.sql.remarks import values_listed
from asbuilt.reading.sql.syntax import Node, word_of


@dataclass(frozen=True, slots=True)
class Column:
    """A column's field and the constraints that its definition holds."""

    field: FieldMention
    constraints: tuple[ConstraintMention, ...]


def column_of(draft: Draft, node: Node, end: int, entity: str) -> Column:
    """Read a `ColumnDef` whose tokens end before index `end`."""
    first = draft.index_of(node.location)
    bounds = _bounds(draft, node, end)
    kind = _type(draft, node, bounds[0])
    field = FieldMention(
        span=draft.span(first, end),
        form=Form.SQL,
        name=node.colname,
        name_span=draft.span(first, first + 1),
        type=kind,
        max_length=_length(kind),
    )
    constraints: list[ConstraintMention] = []
    for constraint, place in zip(node.constraints, _places(draft, node, bounds, entity), strict=False):
        field, mention = _with(field, constraint.constraint, place)
        if mention is not None:
            constraints.append(mention)
    return Column(_with_comment(field, draft, end), tuple(constraints))


def _bounds(draft: Draft, node: Node, end: int) -> list[int]:
    """Return the token indexes at which a constraint or collation begins, and the end."""
    locations = [c.constraint.location for c in node.constraints]
    if node.HasField("coll_clause"):
        locations.append(node.coll_clause.location)
    return [*sorted({draft.index_of(location) for location in locations}), end]


def _places(draft: Draft, node: Node, bounds: list[int], entity: str) -> list[Place]:
    firsts = [draft.index_of(c.constraint.location) for c in node.constraints]
    return [Place(draft, f, next((b for b in bounds if b > f), bounds[-1]), entity, node.colname) for f in firsts]


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


def _with(field: FieldMention, node: Node, place: Place) -> tuple[FieldMention, ConstraintMention | None]:
    """Return the field with what one constraint says, and the constraint as a mention of its own."""
    kind = word_of(node, "contype")
    if kind in ("CONSTR_NULL", "CONSTR_NOTNULL"):
        return replace(field, is_nullable=Stated(kind == "CONSTR_NULL", place.span)), None
    if kind == "CONSTR_DEFAULT":
        return replace(field, default=default_at(place)), None
    if kind in ("CONSTR_IDENTITY", "CONSTR_GENERATED"):
        return _generated(field, kind, place), None
    mention = constraint_mention(node, place)
    if kind == "CONSTR_PRIMARY":
        field = replace(field, is_primary=Stated(True, place.span))
    elif kind == "CONSTR_UNIQUE":
        field = replace(field, is_unique=Stated(True, place.span))
    elif isinstance(mention, ForeignKeyMention):
        field = replace(field, references=reference_of(mention), is_foreign_key=Stated(True, place.span))
    elif isinstance(mention, CheckMention):
        field = _checked(field, node, mention)
    return field, mention


def default_at(place: Place) -> Stated[str] | None:
    """Return the expression that follows `DEFAULT`, exactly as written."""
    at = place.draft.find("DEFAULT", place.first, place.end)
    if at is None or at + 1 >= place.end:
        return None
    return Stated(place.draft.written(at + 1, place.end), place.draft.span(at + 1, place.end))


def _generated(field: FieldMention, kind: str, place: Place) -> FieldMention:
    """An identity column says `GENERATED … AS IDENTITY`, a generated one its expression."""
    if kind == "CONSTR_IDENTITY":
        words = "ALWAYS" if place.draft.find("ALWAYS", place.first, place.end) else "BY DEFAULT"
        text = f"GENERATED {words} AS IDENTITY"
        return replace(
            field, generated=Stated(text, place.span), is_nullable=field.is_nullable or Stated(False, place.span)
        )
    inside = place.draft.bracket(place.first, place.end)
    return replace(field, generated=Stated(place.draft.written(*inside) if inside else "", place.span))


def _checked(field: FieldMention, node: Node, mention: CheckMention) -> FieldMention:
    allowed = values_allowed(node.raw_expr)
    values = Stated(allowed[1], mention.span) if allowed and allowed[0] == field.name else None
    check = Stated(mention.condition or "", mention.span)
    return replace(field, check=field.check or check, values=field.values or values)


def _with_comment(field: FieldMention, draft: Draft, end: int) -> FieldMention:
    """The comment beside a column describes it, and often lists its values."""
    comment = draft.comment_beside(end)
    if comment is None:
        return field
    values = values_listed(comment, field.type.value.family if field.type else Family.OTHER)
    return replace(field, description=comment.text, values=field.values or values)
