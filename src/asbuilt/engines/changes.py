"""What changes between two states of a database, and what an engine does about it: values only."""

from dataclasses import dataclass
from enum import StrEnum

from asbuilt.engines.state import (
    ColumnState,
    ConstraintState,
    IndexState,
    Item,
    ObjectState,
    PolicyState,
    TableState,
    TriggerState,
)

Thing = TableState | ColumnState | ConstraintState | IndexState | TriggerState | PolicyState | ObjectState
Needs = dict[Item, frozenset[Item]]
"""What each thing in a database cannot be without."""


class Verb(StrEnum):
    """What happens to a thing. REBUILD: it is taken away and made again, because it stands in the way of something else."""

    CREATE = "create"
    ALTER = "alter"
    REBUILD = "rebuild"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it should be: how it is (`before`) and how it has to be (`after`), None where it is not."""

    verb: Verb
    item: Item
    before: Thing | None
    after: Thing | None


class Hazard(StrEnum):
    """What may go wrong for those who use the database meanwhile; each has to be allowed by its name."""

    DATA_LOST = "data_lost"
    TYPE_NARROWED = "type_narrowed"
    TABLE_REWRITTEN = "table_rewritten"
    LONG_EXCLUSIVE_LOCK = "long_exclusive_lock"
    UNIQUE_OVER_EXISTING_ROWS = "unique_over_existing_rows"
    CONSTRAINT_OVER_EXISTING_ROWS = "constraint_over_existing_rows"
    PERMISSION_WIDENED = "permission_widened"
    ROWS_HIDDEN = "rows_hidden"
    DEPENDENCY_NOT_TRACEABLE = "dependency_not_traceable"
    APPLICATION_BREAKS = "application_breaks"
    MIGRATION_LEADS_ELSEWHERE = "migration_leads_elsewhere"
    TRIGGERS_FIRE = "triggers_fire"


@dataclass(frozen=True, slots=True)
class Danger:
    """A hazard of one operation in words. `count` is a query for the number of rows concerned, `sample` one for some of them."""

    hazard: Hazard
    text: str
    count: str = ""
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Copying:
    """Where a backfill copies rows to, instead of changing them: pairs of a column there and the expression for its value.

    `conflict` is what `ON CONFLICT` says of a row that is there already.
    """

    into: str
    values: tuple[tuple[str, str], ...]
    conflict: str = ""


@dataclass(frozen=True, slots=True)
class Backfill:
    """An UPDATE over a whole table that is done range by range: rows for which `condition` holds get `assignments`.

    `key` are the columns that tell the rows apart; where there are none, rows are taken by their place. `source` is what
    `FROM` names, `alias` what the expressions call the table. `is_quiet`: the table's own triggers have no part in it.
    The values of the columns `kept` are written down in the table `aside` before they are written over. With
    `copying` the rows are held as they are until their copies are written, and no assignments are made.
    """

    table: str
    assignments: str
    condition: str = ""
    key: tuple[str, ...] = ()
    source: str = ""
    alias: str = ""
    is_quiet: bool = False
    aside: str = ""
    kept: tuple[str, ...] = ()
    copying: Copying | None = None


@dataclass(frozen=True, slots=True)
class Aside:
    """What an operation keeps aside: the table `name` in the schema that keeps it, and in words `what` is in it."""

    name: str
    what: str


@dataclass(frozen=True, slots=True)
class Operation:
    """Statements that belong together: run in one transaction, or each on its own where `is_alone`.

    `reverse` takes them back exactly, in the order in which it is written. `makes`, `removes` and `touches` are the
    things concerned, for the order of operations; `follows` are things that have to stand before, though nothing needs them. For an operation that runs alone, `is_done` is a query that tells
    whether it has been done already, and `clean` removes what a failed attempt may leave behind. Where there is a
    `backfill` (a `refill` on the way back), that is what runs, and the statements say the same in one go. `asides` are what
    it keeps aside for the way back; `obstacles` are rows that may stand in its way by then, with the queries that find them: `sample`
    gives their keys. `at_once` says why what is in use is not changed beside its writers, where it is not.
    `notes` say what else its users have to know.
    """

    title: str
    statements: tuple[str, ...]
    reverse: tuple[str, ...]
    makes: frozenset[Item] = frozenset()
    removes: frozenset[Item] = frozenset()
    touches: frozenset[Item] = frozenset()
    follows: frozenset[Item] = frozenset()
    is_alone: bool = False
    is_done: str = ""
    clean: tuple[str, ...] = ()
    dangers: tuple[Danger, ...] = ()
    obstacles: tuple[Danger, ...] = ()
    notes: tuple[str, ...] = ()
    backfill: Backfill | None = None
    refill: Backfill | None = None
    asides: tuple[Aside, ...] = ()
    at_once: str = ""


@dataclass(frozen=True, slots=True)
class Expansion:
    """A column of a live table that gets another name, another type or both, while old and new are kept in step.

    `before` and `after` are the column as it is and as it has to be. `is_seen`: applications reach the old one under
    its name all the while. `passing` is the column's type, where another one takes over under its name. `heirs` are tables
    that inherit the column. `relabels` are labels of the old type, each with the one that the document puts in its place.
    """

    table: str
    before: ColumnState
    after: ColumnState
    is_seen: bool
    passing: Item | None = None
    heirs: tuple[str, ...] = ()
    relabels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Expanded:
    """What comes of an expansion: `operations`, each a step of its own, that end with both working; `contract`, what
    takes the old away later, in order; `leftovers`, what stands in between and nobody asked for.
    """

    operations: tuple[Operation, ...] = ()
    contract: tuple[Operation, ...] = ()
    leftovers: frozenset[Item] = frozenset()

    def with_(self, other: "Expanded") -> "Expanded":
        return Expanded(
            (*self.operations, *other.operations),
            (*self.contract, *other.contract),
            self.leftovers | other.leftovers,
        )


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that PostgreSQL took on a relation when the step was tried: `mode` in its own words."""

    relation: str
    mode: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Observation:
    """What an engine was seen to do for some statements: of each relation that stood before, the strongest lock.

    `rewrites` are the tables that were written anew, `scans` those that were read through.
    """

    locks: tuple[Lock, ...] = ()
    rewrites: tuple[str, ...] = ()
    scans: tuple[str, ...] = ()
