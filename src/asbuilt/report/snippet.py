"""A diagnostic as people read it: the source exactly as written, a caret under what is meant."""

from collections.abc import Iterator

from rich.cells import cell_len
from rich.text import Text

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.report.grouping import subject
from asbuilt.text import Source

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}
_WIDEST = 160
_MOST_OTHERS = 12


def render(diagnostic: Diagnostic, source: Source) -> Text:
    """Return a diagnostic in full: headline, its places with their lines, help, what can be fixed.

    Of one that speaks for many, the first place is shown; the others are named with their lines.
    """
    lines = [headline(diagnostic)]
    labels = diagnostic.each[0].labels
    gutter = max(len(str(source.line_at(label.span.start))) for label in labels)
    for number, label in enumerate(labels):
        lines += _place(source, label, gutter, is_primary=number == 0, style=STYLES[diagnostic.severity])
    if diagnostic.members:
        lines.append(Text.assemble(("  also: ", "bold"), _others(diagnostic, source)))
    if diagnostic.help:
        lines.append(Text.assemble(("  help: ", "bold"), diagnostic.help))
    for fix in diagnostic.fixes:
        kind = "fix" if fix.is_safe else "fix, to be looked at"
        lines.append(Text.assemble((f"  {kind}: ", "bold green"), fix.title))
    return Text("\n").join(lines)


def _others(diagnostic: Diagnostic, source: Source) -> str:
    """Name the findings that a diagnostic speaks for beside the first."""
    others = diagnostic.members[1:]
    places = [f"line {source.line_at(d.span.start)} {subject(d)}".rstrip() for d in others[:_MOST_OTHERS]]
    more = [f"… and {len(others) - _MOST_OTHERS} more; --format json lists them all"]
    return ", ".join([*places, *(more if len(others) > _MOST_OTHERS else [])])


def headline(diagnostic: Diagnostic) -> Text:
    return Text.assemble(
        (f"{diagnostic.severity}[{diagnostic.code}]", STYLES[diagnostic.severity]), (f": {diagnostic.message}", "bold")
    )


def concise(diagnostic: Diagnostic, source: Source) -> str:
    """Return a diagnostic in one line, as editors and grep take it: `path:line:column: severity[code] message`."""
    at = source.position(diagnostic.span.start)
    return f"{source.path}:{at.line}:{at.column}: {diagnostic.severity}[{diagnostic.code}] {diagnostic.message}"


def _place(source: Source, label: Label, gutter: int, *, is_primary: bool, style: str) -> Iterator[Text]:
    at = source.position(label.span.start)
    line = source.line_span(at.line)
    arrow = "-->" if is_primary else ":::"
    yield Text(f"{' ' * gutter} {arrow} {source.path}:{at.line}:{at.column}", style="dim")
    before, marked, shown = _cut(source.text[line.start : line.end], at.column - 1, label.span.end - line.start)
    yield Text.assemble((f"{at.line:>{gutter}} | ", "dim"), shown)
    mark = "^" if is_primary else "-"
    yield Text.assemble(
        (" " * gutter + " | ", "dim"),
        " " * cell_len(before),
        (mark * max(1, cell_len(marked)) + (f" {label.text}" if label.text else ""), style if is_primary else "blue"),
    )


def _cut(line: str, start: int, end: int) -> tuple[str, str, str]:
    """Return what stands before the mark, the marked text, and the line, cut to a width that a screen shows."""
    line = line.replace("\t", " ").replace("\x00", "�")
    end = max(start, min(end, len(line)))
    first = 0 if start < _WIDEST - 40 else start - 40
    head = "… " if first else ""
    tail = " …" if len(line) > first + _WIDEST else ""
    last = min(len(line), first + _WIDEST)
    return head + line[first:start], line[start : min(end, last)], head + line[first:last] + tail
