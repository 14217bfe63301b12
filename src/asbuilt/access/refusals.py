"""What data access refuses, or the server refuses it, as exceptions.

DataError
├── RowNotFound         no row has the key
├── Conflict            the row has changed since it was read; carries it as it is now
├── InvalidRow          values that the document does not allow, all problems at once
│   ├── Duplicate           a unique key is taken
│   ├── MissingReference    a row that is referred to does not exist
│   └── StillReferenced     other rows refer to the one that was to go
├── QueryRefused        a question that cannot be put so: an unknown field, a page without an order
├── NotPermitted        the role may not do that, or a row level policy forbids it
├── PoolExhausted       no connection became free in time
└── Unanswered          the server was lost, or gave up: a time limit, a deadlock, a serialisation failure
"""

from typing import Any

from msgspec import Struct

from asbuilt.errors import AsbuiltError
from asbuilt.server_url import place, why_not


class Problem(Struct, frozen=True):
    """One thing wrong with one row: `field` is empty where it concerns the row as a whole.

    `rule` is required, type, length, range, pattern, values, check, unique, exclusion, reference or unknown. Several
    fields of one constraint have commas between them. `line` is the
    document's, 0 where none states it; `row` counts from 0 where many were given.
    """

    field: str
    rule: str
    message: str
    line: int = 0
    constraint: str = ""
    row: int | None = None


class DataError(AsbuiltError):
    """The base of what data access raises."""


class RowNotFound(DataError):
    """No row of `entity` has `key`; without a key: no row fulfils the conditions."""

    def __init__(self, entity: str, key: object = (), *, help: str = "") -> None:
        super().__init__(f"{entity}: no row {'fulfils the conditions' if key == () else f'with {key!r}'}", help=help)
        self.entity = entity
        self.key = key


class Conflict(DataError):
    """The row has another version than the one that was changed; `current` is the row as it is now."""

    def __init__(self, entity: str, key: object, current: Any) -> None:
        super().__init__(f"{entity}: {key!r} has changed since it was read", help="look at `current`, and change that")
        self.entity = entity
        self.key = key
        self.current = current


class InvalidRow(DataError):
    """Values that are not allowed in a row of `entity`; `problems` are all that were found."""

    def __init__(self, entity: str, problems: tuple[Problem, ...], *, document: str = "") -> None:
        words = "; ".join(_told(problem, document) for problem in problems)
        super().__init__(f"{entity}: {words}" if entity else words)
        self.entity = entity
        self.problems = problems


class Duplicate(InvalidRow):
    """A unique key is taken by another row."""


class MissingReference(InvalidRow):
    """A row that is referred to does not exist."""


class StillReferenced(InvalidRow):
    """Other rows refer to the row that was to be deleted, or whose key was to change."""


class QueryRefused(DataError):
    """A question that cannot be put so."""


class NotPermitted(DataError):
    """The role has no right to do that, or a row level policy forbids it."""


class PoolExhausted(DataError):
    """No connection became free within `seconds`; all `size` are at work."""

    def __init__(self, seconds: float, size: int, waiting: int) -> None:
        super().__init__(
            f"no connection became free in {seconds:g} s: all {size} are at work, {waiting} others wait",
            help="hold connections for a shorter time, or open with a larger `size`",
        )
        self.seconds = seconds
        self.size = size


class Unanswered(DataError):
    """The server did not answer; `can_be_repeated` tells whether nothing was done."""

    def __init__(self, message: str, *, sqlstate: str = "", can_be_repeated: bool = False, help: str = "") -> None:
        super().__init__(message, help=help)
        self.sqlstate = sqlstate
        self.can_be_repeated = can_be_repeated


def unreachable(url: str, told: str) -> Unanswered:
    """Return the refusal where the server at a URL cannot be used, of what a driver told."""
    reason, help = why_not(url, told)
    return Unanswered(f"cannot use the server at {place(url)}: {reason}", can_be_repeated=True, help=help)


def _told(problem: Problem, document: str) -> str:
    row = f"row {problem.row}: " if problem.row is not None else ""
    where = f"{row}{problem.field} " if problem.field else row
    line = f" ({document or 'line'}{':' if document else ' '}{problem.line})" if problem.line else ""
    verb, _, rest = problem.message.partition(" ")
    message = f"{_OF_MANY[verb]} {rest}" if ", " in problem.field and verb in _OF_MANY else problem.message
    return f"{where}{message}{line}"


_OF_MANY = {"is": "are", "breaks": "break", "refers": "refer", "conflicts": "conflict"}
