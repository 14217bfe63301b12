"""Findings about a database as it stands, allowed where they are: the document starts clean, and says what it starts with."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from asbuilt.diagnostics import Diagnostic
from asbuilt.text import Source
from asbuilt.writing.markdown import listed

REASON = "found so in the live database"
_LAST_OF_OVERVIEW = "- **Holds**"


def with_allowed(source: Source, found: Iterable[Diagnostic]) -> str:
    """Return the text with a comment above the block of each finding, and a line in the overview that tells of them."""
    lines = source.text.splitlines()
    starts = list(_block_starts(lines))
    above: dict[int, list[str]] = defaultdict(list)
    for diagnostic in (each for one in found for each in one.each):
        place = starts[source.line_at(diagnostic.span.start) - 1]
        above[place].append(f"<!-- asbuilt: allow {diagnostic.code}: {REASON} -->")
    codes = Counter(comment.split()[3].rstrip(":") for comments in above.values() for comment in comments)
    written: list[str] = []
    for place, line in enumerate(lines):
        written += [*sorted(above[place]), line]
        written += [_told(codes)] if codes and line.startswith(_LAST_OF_OVERVIEW) else []
    return "\n".join(written) + "\n"


def _told(codes: Counter[str]) -> str:
    total = sum(codes.values())
    kinds = listed(f"{number} × `{code}`" for code, number in sorted(codes.items()))
    return f"- **Found so**: {total} finding{'' if total == 1 else 's'} of `asbuilt check`, each allowed where it is: {kinds}"


def _block_starts(lines: Sequence[str]) -> Iterator[int]:
    """Yield for each line the place of the first line of its block: a fence whole, else lines without an empty one between."""
    start, fence, was_empty = 0, "", True
    for place, line in enumerate(lines):
        if not fence and was_empty:
            start = place
        yield start
        marks = line[: len(line) - len(line.lstrip("`"))]
        if fence:
            fence = "" if line == fence else fence
            was_empty = not fence
        elif len(marks) >= len("```"):
            fence = marks
        else:
            was_empty = not line.strip()
