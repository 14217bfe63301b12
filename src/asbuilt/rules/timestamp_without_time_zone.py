"""Columns hold points in time without a time zone.

**Why it matters.** `TIMESTAMP` stores what the session's clock showed; two sessions in different zones write different
values for the same moment, and an hour a year exists twice.

**Example.** `created_at TIMESTAMP NOT NULL DEFAULT now()`

**What to do.** Use `TIMESTAMPTZ`, which stores the moment. One finding speaks for all columns of a document; the fix
changes each of them.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.model.design import Design, Entity, Field
from asbuilt.model.entities import FieldMention
from asbuilt.model.fact import Form
from asbuilt.reading.sql.expressions import columns_of
from asbuilt.text import Span

_NAME = "timestamp without time zone"


def check(design: Design) -> Iterator[Diagnostic]:
    found = [(entity, field) for entity in design.tables() for field in entity.fields if _in_sql(field)]
    if not found:
        return
    first = found[0][1]
    count = f"`{first.subject}`" if len(found) == 1 else f"`{first.subject}` and {len(found) - 1} more"
    yield Diagnostic(
        "timestamp_without_time_zone",
        Severity.INFO,
        f"{count} without a time zone",
        tuple(Label(_type_span(field), f"`{field.subject}`") for _, field in found),
        "use TIMESTAMPTZ, which stores the moment whatever the session's zone",
        _fix(found),
    )


def _type_span(field: Field) -> Span:
    return next(m.type.span for m in _in_sql(field) if m.type)


def _in_sql(field: Field) -> list[FieldMention]:
    return [m for m in _mentions(field) if m.form == Form.SQL]


def _mentions(field: Field) -> list[FieldMention]:
    return [m for m in field.mentions if m.type and m.type.value.name == _NAME and m.type.value.is_native]


def _fix(found: list[tuple[Entity, Field]]) -> tuple[Fix, ...]:
    """Return the fix of all columns; none where an expression is built on one, for it may no longer be immutable."""
    if any(_is_built_on(entity, field) for entity, field in found):
        return ()
    stated = [m.type for _, field in found for m in _mentions(field) if m.type and _is_definite(m)]
    edits = tuple(Edit(type.span, _zoned(type.value.raw)) for type in stated)
    return (Fix("use TIMESTAMPTZ throughout", edits),)


def _is_definite(mention: FieldMention) -> bool:
    """Tell whether the place means PostgreSQL's type; `Timestamp` in a field table means a point in time."""
    return mention.form == Form.SQL or bool(
        mention.form == Form.TABLE and mention.type and mention.type.value.raw.strip(" `").isupper()
    )


def _zoned(raw: str) -> str:
    precision = raw[raw.find("(") : raw.find(")") + 1] if "(" in raw else ""
    return ("TIMESTAMPTZ" if raw.strip("`")[:1].isupper() else "timestamptz") + precision


def _is_built_on(entity: Entity, field: Field) -> bool:
    generated = [f.generated.value for f in entity.fields if f.generated]
    indexed = [key.text for index in entity.indexes for key in index.keys if key.is_expression]
    return any(field.name in columns_of(text) for text in (*generated, *indexed))
