"""How summaries stand on a screen: a bold name at the left, its value beside it, wrapped where it ends."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

_NAME = 9
_INDENT = _NAME + 2


@dataclass(frozen=True, slots=True)
class Screen:
    """What a summary is written for: the columns there are, and how the user calls this program."""

    width: int = 100
    program: str = "asbuilt"

    @property
    def room(self) -> int:
        """The columns that are left for a value."""
        return self.width - _INDENT


def row(screen: Screen, name: str, value: Text | str) -> Text:
    """Return one named value; what does not fit goes on in the next line, below where it began."""
    text = Text(value) if isinstance(value, str) else value
    lines = list(_wrapped(text, screen.room))
    return stacked(name, lines)


def rows_of(screen: Screen, cells: Sequence[Text]) -> list[Text]:
    """Return cells below each other where values stand, as many in a line as fit; nothing where there are none."""
    return [stacked("", columns(screen, cells))] if cells else []


def stacked(name: str, lines: Sequence[Text]) -> Text:
    """Return lines below each other, at least one, the name beside the first."""
    starts = [name, *[""] * (len(lines) - 1)]
    return Text("\n").join(
        Text.assemble((f"{start:>{_NAME}}  ", "bold"), line) for start, line in zip(starts, lines, strict=True)
    )


def columns(screen: Screen, cells: Sequence[Text]) -> list[Text]:
    """Return cells in aligned columns, as many as fit, filled line by line."""
    widest = max((cell.cell_len for cell in cells), default=0) + 3
    count = max(1, (screen.room + 3) // widest)
    rows = [cells[at : at + count] for at in range(0, len(cells), count)]
    return [Text("").join(_padded(row, widest)) for row in rows]


def _padded(cells: Sequence[Text], width: int) -> Iterator[Text]:
    for number, cell in enumerate(cells, 1):
        yield cell
        if number < len(cells):
            yield Text(" " * (width - cell.cell_len))


def _wrapped(text: Text, width: int) -> Iterator[Text]:
    """Yield the lines of a text, broken at spaces only: what has none stays whole, so that it can be copied."""
    for line in text.split("\n", allow_blank=True):
        yield from _broken(line, width)


def _broken(line: Text, width: int) -> Iterator[Text]:
    start = end = 0
    for word_start, word_end in _words(line.plain):
        if end > start and cell_len(line.plain[start:word_end]) > width:
            yield line[start:end]
            start = word_start
        end = word_end
    yield line[start:end]


def _words(text: str) -> Iterable[tuple[int, int]]:
    at = 0
    for word in text.split(" "):
        yield at, at + len(word)
        at += len(word) + 1
