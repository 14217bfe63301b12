"""A migration adds a constraint to a large table and checks all rows while it holds the lock.

**Why it matters.** Nobody may write, mostly not even read, until the table has been read through: for a foreign key both
tables, for a key as long as its index takes to build.

**Example.** `ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0)`, and `orders` has 50 million rows.

**What to do.** Add it `NOT VALID` and then `VALIDATE CONSTRAINT`; NOT NULL through such a check; a key on an index that
was built `CONCURRENTLY` (`ADD … USING INDEX`). `asbuilt apply` does so by itself.
"""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic
from asbuilt.model.design import Design
from asbuilt.rules.lookup.large_tables import LargeChange, large_changes

_CHECKED = re.compile(
    r"\bADD (?:CONSTRAINT \S+ )?(?P<kind>FOREIGN KEY|CHECK|UNIQUE|PRIMARY KEY|EXCLUDE)\b"
    r"|\bADD COLUMN [^,]*(?P<key>REFERENCES|UNIQUE|PRIMARY KEY)\b|\b(?P<null>SET NOT NULL)\b",
    re.IGNORECASE,
)
_IS_LATER = re.compile(r"\b(?:NOT VALID|USING INDEX)\b", re.IGNORECASE)
_PROOF = re.compile(r"\bVALIDATE CONSTRAINT\b", re.IGNORECASE)


def check(design: Design) -> Iterator[Diagnostic]:
    validated: set[str] = set()
    for change in large_changes(design):
        if _PROOF.search(change.sql):
            validated.add(change.table)
        found = _CHECKED.search(change.sql)
        if found and not _IS_LATER.search(change.sql) and not (found["null"] and change.table in validated):
            yield _finding(change, (found["kind"] or found["key"] or "NOT NULL").upper())


def _finding(change: LargeChange, kind: str) -> Diagnostic:
    help = "add it `NOT VALID`, then `VALIDATE CONSTRAINT` in a migration of its own"
    if kind in ("UNIQUE", "PRIMARY KEY", "EXCLUDE"):
        help = "build a unique index `CONCURRENTLY`, then `ADD CONSTRAINT … USING INDEX`"
    return change.finding(
        "migration_checks_at_once", f"the migration adds {kind} and checks at once every row of", help
    )
