"""Markdown in, what the SQL reader makes of its fences out."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from asbuilt.diagnostics import Diagnostic, apply_edits
from asbuilt.document.parsing import parse
from asbuilt.model.fact import Fact
from asbuilt.model.sql import SqlStatement
from asbuilt.reading.context import contexts
from asbuilt.reading.sql import read_sql
from asbuilt.text import Source, Span

SHARED = Path(__file__).parents[4] / "shared"
F = TypeVar("F", bound=Fact)


@dataclass(frozen=True)
class Read:
    """What was read of a document; `claimed` counts the fences taken."""

    source: Source
    facts: tuple[Fact, ...]
    diagnostics: tuple[Diagnostic, ...]
    prose: tuple[Span, ...]
    claimed: int

    def of(self, kind: type[F]) -> list[F]:
        return [f for f in self.facts if isinstance(f, kind)]

    def at(self, span: Span) -> str:
        return self.source[span]

    @property
    def statements(self) -> list[SqlStatement]:
        return self.of(SqlStatement)

    @property
    def codes(self) -> list[str]:
        return [d.code for d in self.diagnostics]

    def fixed(self, code: str) -> str:
        """The document with every fix of a code applied."""
        edits = tuple(e for d in self.diagnostics if d.code == code for f in d.fixes for e in f.edits)
        return apply_edits(self.source, edits)


def read_markdown(text: str) -> Read:
    source = Source("design.md", text)
    document = parse(source)
    lookup = contexts(document)
    readings = [r for b in document.walk() if (r := read_sql(b, lookup.of(b))) is not None]
    facts = tuple(f for r in readings for f in r.facts)
    diagnostics = tuple(d for r in readings for d in r.diagnostics)
    return Read(source, facts, diagnostics, tuple(s for r in readings for s in r.prose), len(readings))


def read_fence(sql: str, heading: str = "Database Schema", language: str = "sql") -> Read:
    return read_markdown(f"# Shop\n\n## {heading}\n\n```{language}\n{sql}\n```\n")
