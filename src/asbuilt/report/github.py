"""Diagnostics as the workflow commands that GitHub shows beside the lines of a pull request."""

from asbuilt.diagnostics import Diagnostic, Severity
from asbuilt.text import Source

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(diagnostics: tuple[Diagnostic, ...], source: Source) -> str:
    """Return one workflow command a diagnostic."""
    return "\n".join(_command(diagnostic, source) for diagnostic in diagnostics)


def _command(diagnostic: Diagnostic, source: Source) -> str:
    start = source.position(diagnostic.span.start)
    end = source.position(max(diagnostic.span.start, diagnostic.span.end - 1))
    message = diagnostic.message + (f" (help: {diagnostic.help})" if diagnostic.help else "")
    place = (
        f"file={_property(source.path)},line={start.line},endLine={end.line},col={start.column},title={diagnostic.code}"
    )
    return f"::{_LEVELS[diagnostic.severity]} {place}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
