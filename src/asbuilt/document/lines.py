"""The lines of a source, and where in a line a piece of it stands that the Markdown parser gives without its place."""

import re

from asbuilt.text import Excerpt, Source, Span

_MARKER = re.compile(r"[ \t]*(?:[-+*]|\d{1,9}[.)])(?:[ \t]+|$)")
_QUOTE = re.compile(r"[ \t]*> ?")
_SPACE = " \t\n"

Container = int | None
"""What a block stands in: the first line (from 0) of a list item, or None for a block quote."""


def joined(pieces: list[tuple[str, int]], at: int) -> Excerpt:
    """Return pieces of text with their offsets as one excerpt; `at` is its place where there are none."""
    anchors: list[tuple[int, int]] = []
    length = 0
    for text, offset in pieces:
        if text and not (anchors and offset - anchors[-1][1] == length - anchors[-1][0]):
            anchors.append((length, offset))
        length += len(text)
    return Excerpt("".join(text for text, _ in pieces), tuple(anchors) or ((0, at),))


def _before_break(text: str, stop: int) -> int:
    return stop - 2 if text[stop - 2 : stop] == "\r\n" else stop - 1


class Lines:
    """A source by lines, which count from 0 here as they do in the Markdown parser.

    `starts` and `ends` are the offsets of each line, its line break left out.
    """

    def __init__(self, source: Source) -> None:
        self.text = source.text
        self.starts = list(source.line_starts)
        self.count = len(self.starts)
        self.ends = [*(_before_break(self.text, stop) for stop in self.starts[1:]), len(self.text)]
        if source.text.startswith("\ufeff"):
            self.starts[0] = 1

    def written(self, line: int) -> str:
        return self.text[self.starts[line] : self.ends[line]]

    def last_filled(self, first: int, stop: int, containers: tuple[Container, ...]) -> int:
        """Return the last line of `[first, stop)` with more in it than its containers' marks, else `first`."""
        last = min(stop, self.count) - 1
        while last > first and self.start_within(last, containers) >= self.ends[last]:
            last -= 1
        return last

    def start_within(self, line: int, containers: tuple[Container, ...]) -> int:
        """Return the offset of what stands in `line` behind the quote marks and list markers of its containers."""
        at, stop = self.starts[line], self.ends[line]
        for item in containers:
            if item is None:
                mark = _QUOTE.match(self.text, at, stop)
            else:
                mark = _MARKER.match(self.text, at, stop) if item == line else None
            at = mark.end() if mark else at
        while at < stop and self.text[at] in " \t":
            at += 1
        return at

    def span(self, first: int, stop: int, containers: tuple[Container, ...]) -> Span:
        """Return the span of the lines `[first, stop)` from their first character to their last."""
        start = self.start_within(first, containers)
        end = self.ends[self.last_filled(first, stop, containers)]
        return Span(start, max(start, end))

    def aligned(self, line: int, content: str) -> Span:
        """Return where `content`, which the parser found at the end of `line`, stands.

        A tab that the parser turned to spaces counts as written, so that the span's text is the source's.
        """
        start = self.starts[line]
        written = self.written(line)
        end, length = len(written.rstrip(_SPACE)), len(content.rstrip(_SPACE))
        at = end - length
        if at < 0 or written[at:end].replace("\0", "\ufffd") != content.rstrip(_SPACE):
            at = end - len(content.strip(_SPACE))
            at = at - 1 if written[at - 1 : at] == "\t" else max(at, 0)
        return Span(start + at, start + min(at + max(len(content), length), len(written)))

    def excerpt(self, first: int, contents: list[str], ends_with_break: bool = False) -> Excerpt:
        """Return `contents`, one a line from `first` on, as one excerpt, each `\\n` standing at its line break."""
        pieces: list[tuple[str, int]] = []
        for index, content in enumerate(contents):
            line = first + index
            if line >= self.count:
                break
            span = self.aligned(line, content)
            pieces.append((self.text[span.start : span.end], span.start))
            if (ends_with_break or index + 1 < len(contents)) and line + 1 < self.count:
                pieces.append(("\n", self.starts[line + 1] - 1))
        at = self.starts[first] if first < self.count else len(self.text)
        return joined(pieces, at)
