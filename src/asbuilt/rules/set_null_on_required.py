"""A foreign key sets its column to null on deletion, and the column cannot be null.

**Why it matters.** The deletion that the action is made for fails: `null value … violates not-null constraint`.

**Example.** `user_id UUID NOT NULL REFERENCES users(id) ON DELETE SET NULL`.

**What to do.** Let the column be null, or choose another action.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.design import Design
from asbuilt.rules.lookup.keys import stated_keys


def check(design: Design) -> Iterator[Diagnostic]:
    for key in stated_keys(design):
        action = key.on_delete
        if action is None or " ".join(action.value.lower().replace("_", " ").split()) != "set null":
            continue
        for column in key.columns:
            field = key.entity.field(column)
            if field and (field.is_primary or (field.is_nullable is not None and not field.is_nullable.value)):
                required = field.is_nullable.span if field.is_nullable else field.span
                yield Diagnostic(
                    "set_null_on_required",
                    Severity.ERROR,
                    f"`{field.subject}` is set to null on delete, and it cannot be null",
                    (Label(action.span, "sets it to null"), Label(required, "not null")),
                    "let the column be null, or choose another action",
                )
