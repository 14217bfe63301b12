"""What was written so far, so that an interrupted run can go on, or be cleaned away."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a table is: `begin` rows stood at first, `number` is the next row to make, `written` rows stand besides."""

    begin: int
    number: int
    written: int


class Journal(Protocol):
    """Keeps marks by table."""

    def mark(self, table: str) -> Mark | None:
        """Return how far a table is; None where it has not been begun."""

    def note(self, table: str, mark: Mark) -> None:
        """Keep a mark, in the transaction that writes what it tells of."""


class Untold:
    """Keeps nothing: all is one transaction."""

    def mark(self, table: str) -> Mark | None:
        return None

    def note(self, table: str, mark: Mark) -> None:
        return None
