"""Constraints, inline and at table level, to mentions."""

from msgspec import Struct

from asbuilt.model.entities import (
    CheckMention,
    ConstraintMention,
    ForeignKeyMention,
    PrimaryKeyMention,
    Reference,
    UniqueMention,
)
from asbuilt.model.fact import Form, Stated
from asbuilt.reading.sql.drafts import Draft
from asbuilt.reading.sql.syntax import Node, columns_in, strings, word_of
from asbuilt.text import Span

_ACTIONS = ("CASCADE", "RESTRICT", "NO ACTION", "SET NULL", "SET DEFAULT")


class Place(Struct, frozen=True):
    """A constraint's tokens in its statement, the entity, and the column where it is inline."""

    draft: Draft
    first: int
    end: int
    entity: str
    column: str | None = None

    @property
    def span(self) -> Span:
        return self.draft.span(self.first, self.end)


def constraint_mention(node: Node, place: Place) -> ConstraintMention | None:
    """Return what a `Constraint` node states, or None where it is no constraint between values (a default)."""
    kind = word_of(node, "contype")
    name = node.conname or None
    if kind == "CONSTR_PRIMARY":
        columns = _columns(node, place, "keys")
        return PrimaryKeyMention(span=place.span, form=Form.SQL, entity=place.entity, name=name, columns=columns)
    if kind == "CONSTR_UNIQUE":
        columns = _columns(node, place, "keys")
        return UniqueMention(span=place.span, form=Form.SQL, entity=place.entity, name=name, columns=columns)
    if kind == "CONSTR_CHECK":
        return _check(node, place)
    return _foreign_key(node, place) if kind == "CONSTR_FOREIGN" else None


def _columns(node: Node, place: Place, field: str) -> tuple[str, ...]:
    found = strings(getattr(node, field))
    return found or ((place.column,) if place.column else ())


def condition_of(place: Place) -> str:
    """Return the condition of a check, as written between its brackets."""
    inside = place.draft.bracket(place.first, place.end)
    return place.draft.written(*inside) if inside else ""


def _check(node: Node, place: Place) -> CheckMention:
    columns = tuple(dict.fromkeys(columns_in(node.raw_expr)))
    beside = place.draft.comment_beside(place.end)
    return CheckMention(
        span=place.span,
        form=Form.SQL,
        entity=place.entity,
        name=node.conname or None,
        columns=columns or ((place.column,) if place.column else ()),
        condition=condition_of(place),
        text=beside.text if beside and not place.column else "",
    )


def _foreign_key(node: Node, place: Place) -> ForeignKeyMention:
    return ForeignKeyMention(
        span=place.span,
        form=Form.SQL,
        entity=place.entity,
        name=node.conname or None,
        columns=_columns(node, place, "fk_attrs"),
        target=_target(node),
        target_span=place.draft.name_span(node.pktable.location),
        target_columns=strings(node.pk_attrs),
        on_delete=_action(place, "DELETE"),
        on_update=_action(place, "UPDATE"),
    )


def _target(node: Node) -> str:
    return ".".join(filter(None, (node.pktable.schemaname, node.pktable.relname)))


def _action(place: Place, event: str) -> Stated[str] | None:
    at = place.draft.find(f"ON {event}", place.first, place.end)
    if at is None:
        return None
    for action in _ACTIONS:
        length = len(action.split())
        if place.draft.find(action, at + 2, at + 2 + length) is not None:
            return Stated(action, place.draft.span(at + 2, at + 2 + length))
    return None


def reference_of(key: ForeignKeyMention) -> Stated[Reference]:
    """Return an inline foreign key as the field's own reference."""
    on_delete = key.on_delete.value if key.on_delete else None
    on_update = key.on_update.value if key.on_update else None
    return Stated(Reference(key.target, key.target_columns, on_delete, on_update), key.span)
