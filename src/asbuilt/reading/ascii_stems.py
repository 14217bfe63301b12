"""Lines that run down from one box to another, and the counts written beside them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from asbuilt.model.entities import Cardinality
from asbuilt.reading.ascii_grid import Box, char_at, columns_of
from asbuilt.reading.ascii_lines import COUNT, counts_of
from asbuilt.text import Excerpt

_STEM = frozenset("│┃|▼↓▲↑")
_ARROWS = frozenset("▼↓")
_RATIO = re.compile(r"\s?\(?(?P<one>[1nNmM*])\s*:\s*(?P<two>[1nNmM*])\)?(?!\w)")
_MARK = re.compile(rf"\s?(?P<mark>{COUNT})(?!\w)")


@dataclass(frozen=True, slots=True)
class Stem:
    """A line from box `upper` down to box `lower` (places in the list of boxes); `counts` None: none are written."""

    upper: int
    lower: int
    counts: tuple[Cardinality, Cardinality] | None
    is_arrow: bool


def stems_in(lines: Sequence[Excerpt], boxes: Sequence[Box]) -> Iterator[Stem]:
    """Yield the lines that run straight down from the bottom of a box to the top of another."""
    columns = [columns_of(line.text) for line in lines]
    tops: dict[int, list[int]] = {}
    for index, box in enumerate(boxes):
        tops.setdefault(box.top, []).append(index)
    for upper, box in enumerate(boxes):
        for column in range(box.walls[0], box.walls[1] + 1):
            passed = list(_follow(lines, columns, box.bottom + 1, column))
            below = tops.get(box.bottom + 1 + len(passed), ()) if passed else ()
            for lower in below:
                if boxes[lower].walls[0] <= column <= boxes[lower].walls[1]:
                    said = [text for _, text in passed]
                    yield Stem(upper, lower, _counts(said), any(char in _ARROWS for char, _ in passed))


def _follow(lines: Sequence[Excerpt], columns: list[Sequence[int]], row: int, column: int) -> Iterator[tuple[str, str]]:
    """Yield each character of the stem that goes down from a place, with what is written right of it."""
    while row < len(lines):
        place = char_at(columns[row], column)
        text = lines[row].text
        if place is None or place >= len(text) or text[place] not in _STEM:
            return
        yield text[place], text[place + 1 : place + 10]
        row += 1


def _counts(said: list[str]) -> tuple[Cardinality, Cardinality] | None:
    """Return the counts beside a stem: a ratio (`1:N`), or one at its upper and one at its lower end."""
    ratio = next((match for text in said if (match := _RATIO.match(text))), None)
    if ratio is not None:
        return counts_of(ratio["one"], ratio["two"])
    marks = [match["mark"] for text in said if (match := _MARK.match(text))]
    if len(marks) > 1:
        return counts_of(marks[0], marks[-1])
    return counts_of(None, marks[0]) if marks else None
