"""The base of everything that a document states."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing stated, where, and in which form. `source[fact.span]` is the text that states it."""

    span: Span
    form: Form = Form.PROSE


@dataclass(frozen=True, slots=True)
class Stated(Generic[T]):
    """A value and the place that states it, where a fact states several things at once."""

    value: T
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption(Fact):
    """What had to be assumed because the document does not say. Easy to overrule: write it down at `span`.

    `subject` is what it is about (`orders.created_at`), `assumed` the value, `reason` why.
    """

    subject: str
    assumed: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholder(Fact):
    """Something left to fill in (`[e.g., PostgreSQL 15.4]`, `YYYY-MM-DD`); `wanted` says what belongs there."""

    text: str
    wanted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement(Fact):
    """A promise in words that no narrower kind of fact holds: a rule bullet, a practice, a task.

    `chapter` is a value of `evidence.Chapter`; `subject` the label or heading it stands under; `text` as rendered.
    """

    chapter: str
    subject: str
    text: str
