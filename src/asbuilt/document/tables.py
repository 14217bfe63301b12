"""GFM tables: a row's cells, each with its place."""

import re
from bisect import bisect
from collections.abc import Container
from itertools import pairwise

from asbuilt.document.blocks import Cell, Row
from asbuilt.document.inline import code_spans, render
from asbuilt.text import Excerpt, Span

_BAR = re.compile(r"(?<!\\)\|")


def read_row(line: Excerpt, width: int | None, references: Container[str]) -> Row:
    """Return the row that `line` writes, filled up or cut to `width` cells (None: as many as it has)."""
    places = _cells(line.text)
    if width is not None and len(places) > width:
        careful = _cells(line.text, keeps_code=True)
        places = careful if len(careful) == width else places[:width]
    cells = [_cell(line, start, end, references) for start, end in places]
    last = line.offset(len(line.text))
    while width is not None and len(cells) < width:
        empty = Excerpt.at("", last)
        cells.append(Cell(Span(last, last), empty, empty))
    return Row(line.span(), tuple(cells))


def width_of(line: str) -> int:
    """Return how many cells `line`, without white space around it, writes."""
    bars = [m.start() for m in _BAR.finditer(line)]
    return len(bars) + 1 - (bars[:1] == [0]) - (bars[-1:] == [len(line) - 1])


def _cell(line: Excerpt, start: int, end: int, references: Container[str]) -> Cell:
    text = line.text[start:end]
    start += len(text) - len(text.lstrip())
    raw = line.cut(start, start + len(text.strip()))
    shown = render(raw, references, in_table=True)
    return Cell(raw.span(), shown.text.strip(), raw, shown.codes)


def _cells(line: str, keeps_code: bool = False) -> list[tuple[int, int]]:
    """Return where the cells of `line` stand, outer pipes left out.

    GFM cuts at a pipe in backticks too; with `keeps_code` it stays, as whoever wrote it meant it.
    """
    bars = [m.start() for m in _BAR.finditer(line)]
    if keeps_code:
        codes = code_spans(line)
        starts = [start for start, _ in codes]
        bars = [bar for bar in bars if not (slot := bisect(starts, bar)) or bar >= codes[slot - 1][1]]
    edges = [-1, *bars, len(line)]
    cells = [(a + 1, b) for a, b in pairwise(edges)]
    if cells and bars and not line[: cells[0][1]].strip():
        cells = cells[1:]
    if cells and bars and not line[cells[-1][0] :].strip():
        cells = cells[:-1]
    return cells
