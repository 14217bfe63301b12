"""A regular expression has a `|` between two ranges inside a bracket: `[A-Z|a-z]`.

**Why it matters.** Inside brackets `|` is no "or" but a character of its own: the check lets `a@b.c|m` pass.

**Example.** `CHECK (email ~* '^[^@]+@[^@]+\\.[A-Z|a-z]{2,}$')`

**What to do.** Leave the `|` out: a bracket is a choice as it is. The fix does.
"""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.model.design import Design
from asbuilt.model.sql import SqlStatement

_MATCHED = re.compile(r"(?:!?~\*?|\bSIMILAR\s+TO)\s*(?:E\s*)?'(?P<pattern>(?:[^']|'')*)'", re.IGNORECASE)
_BRACKET = re.compile(r"\[\^?(?:\\.|[^\]\\])+\]")
_BETWEEN = re.compile(r"(?<=\w-\w)\|(?=\w-\w)")


def check(design: Design) -> Iterator[Diagnostic]:
    for statement in design.of(SqlStatement):
        if "~" not in statement.text.text and "SIMILAR" not in statement.text.text.upper():
            continue
        for matched in _MATCHED.finditer(statement.text.text):
            for bracket in _BRACKET.finditer(matched["pattern"]):
                if _BETWEEN.search(bracket[0]):
                    yield _finding(statement, matched.start("pattern") + bracket.start(), bracket[0])


def _finding(statement: SqlStatement, at: int, bracket: str) -> Diagnostic:
    right = _BETWEEN.sub("", bracket)
    span = statement.text.span(at, at + len(bracket))
    bars = [at + found.start() for found in _BETWEEN.finditer(bracket)]
    edits = tuple(Edit(statement.text.span(bar, bar + 1), "") for bar in bars)
    return Diagnostic(
        "suspicious_pattern",
        Severity.WARNING,
        f"`{bracket}` matches the character `|` too",
        (Label(span),),
        f"write `{right}`: inside brackets `|` is no choice",
        (Fix(f"write `{right}`", edits, is_safe=True),),
    )
