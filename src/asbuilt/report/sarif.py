"""Diagnostics as SARIF 2.1.0, which code scanning services take (OASIS standard, sections 3.27 and 3.30)."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.text import Source, Span

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render(diagnostics: Iterable[Diagnostic], source: Source, version: str) -> dict[str, Any]:
    """Return the SARIF log as plain data."""
    found = list(diagnostics)
    codes = sorted({d.code for d in found})
    driver = {"name": "asbuilt", "version": version, "rules": [{"id": code} for code in codes]}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(d, source, codes.index(d.code)) for d in found],
            }
        ],
    }


def _result(diagnostic: Diagnostic, source: Source, rule: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": diagnostic.message},
        "locations": [_location(diagnostic.labels[0], source)],
    }
    if len(diagnostic.labels) > 1:
        result["relatedLocations"] = [_location(label, source) for label in diagnostic.labels[1:]]
    if diagnostic.fixes:
        result["fixes"] = [_fix(fix, source) for fix in diagnostic.fixes]
    return result


def _location(label: Label, source: Source) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": quote(source.path)}, "region": _region(label.span, source)}
    }
    if label.text:
        location["message"] = {"text": label.text}
    return location


def _region(span: Span, source: Source) -> dict[str, int]:
    start, end = source.position(span.start), source.position(span.end)
    return {"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column}


def _fix(fix: Fix, source: Source) -> dict[str, Any]:
    change = {
        "artifactLocation": {"uri": quote(source.path)},
        "replacements": [_replacement(edit, source) for edit in fix.edits],
    }
    return {"description": {"text": fix.title}, "artifactChanges": [change]}


def _replacement(edit: Edit, source: Source) -> dict[str, Any]:
    return {"deletedRegion": _region(edit.span, source), "insertedContent": {"text": edit.text}}
