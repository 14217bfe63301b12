"""Offering each block of a document to the readers, and keeping the books of what became of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.document.blocks import (
    Block,
    Document,
    Fence,
    FrontMatter,
    Html,
    List,
    Paragraph,
    Quote,
    Table,
    Title,
    walk,
)
from asbuilt.model.fact import Fact, Placeholder
from asbuilt.reading.context import Contexts, contexts
from asbuilt.reading.coverage import Coverage, Ledger, LineKind
from asbuilt.reading.phrases.placeholders import find_empty_row, find_placeholders
from asbuilt.reading.reader import Readers, Reading
from asbuilt.text import Excerpt, Span


@dataclass(frozen=True)
class DocumentReading:
    """A document read: facts in the order of the document, coverage, the readers' own findings."""

    document: Document
    facts: tuple[Fact, ...] = field(repr=False)
    coverage: Coverage = field(repr=False)
    diagnostics: tuple[Diagnostic, ...] = ()


def offer(document: Document, readers: Readers, fallbacks: Readers) -> DocumentReading:
    """Offer every block to `readers`, then what is left to `fallbacks`."""
    clerk = _Clerk(document, readers, fallbacks)
    for block in document.blocks:
        clerk.visit(block)
    return clerk.finish()


class _Clerk:
    """Takes blocks round and writes down who claimed what."""

    def __init__(self, document: Document, readers: Readers, fallbacks: Readers) -> None:
        self._document = document
        self._readers = readers
        self._fallbacks = fallbacks
        self._contexts: Contexts = contexts(document)
        self._facts: list[Fact] = []
        self._diagnostics: list[Diagnostic] = []
        self._ledger = Ledger(document.source)

    def visit(self, block: Block) -> bool:
        """Offer `block`, and what is nested in it and not its own; tell whether anybody claimed it."""
        if isinstance(block, Title | Html):
            return False
        if isinstance(block, Quote):
            claimed_inside = [self.visit(child) for child in block.children]
            return all(claimed_inside)
        if self._claim(block, self._asked(block)):
            self._visit_nested(block, (Fence, Table, Quote))
            return True
        claimed = self._visit_nested(block, (Fence, Table, Quote, List))
        if self._claim(block, self._first_fallback(block), taken=claimed):
            return True
        if isinstance(block, Fence | Table):
            self._ledger.mark([block.span], LineKind.NOT_UNDERSTOOD)
        return False

    def _visit_nested(self, block: Block, kinds: tuple[type[Block], ...]) -> list[Span]:
        """Offer the blocks inside a list; return the places of those that somebody claimed."""
        if not isinstance(block, List):
            return []
        nested = [child for _, item in block.walk() for child in item.children if isinstance(child, kinds)]
        return [child.span for child in nested if self._visit_inside(child)]

    def _visit_inside(self, block: Block) -> bool:
        """A nested list has no fallback of its own: its items belong to the list around it."""
        return self._claim(block, self._asked(block)) if isinstance(block, List) else self.visit(block)

    def _asked(self, block: Block) -> Reading | None:
        context = self._contexts.of(block)
        readers = self._readers.get(type(block), ())
        claims = [(reader, reading) for reader in readers if (reading := reader(block, context)) is not None]
        if len(claims) > 1:
            names = " and ".join(f"`{reader.__name__}`" for reader, _ in claims)
            self._find("claimed_twice", block, f"{names} both read this block; the first one counts")
        return claims[0][1] if claims else None

    def _first_fallback(self, block: Block) -> Reading | None:
        context = self._contexts.of(block)
        fallbacks = self._fallbacks.get(type(block), ())
        return next((r for reader in fallbacks if (r := reader(block, context)) is not None), None)

    def _claim(self, block: Block, reading: Reading | None, taken: Sequence[Span] = ()) -> bool:
        if reading is None:
            return False
        facts = reading.facts
        if taken:
            facts = tuple(fact for fact in facts if not any(fact.span in span for span in taken))
        self._facts += facts
        self._diagnostics += reading.diagnostics
        kind = LineKind.FACT if any(not isinstance(f, Placeholder) for f in facts) else LineKind.PROSE
        if not isinstance(block, List | Paragraph | FrontMatter) and not taken:
            self._ledger.mark([block.span], kind)
        self._ledger.mark(reading.prose, LineKind.PROSE)
        self._ledger.mark((f.span for f in facts if not isinstance(f, Placeholder)), LineKind.FACT)
        self._ledger.mark(reading.unread, LineKind.NOT_UNDERSTOOD)
        return True

    def _find(self, code: str, block: Block, message: str) -> None:
        first = self._document.source.line_span(self._document.source.line_at(block.span.start))
        self._diagnostics.append(Diagnostic(code, Severity.INFO, message, (Label(first),)))

    def finish(self) -> DocumentReading:
        placeholders = [p for text, is_code in texts(self._document) for p in find_placeholders(text, is_code=is_code)]
        placeholders += [p for table in _tables(self._document) for p in _empty_rows(table)]
        for placeholder in placeholders:
            self._ledger.mark_placeholder(placeholder.span)
        for table in _tables(self._document):
            if any(placeholder.span in table.span for placeholder in placeholders):
                self._ledger.mark_placeholder(_head(table))
        coverage = self._ledger.coverage()
        facts = sorted({id(f): f for f in [*self._facts, *placeholders]}.values(), key=lambda f: f.span)
        return DocumentReading(
            self._document,
            tuple(facts),
            coverage,
            (*self._diagnostics, *map(self._not_understood, coverage.not_understood)),
        )

    def _not_understood(self, span: Span) -> Diagnostic:
        source = self._document.source
        first = source.line_span(source.line_at(span.start))
        return Diagnostic(
            "not_understood",
            Severity.INFO,
            "this looks like a statement, and nothing here could be read from it",
            (Label(Span(first.start, max(first.end, min(span.end, first.end)))),),
            help="write it as a field table, a diagram, SQL or a list; or say in words around it what it is",
        )


def _tables(document: Document) -> list[Table]:
    return [block for block in document.walk() if isinstance(block, Table)]


def _empty_rows(table: Table) -> list[Placeholder]:
    return [p for row in table.rows if (p := find_empty_row(row, table.header)) is not None]


def _head(table: Table) -> Span:
    """The lines above a table's rows: where nothing below them is filled in, they only say what is wanted."""
    return Span(table.span.start, table.rows[0].span.start - 1) if table.rows else table.header.span


def texts(document: Document) -> Iterator[tuple[Excerpt, bool]]:
    """Yield the texts in which a placeholder may stand, each as written, none twice, and whether each is code."""
    for top in document.blocks:
        for block in walk(top):
            if isinstance(block, Title) and block.heading is not None:
                yield block.heading.text, False
            elif isinstance(block, Fence | FrontMatter):
                yield block.body, isinstance(block, Fence) and bool(block.language)
            elif isinstance(block, Paragraph):
                yield block.raw, False
            elif isinstance(block, Table):
                yield from ((cell.raw, False) for row in (block.header, *block.rows) for cell in row.cells)
            elif isinstance(block, List):
                yield from ((item.raw, False) for item in block.items)
