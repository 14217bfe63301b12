"""Conditions between the columns of a row, worked out for many rows at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from asbuilt.seed.conditions import MIRRORED, Atom
from asbuilt.seed.expressions import Call, Column, Const, Expression, columns, is_clock
from asbuilt.seed.measures import Measure, Whole

Wholes = dict[str, Whole]
"""What is made of a lot so far, by column, where it is whole numbers underneath."""
Measures = Mapping[str, Measure]
_Sum = tuple[Callable[[Wholes, int], Whole], int]


@dataclass(frozen=True, slots=True)
class Relation:
    """What a value is compared with by `op`, in the measure of its own column."""

    op: str
    other: Callable[[Wholes, int], Whole]


def relations(column: str, atoms: Sequence[Atom], before: Sequence[str], measures: Measures) -> list[Relation] | None:
    """Return what binds a column to those made `before` it; None where that cannot be worked out this way."""
    found = []
    for atom in atoms:
        if atom.kind != "compare" or not columns(atom.other) or is_clock(atom.other):
            continue
        sides = {atom.column, *columns(atom.other)}
        if column not in sides or not sides - {column} <= set(before):
            continue
        relation = _relation(column, atom, measures)
        if relation is None:
            return None
        found.append(relation)
    return found


def _relation(column: str, atom: Atom, measures: Measures) -> Relation | None:
    op, other = atom.op, atom.other
    if atom.column != column:
        if not isinstance(other, Column):
            return None
        op, other = MIRRORED.get(op, ""), Column(atom.column)
    if op not in MIRRORED or column not in measures or column in columns(other):
        return None
    known = [measures.get(name) for name in columns(other)]
    own = measures[column]
    if any(measure is None or measure.unit != own.unit for measure in known):
        return None
    if own.unit != "number" and not isinstance(other, Column):
        return None
    summed = _summed(other, measures)
    return None if summed is None else _scaled(op, summed, own.scale)


def _scaled(op: str, summed: _Sum, scale: int) -> Relation | None:
    """Return the relation in digits of `scale`: exact, or for a bound rounded to its safe side."""
    values, given = summed
    if given <= scale:
        return Relation(op, _each(lambda value: value * 10 ** (scale - given), values))
    if op in ("=", "<>"):
        return None
    unit, is_up = 10 ** (given - scale), op in (">", ">=")
    return Relation(op, _each(lambda value: -(-value // unit) if is_up else value // unit, values))


def _each(change: Callable[[int], int], values: Callable[[Wholes, int], Whole]) -> Callable[[Wholes, int], Whole]:
    return lambda wholes, count: [None if value is None else change(value) for value in values(wholes, count)]


def _summed(expression: Expression, measures: Measures) -> _Sum | None:
    match expression:
        case Column(name):
            return (lambda wholes, count: wholes[name]), measures[name].scale
        case Const(str(text)):
            return _constant(text)
        case Call("+" | "-" | "*" as op, (left, right)):
            one, other = _summed(left, measures), _summed(right, measures)
            return None if one is None or other is None else _joined(op, one, other)
        case Call("round", (inner, Const(str(digits)))) if digits.isdigit():
            return _rounded(_summed(inner, measures), int(digits))
    return None


def _constant(text: str) -> _Sum | None:
    try:
        exponent = Decimal(text).as_tuple().exponent
        scale = max(0, -int(exponent))
        value = int(Decimal(text).scaleb(scale))
    except (InvalidOperation, ValueError):
        return None
    return (lambda wholes, count: [value] * count), scale


def _joined(op: str, one: _Sum, other: _Sum) -> _Sum:
    (left, left_scale), (right, right_scale) = one, other
    scale = left_scale + right_scale if op == "*" else max(left_scale, right_scale)
    a, b = (1, 1) if op == "*" else (10 ** (scale - left_scale), 10 ** (scale - right_scale))
    work: dict[str, Callable[[int, int], int]] = {
        "+": lambda x, y: x * a + y * b,
        "-": lambda x, y: x * a - y * b,
        "*": lambda x, y: x * y,
    }
    join = work[op]

    def values(wholes: Wholes, count: int) -> Whole:
        pairs = zip(left(wholes, count), right(wholes, count), strict=True)
        return [None if x is None or y is None else join(x, y) for x, y in pairs]

    return values, scale


def _rounded(inner: _Sum | None, digits: int) -> _Sum | None:
    """Return a sum rounded as the server does: halves away from zero."""
    if inner is None or inner[1] <= digits:
        return inner
    unit = 10 ** (inner[1] - digits)
    half = unit // 2
    return _each(lambda value: (value + half) // unit if value >= 0 else -((-value + half) // unit), inner[0]), digits
