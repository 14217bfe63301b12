"""Functions and calls in application code: where a call stands, and what its arguments hold."""

import re
from collections.abc import Iterator

from msgspec import Struct

from asbuilt.reading.code.tokens import Code, Kind
from asbuilt.reading.code.typescript.declarations import Range
from asbuilt.text import Span

_NO_FUNCTION = frozenset({"if", "for", "while", "switch", "catch", "function", "return", "await", "with"})


class Call(Struct, frozen=True):
    """`receiver.method(arguments)`: `receiver` holds the words before the dot, outermost first; `start` is its first token."""

    receiver: tuple[str, ...]
    method: str
    start: int
    arguments: Range


def calls(code: Code) -> Iterator[Call]:
    """Yield the calls of methods, those inside others' arguments included."""
    for at in range(2, len(code.tokens) - 1):
        if code.word(at + 1) != "(" or at + 1 not in code.pairs or code.word(at - 1) not in (".", "?."):
            continue
        start, receiver = _receiver(code, at)
        if receiver:
            yield Call(receiver, code.word(at), start, (at + 2, code.pairs[at + 1]))


def _receiver(code: Code, at: int) -> tuple[int, tuple[str, ...]]:
    words: list[str] = []
    while at >= 2 and code.word(at - 1) in (".", "?.") and code.tokens[at - 2].kind == Kind.WORD:
        at -= 2
        words.insert(0, code.word(at))
    return at, tuple(words)


class Function(Struct, frozen=True):
    """A named function and its body's tokens."""

    name: str
    body: Range


def functions(code: Code) -> tuple[Function, ...]:
    """Return the named functions and methods, outer ones before those inside them."""
    found: list[Function] = []
    openings = {closing: opening for opening, closing in code.pairs.items()}
    for opening, closing in sorted(code.pairs.items()):
        if code.word(opening) == "{" and (name := _function_name(code, opening, openings)):
            found.append(Function(name, (opening + 1, closing)))
    return tuple(found)


def _function_name(code: Code, brace: int, openings: dict[int, int]) -> str | None:
    """Return the name of the function whose body opens at `brace`: back over a return type, `=>` and parameters."""
    at = brace - 1
    line = code.tokens[brace].line
    while at > 0 and code.tokens[at].line >= line - 4 and code.word(at) not in (";", "{", "}"):
        if code.word(at) == ")" and at in openings:
            before = openings[at] - 1
            name = _named_before(code, before)
            if name:
                return name
            at = before
        at -= 1
    return None


def _named_before(code: Code, at: int) -> str | None:
    if code.word(at) == "async":
        at -= 1
    if code.word(at) == "=" and at > 0:
        return code.word(at - 1)
    token = code.tokens[at] if at >= 0 else None
    if token is None or token.kind != Kind.WORD or token.text in _NO_FUNCTION or code.word(at - 1) in (".", "new"):
        return None
    return token.text


def enclosing(known: tuple[Function, ...], at: int) -> str:
    """Return the name of the innermost function around the token, or nothing."""
    around = [f for f in known if f.body[0] <= at < f.body[1]]
    return min(around, key=lambda f: f.body[1] - f.body[0]).name if around else ""


def number_at(code: Code, place: Range) -> tuple[int, Span] | None:
    """Return the number that an argument states: a literal, a product of literals, or a constant of this code."""
    start, end = place
    text = code.text(start, end)
    value = _product(text)
    if value is not None:
        return value, code.span(start, end)
    return _constant(code, text.rsplit(".", 1)[-1])


def _constant(code: Code, name: str) -> tuple[int, Span] | None:
    """Return the number that `name = 60 * 60` or `name: 3600` states anywhere in this code."""
    for at in range(len(code.tokens) - 2):
        if code.word(at) == name and code.word(at + 1) in ("=", ":") and code.tokens[at + 2].kind == Kind.NUMBER:
            stop = at + 3
            while code.word(stop) == "*" and stop + 1 < len(code.tokens):
                stop += 2
            value = _product(code.text(at + 2, stop))
            return (value, code.span(at + 2, stop)) if value is not None else None
    return None


def _product(text: str) -> int | None:
    factors = [f.strip().replace("_", "") for f in text.split("*")]
    if not all(re.fullmatch(r"\d{1,12}", f, re.ASCII) for f in factors) or len(factors) > 8:
        return None
    value = 1
    for factor in factors:
        value *= int(factor)
    return value
