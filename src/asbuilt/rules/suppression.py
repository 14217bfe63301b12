"""Comments that allow one finding, with a reason.

`<!-- asbuilt: allow CODE: reason -->` in Markdown, `-- asbuilt: allow CODE: reason` in SQL: at the end of the line,
or above the line or block that the finding is in.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from asbuilt.diagnostics import Diagnostic
from asbuilt.text import Source, Span

_COMMENT = re.compile(
    r"(?:<!--\s*asbuilt:\s*allow\s+(?P<html>[\w-]+)\s*(?::\s*(?P<why>.*?))?\s*-->)"
    r"|(?:--\s*asbuilt:\s*allow\s+(?P<sql>[\w-]+)\s*(?::[ \t]*(?P<because>[^\n]*))?)",
    re.DOTALL,
)


class Suppression(Struct, frozen=True):
    """A comment that allows `code` on the lines `reach`; an empty `reason` is a finding of its own."""

    code: str
    code_span: Span
    span: Span
    reason: str
    reach: range


def suppressions(source: Source) -> Iterator[Suppression]:
    """Yield the comments in the order of the document."""
    for found in _COMMENT.finditer(source.text):
        group = "html" if found["html"] else "sql"
        span = Span(found.start(), found.end())
        reason = (found["why"] or found["because"] or "").strip()
        code = found[group].replace("-", "_")
        yield Suppression(code, Span(found.start(group), found.end(group)), span, reason, _reach(source, span))


def _reach(source: Source, span: Span) -> range:
    """Return the lines that a comment speaks of: its own where it ends one, else the block or line that follows."""
    last = source.line_at(max(span.start, span.end - 1))
    first = source.line_at(span.start)
    before = source.text[source.line_span(first).start : span.start]
    if before.strip():
        return range(first, last + 1)
    start = _next_filled(source, last + 1)
    is_in_fence = source.text.startswith("--", span.start)
    return range(start, start + 1) if is_in_fence else range(start, _block_end(source, start) + 1)


def _next_filled(source: Source, line: int) -> int:
    while line <= source.line_count and not source[source.line_span(line)].strip():
        line += 1
    return line


def _block_end(source: Source, line: int) -> int:
    """Return the last line of the block that begins at `line`: a fence to its end, else up to an empty line."""
    if line > source.line_count:
        return line
    first = source[source.line_span(line)].strip()
    fence = first[:3] if first[:3] in ("```", "~~~") else None
    end = line + 1
    while end <= source.line_count:
        text = source[source.line_span(end)].strip()
        if (fence and text.startswith(fence)) or (not fence and not text):
            return end if fence else end - 1
        end += 1
    return end - 1


def apply(
    source: Source, found: list[Diagnostic], comments: list[Suppression]
) -> tuple[list[Diagnostic], list[Suppression]]:
    """Return the findings that no comment allows, and the comments that allowed none; each allows one."""
    left, unused = list(found), []
    for comment in comments:
        hit = next((d for d in left if d.code == comment.code and source.line_at(d.span.start) in comment.reach), None)
        if hit is None:
            unused.append(comment)
        else:
            left.remove(hit)
    return left, unused
