"""A query pattern says that an index serves it, and that index cannot.

**Why it matters.** PostgreSQL finds nothing by an index whose first column the query does not mention, whose table it
does not read, or whose expression or condition it does not repeat.

**Example.** `SELECT * FROM users WHERE email = ?`, optimized by an index on `(status, created_at)`.

**What to do.** Name the index that serves the query, or create it.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity, contradiction
from asbuilt.model.design import Design
from asbuilt.rules.lookup.query_patterns import indexes_by_name, served, why_it_cannot


def check(design: Design) -> Iterator[Diagnostic]:
    known = indexes_by_name(design)
    for _, shape, name, span in served(design):
        index = known.get(name.lower())
        reason = why_it_cannot(design, shape, index) if index else ""
        if index and reason and index.span != span:
            message = f"`{name}` cannot serve this query: {reason}"
            help = "name the index that serves it, or create it"
            here, there = Label(span), Label(index.span, "the index")
            yield contradiction("query_index_cannot_serve", message, here, there, severity=Severity.WARNING, help=help)
