"""Columns are `CHAR(n)`, which fills every value up with blanks.

**Why it matters.** Blanks at the end count in some comparisons and not in others, `length` leaves them out and `LIKE` does not, and
nothing is gained: a shorter value takes as much room as a longer one.

**Example.** `code CHAR(10) NOT NULL`

**What to do.** Use `VARCHAR(n)`, or `TEXT` with a check on its length. One finding speaks for all columns of a document; the fix
changes each of them.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.model.design import Design, Field
from asbuilt.model.fact import Form, Stated
from asbuilt.model.types import TypeName


def check(design: Design) -> Iterator[Diagnostic]:
    found = [padded for entity in design.tables() for field in entity.fields for padded in _padded(field)]
    if not found:
        return
    count = f"`{found[0][0].subject}`" + (f" and {len(found) - 1} more" if len(found) > 1 else "")
    edits = tuple(Edit(type.span, f"VARCHAR({type.value.arguments[0]})") for _, type in found)
    yield Diagnostic(
        "character_padded",
        Severity.INFO,
        f"{count} filled up with blanks (`CHAR`)",
        tuple(Label(type.span, f"`{field.subject}`") for field, type in found),
        "use VARCHAR, or TEXT with a check on its length",
        (Fix("use VARCHAR throughout", edits),),
    )


def _padded(field: Field) -> Iterator[tuple[Field, Stated[TypeName]]]:
    """Yield where SQL makes a column of several characters that are filled up; a single one has no blanks."""
    for mention in field.mentions:
        stated = mention.type if mention.form == Form.SQL else None
        if stated and _is_padded(stated.value):
            yield field, stated


def _is_padded(type_: TypeName) -> bool:
    is_character = type_.is_native and not type_.is_array and type_.name == "character"
    return is_character and type_.arguments not in ((), (1,))
