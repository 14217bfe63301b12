"""A table has no primary key.

**Why it matters.** Rows cannot be told apart, updated one by one, replicated logically or referenced.

**Example.** `CREATE TABLE audit_log (action TEXT, at TIMESTAMPTZ)`.

**What to do.** Add a key: `id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY`, or a natural one.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.design import Design
from asbuilt.model.sql import SqlStatement


def check(design: Design) -> Iterator[Diagnostic]:
    for entity in design.tables():
        if not entity.is_in_sql or entity.primary_key:
            continue
        if not _is_derived(design.statement_at(entity.span)):
            message = f"`{entity.name}` has no primary key"
            label = Label(entity.span, "defined here")
            yield Diagnostic("missing_primary_key", Severity.WARNING, message, (label,), "add a primary key")


def _is_derived(statement: SqlStatement | None) -> bool:
    """Tell whether a table may have its key from another one, or from a query; a foreign table cannot have one."""
    sql = " ".join(statement.sql.lower().split()) if statement else ""
    return any(
        word in sql
        for word in (" partition of ", " inherits ", "create foreign table ", " like ", "temporary table", "temp table")
    )
