"""What became of every line of a document."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from asbuilt.text import Source, Span


class LineKind(StrEnum):
    """A line states a fact, holds only a placeholder, is prose, or looks like a statement and was not understood."""

    FACT = "fact"
    PLACEHOLDER = "placeholder"
    PROSE = "prose"
    NOT_UNDERSTOOD = "not_understood"


class Coverage(Struct, frozen=True):
    """`lines[n - 1]` is what line n is; `not_understood` are the spans that nobody could read."""

    lines: tuple[LineKind, ...]
    not_understood: tuple[Span, ...]

    def count(self, kind: LineKind) -> int:
        return self.counts[kind]

    @property
    def counts(self) -> dict[LineKind, int]:
        """The number of lines of each kind; together they are all lines of the document."""
        found = Counter(self.lines)
        return {kind: found[kind] for kind in LineKind}


class Ledger:
    """Coverage in the making. Later marks win over earlier ones."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._lines = [LineKind.PROSE] * source.line_count
        self._not_understood: list[Span] = []

    def mark(self, spans: Iterable[Span], kind: LineKind) -> None:
        last = len(self._lines)
        for span in spans:
            for line in self._source.lines_of(span):
                if line <= last:
                    self._lines[line - 1] = kind
            if kind == LineKind.NOT_UNDERSTOOD:
                self._not_understood.append(span)

    def mark_placeholder(self, span: Span) -> None:
        """Mark the lines of a placeholder that no fact stands on."""
        for line in self._source.lines_of(span):
            if line <= len(self._lines) and self._lines[line - 1] == LineKind.PROSE:
                self._lines[line - 1] = LineKind.PLACEHOLDER

    def coverage(self) -> Coverage:
        return Coverage(tuple(self._lines), tuple(sorted(set(self._not_understood))))
