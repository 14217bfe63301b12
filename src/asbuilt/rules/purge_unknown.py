"""A purge names a table or a column that the document does not have.

**Why it matters.** The job fails at night, and what should be deleted stays.

**Example.** `DELETE FROM users WHERE purge_at < now()`, and the column is called `purge_after`.

**What to do.** Correct the name, or define the column.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic
from asbuilt.model.design import Design
from asbuilt.model.sql import Role
from asbuilt.rules.lookup.known import missing


def check(design: Design) -> Iterator[Diagnostic]:
    yield from missing("purge_unknown", design, frozenset({Role.PURGE}))
