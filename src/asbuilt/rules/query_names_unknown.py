"""A query names a column that none of its tables has.

**Why it matters.** The query fails; the code written after it fails as well.

**Example.** `SELECT * FROM bookings WHERE user_id = ? ORDER BY start_time`, and `bookings` has no `start_time`.

**What to do.** Correct the name, or add the column. For a statement that is only an example it is a warning.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Severity
from asbuilt.model.design import Design
from asbuilt.model.sql import Role
from asbuilt.rules.lookup.known import missing_columns

_CODE = "query_names_unknown"


def check(design: Design) -> Iterator[Diagnostic]:
    yield from missing_columns(_CODE, design, frozenset({Role.QUERY}))
    yield from missing_columns(_CODE, design, frozenset({Role.EXAMPLE}), Severity.WARNING)
