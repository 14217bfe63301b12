"""The reader of SQL fences.

Every statement becomes a `SqlStatement`; data definition also becomes mentions, stated queries `QueryPattern`s, and what stands
in a migration a `Migration`. A rollback in a fence of its own gives a `Migration` with nothing forward, under the name of the
migration before it. Statements outside a migration have the fence's line as their unit.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from asbuilt.diagnostics import Diagnostic, Edit
from asbuilt.document.blocks import Block, Fence
from asbuilt.evidence import Chapter
from asbuilt.model.fact import Fact, Form
from asbuilt.model.revising import revised
from asbuilt.model.sql import SqlStatement, UnreadableSql
from asbuilt.reading.phrases.placeholders import find_placeholders
from asbuilt.reading.reader import Context, Reading
from asbuilt.reading.sql.claiming import around, dialect_of, parts_of
from asbuilt.reading.sql.findings import diagnostics_of, elided
from asbuilt.reading.sql.fragments import is_fragment
from asbuilt.reading.sql.kinds import Section, direction_of, section_of
from asbuilt.reading.sql.lexing import COMMENT, ELISION, META, STRING, Token, comment_text, tokenize
from asbuilt.reading.sql.migrations import migration_name, migrations_of, name_in_comment, wrapper_parts
from asbuilt.reading.sql.preparing import prepare, with_quoted_names
from asbuilt.reading.sql.repairs import is_elision
from asbuilt.reading.sql.rewriting import cut
from asbuilt.reading.sql.splitting import Piece, is_wrapper, pieces_of, restarts
from asbuilt.reading.sql.statements import Unit, meta_statement, read_statement, understood, unexamined_statement
from asbuilt.reading.sql.syntax import TOO_DEEP, Refusal, parse
from asbuilt.reading.standing import is_other_dialect
from asbuilt.text import Excerpt


def read_sql(block: Block, context: Context) -> Reading | None:
    """Read a fence of SQL, statement by statement; SQL that a shell fence hands to `psql` is read too.

    Example: `CREATE TABLE users (id uuid PRIMARY KEY);` is a statement, an entity `users` and its field `id`.
    """
    if not isinstance(block, Fence):
        return None
    parts = parts_of(block)
    if not parts:
        return None
    section = section_of(block, context)
    unit = Unit(
        name=f"line {context.document.source.line_at(block.span.start)}",
        section=section,
        dialect=dialect_of(block.language, context.dialect),
        heading=block.heading.text.text if block.heading else "",
        is_other=is_other_dialect(context),
    )
    if context.chapter == Chapter.MIGRATION:
        unit = revised(unit, name=migration_name(block, context))
    reading = _Fence(unit, [], [])
    for part in parts:
        reading.read(part)
    facts = [*reading.facts, *migrations_of([f for f in reading.facts if isinstance(f, SqlStatement)])]
    prose = around(block.body, parts) if parts != (block.body,) else ()
    return Reading(tuple(facts), prose, (), tuple(reading.diagnostics))


@dataclass
class _Fence:
    """What has been read of a fence so far."""

    unit: Unit
    facts: list[Fact]
    diagnostics: list[Diagnostic]
    body: Excerpt = field(default_factory=lambda: Excerpt("", ((0, 0),)))
    resume: int | None = None

    def read(self, body: Excerpt) -> None:
        self.body = body
        start: int | None = 0
        while start is not None:
            start = self._read_from(start)

    def _read_from(self, start: int) -> int | None:
        """Read from an offset on; return the offset to go on from where a quote that nobody closed led astray."""
        text = self.body.text
        tokens = tokenize(text, start)
        comments = [t for t in tokens if t.kind == COMMENT]
        for piece in pieces_of(text, tokens):
            while comments and comments[0].start < piece.start:
                self._heed(comment_text(text[comments[0].start : comments[0].end]))
                comments.pop(0)
            self._piece(piece)
            if self.resume is not None:
                resume, self.resume = self.resume, None
                return resume
        return None

    def _heed(self, comment: str) -> None:
        """A comment may name a migration or turn it round (`-- Down`)."""
        if self.unit.section.chapter != Chapter.MIGRATION:
            return
        way = direction_of(comment)
        name = name_in_comment(comment)
        if way:
            self.unit = revised(self.unit, section=revised(self.unit.section, is_rollback=way == "down"))
        elif name:
            self.unit = revised(self.unit, name=name)

    def _piece(self, piece: Piece) -> None:
        text = cut(self.body, piece.start, piece.stop)
        if piece.tokens[0].kind == META:
            self.facts.append(meta_statement(text, self.unit))
        elif is_wrapper(piece.tokens):
            self._wrapper(piece)
        elif is_elision(self.body.text, piece.tokens):
            self.diagnostics.append(elided(text.span()))
        else:
            self._statement(piece, text)

    def _wrapper(self, piece: Piece) -> None:
        name, inside, repair = wrapper_parts(self.body.text, piece)
        self.diagnostics += diagnostics_of(self.body, (repair,))
        outer = self.unit
        self.unit = revised(outer, name=name or outer.name, section=_as_migration(outer.section))
        for inner in pieces_of(self.body.text, inside):
            self._piece(inner)
        self.unit = outer

    def _statement(self, piece: Piece, text: Excerpt) -> None:
        tokens = _local(piece)
        made = prepare(text, tokens, self.unit.dialect)
        found = understood(text, made, tokens, self.unit)
        if isinstance(found, Refusal) and (quoted := with_quoted_names(text, tokens)):
            again = understood(text, quoted, tokens, self.unit)
            made, found = (made, found) if isinstance(again, Refusal) else (quoted, again)
        if isinstance(found, Refusal):
            self._refused(piece, text, found)
            return
        self.facts += read_statement(self.body, piece, text, found, self.unit)
        end = self.body.span(piece.end, piece.end)
        self.diagnostics += diagnostics_of(text, made.repairs, Edit(end, "" if piece.is_terminated else ";"))
        for own, sql in made.indexes:
            index = understood(own, revised(made, sql=sql, indexes=()), tokenize(own.text), self.unit)
            if not isinstance(index, Refusal):
                self.facts += read_statement(self.body, revised(piece, above=(), below=()), own, index, self.unit)

    def _refused(self, piece: Piece, text: Excerpt, refusal: Refusal) -> None:
        """What no parser takes may be several statements; each is what the fewest of its parts make together."""
        parts = _parts(self.body.text, piece)
        if len(parts) == 1:
            self._alone(piece, text, refusal)
            return
        while parts and self.resume is None:
            widths = range(1, min(_MOST_PARTS, len(parts)) + 1)
            whole = next((w for w in widths if self._is_fine(_joined(parts[:w]))), None)
            if whole:
                self._piece(_joined(parts[:whole]))
            else:
                self._alone(parts[0], cut(self.body, parts[0].start, parts[0].stop), refusal)
            del parts[: whole or 1]

    def _alone(self, piece: Piece, text: Excerpt, refusal: Refusal) -> None:
        """A template, elided, an open quote, or unreadable."""
        if not self._is_excused(text) and not self._is_open(piece, refusal):
            self._unreadable(text, refusal)

    def _is_excused(self, text: Excerpt) -> bool:
        """A template's placeholders, a part of a statement shown by itself and what is left out on purpose are no errors."""
        if find_placeholders(text, is_code=True) or is_fragment(text.text):
            return True
        elision = next((t for t in tokenize(text.text) if t.kind == ELISION), None)
        if elision is not None:
            self.diagnostics.append(elided(text.span(elision.start, elision.end)))
        return elision is not None

    def _is_open(self, piece: Piece, refusal: Refusal) -> bool:
        """A string that swallows the next statement was never closed: take its line for unreadable, and go on after it."""
        for token in piece.tokens:
            if token.kind == STRING and _SWALLOWED.search(self.body.text, token.start, token.end):
                end = self.body.text.index("\n", token.start)
                self._unreadable(cut(self.body, piece.start, end), refusal)
                self.resume = end
                return True
        return False

    def _unreadable(self, text: Excerpt, refusal: Refusal) -> None:
        if self.unit.dialect != "postgresql" or refusal.message == TOO_DEEP:
            self.facts.append(unexamined_statement(text, self.unit))
            return
        own = parse(text.text)
        refusal = own if isinstance(own, Refusal) else refusal
        at = min(refusal.offset, max(len(text.text) - 1, 0))
        span = text.span(at, min(at + 1, len(text.text)))
        self.facts.append(
            UnreadableSql(
                span=text.span(), form=Form.SQL, text=text, message=refusal.message, at=span, dialect=self.unit.dialect
            )
        )

    def _is_fine(self, piece: Piece) -> bool:
        tokens = _local(piece)
        if is_elision(self.body.text, piece.tokens):
            return True
        text = cut(self.body, piece.start, piece.stop)
        return not isinstance(understood(text, prepare(text, tokens, self.unit.dialect), tokens, self.unit), Refusal)


_MOST_PARTS = 4
"""How many lines that begin like a statement one statement may have, where it is not parsed as it stands."""

_SWALLOWED = re.compile(r";[^\n]*\n\s*(?:CREATE|ALTER|INSERT|UPDATE|DELETE|SELECT|DROP|COMMENT|GRANT)\b", re.IGNORECASE)


def _as_migration(section: Section) -> Section:
    return revised(section, chapter=Chapter.MIGRATION)


def _local(piece: Piece) -> list[Token]:
    """The tokens of a piece, with offsets from its own start."""
    by = piece.start
    if not by:
        return list(piece.tokens)
    return [Token(t.kind, t.start - by, t.end - by, t.word) for t in piece.tokens]


def _parts(text: str, piece: Piece) -> list[Piece]:
    """Part a piece wherever a statement may begin anew."""
    places = [0, *restarts(text, piece.tokens), len(piece.tokens)]
    found: list[Piece] = []
    above = piece.above
    for start, end in pairwise(places):
        tokens = piece.tokens[start:end]
        last = max(i for i, t in enumerate(tokens) if t.kind != COMMENT) + 1
        found.append(Piece(tokens[:last], tokens[last - 1].end, False, above))
        above = tokens[last:]
    found[-1] = revised(found[-1], end=piece.end, is_terminated=piece.is_terminated, below=piece.below)
    return found


def _joined(parts: Sequence[Piece]) -> Piece:
    """Undo the parting of neighbours."""
    tokens = parts[0].tokens + tuple(t for part in parts[1:] for t in (*part.above, *part.tokens))
    return revised(parts[-1], tokens=tokens, above=parts[0].above)
