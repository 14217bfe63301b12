"""Lines that run down from one box to another, and the counts written beside them."""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from asbuilt.model.entities import Cardinality
from asbuilt.reading.diagrams.ascii_grid import Box, char_at, columns_of
from asbuilt.reading.diagrams.ascii_lines import COUNT, counts_of
from asbuilt.text import Excerpt

_STEM = frozenset("│┃|▼↓▲↑")
_ARROWS = frozenset("▼↓")
_RATIO = re.compile(r"\s?\(?(?P<one>[1nNmM*])\s*:\s*(?P<two>[1nNmM*])\)?(?!\w)")
_MARK = re.compile(rf"\s?(?P<mark>{COUNT})(?!\w)")


class Stem(Struct, frozen=True):
    """A line from box `upper` down to box `lower` (places in the list of boxes); `counts` None: none are written."""

    upper: int
    lower: int
    counts: tuple[Cardinality, Cardinality] | None
    is_arrow: bool


def stems_in(lines: Sequence[Excerpt], boxes: Sequence[Box]) -> Iterator[Stem]:
    """Yield the lines that run straight down from the bottom of a box to the top of another."""
    columns = [columns_of(line.text) for line in lines]
    tops = {(box.top, column): index for index, box in enumerate(boxes) for column in _columns(box)}
    for upper, box in enumerate(boxes):
        for column in _columns(box):
            passed: list[tuple[str, str]] = []
            row = box.bottom + 1
            while (lower := tops.get((row, column))) is None:
                drawn = _drawn(lines, columns, row, column)
                if drawn is None:
                    break
                passed.append(drawn)
                row += 1
            if lower is not None and passed:
                yield Stem(upper, lower, _counts([said for _, said in passed]), any(c in _ARROWS for c, _ in passed))


def _columns(box: Box) -> range:
    return range(box.walls[0], box.walls[1] + 1)


def _drawn(lines: Sequence[Excerpt], columns: list[Sequence[int]], row: int, column: int) -> tuple[str, str] | None:
    """Return the piece of a stem that stands in a place, with what is written right of it; None where none does."""
    place = char_at(columns[row], column) if row < len(lines) else None
    text = lines[row].text if place is not None else ""
    if place is None or place >= len(text) or text[place] not in _STEM:
        return None
    return text[place], text[place + 1 : place + 10]


def _counts(said: list[str]) -> tuple[Cardinality, Cardinality] | None:
    """Return the counts beside a stem: a ratio (`1:N`), or one at its upper and one at its lower end."""
    ratio = next((match for text in said if (match := _RATIO.match(text))), None)
    if ratio is not None:
        return counts_of(ratio["one"], ratio["two"])
    marks = [match["mark"] for text in said if (match := _MARK.match(text))]
    if len(marks) > 1:
        return counts_of(marks[0], marks[-1])
    return counts_of(None, marks[0]) if marks else None
