"""A document describes no entity at all.

**Why it matters.** A guide, a picture or a list of names cannot be built or proved. Nothing is guessed from it, and a
report without a finding would look like a sound design.

**Example.** "The schema is in `prisma/schema.prisma`; run the migrations to create it."

**What to do.** Describe the entities here, as field tables, SQL, a diagram or lists, or check the document that does.
"""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.design import Design
from asbuilt.model.fact import Placeholder
from asbuilt.text import Span

_ELSEWHERE = re.compile(
    r"(?<![\w@/:.-])(?:[\w.-]+/)*[\w.-]*(?:schema|models?|entit(?:y|ies)|migrations?|tables?|init)[\w.-]*(?:/|\.(?:sql|prisma|ts|js|py|rb|go|cs|java|php|dbml|ya?ml|png|svg))",
    re.IGNORECASE,
)


def check(design: Design) -> Iterator[Diagnostic]:
    if any(not entity.is_assumed for entity in design.entities) or not design.source.text.strip():
        return
    place = _first_line(design)
    elsewhere = _ELSEWHERE.search(design.source.text)
    if elsewhere is not None:
        named = elsewhere[0]
        labels: tuple[Label, ...] = (Label(place), Label(Span(*elsewhere.span()), "points there"))
        message, help = f"this document holds no schema, it points to `{named}`", "check the document that describes it"
    elif placeholders := design.of(Placeholder):
        labels = (Label(place), Label(placeholders[0].span, "the first thing to fill in"))
        message, help = "this document holds no schema yet: its entities are still to be filled in", "name an entity"
    else:
        labels = (Label(place),)
        message = "this document holds no schema: no entity is described in it"
        help = "describe the entities as field tables, SQL, a diagram or lists"
    yield Diagnostic("no_schema", Severity.INFO, message, labels, help)


def _first_line(design: Design) -> Span:
    """The first line that is not empty stands for the whole document."""
    source = design.source
    spans = (source.line_span(line) for line in range(1, source.line_count + 1))
    return next(span for span in spans if source[span].strip())
