"""A foreign key and the key that it references have different types.

**Why it matters.** PostgreSQL refuses a key across kinds of types (`uuid` to `integer`); between types of one kind
(`integer` to `bigint`) it works until the numbers no longer fit.

**Example.** `customer_id INT REFERENCES customers(id)`, and `customers.id` is `BIGINT`.

**What to do.** Give the field the type of the key that it references.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity, contradiction
from asbuilt.model.design import Design, Field
from asbuilt.model.fact import Stated
from asbuilt.model.types import TypeName, agree


def check(design: Design) -> Iterator[Diagnostic]:
    for entity in design.tables():
        for key in entity.foreign_keys:
            target = design.entity(key.target)
            if target is None or target.is_external or len(key.columns) != len(key.target_columns):
                continue
            for column, other in zip(key.columns, key.target_columns, strict=True):
                field, referenced = entity.field(column), target.field(other)
                if field and referenced:
                    yield from _compare(field, referenced)


def _compare(field: Field, referenced: Field) -> Iterator[Diagnostic]:
    here, there = _stated_type(field), _stated_type(referenced)
    if here is None or there is None or here.span == there.span or _fits(here.value, there.value):
        return
    text = there.value.raw if not there.value.is_serial else there.value.sql.upper()
    yield contradiction(
        "foreign_key_type_mismatch",
        f"`{field.subject}` is `{here.value.raw}`, but it references `{referenced.subject}`, "
        f"which is `{there.value.raw}`",
        Label(here.span, "declared here"),
        Label(there.span, "the referenced field"),
        severity=Severity.WARNING if here.value.family == there.value.family else Severity.ERROR,
        help=f"change the field to `{text}`",
        fixes=(Fix(f"change the field to `{text}`", (Edit(here.span, text),)),),
    )


def _stated_type(field: Field) -> Stated[TypeName] | None:
    """Return the type as the document gives it; an assumed one follows the reference anyway."""
    is_stated = any(m.type == field.type for m in field.mentions)
    return field.type if field.type and is_stated else None


def _fits(here: TypeName, there: TypeName) -> bool:
    if here.name == there.name and here.is_array == there.is_array:
        return True
    return agree(here, there)
