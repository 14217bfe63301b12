"""A column repeats another table's value, and nothing is said to keep it true.

**Why it matters.** The copy drifts from its origin, and nobody notices.

**Example.** "Denormalized: `orders.user_email`", without a trigger, a job or a generated column.

**What to do.** Say what keeps it true, and add it.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.design import Design
from asbuilt.model.entities import DenormalizedMention


def check(design: Design) -> Iterator[Diagnostic]:
    for fact in design.of(DenormalizedMention):
        if not fact.keeper:
            subject = f"{fact.entity}.{fact.column}" if fact.entity else fact.column
            message = f"nothing keeps the copy `{subject}` true"
            help = "say what keeps it true: a trigger, a job, a generated column"
            yield Diagnostic("denormalized_without_keeper", Severity.WARNING, message, (Label(fact.span),), help)
