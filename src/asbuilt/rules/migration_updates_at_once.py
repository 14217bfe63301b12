"""A migration updates all rows of a large table in one statement.

**Why it matters.** Every row that it has touched stays locked until the last one is done: writers wait, for minutes perhaps,
and the table grows by a copy of each row.

**Example.** `UPDATE orders SET currency = 'EUR'`, and `orders` has 50 million rows.

**What to do.** Fill it in batches by the primary key, each in its own transaction.
"""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic
from asbuilt.model.design import Design
from asbuilt.rules.lookup.large_tables import large_changes

_CHOSEN = re.compile(r"\bWHERE\b(?!\s+(?:TRUE|1\s*=\s*1)\b)", re.IGNORECASE)


def check(design: Design) -> Iterator[Diagnostic]:
    for change in large_changes(design):
        if change.statement.kind == "update" and not _CHOSEN.search(change.sql):
            help = "update in batches by the primary key, each in its own transaction"
            yield change.finding("migration_updates_at_once", "the migration updates in one statement all of", help)
