"""A statement on its way to facts: its tree, its tokens, and the places of both in the document."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from asbuilt.reading.sql.lexing import COMMENT, Token, comment_text
from asbuilt.reading.sql.rewriting import cut
from asbuilt.reading.sql.syntax import Node, Parsed
from asbuilt.text import Excerpt, Span


@dataclass(frozen=True)
class Draft:
    """`text` as the document has it, `sql` as it was parsed, `lexed` its tokens, `title` and `note` the comments above and below."""

    text: Excerpt
    sql: Excerpt
    parsed: Parsed
    lexed: Sequence[Token]
    title: str = ""
    note: str = ""

    @property
    def node(self) -> Node:
        return self.parsed.node

    @cached_property
    def tokens(self) -> list[Token]:
        """The tokens of `sql` without comments."""
        return [t for t in self.lexed if t.kind != COMMENT]

    @cached_property
    def comments(self) -> list[Token]:
        return [t for t in self.lexed if t.kind == COMMENT]

    @cached_property
    def _starts(self) -> list[int]:
        return [t.start for t in self.tokens]

    def index_of(self, location: int) -> int:
        """Return the index of the token at a node's `location`."""
        starts = self._starts
        return min(bisect_left(starts, self.parsed.at(location)), max(len(starts) - 1, 0))

    def item_end(self, first: int) -> int:
        """Return the index behind the list item that begins at token `first`: a `,` or `)` of its own level, or the end."""
        depth = 0
        for at in range(first, len(self.tokens)):
            word = self.tokens[at].word
            if word in ("(", "["):
                depth += 1
            elif word in (")", "]"):
                depth -= 1
                if depth < 0:
                    return at
            elif word == "," and not depth:
                return at
        return len(self.tokens)

    def items(self, first: int) -> list[tuple[int, int]]:
        """Return the list items from token `first` on, as index ranges."""
        found: list[tuple[int, int]] = []
        while first < len(self.tokens):
            end = self.item_end(first)
            found.append((first, end))
            if end >= len(self.tokens) or self.tokens[end].word != ",":
                break
            first = end + 1
        return found

    def bracket(self, first: int, end: int) -> tuple[int, int] | None:
        """Return what stands inside the first pair of brackets within tokens `[first, end)`, as an index range."""
        opening = next((i for i in range(first, end) if self.tokens[i].word == "("), None)
        if opening is None:
            return None
        depth = 0
        for at in range(opening, end):
            word = self.tokens[at].word
            depth += (word == "(") - (word == ")")
            if not depth:
                return opening + 1, at
        return None

    def find(self, words: str, first: int, end: int) -> int | None:
        """Return the index at which `words` (upper case) follow each other within `[first, end)`, or None."""
        wanted = words.split()
        spoken = [t.word for t in self.tokens[first:end]]
        places = (i for i in range(len(spoken) - len(wanted) + 1) if spoken[i : i + len(wanted)] == wanted)
        return next((first + i for i in places), None)

    def name_end(self, first: int) -> int:
        """Return the index behind the qualified name at token `first`."""
        at = first + 1
        while at + 1 < len(self.tokens) and self.tokens[at].word == ".":
            at += 2
        return at

    def written(self, first: int, end: int) -> str:
        """Return the text of tokens `[first, end)`, as written."""
        return self.sql.text[self.tokens[first].start : self.tokens[end - 1].end] if end > first else ""

    def span(self, first: int, end: int) -> Span:
        """Return the document's span of tokens `[first, end)`."""
        last = min(max(end, first + 1), len(self.tokens))
        return self.sql.span(self.tokens[first].start, self.tokens[last - 1].end)

    def whole(self) -> Span:
        return self.text.span()

    def name_span(self, location: int) -> Span:
        """Return the span of the last part of the qualified name at `location`."""
        end = self.name_end(self.index_of(location))
        return self.span(end - 1, end)

    def comment_beside(self, end: int) -> Excerpt | None:
        """Return the words of the comment that ends the line of the token before index `end`, a comma passed over."""
        if not self.comments:
            return None
        at = self.tokens[end - 1].end
        stop = self.sql.text.find("\n", at)
        stop = len(self.sql.text) if stop < 0 else stop
        comment = next((c for c in self.comments if at <= c.start < stop), None)
        if comment is None or self.sql.text[at : comment.start].strip(" \t\r,"):
            return None
        words = comment_text(self.sql.text[comment.start : comment.end])
        first = self.sql.text.find(words, comment.start, comment.end) if words else -1
        return None if first < 0 else cut(self.sql, first, first + len(words))
