"""A migration renames a schema.

**Why it matters.** At that moment every statement, every `search_path` and every connection pool that names the old schema fails, and
those that were prepared before go on until they are not.

**Example.** `ALTER SCHEMA billing RENAME TO accounts`

**What to do.** Make the new schema, move the tables one by one, and leave views under the old names until nobody asks for them.
"""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.design import Design
from asbuilt.model.sql import Migration
from asbuilt.rules.lookup.sql_text import masked

_RENAMED = re.compile(r"\bALTER\s+SCHEMA\s+(?P<name>\S+)\s+RENAME\b", re.IGNORECASE)


def check(design: Design) -> Iterator[Diagnostic]:
    for migration in design.of(Migration):
        for statement in migration.forward:
            if found := _RENAMED.search(masked(statement.sql)):
                message = f"`{migration.name}` renames the schema `{found['name']}` under the applications that use it"
                help = "make the new schema, move the tables, leave views under the old names"
                label = Label(statement.span)
                yield Diagnostic("migration_renames_schema", Severity.WARNING, message, (label,), help)
