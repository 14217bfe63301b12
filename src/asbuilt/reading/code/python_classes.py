"""Python: classes that declare entities and enumerations, and the cache keys that service code uses."""

import ast
import re
import warnings
from collections.abc import Iterator

from msgspec import Struct

from asbuilt.document.blocks import Block, Fence
from asbuilt.model.fact import Fact
from asbuilt.reading.code.languages import Language, language_of
from asbuilt.reading.code.python_cache import cache_keys
from asbuilt.reading.code.python_models import class_facts, table_facts
from asbuilt.reading.code.python_places import Places
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Excerpt, Span

_BLOCK = re.compile(r"^(?=[^\s#)\]}])", re.MULTILINE)
_DECLARES = re.compile(
    r"^[ \t]*(?:__tablename__\s*=|\w+\s*(?::[^=\n]+)?=\s*(?:Column|mapped_column|models\.\w+Field)\()", re.MULTILINE
)


def read_python(block: Block, context: Context) -> Reading | None:
    """Read models, dataclasses and enumerations; functions, services and trees of files are application code, prose.

    Example: `email = Column(String(255), unique=True)` is a unique field of its class.
    """
    if language_of(block) != Language.PYTHON or not isinstance(block, Fence):
        return None
    facts: list[Fact] = []
    unread: list[Span] = []
    for piece in _pieces(block.body):
        if piece.module is None:
            if _DECLARES.search(piece.text.text):
                unread.append(piece.text.strip().span())
        else:
            facts += _facts(piece.module, Places(piece.text), context)
    return Reading(tuple(sorted(facts, key=lambda fact: fact.span)), prose=(block.span,), unread=tuple(unread))


class _Piece(Struct, frozen=True):
    """A part of the code, and what Python's own parser makes of it; None: it refuses it."""

    text: Excerpt
    module: ast.Module | None


def _pieces(body: Excerpt) -> Iterator[_Piece]:
    """Yield the whole where it parses, else each top-level statement by itself."""
    whole = _parse(body.text)
    if whole is not None:
        yield _Piece(body, whole)
        return
    starts = [m.start() for m in _BLOCK.finditer(body.text)]
    for start, end in zip(starts, [*starts[1:], len(body.text)], strict=False):
        piece = body.cut(start, end)
        yield _Piece(piece, _parse(piece.text))


def _parse(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a stray backslash in a document is nobody's warning
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _facts(module: ast.Module, places: Places, context: Context) -> Iterator[Fact]:
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            yield from class_facts(node, places, context)
        elif isinstance(node, ast.Assign):
            yield from table_facts(node, places, context)
    yield from cache_keys(module, places)
