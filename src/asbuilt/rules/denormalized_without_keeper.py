"""A column repeats another table's value, and nothing is said to keep it true.

**Why it matters.** The copy drifts from its origin, and nobody notices.

**Example.** "Denormalized: `orders.user_email`", without a trigger, a job or a generated column.

**What to do.** Say what keeps it true, and add it.
"""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.design import Design
from asbuilt.model.entities import DenormalizedMention
from asbuilt.model.fact import Form
from asbuilt.model.sql import SqlStatement
from asbuilt.text import Span

_COPY = re.compile(r"denormali[sz]", re.IGNORECASE)
_KEPT = re.compile(r"\btrigger\b|\bin sync\b|\bkept\b|\bsync|\bjob\b|\bgenerated always\b|\bcron\b", re.IGNORECASE)
_ABOVE = 120


def check(design: Design) -> Iterator[Diagnostic]:
    for fact in design.of(DenormalizedMention):
        if not fact.keeper and fact.form != Form.SQL:
            yield _finding(f"{fact.entity}.{fact.column}" if fact.entity else fact.column, fact.span)
    units: dict[str, list[SqlStatement]] = {}
    for statement in design.of(SqlStatement):
        units.setdefault(statement.unit, []).append(statement)
    for statements in units.values():
        yield from _copies(design, statements)


def _copies(design: Design, statements: list[SqlStatement]) -> Iterator[Diagnostic]:
    """Find the columns that a fence adds under the word *denormalized*, where nothing in it keeps them true."""
    whole = design.source[Span(max(statements[0].span.start - _ABOVE, 0), statements[-1].span.end + _ABOVE)]
    if not _COPY.search(whole) or _KEPT.search(whole):
        return
    for statement in statements:
        for made in statement.creates:
            if statement.kind == "alter table" and made.kind == "column":
                yield _finding(f"{made.table}.{made.name}", statement.span)


def _finding(subject: str, span: Span) -> Diagnostic:
    message = f"nothing keeps the copy `{subject}` true"
    help = "say what keeps it true: a trigger, a job, a generated column"
    return Diagnostic("denormalized_without_keeper", Severity.WARNING, message, (Label(span),), help)
