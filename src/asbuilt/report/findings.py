"""Broken claims as findings, so that every format for findings shows them too."""

from collections.abc import Iterable, Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.evidence import Evidence, Verdict


def broken(evidence: Iterable[Evidence]) -> Iterator[Diagnostic]:
    """Yield a diagnostic, code `claim_broken`, for each broken claim that has a place."""
    for item in evidence:
        if item.verdict == Verdict.BROKEN and item.claim.spans:
            claim = item.claim
            message = f"`{claim.subject}`: expected {claim.expected}, observed {item.observed}"
            labels = tuple(Label(span) for span in claim.spans)
            yield Diagnostic("claim_broken", Severity.ERROR, message, labels, help=item.reproduce)
