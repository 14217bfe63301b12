"""What a try of a behaviour is, and what its outcome says of the claim."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from asbuilt.engines.state import TableState
from asbuilt.evidence import Chapter, Claim, Verdict
from asbuilt.verify.bench import Bench, Outcome
from asbuilt.verify.described import Item
from asbuilt.verify.places import Places

_MOST_DROPPED = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of a try. `reason` says why nothing could be said."""

    verdict: Verdict
    observed: str = ""
    reason: str = ""
    statement: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """A behavioural claim and how it is tried. `table` must take a valid row before anything can be tried on it, if any."""

    claim: Claim
    table: str
    attempt: Callable[[Bench], Finding]


Prober = Callable[[TableState, Places], Iterator[Probe]]


def claim(
    kind: str, table: TableState, name: str, places: Places, source: str, expected: str, columns: tuple[str, ...] = ()
) -> Claim:
    """Return a behavioural claim; it stands where the structural claim of kind `source` about the same thing does."""
    subject = f"{table.name}.{name}" if name else table.name
    key = (table.name, name)
    spans = places.of(source, Item(key, subject, "", columns))
    return Claim(kind, Chapter.INTEGRITY, subject, spans, expected, key)


def unknown(reason: str, statement: str = "") -> Finding:
    return Finding(Verdict.UNKNOWN, reason=reason, statement=statement)


def refusal(outcome: Outcome, states: Collection[str], others: Collection[str] = ()) -> Finding:
    """Return the finding where a statement had to be refused with one of `states`.

    A refusal that names one of `others` is another constraint's, and says nothing of this one.
    """
    if not outcome.is_refused:
        return Finding(Verdict.BROKEN, "accepted", statement=outcome.statement)
    if outcome.sqlstate not in states or any(name in others for name in outcome.named):
        return unknown(f"refused for another reason: {outcome.message}", outcome.statement)
    return Finding(Verdict.HOLDS, outcome.words, statement=outcome.statement)


def insist(bench: Bench, table: TableState, name: str, statements: Sequence[str], states: Collection[str]) -> Finding:
    """Return the finding where the last of `statements` must be refused by `name` and by nothing else.

    What else refuses it first is dropped in the twin, within the try, until nothing is in the way.
    """
    others = other_names(table, name)
    dropped: list[str] = []
    while True:
        outcome = bench.attempt(*(bench.dropping(table, other) for other in dropped), *statements)
        ahead = [other for other in outcome.named if other in others and other not in dropped]
        if not outcome.is_refused or outcome.sqlstate not in states or not ahead or len(dropped) >= _MOST_DROPPED:
            break
        dropped.append(ahead[0])
    finding = refusal(outcome, states, others)
    note = f" (in the twin without {', '.join(dropped)})" if dropped and finding.observed else ""
    return replace(finding, observed=finding.observed + note, statement=";\n".join(statements))


def other_names(table: TableState, name: str) -> frozenset[str]:
    """Return the names of the table's other constraints and unique indexes."""
    names = {c.name for c in table.constraints} | {i.name for i in table.indexes if i.is_unique}
    return frozenset(names - {name})


def answer(outcome: Outcome, agrees: bool, observed: str) -> Finding:
    """Return the finding where a statement had to give a certain answer."""
    verdict = Verdict.HOLDS if agrees else Verdict.BROKEN
    return Finding(verdict, observed, statement=outcome.statement)


def changes_rows(table: TableState) -> bool:
    """Tell whether a trigger may change a row on its way in."""
    return any("BEFORE" in t.definition and "INSERT" in t.definition for t in table.triggers)
