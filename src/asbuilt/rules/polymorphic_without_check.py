"""A polymorphic pair (`commentable_type`, `commentable_id`) accepts any word as its type.

**Why it matters.** No foreign key protects such a pair; a check of the type is all that keeps rows from pointing at
nothing.

**Example.** `commentable_type VARCHAR(50)` without a `CHECK`.

**What to do.** Add `CHECK (commentable_type IN ('post', 'product'))`, or an enumeration.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Fix, Label, Severity
from asbuilt.model.design import Design, Entity, Field
from asbuilt.model.fact import Form
from asbuilt.model.names import words
from asbuilt.rules.lookup.comparing import after_type, sql_definition

_POINTERS = frozenset(
    [
        "entity",
        "owner",
        "target",
        "subject",
        "resource",
        "object",
        "parent",
        "source",
        "record",
        "reference",
        "ref",
        "related",
        "item",
        "model",
        "content",
        "actor",
    ]
)


def check(design: Design) -> Iterator[Diagnostic]:
    for entity in design.tables():
        for kind, _ in pairs(design, entity):
            if entity.is_in_sql and not _is_checked(design, entity, kind):
                yield _finding(kind)


def pairs(design: Design, entity: Entity) -> Iterator[tuple[Field, Field]]:
    """Yield the pairs `x_type`, `x_id` of an entity that reference one of several others."""
    keyed = {column for key in entity.foreign_keys for column in key.columns}
    for field in entity.fields:
        stem = field.name.removesuffix("_type").removesuffix("Type")
        other = entity.field(f"{stem}_id") if stem != field.name else None
        if other and other.name not in keyed and design.entity(stem) is None and _is_pointer(design, field, stem):
            yield field, other


def _is_pointer(design: Design, field: Field, stem: str) -> bool:
    """`event_type` beside `event_id` is a kind of event; `owner_type` beside `owner_id` points at one of several tables."""
    last = words(stem)[-1] if words(stem) else ""
    values = field.values.value if field.values else ()
    return last.endswith("able") or last in _POINTERS or any(design.entity(value) for value in values)


def _is_checked(design: Design, entity: Entity, field: Field) -> bool:
    conditions = [check.condition or "" for check in entity.checks if check.form == Form.SQL]
    return any(field.name in condition for condition in conditions) or design.enum_of(field) is not None


def _finding(field: Field) -> Diagnostic:
    column = sql_definition(field)
    values = ", ".join(f"'{value}'" for value in field.values.value) if field.values else ""
    edits = after_type(column, f"CHECK ({field.name} IN ({values}))") if column and values else ()
    message = f"`{field.subject}` accepts any word, and no foreign key protects the pair"
    fixes = (Fix("add the check", edits),) if edits else ()
    label = Label(field.mentions[0].name_span, "the type of a polymorphic pair")
    help = f"add `CHECK ({field.name} IN ({values or '…'}))`"
    return Diagnostic("polymorphic_without_check", Severity.WARNING, message, (label,), help, fixes)
