"""What the SQL reader itself reports: text that is not SQL as PostgreSQL takes it, and was understood all the same."""

from collections.abc import Sequence

from msgspec import Struct

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.reading.sql.rewriting import Change, edits_of
from asbuilt.text import Excerpt, Span


class Repair(Struct, frozen=True):
    """A finding in an excerpt and the changes that make it right; `[start, end)` is what to point at.

    `after` is text to add behind the statement in the document (an index of its own).
    """

    code: str
    message: str
    start: int
    end: int
    changes: tuple[Change, ...] = ()
    help: str = ""
    title: str = ""
    after: str = ""


def diagnostics_of(text: Excerpt, repairs: Sequence[Repair], end: Edit | None = None) -> tuple[Diagnostic, ...]:
    """Return a diagnostic for each repair; `end` is the empty edit behind the statement, where `after` goes."""
    return tuple(_diagnostic(text, repair, end) for repair in repairs)


def _diagnostic(text: Excerpt, repair: Repair, end: Edit | None) -> Diagnostic:
    edits = edits_of(text, repair.changes)
    if repair.after and end is not None:
        edits = (*edits, Edit(end.span, end.text + repair.after))
    severity = Severity.INFO if repair.code == "elided_sql" else _SEVERITIES.get(repair.code, Severity.ERROR)
    fixes = (Fix(repair.title, edits, is_safe=True),) if edits and repair.title else ()
    return Diagnostic(
        repair.code, severity, repair.message, (Label(text.span(repair.start, repair.end)),), repair.help, fixes
    )


_SEVERITIES = {"elided_sql": Severity.INFO}


def elided(span: Span) -> Diagnostic:
    """Something was left out of the SQL on purpose."""
    return Diagnostic(
        "elided_sql",
        Severity.INFO,
        "part of the SQL is left out here",
        (Label(span),),
        "write it out, or leave it to the other places that define it",
    )
