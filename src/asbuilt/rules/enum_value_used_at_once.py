"""A migration adds a value to an enum and uses it at once.

**Why it matters.** PostgreSQL refuses it in one transaction: *unsafe use of new value*. Most tools run a migration in one, and so does
whoever puts `BEGIN` and `COMMIT` around it.

**Example.** `ALTER TYPE status ADD VALUE 'archived'; UPDATE orders SET status = 'archived' WHERE …`

**What to do.** Add the value in a migration of its own. `asbuilt apply` gives it a transaction of its own.
"""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.design import Design
from asbuilt.model.sql import Migration, SqlStatement

_ADDED = re.compile(
    r"\bALTER\s+TYPE\s+(?P<type>\S+)\s+ADD\s+VALUE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<value>'(?:[^']|'')*')", re.IGNORECASE
)


def check(design: Design) -> Iterator[Diagnostic]:
    for migration in design.of(Migration):
        added: dict[str, tuple[str, SqlStatement]] = {}
        for statement in migration.forward:
            if found := _ADDED.search(statement.sql):
                added[found["value"]] = (found["type"], statement)
                continue
            for value in [value for value in added if value in statement.sql]:
                yield _finding(migration, value, *added.pop(value), statement)


def _finding(migration: Migration, value: str, type_: str, first: SqlStatement, then: SqlStatement) -> Diagnostic:
    message = f"`{migration.name}` uses {value} of `{type_}` in the transaction that adds it"
    labels = (Label(then.span, "used here"), Label(first.span, "added here"))
    return Diagnostic("enum_value_used_at_once", Severity.WARNING, message, labels, "add it in a migration of its own")
