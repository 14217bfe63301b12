"""A step of a migration, or of its rollback, names something that the document does not have.

**Why it matters.** The migration stops half way, or the way back does.

**Example.** `UPDATE users SET phone = contact_phone`, and `users` has no `contact_phone`.

**What to do.** Correct the name, or define it.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic
from asbuilt.model.design import Design
from asbuilt.model.sql import Role
from asbuilt.rules.lookup.known import missing

_ROLES = frozenset({Role.MIGRATION, Role.BACKFILL, Role.ROLLBACK})


def check(design: Design) -> Iterator[Diagnostic]:
    yield from missing("migration_unknown", design, _ROLES)
