"""Boxes drawn with `+---+` or `┌──┐`: where they stand in a fence and what is written in them."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from asbuilt.text import Excerpt

_TOP = re.compile(r"[┌╔╭┏╒╓][─━═┄╌┬╦┳╤╥┴╩╧╨▼▲\-]+[┐╗╮┓╕╖]|\+(?:[-=─]{2,}\+)+")
_DASHES = re.compile(r"[-─━═]{3,}")
_WALLS = "│║┃|┆┊╎"
_LEFT_JOINTS = "├╠┣╟╞+"
_LEFT_CORNERS = "└╚╰┗╘╙"
_INNER = re.compile(r"[┌╔╭┏]|\+--")


@dataclass(slots=True)
class Box:
    """A box from line `top` to line `bottom`; `sections` are its texts between separators; `edges` its walls by line.

    `walls` are the columns of its left and right border, where `edges` are places in a line's text.
    """

    top: int
    bottom: int
    walls: tuple[int, int]
    sections: list[list[Excerpt]] = field(default_factory=lambda: [[]])
    edges: dict[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def texts(self) -> list[Excerpt]:
        return [text for section in self.sections for text in section if text.text]

    @property
    def is_group(self) -> bool:
        """Whether other boxes stand inside."""
        return any(_INNER.search(text.text) for text in self.texts)


def boxes_in(lines: Sequence[Excerpt]) -> list[Box]:
    """Return the boxes in `lines`, in the order of their upper left corners; a box without a bottom is none."""
    columns = [columns_of(line.text) for line in lines]
    taken: set[tuple[int, int]] = set()
    found: list[Box] = []
    for row, line in enumerate(lines):
        for border in _TOP.finditer(line.text):
            left, right = columns[row][border.start()], columns[row][border.end() - 1]
            if (row, left) not in taken:
                box = _box(lines, columns, row, (left, right), taken)
                found += [box] if box is not None else []
    return found


def columns_of(text: str) -> Sequence[int]:
    """Return the column in which each character is shown; a wide one takes two."""
    if text.isascii():
        return range(len(text) + 1)
    found = [0]
    for char in text:
        found.append(found[-1] + (2 if unicodedata.east_asian_width(char) in "WF" else 1))
    return found


def _box(
    lines: Sequence[Excerpt],
    columns: list[Sequence[int]],
    top: int,
    walls: tuple[int, int],
    taken: set[tuple[int, int]],
) -> Box | None:
    """Follow the walls down from a top border until they end."""
    box = Box(top, top, walls)
    row = top + 1
    while row < len(lines):
        text = lines[row].text
        left = _near(text, columns[row], walls[0], _WALLS + _LEFT_JOINTS + _LEFT_CORNERS)
        if left is None:
            break
        if text[left] in _WALLS:
            right = _near(text, columns[row], walls[1], _WALLS + "├┤╠╣┣┫")
            if right is None or right <= left:
                break
            box.edges[row] = (left, right)
            _put(box, lines[row].cut(left + 1, right).strip())
        elif text[left] in _LEFT_CORNERS:
            box.bottom = row
            break
        else:
            taken.add((row, walls[0]))
            box.bottom = row
            box.sections.append([])
        row += 1
    return box if box.bottom > top and box.edges else None


def _put(box: Box, inner: Excerpt) -> None:
    """Put a line into the box; one of nothing but dashes separates."""
    if _DASHES.fullmatch(inner.text):
        box.sections.append([])
    else:
        box.sections[-1].append(inner)


def _near(text: str, columns: Sequence[int], column: int, chars: str) -> int | None:
    """Return the place of one of `chars` in or beside a column: drawings are seldom exact."""
    for shown in (column, column - 1, column + 1):
        place = char_at(columns, shown)
        if place is not None and place < len(text) and text[place] in chars:
            return place
    return None


def char_at(columns: Sequence[int], column: int) -> int | None:
    """Return the place of the character that is shown in a column, or None."""
    if isinstance(columns, range):
        return column if 0 <= column < len(columns) else None
    place = bisect_left(columns, column)
    return place if place < len(columns) and columns[place] == column else None
