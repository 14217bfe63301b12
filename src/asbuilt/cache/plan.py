"""A document's cache as plain values: what is kept under which key, for how long, and which writes take it out.

Made from a document and what stands (`compiling.py`), or generated as code.
"""

from functools import cached_property

from msgspec import Struct

EVENTS = ("insert", "update", "delete")


class Hole(Struct, frozen=True):
    """A place in a key that a value fills: the document's word for it, and how values of it are written (`spelling.py`)."""

    name: str
    kind: str = "text"


class Drop(Struct, frozen=True):
    """A write that makes what a key holds untrue: of `table`, by one of `events`, where one of `changed` changes (none: any).

    `columns` are those of the written row that fill the key's holes, in their order: the key is made from the row as it was
    and as it is. None: the row does not tell, so that everything under the pattern goes.
    """

    table: str
    events: tuple[str, ...]
    columns: tuple[str, ...] | None = None
    changed: tuple[str, ...] = ()


class Key(Struct, frozen=True):
    """A key that the document states. `parts` are the texts between the holes, one more than there are holes.

    `table` and `columns`: it holds the row of that table with these values of a unique key; None: it holds what a program
    keeps there by name. `ttl` is in seconds; `line` the document's.
    """

    pattern: str
    parts: tuple[str, ...]
    holes: tuple[Hole, ...]
    ttl: int
    line: int
    table: str | None = None
    columns: tuple[str, ...] = ()
    drops: tuple[Drop, ...] = ()


class Note(Struct, frozen=True):
    """Something about a key that could not be taken as it is written, or that goes without saying, and where it stands."""

    pattern: str
    line: int
    text: str


class SessionPlan(Struct, frozen=True):
    """The table of a document's sessions; names are of columns.

    A token is kept as its SHA-256 where `length` is not 0: so many characters of it. `is_uuid`: a token is one. `seconds` is
    how long a session lives after it was last used; `line` the document's.
    """

    table: str
    token: str
    user: str
    expires: str
    seen: str | None = None
    length: int = 0
    is_uuid: bool = False
    seconds: int = 1800
    line: int = 0


class CachePlan(Struct, frozen=True, dict=True):
    """All keys of a document. `digest` changes with the shape of what is kept: it is part of every key in Redis."""

    keys: tuple[Key, ...] = ()
    notes: tuple[Note, ...] = ()
    digest: str = ""
    name: str = "data"
    sessions: SessionPlan | None = None

    @cached_property
    def by_columns(self) -> dict[tuple[str, tuple[str, ...]], Key]:
        return {(key.table, key.columns): key for key in reversed(self.keys) if key.table is not None}

    @cached_property
    def by_pattern(self) -> dict[str, Key]:
        return {key.pattern: key for key in reversed(self.keys)}

    @cached_property
    def drops_of(self) -> dict[str, tuple[tuple[Key, Drop], ...]]:
        """What a write of each table may take out."""
        found: dict[str, list[tuple[Key, Drop]]] = {}
        for key in self.keys:
            for drop in key.drops:
                found.setdefault(drop.table, []).append((key, drop))
        return {table: tuple(pairs) for table, pairs in found.items()}

    @cached_property
    def told_of(self) -> dict[str, tuple[str, ...]]:
        """The columns of each table that a write has to tell of: those that keys are made of, and those whose change counts."""
        return {
            table: tuple(dict.fromkeys(name for _, drop in pairs for name in (*(drop.columns or ()), *drop.changed)))
            for table, pairs in self.drops_of.items()
        }

    @property
    def prefix(self) -> str:
        """What every key in Redis begins with: a changed document never reads what an older one has kept."""
        return f"{self.name}:{self.digest}:"
