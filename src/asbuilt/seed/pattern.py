"""Strings from a regular expression, for the part of PostgreSQL's syntax that checks use.

Parsed by hand: literals, classes (`[a-z]`, `[[:alpha:]]`, `\\d`), groups, alternatives, quantifiers and anchors.
Anything else (look-around, back references) is declined with None.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits, hexdigits, punctuation

from asbuilt.seed.dice import Dice

_NAMED = {
    "alpha": ascii_letters, "digit": digits, "alnum": ascii_letters + digits, "upper": ascii_uppercase,
    "lower": ascii_lowercase, "space": " ", "punct": punctuation, "xdigit": hexdigits, "word": ascii_letters + digits + "_",
}  # fmt: skip
_ESCAPED = {"d": digits, "w": ascii_letters + digits + "_", "s": " ", "D": ascii_letters, "W": "-.", "S": ascii_letters}
_CONTROL = {"n": "\n", "t": "\t", "r": "\r"}
_PRINTABLE = ascii_letters + digits + " -_.,"
_ANY = ascii_lowercase + digits
_QUANTIFIER = re.compile(r"\{(\d+)(,(\d*))?\}")
_SPARE = 4


class _Unknown(Exception):
    """Syntax that is not understood."""


@dataclass(frozen=True, slots=True)
class _Class:
    chars: str


@dataclass(frozen=True, slots=True)
class _Repeat:
    node: "_Node"
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class _Sequence:
    nodes: "tuple[_Node, ...]"


@dataclass(frozen=True, slots=True)
class _Either:
    options: "tuple[_Node, ...]"


_Node = _Class | _Repeat | _Sequence | _Either


def generate(pattern: str, dice: Dice, *, limit: int | None = None) -> str | None:
    """Return a string that `pattern` matches, at most `limit` characters; None where that cannot be done."""
    tree = _parse(pattern)
    if tree is None:
        return None
    for spare in (_SPARE, 2, 0):
        text = _write(tree, dice, spare)
        if (limit is None or len(text) <= limit) and matches(pattern, text):
            return text
    return None


def places(pattern: str, *, limit: int | None = None) -> tuple[str, ...]:
    """Return for every place of one form of a pattern the characters that may stand there, so that its strings can be counted.

    Empty where the pattern is not understood or none of its forms is short enough.
    """
    tree = _parse(pattern)
    for spare in (8, _SPARE, 2, 0) if tree is not None else ():
        found = tuple("".join(dict.fromkeys(chars)) for chars in _places(tree, spare))
        if limit is None or len(found) <= limit:
            return found
    return ()


def _places(node: "_Node | None", spare: int) -> list[str]:
    match node:
        case _Class(chars):
            return [chars]
        case _Sequence(nodes):
            return [chars for n in nodes for chars in _places(n, spare)]
        case _Either(options):
            return max((_places(option, spare) for option in options), key=lambda found: prod(map(len, found)))
        case _Repeat(inner, low, high):
            return _places(inner, spare) * max(low, min(high, low + spare))
    return []


@lru_cache(maxsize=512)
def compiled(pattern: str, is_insensitive: bool = False) -> "re.Pattern[str] | None":
    """Return PostgreSQL's pattern as one of Python's, or None."""
    text = pattern
    for name, chars in _NAMED.items():
        text = text.replace(f"[:{name}:]", re.escape(chars) if name == "punct" else _short(chars))
    try:
        return re.compile(text, re.IGNORECASE if is_insensitive else 0)
    except (re.error, OverflowError, FutureWarning, DeprecationWarning):
        return None


def matches(pattern: str, text: str, is_insensitive: bool = False) -> bool:
    """Tell whether `text` matches somewhere; a pattern that Python does not take matches everything."""
    found = compiled(pattern, is_insensitive)
    return found is None or found.search(text) is not None


def _short(chars: str) -> str:
    return chars.replace(ascii_letters, "a-zA-Z").replace(digits, "0-9")


@lru_cache(maxsize=512)
def _parse(pattern: str) -> _Node | None:
    parser = _Parser(pattern)
    try:
        tree = parser.alternatives()
    except (_Unknown, IndexError):
        return None
    return tree if parser.at == len(pattern) else None


def _write(node: _Node, dice: Dice, spare: int) -> str:
    match node:
        case _Class(chars):
            return dice.pick(chars)
        case _Sequence(nodes):
            return "".join(_write(n, dice, spare) for n in nodes)
        case _Either(options):
            return _write(dice.pick(options), dice, spare)
        case _Repeat(inner, low, high):
            count = dice.between(low, max(low, min(high, low + spare)))
            return "".join(_write(inner, dice, spare) for _ in range(count))


class _Parser:
    """Recursive descent over a pattern; `at` is the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        char = self.text[self.at]
        self.at += 1
        return char

    def alternatives(self) -> _Node:
        options = [self.sequence()]
        while self.peek() == "|":
            self.take()
            options.append(self.sequence())
        return options[0] if len(options) == 1 else _Either(tuple(options))

    def sequence(self) -> _Node:
        nodes: list[_Node] = []
        while self.peek() and self.peek() not in "|)":
            atom = self.atom()
            if atom is not None:
                nodes.append(self.quantified(atom))
        return _Sequence(tuple(nodes))

    def atom(self) -> _Node | None:
        char = self.take()
        if char in "^$":
            return None
        if char == "(":
            return self.group()
        if char == "[":
            return _Class(self.bracket())
        if char == "\\":
            return self.escape()
        if char in "*+?{":
            raise _Unknown(char)
        return _Class(_ANY if char == "." else char)

    def group(self) -> _Node:
        if self.peek() == "?":
            if self.text[self.at : self.at + 2] != "?:":
                raise _Unknown("look-around")
            self.at += 2
        inner = self.alternatives()
        if self.take() != ")":
            raise _Unknown("unclosed group")
        return inner

    def escape(self) -> _Node | None:
        char = self.take()
        if char in "bBmMyYAZ<>":
            return None
        if char.isdigit():
            raise _Unknown("back reference")
        return _Class(_ESCAPED.get(char) or _CONTROL.get(char) or char)

    def quantified(self, node: _Node) -> _Node:
        low, high = self.quantifier()
        if self.peek() == "?" and (low, high) != (1, 1):
            self.take()
        return node if (low, high) == (1, 1) else _Repeat(node, low, high)

    def quantifier(self) -> tuple[int, int]:
        simple = {"*": (0, 64), "+": (1, 64), "?": (0, 1)}
        if self.peek() in simple and self.peek():
            return simple[self.take()]
        found = _QUANTIFIER.match(self.text, self.at)
        if not found:
            return 1, 1
        self.at = found.end()
        low = int(found[1])
        return low, low if found[2] is None else int(found[3] or low + 64)

    def bracket(self) -> str:
        is_negated = self.peek() == "^"
        if is_negated:
            self.take()
        chars: list[str] = []
        while self.peek() != "]" or not chars:
            chars.append(self.bracket_item())
        self.take()
        named = "".join(chars)
        if not is_negated:
            return "".join(c for c in named if c.isprintable()) or named
        return "".join(c for c in _PRINTABLE if c not in named) or "~"

    def bracket_item(self) -> str:
        if self.text.startswith("[:", self.at):
            end = self.text.index(":]", self.at)
            name, self.at = self.text[self.at + 2 : end], end + 2
            return _NAMED.get(name, ascii_letters)
        low = self.take()
        if low == "\\":
            low = self.take()
            return _ESCAPED.get(low) or _CONTROL.get(low) or low
        if self.peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
            self.take()
            high = self.take()
            return "".join(map(chr, range(ord(low), min(ord(high), ord(low) + 255) + 1)))
        return low
