"""The base of everything that a document states."""

from enum import StrEnum
from typing import Generic, TypeVar

from msgspec import Struct

from asbuilt.text import Span

T = TypeVar("T", covariant=True)


class Form(StrEnum):
    """The kind of block that states a fact. Comparing forms is what finds contradictions."""

    DIAGRAM = "diagram"
    TABLE = "field table"
    SQL = "SQL"
    INTERFACE = "interface"
    CLASS = "class"
    LISTING = "list"
    BOX = "ASCII drawing"
    EXAMPLE = "example"
    YAML = "YAML"
    PROSE = "prose"
    LABEL = "label"


class Fact(Struct, frozen=True, kw_only=True):
    """One thing stated, where, and in which form. `source[fact.span]` is the text that states it."""

    span: Span
    form: Form = Form.PROSE


class Stated(Struct, Generic[T], frozen=True, gc=False):
    """A value and the place that states it, where a fact states several things at once."""

    value: T
    span: Span


class Assumption(Fact, frozen=True, kw_only=True):
    """What had to be assumed because the document does not say. Easy to overrule: write it down at `span`.

    `subject` is what it is about (`orders.created_at`), `assumed` the value, `reason` why.
    """

    subject: str
    assumed: str
    reason: str


class Placeholder(Fact, frozen=True, kw_only=True):
    """Something left to fill in (`[e.g., PostgreSQL 15.4]`, `YYYY-MM-DD`); `wanted` says what belongs there."""

    text: str
    wanted: str


class Statement(Fact, frozen=True, kw_only=True):
    """A promise in words that no narrower kind of fact holds: a rule bullet, a practice, a task.

    `chapter` is a value of `evidence.Chapter`; `subject` the label or heading it stands under; `text` as rendered.
    """

    chapter: str
    subject: str
    text: str
