"""Reading a piece of Markdown with the readers of the chapters around the schema alone."""

from typing import TypeVar

from asbuilt.document import parse
from asbuilt.model.fact import Fact
from asbuilt.reading.chapters.chapter_readers import CHAPTER_READERS
from asbuilt.reading.offering import DocumentReading, offer
from asbuilt.text import Source

F = TypeVar("F", bound=Fact)


def reading_of(markdown: str) -> DocumentReading:
    return offer(parse(Source("design.md", markdown)), {}, CHAPTER_READERS)


def facts(markdown: str, kind: type[F]) -> list[F]:
    return [fact for fact in reading_of(markdown).facts if isinstance(fact, kind)]


def texts(markdown: str, kind: type[F]) -> list[str]:
    """What the document says at the places of its facts of a kind."""
    source = Source("design.md", markdown)
    return [source[fact.span] for fact in facts(markdown, kind)]
