"""A migration empties a table, and with `CASCADE` every table that refers to it.

**Why it matters.** `TRUNCATE … CASCADE` asks nobody and stops nowhere: it follows each foreign key, whatever its `ON DELETE` says.

**Example.** `TRUNCATE users CASCADE` empties `orders`, too.

**What to do.** Name each table that is to be emptied, without `CASCADE`.
"""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.design import Design
from asbuilt.model.sql import Migration

_EMPTIED = re.compile(r"\bTRUNCATE\b[^;]*\bCASCADE\b", re.IGNORECASE)


def check(design: Design) -> Iterator[Diagnostic]:
    for migration in design.of(Migration):
        for statement in (*migration.forward, *migration.rollback):
            if statement.kind == "truncate" and _EMPTIED.search(statement.sql):
                message = f"`{migration.name}` empties every table that refers to the one that it names"
                help = "name each table that is to be emptied, without `CASCADE`"
                yield Diagnostic(
                    "migration_truncates_cascade", Severity.WARNING, message, (Label(statement.span),), help
                )
