"""A migration has PostgreSQL write a large table anew while nobody may use it.

**Why it matters.** A change of type, a default that differs from row to row, a stored generated column, `VACUUM FULL` and
`CLUSTER` copy every row and build every index again, under `ACCESS EXCLUSIVE`.

**Example.** `ALTER TABLE orders ALTER COLUMN id TYPE BIGINT`, and `orders` has 50 million rows.

**What to do.** Add a new column, fill it in batches, switch over; a wider `VARCHAR` or `TEXT` for it needs no such care.
"""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic
from asbuilt.model.design import Design
from asbuilt.rules.lookup.large_tables import large_changes

_REWRITING = re.compile(
    r"\bALTER (?:COLUMN )?\S+ (?:SET DATA )?TYPE (?!TEXT\b|VARCHAR\b|CHARACTER VARYING\b)"
    r"|\bADD (?:COLUMN )?(?:IF NOT EXISTS )?\S+ [^,]*(?:\bSTORED\b|\b(?:BIG|SMALL)?SERIAL\b|\b(?:gen_random_uuid|uuid_generate_v4|random|clock_timestamp|nextval)\s*\()"
    r"|^VACUUM\b.*\bFULL\b|^CLUSTER\b|\bSET (?:UN)?LOGGED\b",
    re.IGNORECASE,
)


def check(design: Design) -> Iterator[Diagnostic]:
    for change in large_changes(design):
        if _REWRITING.search(change.sql):
            help = "add a column, fill it in batches and switch over; or plan for the time that it takes"
            yield change.finding("migration_rewrites_table", "the migration writes anew every row of", help)
