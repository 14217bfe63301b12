"""The formats for machines and editors; text for people is in `summary`."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from asbuilt.evidence import Evidence
from asbuilt.report import data, github, sarif, snippet
from asbuilt.text import Source

if TYPE_CHECKING:
    from asbuilt.project import CheckResult


def render(form: str, source: Source, result: "CheckResult", claims: Iterable[Evidence]) -> str:
    """Return findings and claims in `form`: json, sarif, github or concise."""
    from asbuilt import __version__
    from asbuilt.report.findings import broken

    found = (*result.diagnostics, *broken(claims))
    if form == "json":
        answer = data.result_data(source, result.diagnostics, claims, result.coverage, result.design.assumptions)
        return json.dumps(answer, ensure_ascii=False, indent=2)
    if form == "sarif":
        return json.dumps(sarif.render(found, source, __version__), ensure_ascii=False, indent=2)
    if form == "github":
        return github.render(found, source)
    return "\n".join(snippet.concise(d, source) for d in found)
