"""`ALTER TABLE … ALTER COLUMN` to field mentions that say just what changes."""

from asbuilt.model.entities import FieldMention
from asbuilt.model.fact import Form, Stated
from asbuilt.model.types import TypeName
from asbuilt.reading.sql.columns import default_at, written_type
from asbuilt.reading.sql.constraints import Place
from asbuilt.reading.sql.drafts import Draft
from asbuilt.reading.sql.syntax import Node, word_of


def altered_field(draft: Draft, command: Node, first: int, end: int) -> FieldMention | None:
    """Return what one command on a column, in tokens `[first, end)`, says of it; None where it says nothing we compare."""
    subtype = word_of(command, "subtype")
    at = _column_at(draft, first)
    if at >= end or not command.name:
        return None
    span = draft.span(first, end)
    name_span = draft.span(at, at + 1)
    if subtype in ("AT_SetNotNull", "AT_DropNotNull"):
        return FieldMention(
            span=span,
            form=Form.SQL,
            name=command.name,
            name_span=name_span,
            is_nullable=Stated(subtype == "AT_DropNotNull", span),
        )
    if subtype == "AT_ColumnDefault":
        default = default_at(Place(draft, first, end, "")) if command.HasField("def") else None
        return (
            FieldMention(span=span, form=Form.SQL, name=command.name, name_span=name_span, default=default)
            if default
            else None
        )
    if subtype == "AT_AlterColumnType":
        return FieldMention(
            span=span, form=Form.SQL, name=command.name, name_span=name_span, type=_new_type(draft, at, end)
        )
    if subtype == "AT_AddIdentity":
        generated = Stated("GENERATED AS IDENTITY", span)
        return FieldMention(span=span, form=Form.SQL, name=command.name, name_span=name_span, generated=generated)
    return None


def _new_type(draft: Draft, first: int, end: int) -> Stated[TypeName] | None:
    at = draft.find("TYPE", first + 1, end)
    using = draft.find("USING", first + 1, end)
    collate = draft.find("COLLATE", first + 1, end)
    stop = min(i for i in (using, collate, end) if i is not None)
    return written_type(draft, at + 1, stop) if at is not None else None


def _column_at(draft: Draft, first: int) -> int:
    """`ALTER [COLUMN] name`: the index of the name."""
    return first + (2 if draft.find("COLUMN", first + 1, first + 2) is not None else 1)
