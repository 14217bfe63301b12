"""Tokens of languages with braces (TypeScript, Go, C#, …), each with its place in the document. Never fails on any text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from msgspec import Struct

from asbuilt.text import Excerpt, Span


class Kind(StrEnum):
    """The kinds that readers tell apart; everything unknown is punctuation, one character each."""

    WORD = "word"
    STRING = "string"
    TEMPLATE = "template"
    REGEX = "regex"
    NUMBER = "number"
    PUNCTUATION = "punctuation"


class Token(Struct, frozen=True):
    """A piece of code; `start` and `end` are offsets in the code, `line` its line there, from 0."""

    kind: Kind
    text: str
    start: int
    end: int
    line: int

    @property
    def value(self) -> str:
        """The text, without its quotes where it is a string."""
        return self.text[1:-1] if self.kind in (Kind.STRING, Kind.TEMPLATE) else self.text


class Comment(Struct, frozen=True):
    """A comment: its words, without the marks around them."""

    text: Excerpt
    line: int
    is_alone: bool


@dataclass(frozen=True)
class Code:
    """Code as tokens. `pairs` leads from the index of each opening bracket to that of its closing one."""

    body: Excerpt
    tokens: tuple[Token, ...]
    comments: tuple[Comment, ...]
    pairs: dict[int, int]

    def span(self, start: int, end: int) -> Span:
        """Return the place of the tokens `start` to `end`, the latter not included."""
        return self.body.span(self.tokens[start].start, self.tokens[max(start, end - 1)].end)

    def excerpt(self, start: int, end: int) -> Excerpt:
        return self.body.cut(self.tokens[start].start, self.tokens[max(start, end - 1)].end)

    def text(self, start: int, end: int) -> str:
        return self.excerpt(start, end).text if start < end else ""

    def word(self, index: int) -> str:
        """Return the text of a token, or nothing beyond either end."""
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def comment_beside(self, index: int) -> Excerpt | None:
        """Return the comment that stands behind the token, on its line."""
        return self._beside.get(self.tokens[index].line)

    def comment_above(self, index: int) -> Excerpt | None:
        """Return the comment that has the line above the token to itself."""
        return self._above.get(self.tokens[index].line - 1)

    @cached_property
    def _beside(self) -> dict[int, Excerpt]:
        return {c.line: c.text for c in self.comments if not c.is_alone}

    @cached_property
    def _above(self) -> dict[int, Excerpt]:
        return {c.line: c.text for c in self.comments if c.is_alone}

    def split(self, start: int, end: int, separators: str = ",") -> Iterator[tuple[int, int]]:
        """Yield the pieces between `separators` that stand in no bracket, `<>` included; empty pieces are left out."""
        at = begin = start
        angles = 0
        while at < end:
            word = self.tokens[at].text
            angles = max(0, angles + (word == "<") - (word == ">"))
            if word in separators and not angles:
                if begin < at:
                    yield begin, at
                begin = at + 1
            at = self.pairs.get(at, at) + 1
        if begin < end:
            yield begin, end


_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<template>`[^`]*`)
    |(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<regex>(?<=[(,=:\ ])/(?![/*\s])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*)
    |(?P<number>\d[\d_]*(?:\.\d+)?)
    |(?P<word>[^\W\d][\w$]*|\$[\w$]+)
    |(?P<punctuation>=>|::|->|\?\.|\S)""",
    re.VERBOSE | re.DOTALL,
)
_KINDS = {kind.value: kind for kind in Kind}
_CLOSING = {")": "(", "]": "[", "}": "{"}
_MARKS = re.compile(r"^[/*\s]+")


def tokenize(body: Excerpt) -> Code:
    """Return `body` as tokens; an unclosed bracket has no pair, an unclosed quote is punctuation."""
    tokens: list[Token] = []
    comments: list[Comment] = []
    line = seen = 0
    last_line = -1
    for match in _TOKEN.finditer(body.text):
        line += body.text.count("\n", seen, match.start())
        seen = match.start()
        if match.lastgroup == "comment":
            comments.append(Comment(_words(body.cut(*match.span())), line, last_line != line))
        else:
            tokens.append(Token(_KINDS[match.lastgroup or "word"], match[0], match.start(), match.end(), line))
            last_line = line + match[0].count("\n")
    return Code(body, tuple(tokens), tuple(comments), _pairs(tokens))


def _words(comment: Excerpt) -> Excerpt:
    """Return a comment without its marks."""
    opening = _MARKS.match(comment.text)
    start = opening.end() if opening else 0
    end = len(comment.text.rstrip("*/ \t\r\n")) if comment.text.startswith("/*") else len(comment.text.rstrip())
    return comment.cut(start, max(start, end))


def _pairs(tokens: list[Token]) -> dict[int, int]:
    """A closing bracket closes the innermost opening one of its kind; what is open inside it stays so."""
    found: dict[int, int] = {}
    open_at: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind != Kind.PUNCTUATION:
            continue
        if token.text in "([{":
            open_at.append(index)
        elif token.text in _CLOSING:
            depth = next(
                (d for d in range(len(open_at) - 1, -1, -1) if tokens[open_at[d]].text == _CLOSING[token.text]), -1
            )
            if depth >= 0:
                found[open_at[depth]] = index
                del open_at[depth:]
    return found
