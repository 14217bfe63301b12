"""Text with positions: where in the document something stands.

Offsets count Unicode code points of `Source.text`; lines and columns count from 1.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from msgspec import Struct

_LINE_BREAK = re.compile(r"\r\n?|\n")


class Span(Struct, frozen=True, order=True, gc=False):
    """The half-open range `[start, end)` of offsets in a source's text."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def __contains__(self, other: "Span | int") -> bool:
        if isinstance(other, int):
            return self.start <= other < self.end
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end

    @staticmethod
    def cover(spans: Iterable["Span"]) -> "Span":
        """Return the smallest span that holds all of `spans` (at least one)."""
        found = list(spans)
        return Span(min(s.start for s in found), max(s.end for s in found))


class Position(Struct, frozen=True, order=True):
    """A line and a column, both from 1; the column counts code points."""

    line: int
    column: int


@dataclass(frozen=True)
class Source:
    """A document's text as it was read, and the path under which people know it."""

    path: str
    text: str = field(repr=False)

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """The offset at which each line begins; `\\n`, `\\r\\n` and a lone `\\r` end lines."""
        return (0, *(found.end() for found in _LINE_BREAK.finditer(self.text)))

    @property
    def line_count(self) -> int:
        """The number of lines; a final line break does not open another line."""
        starts = self.line_starts
        return len(starts) - (1 if len(starts) > 1 and starts[-1] == len(self.text) else 0)

    def __getitem__(self, span: Span) -> str:
        return self.text[span.start : span.end]

    def line_at(self, offset: int) -> int:
        """Return the line, from 1, that holds `offset`."""
        return bisect_right(self.line_starts, offset)

    def position(self, offset: int) -> Position:
        line = self.line_at(offset)
        return Position(line, offset - self.line_starts[line - 1] + 1)

    def line_span(self, line: int) -> Span:
        """Return the span of `line` (from 1) without its line break."""
        start = self.line_starts[line - 1]
        end = self.line_starts[line] if line < len(self.line_starts) else len(self.text)
        while end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return Span(start, end)

    def lines_of(self, span: Span) -> range:
        """Return the lines, from 1, that `span` touches."""
        last = self.line_at(max(span.start, span.end - 1))
        return range(self.line_at(span.start), last + 1)


class Excerpt(Struct, frozen=True, gc=False):
    """A piece of text taken out of a source, whose every offset leads back to it.

    `text` may differ from the source where Markdown was undone (the indent of a nested fence,
    a `\\_` in a table cell). `anchors` are pairs (offset in `text`, offset in the source), sorted,
    each valid until the next one.
    """

    text: str
    anchors: tuple[tuple[int, int], ...]

    @classmethod
    def at(cls, text: str, offset: int) -> Self:
        """Return an excerpt that stands verbatim at `offset` in its source."""
        return cls(text, ((0, offset),))

    def offset(self, index: int) -> int:
        """Return the source offset of `text[index]`; `index` may be `len(text)`."""
        if len(self.anchors) == 1:
            inner, outer = self.anchors[0]
        else:
            inner, outer = self.anchors[max(bisect_right(self.anchors, (index, 1 << 62)) - 1, 0)]
        return outer + (index - inner)

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """Return the source span of `text[start:end]`; the end is that of its last character."""
        stop = len(self.text) if end is None else end
        if len(self.anchors) == 1:
            inner, outer = self.anchors[0]
            return Span(outer + start - inner, outer + max(start, stop) - inner)
        if stop <= start:
            return Span(self.offset(start), self.offset(start))
        return Span(self.offset(start), self.offset(stop - 1) + 1)

    def cut(self, start: int, end: int) -> "Excerpt":
        """Return `text[start:end]` as an excerpt of the same source."""
        anchors = self.anchors
        if len(anchors) == 1:
            inner, outer = anchors[0]
            return Excerpt(self.text[start:end], ((0, outer + start - inner),))
        first = bisect_right(anchors, (start, 1 << 62))
        inner, outer = anchors[max(first - 1, 0)]
        opening = (0, outer + start - inner)
        if first == len(anchors) or anchors[first][0] >= end:
            return Excerpt(self.text[start:end], (opening,))
        inside = anchors[first : bisect_left(anchors, (end, -1))]
        return Excerpt(self.text[start:end], (opening, *((i - start, o) for i, o in inside)))

    def strip(self) -> "Excerpt":
        """Return the excerpt without white space at either end."""
        bare = self.text.strip()
        if len(bare) == len(self.text):
            return self
        start = len(self.text) - len(self.text.lstrip())
        return self.cut(start, start + len(bare))
