"""What a reader is, and what it is told about where it stands.

A reader is a function from a block and its context to a `Reading`, or to None where it declines. It never
half-reads: what it claims it accounts for line by line, and it never raises on bad input.
"""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from asbuilt.diagnostics import Diagnostic
from asbuilt.document.blocks import Block, Document
from asbuilt.evidence import Chapter
from asbuilt.model.entities import Store
from asbuilt.model.fact import Fact
from asbuilt.text import Span


class Context(Struct, frozen=True):
    """Where a block stands.

    `chapter` is that of the nearest heading with a meaning; `entity` the entity that the heading or label above
    names, as written, with its place; `store` the kind of database that heading or label speaks of; `dialect` is
    `postgresql`, `mysql`, `sqlite`, …; `is_planned`: the section speaks of the future.
    """

    document: Document
    chapter: Chapter
    entity: str | None = None
    entity_span: Span | None = None
    store: Store = Store.RELATIONAL
    dialect: str = "postgresql"
    is_planned: bool = False


class Reading(Struct, frozen=True):
    """What a reader made of a block.

    `facts` in the order of the document. `prose` are parts that it understood to be no statement (application code,
    a comment); `unread` parts that look like a statement and that it could not read. Every other line of the block
    counts as read. `diagnostics` are the reader's own findings (a repaired pseudo-statement).
    """

    facts: tuple[Fact, ...] = ()
    prose: tuple[Span, ...] = ()
    unread: tuple[Span, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


Reader = Callable[[Block, Context], Reading | None]
Readers = Mapping[type[Block], Sequence[Reader]]
"""The readers that are asked about each kind of block, in order."""
