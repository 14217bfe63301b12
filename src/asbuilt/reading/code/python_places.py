"""Where a node of Python's syntax tree stands in the document, and small questions about nodes."""

import ast
from functools import cached_property

from asbuilt.text import Excerpt, Span


class Places:
    """Offsets of a piece of Python; the tree counts lines and UTF-8 bytes."""

    def __init__(self, text: Excerpt) -> None:
        self.text = text

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.text.split("\n")

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for line in self._lines:
            starts.append(starts[-1] + len(line) + 1)
        return starts

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line (from 1) and a column in bytes."""
        if line > len(self._lines):
            return len(self.text.text)
        written = self._lines[line - 1].encode("utf-8", "surrogatepass")[:column]
        return min(self._starts[line - 1] + len(written.decode("utf-8", "ignore")), len(self.text.text))

    def range(self, node: ast.AST) -> tuple[int, int]:
        start = self.offset(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))
        end = self.offset(getattr(node, "end_lineno", 1) or 1, getattr(node, "end_col_offset", 0) or 0)
        return start, max(start, end)

    def span(self, node: ast.AST) -> Span:
        return self.text.span(*self.range(node))

    def source(self, node: ast.AST) -> str:
        start, end = self.range(node)
        return self.text.text[start:end]

    def word(self, word: str, node: ast.AST) -> Span:
        """Return where `word` first stands in `node`, or the node's place where it does not."""
        start, end = self.range(node)
        at = self.text.text.find(word, start, end)
        return self.text.span(at, at + len(word)) if at >= 0 else self.text.span(start, end)

    def inside(self, node: ast.Constant) -> Span:
        """Return the place of a string's content."""
        return self.word(str(node.value), node)

    def comment_beside(self, node: ast.AST) -> Excerpt | None:
        """Return the comment behind `node`, on its last line."""
        end = self.range(node)[1]
        stop = self.text.text.find("\n", end)
        rest = self.text.cut(end, stop if stop >= 0 else len(self.text.text))
        bare = rest.text.lstrip(" ,)\t")
        if not bare.startswith("#"):
            return None
        return rest.cut(len(rest.text) - len(bare) + 1, len(rest.text)).strip()


def called(node: ast.AST | None) -> str:
    """Return the name of the function that a call calls, dots left out (`models.CharField` is `CharField`)."""
    return last_name(node.func) if isinstance(node, ast.Call) else ""


def last_name(node: ast.AST | None) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def keyword(call: ast.Call, *names: str) -> ast.expr | None:
    """Return the value of the first keyword argument of these names."""
    return next((k.value for k in call.keywords if k.arg in names), None)


def text_of(node: ast.AST | None) -> str | None:
    """Return the string that a constant is, else None."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def truth_of(node: ast.AST | None) -> bool | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, bool) else None


def number_of(node: ast.AST | None) -> int | None:
    """Return the whole number that a constant or a product of constants is, else None."""
    value, factors = 1, 0
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and factors < 8:
        right = node.right
        if not isinstance(right, ast.Constant) or type(right.value) is not int:
            return None
        value, node, factors = value * right.value, node.left, factors + 1
    if not isinstance(node, ast.Constant) or type(node.value) is not int:
        return None
    value *= node.value
    return value if abs(value) < 10**15 else None
