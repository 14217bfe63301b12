"""What a database records of the plans that were carried out in it: values, and the record as a protocol."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from asbuilt.engines.state import Item


@dataclass(frozen=True, slots=True)
class Entry:
    """A plan in the journal: `number` counts up, `plan` is the whole of it as text, `steps` the state of each by its number.

    `state`: running, expanded (its contract waits), contracting, applied, rolling back, rolled back. `after` is the
    fingerprint of what stood when it was expanded or applied. `remarks` say by its number what is amiss with a step.
    """

    number: int
    plan_id: str
    state: str
    document: str
    revision: str
    made_by: str
    started_at: datetime
    finished_at: datetime | None
    plan: str
    steps: dict[int, str]
    after: str = ""
    digest: str = ""
    backup: str = ""
    remarks: dict[int, str] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.state in ("running", "contracting", "rolling back")


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a backfill has come: the key of the last row that is done (empty: none yet) and of the one to end with.

    `passed` counts the rows that were looked at, `changed` those that were written; `total` is about how many there are.
    """

    last: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    passed: int = 0
    changed: int = 0
    total: int = 0
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a plan comes from: the document, its revision in git, a digest of its text, and the dump made before it."""

    document: str = ""
    revision: str = ""
    digest: str = ""
    backup: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A table or materialised view in a schema that keeps what plans would destroy; `size` in bytes, 0 where it never had rows."""

    schema: str
    name: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class Purge:
    """When, and by whom, what a plan kept aside was purged: in words what was `lost`, each with its number of rows."""

    at: datetime
    by: str
    lost: tuple[tuple[str, int], ...] = ()


DETACH = "detach partition"
"""The kind of deed after which another one follows before all is as it should be."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What upkeep did with a table: `kind` (`make partition`, `detach partition`, …), `told` in words; when, and by whom."""

    kind: str
    table: str
    parent: str
    told: str
    at: datetime | None = None
    by: str = ""


class Journal(Protocol):
    """The record that a database keeps of the plans carried out in it, and the lock that lets one at a time work."""

    def lock(self) -> AbstractContextManager[None]:
        """Keep others out; raise `TargetBusy` where somebody is at work."""

    def entries(self) -> list[Entry]:
        """Return all entries, the oldest first; none where nothing was ever carried out."""

    def begin(self, plan_id: str, plan: str, titles: Sequence[str], origin: Origin) -> int:
        """Write a new entry with its steps, numbered from 1; return its number."""

    def mark_step(self, number: int, step: int, state: str, error: str = "") -> None: ...

    def mark(self, number: int, state: str, after: str = "", stood: bytes = b"") -> None:
        """Write down the state of an entry, and the fingerprint and the whole of the schema that it left."""

    def forget(self, number: int) -> None:
        """Take an entry out again, with its steps."""

    def move_on(self, number: int, after: str, stood: bytes) -> None:
        """Write down what stands now in the place of what an entry left; when it was finished stays."""

    def stood(self, number: int) -> bytes:
        """Return the whole of the schema that an entry left; empty where it is not kept."""

    def reach(self, number: int, step: int, *, is_back: bool) -> Reach | None:
        """Return how far the backfill of a step has come, there or back; None where it was never begun."""

    def mark_reach(self, number: int, step: int, reach: Reach, *, is_back: bool) -> None: ...

    def under_way(self) -> str:
        """Return in words what everybody may know of a plan that is not at rest, who may not read the journal, too; else empty."""

    def leftovers(self) -> frozenset[Item]:
        """Return what stands beside what is wanted until the contract of a plan; nothing where the journal may not be read."""

    def now(self) -> datetime:
        """Return the time by the server's clock."""

    def held(self) -> tuple[Held, ...]:
        """Return everything that lies in the schemas of plans."""

    def rows_of(self, held: Held) -> int: ...

    def purges(self) -> dict[int, Purge]:
        """Return what was purged, by the number of the entry."""

    def purging(self, number: int, held: Sequence[Held], lost: Sequence[tuple[str, int]]) -> tuple[str, ...]:
        """Return the statements that empty what an entry holds and write that down; the structure stays for the way back."""

    def note(self, deed: Deed) -> None:
        """Write down what upkeep did; nothing where there is no journal yet."""

    def deeds(self) -> list[Deed]:
        """Return what upkeep did, the oldest first."""

    def make_room(self) -> None:
        """Make the journal, or bring it up to the version that we write."""

    def holders(self) -> list[str]:
        """Return in words who else holds locks on tables, the longest at work first."""
