"""Which of the fixes that findings offer are made."""

from collections.abc import Iterable, Iterator

from asbuilt.diagnostics import Diagnostic, Fix
from asbuilt.text import Span


def with_fixes(diagnostics: Iterable[Diagnostic], is_unsafe: bool) -> Iterator[tuple[int, Fix]]:
    """Yield for each diagnostic its place and the first of its fixes that may be made."""
    for diagnostic in diagnostics:
        fix = next((f for f in diagnostic.fixes if f.is_safe or is_unsafe), None)
        if fix is not None and fix.edits:
            yield diagnostic.span.start, fix


def compatible(fixes: Iterable[tuple[int, Fix]]) -> list[tuple[int, Fix]]:
    """Return the fixes that do not get in each other's way, the first first: each is made whole or not at all."""
    chosen: list[tuple[int, Fix]] = []
    taken: list[Span] = []
    for at, fix in fixes:
        spans = [edit.span for edit in fix.edits]
        if not any((a.start < b.end and b.start < a.end) or a == b for a in spans for b in taken):
            chosen.append((at, fix))
            taken += spans
    return chosen
