"""A migration has no way back.

**Why it matters.** When it goes wrong in production, the way back is invented under pressure.

**Example.** A section *Version 1 → Version 2* with SQL, and no *Rollback* beside it.

**What to do.** Add the statements that undo it, or say that it cannot be undone and why.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.design import Design
from asbuilt.model.sql import Migration


def check(design: Design) -> Iterator[Diagnostic]:
    for fact in design.of(Migration):
        if fact.forward and not fact.rollback:
            message = f"the migration `{fact.name}` has no rollback"
            label = Label(fact.forward[0].span, "goes forward only")
            yield Diagnostic("migration_without_rollback", Severity.WARNING, message, (label,), "state the way back")
