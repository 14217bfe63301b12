"""Findings that one cause makes at many places, told to people as one; machines get each.

What two places state differently is never grouped, for each such pair has to be decided on its own.
"""

import re
from collections.abc import Iterable, Sequence

from asbuilt.diagnostics import Diagnostic, Fix, Label

_FEWEST = 3
"""From how many on findings are told as one."""
_HABITS = frozenset(
    {
        "cache_key_without_invalidation", "cache_key_without_ttl", "denormalized_without_keeper", "enum_unused",
        "foreign_key_without_index", "index_on_unique", "inline_index",
        "migration_index_blocks_writers", "migration_without_rollback", "missing_primary_key", "money_in_float", "polymorphic_without_check",
        "redundant_index", "relationship_without_key", "reserved_identifier", "single_dollar_body", "suspicious_pattern",
        "trailing_comma", "unquoted_name",
    }
)  # fmt: skip
"""What a document does in the same way at every place: one cause, whatever the places are called."""
_MISSING = frozenset({"reference_undefined"})
"""What names at many places a thing that is missing, which the help names."""
_NAME = re.compile(r"`[^`]+`")


def grouped(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the findings, those with one cause as one where there are three or more of them."""
    by_cause: dict[tuple[object, ...], list[Diagnostic]] = {}
    for diagnostic in found:
        by_cause.setdefault(_cause(diagnostic), []).append(diagnostic)
    return [
        one
        for findings in by_cause.values()
        for one in ([together(findings)] if len(findings) >= _FEWEST else findings)
    ]


def _cause(diagnostic: Diagnostic) -> tuple[object, ...]:
    """Return what findings have in common that share a cause; findings that stand alone have nothing in common."""
    shape = (diagnostic.code, diagnostic.severity, tuple(fix.is_safe for fix in diagnostic.fixes))
    if diagnostic.code in _HABITS:
        return shape
    if len(diagnostic.labels) > 1:
        return (*shape, diagnostic.labels)
    return (*shape, diagnostic.help if diagnostic.code in _MISSING else diagnostic.message)


def together(findings: Sequence[Diagnostic], message: str = "") -> Diagnostic:
    """Return one finding that speaks for all of `findings`, of which the first leads.

    `message` replaces what is said of the first and the number of the others.
    """
    first, others = findings[0], len(findings) - 1
    if not others:
        return first
    is_same = all(d.message == first.message for d in findings)
    told = f"{first.message} (at {others + 1} places)" if is_same else f"{first.message} (and {others} more like it)"
    labels = tuple(label for d in findings for label in _labels(d))
    help = first.help + ("; the others likewise" if any(d.help != first.help for d in findings) else "")
    return Diagnostic(first.code, first.severity, message or told, labels, help, _fixes(findings), tuple(findings))


def _labels(diagnostic: Diagnostic) -> tuple[Label, ...]:
    """Return a member's labels, the first saying which thing it is about."""
    first, *more = diagnostic.labels
    name = subject(diagnostic)
    return (Label(first.span, f"{name}: {first.text}" if name and first.text else name or first.text), *more)


def subject(diagnostic: Diagnostic) -> str:
    """Return the first name in a finding's message, in its backticks."""
    found = _NAME.search(diagnostic.message)
    return found[0] if found else ""


def _fixes(findings: Sequence[Diagnostic]) -> tuple[Fix, ...]:
    """Return for each kind of fix one that makes it at all places."""
    return tuple(_at_all(fixes) for fixes in zip(*(d.fixes for d in findings), strict=True))


def _at_all(fixes: Sequence[Fix]) -> Fix:
    title = fixes[0].title
    if any(fix.title != title for fix in fixes):
        title = f"{title} (and {len(fixes) - 1} more like it)"
    edits = tuple(dict.fromkeys(edit for fix in fixes for edit in fix.edits))
    return Fix(title, edits, fixes[0].is_safe)
