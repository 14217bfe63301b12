"""A plan: what will be done, step by step, why, at what price, and how to go back. Values only."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import blake2s

from asbuilt.engines.changes import Aside, Backfill, Danger, Hazard, Lock, Operation
from asbuilt.engines.inherited import own
from asbuilt.engines.journal import Deed
from asbuilt.engines.state import DatabaseState, Item, TableState
from asbuilt.text import Span

KEPT_SECONDS = 7 * 86_400
"""How long what a plan would destroy is kept aside where the document says nothing."""


class Phase(StrEnum):
    """EXPAND leaves yesterday's application working; BACKFILL fills what is new; CONTRACT takes away what nobody uses now."""

    EXPAND = "expand"
    BACKFILL = "backfill"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class Risk:
    """A danger with the facts of this server: `rows` concerned (None: not counted, `reason` says why), some of them shown."""

    danger: Danger
    rows: int | None = None
    samples: tuple[str, ...] = ()
    reason: str = ""

    @property
    def is_real(self) -> bool:
        """Tell whether anything is at stake here: a danger over no rows is none."""
        return self.rows is None or self.rows > 0


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan: operations in one transaction, or one that runs alone.

    `causes` are the places in the document that ask for it; `rewrites` and `scans` the tables that PostgreSQL wrote
    anew or read through when the step was tried. `rows` are those that a backfill has to do on this server, in about
    `seconds`; None where it is none. `migration` names the document's own migration that it is a part of.
    """

    number: int
    operations: tuple[Operation, ...]
    phase: Phase = Phase.EXPAND
    causes: tuple[Span, ...] = ()
    risks: tuple[Risk, ...] = ()
    locks: tuple[Lock, ...] = ()
    rewrites: tuple[str, ...] = ()
    scans: tuple[str, ...] = ()
    rows: int | None = None
    seconds: float = 0.0
    migration: str = ""

    @property
    def title(self) -> str:
        titles = [operation.title for operation in self.operations]
        return titles[0] if len(titles) == 1 else f"{titles[0]} (with {len(titles) - 1} more in one transaction)"

    @property
    def is_alone(self) -> bool:
        return any(operation.is_alone for operation in self.operations)

    def filling(self, *, is_back: bool = False) -> Backfill | None:
        """Return what the step does range by range, there or back; None where it runs its statements."""
        found = (operation.refill if is_back else operation.backfill for operation in self.operations)
        return next((backfill for backfill in found if backfill), None)

    @property
    def statements(self) -> tuple[str, ...]:
        return tuple(sql for operation in self.operations for sql in operation.statements)

    @property
    def reverse(self) -> tuple[str, ...]:
        """The statements that take the step back, in order."""
        return tuple(sql for operation in reversed(self.operations) for sql in operation.reverse)

    @property
    def notes(self) -> tuple[str, ...]:
        """What else the users of the database have to know."""
        return tuple(dict.fromkeys(note for operation in self.operations for note in operation.notes))

    @property
    def asides(self) -> tuple[Aside, ...]:
        """What the step keeps aside."""
        return tuple(aside for operation in self.operations for aside in operation.asides)

    @property
    def at_once(self) -> tuple[str, ...]:
        """Why the step changes what is in use at once, and not beside its writers."""
        return tuple(dict.fromkeys(operation.at_once for operation in self.operations if operation.at_once))


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether the plan was tried in a scratch database, up and back; `reason` says why it could not be, where it was not."""

    is_proved: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PlacedMigration:
    """A migration of the document that a plan goes through. `digest` changes with its statements.

    `is_back`: its rollback, tried in a scratch database, led back to where it began; None where it states none that could be tried.
    `lacking` says what was not as before; `has_rows` whether there were rows to compare.
    """

    name: str
    digest: str
    is_back: bool | None = None
    lacking: str = ""
    has_rows: bool = False


@dataclass(frozen=True, slots=True)
class PossibleRename:
    """A column `old` of `table` that may be `new` now, or, where `new` is empty, a table `old` that may be `table` now.

    `evidence` says why, in words.
    """

    table: str
    old: str
    new: str
    evidence: tuple[str, ...] = ()

    @property
    def answer(self) -> str:
        """The option that says yes."""
        return f"--rename {self.table}.{self.old}={self.new}" if self.new else f"--rename {self.old}={self.table}"

    @property
    def question(self) -> str:
        if self.new:
            return f"{self.table}.{self.old} goes and {self.table}.{self.new} comes: is it renamed?"
        return f"table {self.old} goes and table {self.table} comes: is it renamed?"

    @property
    def wording(self) -> str:
        """What the document may say to answer for good."""
        if self.new:
            return f"renamed from `{self.old}` (beside the field), or in the change log: renamed `{self.table}.{self.old}` to `{self.table}.{self.new}`"
        return f"in the change log: renamed table `{self.old}` to `{self.table}`"


@dataclass(frozen=True, slots=True)
class Errand:
    """What makes a plan one of upkeep: `deeds` stand in the journal in its place once it is done.

    Where the schema was as the entry number `left` says, it is so afterwards, too; 0 where it was otherwise.
    """

    deeds: tuple[Deed, ...]
    left: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Ordered steps from one state to another. `before` and `after` are the fingerprints of the two.

    `kept` names the schema that keeps what the steps would destroy, for `kept_seconds` once the plan is finished; `proof` what came of trying it. `migrations` are those of
    the document's that the steps go through; `notes` what else there is to know, in words; `questions` what nobody has answered.
    The steps from number `contract` on wait until nobody uses the old names any more; 0 where none does. `leftovers` is
    what stands until then and nobody asked for. An `errand` is carried out by upkeep, for no document's change.
    """

    id: str
    steps: tuple[Step, ...]
    before: str
    after: str
    kept: str
    server: str = ""
    document: str = ""
    revision: str = ""
    proof: Proof = Proof()
    migrations: tuple[PlacedMigration, ...] = ()
    notes: tuple[str, ...] = ()
    questions: tuple[PossibleRename, ...] = ()
    contract: int = 0
    leftovers: tuple[Item, ...] = ()
    kept_seconds: int = KEPT_SECONDS
    errand: Errand | None = None

    @property
    def now(self) -> tuple[Step, ...]:
        """The steps that are carried out at once."""
        return tuple(step for step in self.steps if not self.contract or step.number < self.contract)

    @property
    def later(self) -> tuple[Step, ...]:
        """The steps that wait for the contract."""
        return tuple(step for step in self.steps if self.contract and step.number >= self.contract)

    @property
    def hazards(self) -> tuple[Hazard, ...]:
        """The hazards of what is carried out at once that are real here and have to be allowed, each once."""
        return hazards_of(self.now)


def items_of(steps: Iterable[Step]) -> frozenset[Item]:
    """Return what the steps make, change or take away."""
    return frozenset(item for step in steps for o in step.operations for item in o.makes | o.removes | o.touches)


def tables_of(steps: Iterable[Step]) -> frozenset[str]:
    """Return the tables that the steps make, change or take away, or something in them."""
    return frozenset(item.table or item.name for item in items_of(steps) if item.table or item.kind == "table")


def hazards_of(steps: Iterable[Step]) -> tuple[Hazard, ...]:
    """Return the hazards that are real here, each once."""
    return tuple(dict.fromkeys(r.danger.hazard for step in steps for r in step.risks if r.is_real))


def fingerprint(state: DatabaseState) -> str:
    """Return a short text that is equal for equal states.

    The order of columns does not count, nor the server's version, nor what a table's parents say already.
    """
    tables = {name: _in_order(own(table, state)) for name, table in state.tables.items()}
    return blake2s(repr((tables, state.objects)).encode(), digest_size=8).hexdigest()


def _in_order(table: TableState) -> TableState:
    columns = sorted((replace(c, position=0) for c in table.columns), key=lambda c: c.name)
    return replace(table, columns=tuple(columns))


def identity(before: str, after: str, *choices: str) -> str:
    """Return the id of the plan between two fingerprints, made with these choices."""
    return blake2s("\x1f".join((before, after, *choices)).encode(), digest_size=4).hexdigest()


def schema_of(identity: str, leg: int = 0) -> str:
    """Return the name of the schema that keeps what a leg of a plan would destroy."""
    return f"asbuilt_kept_{identity}" + (f"_{leg + 1}" if leg else "")
