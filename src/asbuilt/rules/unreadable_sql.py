"""SQL that PostgreSQL's grammar refuses, at the place that it names.

**Why it matters.** The statement never runs, and what it was to make is not there.

**Example.** `CREATE TABLE user (id UUID)`: `user` is a reserved word, and must be quoted or renamed.

**What to do.** Correct the statement at the place that is marked.
"""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.model.design import Design
from asbuilt.model.sql import UnreadableSql
from asbuilt.rules.reserved_identifier import RESERVED
from asbuilt.text import Span

_NEAR = re.compile(r'at or near "(.*)"')
_WORD = re.compile(r"\w+")


def check(design: Design) -> Iterator[Diagnostic]:
    for fact in design.of(UnreadableSql):
        if fact.dialect == "postgresql":
            yield _finding(design, fact)


def _finding(design: Design, fact: UnreadableSql) -> Diagnostic:
    near = _NEAR.search(fact.message)
    word = _WORD.match(design.source.text, fact.at.start)
    span = Span(word.start(), word.end()) if word else fact.at
    name = near[1] if near else ""
    help = "correct the statement"
    fixes: tuple[Fix, ...] = ()
    if word and word[0] == name and name.lower() in RESERVED and _names_something(design, span):
        help = f"`{name}` is a reserved word: quote it, or choose another name"
        fixes = (Fix(f'write `"{name.lower()}"`', (Edit(span, f'"{name.lower()}"'),)),)
    message = "PostgreSQL cannot read this: " + re.sub(r'"([^"]*)"', r"`\1`", fact.message)
    return Diagnostic("unreadable_sql", Severity.ERROR, message, (Label(span),), help, fixes)


_BEFORE = re.compile(r"(?:\b(?:TABLE|EXISTS|INTO|FROM|JOIN|UPDATE|REFERENCES|ON|DATABASE)\s+|[(,]\s*)$", re.IGNORECASE)


def _names_something(design: Design, span: Span) -> bool:
    """Tell whether the word stands where a name is expected."""
    return bool(_BEFORE.search(design.source.text[max(span.start - 200, 0) : span.start]))
