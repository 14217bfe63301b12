"""Reads a team's data design document, checks it, builds it, and proves every promise in it.

project = asbuilt.load("design.md")
project.check().diagnostics
project.build("postgresql://…")
project.verify("postgresql://…").evidence
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asbuilt.diagnostics import Diagnostic, Severity
    from asbuilt.errors import AsbuiltError
    from asbuilt.evidence import Chapter, Claim, Evidence, Verdict
    from asbuilt.project import CheckResult, Project, load
    from asbuilt.project.initial import Draft, init
    from asbuilt.project.opening import open, open_sync
    from asbuilt.text import Source, Span

__version__ = "0.1.0"
__all__ = [
    "AsbuiltError",
    "Chapter",
    "CheckResult",
    "Claim",
    "Diagnostic",
    "Draft",
    "Evidence",
    "Project",
    "Severity",
    "Source",
    "Span",
    "Verdict",
    "init",
    "load",
    "open",
    "open_sync",
]
_HOMES = {
    "AsbuiltError": "errors",
    "Chapter": "evidence",
    "CheckResult": "project",
    "Claim": "evidence",
    "Diagnostic": "diagnostics",
    "Draft": "project.initial",
    "Evidence": "evidence",
    "Project": "project",
    "Severity": "diagnostics",
    "Source": "text",
    "Span": "text",
    "Verdict": "evidence",
    "init": "project.initial",
    "load": "project",
    "open": "project.opening",
    "open_sync": "project.opening",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that the command line starts at once."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"asbuilt.{_HOMES[name]}"), name)
