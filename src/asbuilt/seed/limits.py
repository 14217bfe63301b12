"""What the atoms of the ways that a row follows allow for one column, brought together."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import product

from asbuilt.seed.conditions import Atom, Way
from asbuilt.seed.dice import Dice
from asbuilt.seed.expressions import Column, columns, evaluate, is_clock
from asbuilt.seed.pattern import matches

Row = dict[str, str | None]
FUTURE = "2090-01-01 00:00:00+00"
_TRIES = 12


@dataclass
class Limits:
    """Bounds are text, of a number or of a time, with whether the bound itself is in."""

    allowed: tuple[str, ...] | None = None
    excluded: set[str] = field(default_factory=set)
    low: tuple[str, bool] | None = None
    high: tuple[str, bool] | None = None
    least: int = 0
    most: int | None = None
    patterns: list[tuple[str, str]] = field(default_factory=list)
    likes: list[str] = field(default_factory=list)
    case: str = ""
    is_null: bool = False
    is_required: bool = False

    @property
    def is_possible(self) -> bool:
        """Tell whether anything is left."""
        return not (self.is_null and self.is_required) and self.allowed != () and not self._is_empty_range

    @property
    def _is_empty_range(self) -> bool:
        if self.low is None or self.high is None:
            return False
        return is_before(self.high[0], self.low[0]) or (
            self.high[0] == self.low[0] and not (self.low[1] and self.high[1])
        )

    def takes(self, text: str) -> bool:
        """Tell whether a text keeps to the limits of length, pattern and list."""
        if text in self.excluded or len(text) < self.least or (self.most is not None and len(text) > self.most):
            return False
        return all(
            matches(pattern, text, op.endswith("*")) != op.startswith("!") for op, pattern in self.patterns
        ) and all(like.strip("%_") in text for like in self.likes)


def is_before(one: str, other: str) -> bool:
    """Compare as numbers where both are, else as text (times in ISO form compare so)."""
    try:
        return Decimal(one) < Decimal(other)
    except InvalidOperation:
        return one < other


@lru_cache(maxsize=4096)
def alone(atoms: tuple[Atom, ...]) -> dict[str, Limits]:
    """Return the limits that hold whatever the row; they are shared, and must not be changed."""
    return combine(atoms)


def combine(atoms: Iterable[Atom], row: Row | None = None) -> dict[str, Limits]:
    """Return limits by column. Comparisons with columns that `row` already holds become bounds."""
    found: dict[str, Limits] = {}
    for atom in atoms:
        apply = _APPLY.get(atom.kind)
        if apply and atom.column:
            apply(found.setdefault(atom.column, Limits()), atom, row or {})
        if row and atom.kind == "compare" and isinstance(atom.other, Column) and row.get(atom.column) is not None:
            mirrored = Atom("compare", atom.other.name, _MIRROR.get(atom.op, ""), other=Column(atom.column))
            _bound(found.setdefault(atom.other.name, Limits()), mirrored, row)
    return found


def choose(alternatives: Sequence[tuple[Way, ...]], dice: Dice) -> tuple[Atom, ...]:
    """Choose one way of every check such that they do not exclude each other; the last try counts if all do."""
    chosen: tuple[Atom, ...] = ()
    for _ in range(_TRIES):
        chosen = tuple(atom for ways in alternatives for atom in dice.pick(ways))
        if is_consistent(chosen):
            return chosen
        if all(len(ways) == 1 for ways in alternatives):
            return chosen
    several = [ways for ways in alternatives if len(ways) > 1]
    fixed = tuple(atom for ways in alternatives if len(ways) == 1 for atom in ways[0])
    for number, picked in enumerate(product(*several)):
        attempt = (*fixed, *(atom for way in picked for atom in way))
        if is_consistent(attempt):
            return attempt
        if number > 500:
            break
    return chosen


@lru_cache(maxsize=4096)
def is_consistent(atoms: tuple[Atom, ...]) -> bool:
    """Tell whether some row may follow all of the atoms."""
    return all(limits.is_possible for limits in combine(atoms).values())


def _one_of(limits: Limits, atom: Atom, row: Row) -> None:
    known = limits.allowed
    limits.allowed = atom.values if known is None else tuple(v for v in known if v in atom.values)
    limits.allowed = tuple(v for v in limits.allowed if v not in limits.excluded)
    limits.is_required = True


def _none_of(limits: Limits, atom: Atom, row: Row) -> None:
    limits.excluded |= set(atom.values)
    if limits.allowed is not None:
        limits.allowed = tuple(v for v in limits.allowed if v not in limits.excluded)


def _null(limits: Limits, atom: Atom, row: Row) -> None:
    limits.is_null = True


def _not_null(limits: Limits, atom: Atom, row: Row) -> None:
    limits.is_required = True


def _length(limits: Limits, atom: Atom, row: Row) -> None:
    number = int(Decimal(atom.values[0]))
    if atom.op in (">", ">=", "="):
        limits.least = max(limits.least, number + (atom.op == ">"))
    if atom.op in ("<", "<=", "="):
        most = number - (atom.op == "<")
        limits.most = most if limits.most is None else min(limits.most, most)


def _match(limits: Limits, atom: Atom, row: Row) -> None:
    limits.patterns.append((atom.op, atom.values[0]))


def _like(limits: Limits, atom: Atom, row: Row) -> None:
    if not atom.op.startswith("!"):
        limits.likes.append(atom.values[0])


def _case(limits: Limits, atom: Atom, row: Row) -> None:
    limits.case = atom.op


def _bound(limits: Limits, atom: Atom, row: Row) -> None:
    if any(row.get(name) is None for name in columns(atom.other)):
        return
    value = FUTURE if is_clock(atom.other) and atom.op in (">", ">=") else evaluate(atom.other, row)
    if value is None:
        return
    if atom.op == "=":
        limits.allowed = (value,)
    if atom.op == "<>":
        limits.excluded.add(value)
    if atom.op in (">", ">=") and (limits.low is None or is_before(limits.low[0], value)):
        limits.low = (value, atom.op == ">=")
    if atom.op in ("<", "<=") and (limits.high is None or is_before(value, limits.high[0])):
        limits.high = (value, atom.op == "<=")


_MIRROR = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_APPLY: dict[str, Callable[[Limits, Atom, Row], None]] = {
    "one of": _one_of,
    "none of": _none_of,
    "null": _null,
    "not null": _not_null,
    "length": _length,
    "match": _match,
    "like": _like,
    "case": _case,
    "compare": _bound,
}
