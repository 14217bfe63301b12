"""Results as plain data: the JSON that other programs read. Documented in docs/json.md; `version` counts its changes."""

from collections.abc import Iterable
from typing import Any

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label
from asbuilt.evidence import Evidence
from asbuilt.model.fact import Assumption
from asbuilt.reading.coverage import Coverage
from asbuilt.text import Source, Span

VERSION = 1


def span_data(span: Span, source: Source) -> dict[str, Any]:
    """A span: offsets in code points, and line and column, from 1, of both ends (the end exclusive)."""
    start, end = source.position(span.start), source.position(span.end)
    return {
        "offset": span.start,
        "length": len(span),
        "start": {"line": start.line, "column": start.column},
        "end": {"line": end.line, "column": end.column},
    }


def diagnostic_data(diagnostic: Diagnostic, source: Source) -> dict[str, Any]:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "labels": [_label(label, source) for label in diagnostic.labels],
        "help": diagnostic.help,
        "fixes": [_fix(fix, source) for fix in diagnostic.fixes],
    }


def _label(label: Label, source: Source) -> dict[str, Any]:
    return {"span": span_data(label.span, source), "text": label.text}


def _fix(fix: Fix, source: Source) -> dict[str, Any]:
    return {"title": fix.title, "is_safe": fix.is_safe, "edits": [_edit(edit, source) for edit in fix.edits]}


def _edit(edit: Edit, source: Source) -> dict[str, Any]:
    return {"span": span_data(edit.span, source), "text": edit.text}


def evidence_data(evidence: Evidence, source: Source) -> dict[str, Any]:
    claim = evidence.claim
    return {
        "id": claim.id,
        "kind": claim.kind,
        "chapter": claim.chapter.value,
        "subject": claim.subject,
        "verdict": evidence.verdict.value,
        "spans": [span_data(span, source) for span in claim.spans],
        "expected": claim.expected,
        "observed": evidence.observed,
        "reason": evidence.reason,
        "statement": evidence.statement,
        "reproduce": evidence.reproduce,
        "rows": list(evidence.rows),
        "server": evidence.server,
        "taken_at": evidence.taken_at.isoformat() if evidence.taken_at else None,
        "seconds": round(evidence.seconds, 6),
    }


def coverage_data(coverage: Coverage, source: Source) -> dict[str, Any]:
    """Line counts, and the spans that nobody understood in place of their count."""
    counts: dict[str, Any] = {kind.value: number for kind, number in coverage.counts.items()}
    counts["not_understood"] = [span_data(span, source) for span in coverage.not_understood]
    return counts


def assumption_data(assumption: Assumption, source: Source) -> dict[str, Any]:
    return {
        "subject": assumption.subject,
        "assumed": assumption.assumed,
        "reason": assumption.reason,
        "span": span_data(assumption.span, source),
    }


def result_data(
    source: Source,
    diagnostics: Iterable[Diagnostic] = (),
    claims: Iterable[Evidence] = (),
    coverage: Coverage | None = None,
    assumptions: Iterable[Assumption] = (),
) -> dict[str, Any]:
    """The whole answer of a command, in the same shape for all of them."""
    return {
        "version": VERSION,
        "document": source.path,
        "diagnostics": [diagnostic_data(d, source) for d in diagnostics],
        "claims": [evidence_data(e, source) for e in claims],
        "coverage": coverage_data(coverage, source) if coverage else None,
        "assumptions": [assumption_data(a, source) for a in assumptions],
    }


def error_data(document: str, message: str, help: str = "") -> dict[str, Any]:
    """The answer when the command could not run."""
    return {
        "version": VERSION,
        "document": document,
        "error": {"message": message, "help": help},
        "diagnostics": [],
        "claims": [],
        "coverage": {"fact": 0, "placeholder": 0, "prose": 0, "not_understood": []},
        "assumptions": [],
    }
