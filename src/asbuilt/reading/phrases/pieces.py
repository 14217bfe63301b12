"""Pieces of excerpts: what stands between commas, the identifiers in a text, what means nothing."""

import itertools
import re
from collections.abc import Iterable
from functools import cache, lru_cache

from asbuilt.document.blocks import Cell, Row
from asbuilt.reading.phrases.placeholders import is_placeholder
from asbuilt.text import Excerpt

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NOTHING = re.compile(
    r"(?:[-–—―.…/\s]*|n/?a|none|null|无|無|没有|нет|없음|なし|yok|nenhum|ninguno|tidak ada)", re.IGNORECASE
)
_OPENING = "([{（"
_CLOSING = ")]}）"
_QUOTES = "'\"`"


@lru_cache(maxsize=16384)
def is_nothing(text: str) -> bool:
    """Tell whether a cell's text means that there is nothing to say: empty, a dash, `N/A`, `无`."""
    return _NOTHING.fullmatch(text.strip()) is not None


def is_identifier(text: str) -> bool:
    return IDENTIFIER.fullmatch(text) is not None


def split(excerpt: Excerpt, separators: str = ",，、;；\n") -> tuple[Excerpt, ...]:
    """Return the pieces of `excerpt` between `separators` outside brackets and quotes, stripped, none empty."""
    if not _any_of(separators).search(excerpt.text):
        piece = excerpt.strip()
        return (piece,) if piece.text else ()
    cuts = [-1, *_separators(excerpt.text, separators), len(excerpt.text)]
    pieces = (excerpt.cut(start + 1, end).strip() for start, end in itertools.pairwise(cuts))
    return tuple(piece for piece in pieces if piece.text)


@cache
def _any_of(characters: str) -> re.Pattern[str]:
    return re.compile(f"[{re.escape(characters)}]")


def _separators(text: str, separators: str) -> Iterable[int]:
    if not _any_of(_OPENING + _QUOTES).search(text):
        yield from (found.start() for found in _any_of(separators).finditer(text))
        return
    depth, quote = 0, ""
    for index, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in _QUOTES and _opens(text, index):
            quote = char
        elif char in _OPENING:
            depth += 1
        elif char in _CLOSING:
            depth = max(0, depth - 1)
        elif char in separators and depth == 0:
            yield index


def _opens(text: str, index: int) -> bool:
    """An apostrophe inside a word (`user's`) opens no quotation, nor does a mark that is never closed."""
    inside = index > 0 and text[index - 1].isalnum()
    return not inside and text.find(text[index], index + 1) > 0


def names_in(excerpt: Excerpt, separators: str = ",，、;；+&\n") -> tuple[Excerpt, ...] | None:
    """Return the identifiers that `excerpt` lists, or None where it holds anything else.

    Brackets around the list, quotes and backticks around a name and a final full stop are left out; `and`, `以及` join.
    """
    text = excerpt.strip()
    if len(text.text) > 1 and text.text[0] in _OPENING and text.text[-1] in _CLOSING:
        text = text.cut(1, len(text.text) - 1)
    found = [bare(piece) for piece in split(text, separators)]
    if not found or not all(is_identifier(name.text) for name in found):
        return None
    return tuple(found)


_JOINED = re.compile(r"^(?:and|or|以及|和|及|与|и|및|と|y|e|ve|dan|und|et)\s+", re.IGNORECASE)


def bare(excerpt: Excerpt) -> Excerpt:
    """Return `excerpt` without a joining word before it, quotes around it and a full stop after it."""
    text = excerpt.strip()
    joined = _JOINED.match(text.text)
    start = joined.end() if joined else 0
    end = len(text.text)
    while end > start and text.text[end - 1] in ".。`'\"* ":
        end -= 1
    while start < end and text.text[start] in "`'\"* ":
        start += 1
    return text.cut(start, end)


def cell_at(row: Row, column: int | None) -> Cell | None:
    """Return the row's cell in `column`, or None where there is no such column or its text means nothing."""
    if column is None or column >= len(row.cells):
        return None
    cell = row.cells[column]
    return None if is_nothing(cell.text.text) else cell


def unescaped(excerpt: Excerpt) -> Excerpt:
    """Return `excerpt` without the backslashes that people put before underscores even inside code."""
    if "\\_" not in excerpt.text:
        return excerpt
    kept = [i for i, char in enumerate(excerpt.text) if not (char == "\\" and excerpt.text[i + 1 : i + 2] == "_")]
    return Excerpt("".join(excerpt.text[i] for i in kept), tuple((at, excerpt.offset(i)) for at, i in enumerate(kept)))


def is_unfilled(cell: Cell) -> bool:
    """Tell whether a cell holds only a placeholder, as rendered or as written."""
    return _is_placeholder(cell.text.text) or _is_placeholder(cell.raw.text)


_is_placeholder = lru_cache(maxsize=16384)(is_placeholder)


def is_empty(row: Row) -> bool:
    return all(not cell.text.text.strip() for cell in row.cells)


def sql_name(name: str) -> str:
    """Return `name` as SQL writes it: quoted where it is not all lower case."""
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else f'"{name}"'
