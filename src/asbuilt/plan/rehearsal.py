"""What comes of carrying a plan out on a copy: values only."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from asbuilt.engines.base import Contents
from asbuilt.engines.state import DatabaseState
from asbuilt.evidence import Verdict
from asbuilt.plan.steps import Plan
from asbuilt.plan.using import Deed


@dataclass(frozen=True, slots=True)
class Check:
    """Something that a rehearsal looked at: what was expected, whether it was so, what was seen; `rows` show where it was not."""

    name: str
    expected: str
    verdict: Verdict
    observed: str
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Timed:
    """A step of the plan and how long it took on the copy, in seconds; `part` is up, contract, down or again.

    `rows` is how many the tables have there that it reads through or writes anew; None where it does neither.
    """

    part: str
    title: str
    seconds: float
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of rehearsing a plan: rows copied by table, the steps with their times, the checks, and what else there is to know."""

    plan: Plan
    counts: dict[str, int]
    steps: tuple[Timed, ...]
    checks: tuple[Check, ...]
    notes: tuple[str, ...] = ()

    @property
    def is_fine(self) -> bool:
        return not any(check.verdict == Verdict.BROKEN for check in self.checks)


@dataclass(frozen=True, slots=True)
class Begun:
    """What a plan begins with: its number in the journal (0: it is in none yet), the state and the rows that stand.

    `deeds` is what applications can do in the tables that it touches; `own` the columns (table, column) that the database
    changes by itself when they do: the time of the last change, a sum over other rows. `untried` says in words what cannot be done.
    """

    number: int
    state: DatabaseState
    rows: Contents
    deeds: dict[str, frozenset[Deed]]
    own: frozenset[tuple[str, str]]
    untried: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def unknowns(self) -> Iterator[Check]:
        """Yield a check without a verdict for each table that nothing can be put into."""
        for table, why in self.untried.items():
            expected = f"what applications write into {table} is kept"
            yield Check("tried", expected, Verdict.UNKNOWN, f"no rows could be made for it: {'; '.join(why)}")
