"""A migration asks for a lock on a large table and waits for it as long as it takes.

**Why it matters.** While it waits behind one long query, everybody who comes later waits behind the migration: the table is as good as
gone, although nothing has been changed yet.

**Example.** `ALTER TABLE orders ADD COLUMN note TEXT`, no `lock_timeout` before it, and `orders` has 50 million rows.

**What to do.** `SET lock_timeout = '3s'` first, and try again where it runs out. `asbuilt apply` does so by itself.
"""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Severity
from asbuilt.model.design import Design
from asbuilt.model.sql import SqlStatement
from asbuilt.rules.lookup.large_tables import large_changes

_BOUNDED = re.compile(r"\block_timeout\b", re.IGNORECASE)
_BESIDE = re.compile(r"\bCONCURRENTLY\b|\bVALIDATE CONSTRAINT\b", re.IGNORECASE)


def check(design: Design) -> Iterator[Diagnostic]:
    bounded = {statement.unit for statement in design.of(SqlStatement) if _BOUNDED.search(statement.sql)}
    told: set[tuple[str, str]] = set()
    for change in large_changes(design):
        place = (change.statement.unit, change.table)
        is_brief = change.statement.kind == "update" or _BESIDE.search(change.sql)
        if place in told or change.statement.unit in bounded or is_brief:
            continue
        told.add(place)
        help = "`SET lock_timeout = '3s'` before it, and try again where it runs out"
        found = change.finding("migration_waits_without_end", "the migration waits without end for its lock on", help)
        yield Diagnostic(found.code, Severity.INFO, found.message, found.labels, found.help)
