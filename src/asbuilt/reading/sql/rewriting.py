"""Changing a piece of text so that every character left in it still leads back to the document."""

from bisect import bisect_left, bisect_right

from msgspec import Struct

from asbuilt.diagnostics import Edit
from asbuilt.text import Excerpt


class Change(Struct, frozen=True, order=True):
    """Replace `[start, end)` of an excerpt's text by `text`."""

    start: int
    end: int
    text: str


def rewritten(excerpt: Excerpt, changes: tuple[Change, ...]) -> Excerpt:
    """Return the excerpt with `changes` made; of overlapping changes the first in order wins.

    What is put in leads back to what it replaces, or to the place of insertion.
    """
    pieces: list[str] = []
    anchors: list[tuple[int, int]] = []
    length = at = 0
    for change in (*sorted(set(changes)), Change(len(excerpt.text), len(excerpt.text), "")):
        if change.start < at:
            continue
        if change.start > at:
            pieces.append(excerpt.text[at : change.start])
            anchors += kept_anchors(excerpt, at, change.start, length)
            length += change.start - at
        if change.text:
            pieces.append(change.text)
            anchors += _inserted(excerpt, change, length)
            length += len(change.text)
        at = change.end
    return Excerpt("".join(pieces), tuple(anchors) or ((0, excerpt.offset(0)),))


def _inserted(excerpt: Excerpt, change: Change, length: int) -> list[tuple[int, int]]:
    """The last character of a replacement leads to the last one replaced, all before it to the first."""
    place = excerpt.offset(min(change.start, max(len(excerpt.text) - 1, 0)))
    anchors = [(length + i, place) for i in range(len(change.text))]
    if change.end > change.start:
        anchors[-1] = (anchors[-1][0], excerpt.offset(change.end - 1))
    return anchors


def kept_anchors(excerpt: Excerpt, start: int, end: int, length: int) -> list[tuple[int, int]]:
    """Return the anchors of `excerpt.text[start:end]` where it comes to stand at `length`."""
    first = bisect_right(excerpt.anchors, (start, 1 << 62))
    last = bisect_left(excerpt.anchors, (end, -1))
    inner = ((i - start + length, o) for i, o in excerpt.anchors[first:last])
    return [(length, excerpt.offset(start)), *inner]


def cut(excerpt: Excerpt, start: int, end: int) -> Excerpt:
    """Return `excerpt.text[start:end]`, its first character standing where it does in the excerpt."""
    return excerpt.cut(start, end)


def edits_of(excerpt: Excerpt, changes: tuple[Change, ...]) -> tuple[Edit, ...]:
    """Return `changes` as edits of the document."""
    return tuple(Edit(excerpt.span(c.start, c.end), c.text) for c in sorted(set(changes)))
