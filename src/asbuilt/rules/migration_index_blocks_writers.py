"""A migration builds an index on a large table without `CONCURRENTLY`.

**Why it matters.** `CREATE INDEX` locks the table against writing (`SHARE`) until the whole of it has been read and sorted.

**Example.** `CREATE INDEX ON orders (user_id)`, and *Volume* says that `orders` has 50 million rows.

**What to do.** `CREATE INDEX CONCURRENTLY`, outside a transaction. `asbuilt apply` does so by itself.
"""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic
from asbuilt.model.design import Design
from asbuilt.rules.lookup.large_tables import large_changes

_BUILT = re.compile(r"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY\b)", re.IGNORECASE)


def check(design: Design) -> Iterator[Diagnostic]:
    for change in large_changes(design):
        if _BUILT.match(change.sql) and not re.search(r"\sON ONLY\s", change.sql, re.IGNORECASE):
            what = "the migration keeps writers out while it builds an index on"
            help = "write `CREATE INDEX CONCURRENTLY`, outside a transaction"
            yield change.finding("migration_index_blocks_writers", what, help)
