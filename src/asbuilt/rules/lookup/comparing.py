"""What several places say of one field, and where they disagree."""

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from asbuilt.diagnostics import Edit, Fix, Label
from asbuilt.model.design import Design, Entity, Field
from asbuilt.model.entities import EntityMention, FieldMention
from asbuilt.model.fact import Form, Stated
from asbuilt.model.names import normal
from asbuilt.model.revising import revised
from asbuilt.model.types import Family, TypeName, agree
from asbuilt.text import Span

_LOOSE_WORDS = frozenset({"timestamp", "int", "integer", "json", "decimal", "numeric", "float", "char", "varchar", "text",
                          "date", "time", "boolean", "bool"})  # fmt: skip
_HOST = frozenset({Form.INTERFACE, Form.CLASS, Form.EXAMPLE})


class Saying(Struct, frozen=True):
    """What one place says of a field's property."""

    mention: FieldMention
    value: Any
    span: Span

    @property
    def form(self) -> Form:
        return self.mention.form


class Dispute(Struct, frozen=True):
    """Two places that cannot both be right: `there` counts more than `here`."""

    entity: Entity
    field: Field
    here: Saying
    there: Saying


def current(entity: Entity) -> Iterator[EntityMention]:
    """Yield the mentions that speak of the present."""
    return (mention for mention in entity.mentions if not mention.is_planned)


def sayings(entity: Entity, field: Field, attribute: str) -> list[Saying]:
    """Return what is said of `attribute` of a field, the most authoritative first; silence is left out."""
    found: list[tuple[FieldMention, Stated[Any] | None]] = [(m, getattr(m, attribute)) for m in field.mentions]
    told = [Saying(mention, stated.value, stated.span) for mention, stated in found if stated is not None]
    if not told:
        return []
    planned = {id(f) for m in entity.mentions if m.is_planned for f in m.fields}
    return [saying for saying in told if id(saying.mention) not in planned]


def disputes(
    design: Design,
    attribute: str,
    agrees: Callable[[Saying, Saying], bool],
    *,
    leaving_out: frozenset[Form] = frozenset(),
) -> Iterator[Dispute]:
    """Yield each place that agrees with none of the most authoritative ones.

    SQL is never compared with SQL: a later statement amends an earlier one.
    """
    for entity in design.tables():
        for field in entity.fields:
            if len(field.mentions) < 2:
                continue
            found = [s for s in sayings(entity, field, attribute) if s.form not in leaving_out]
            if len(found) < 2:
                continue
            leading = [s for s in found if s.form == found[0].form]
            for here in found[len(leading) :] if found[0].form == Form.SQL else found[1:]:
                judges = leading if here.form != found[0].form else leading[:1]
                if not any(agrees(here, there) or here.span == there.span for there in judges):
                    yield Dispute(entity, field, here, judges[-1])


def types_agree(here: Saying, there: Saying) -> bool:
    """Tell whether two places can both be right about a type; a loose word outside SQL takes its whole family."""
    one, other = _loosened(here), _loosened(there)
    if one.family == other.family == Family.OTHER:
        return normal(one.name) == normal(other.name)
    if Family.JSON in (one.family, other.family) and {here.form, there.form} & _HOST:
        return True
    return agree(one, other)


def _loosened(saying: Saying) -> TypeName:
    type: TypeName = saying.value
    word = type.raw.split("(")[0].strip(" `").lower()
    is_loose = (
        saying.form in _HOST
        or (saying.form != Form.SQL and word in ("json", "datetime"))
        or (saying.form == Form.TABLE and word == "timestamp" and not type.raw.strip(" `").isupper())
        or (saying.form not in (Form.SQL, Form.TABLE) and word in _LOOSE_WORDS)
    )
    return revised(type, is_native=False) if is_loose else type


def described(saying: Saying, text: str) -> Label:
    return Label(saying.span, f"{text} in the {saying.form.value}" if saying.form != Form.SQL else f"{text} in SQL")


def both_ways(dispute: Dispute, here_text: str | None, there_text: str | None) -> tuple[Fix, ...]:
    """Return a fix in either direction; None where that place cannot be edited."""
    pairs = ((dispute.here, here_text), (dispute.there, there_text))
    return tuple(
        Fix(f"write `{text}` in the {place.form.value}", (Edit(place.span, text),)) for place, text in pairs if text
    )


def spelled_for(form: Form, other: Saying) -> str:
    """Return the other place's type as `form` would write it."""
    type: TypeName = other.value
    written = type.raw.strip().strip("`")
    return written.upper() if form == Form.SQL and type.is_native else type.sql.upper() if form == Form.SQL else written


def sql_definition(field: Field) -> FieldMention | None:
    """Return the column definition in SQL, if there is one."""
    return next((m for m in field.mentions if m.form == Form.SQL), None)


def after_type(mention: FieldMention, text: str) -> tuple[Edit, ...]:
    """Return the edit that writes `text` behind a column's type."""
    if mention.type is None:
        return ()
    end = mention.type.span.end
    return (Edit(Span(end, end), f" {text}"),)
