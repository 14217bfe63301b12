"""The values of one column for many rows at once, as COPY takes them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from asbuilt.model.types import Family
from asbuilt.seed.dice import Dice
from asbuilt.seed.limits import Limits
from asbuilt.seed.lots import Lot
from asbuilt.seed.measures import Measure, Span, Whole, between, counted, drawn, measure_of, span_of
from asbuilt.seed.phrases import Counter, own_text, phrase
from asbuilt.seed.recipe import ColumnPlan
from asbuilt.seed.sql import NULL, copied
from asbuilt.seed.sums import Relation, Wholes
from asbuilt.seed.values import Wanted, make

Maker = Callable[[Lot, Wholes], list[str]]
_POOLED = 1024
_STRIDE = 7
_MASK_120 = (1 << 120) - 1
_NUMBERED = frozenset({"inet", "interval", "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange"})
"""Kinds whose values tell the number of their row."""


@dataclass(frozen=True, slots=True)
class Count:
    """Which number a row counts as: its own by `divisor`, round again after `modulus`.

    `is_folded`: values that differ in case are the same. `is_apart`: never the number that the digits before come to.
    """

    divisor: int = 1
    modulus: int | None = None
    is_folded: bool = False
    is_apart: bool = False

    def of(self, numbers: Iterable[int]) -> list[int]:
        divisor, modulus = self.divisor, self.modulus
        if modulus is None:
            return list(numbers) if divisor == 1 else [number // divisor for number in numbers]
        if self.is_apart:
            return [(number % divisor + 1 + number // divisor % (modulus - 1)) % modulus for number in numbers]
        if divisor == 1:
            return [number % modulus for number in numbers]
        return [(number // divisor + number % divisor * _STRIDE) % modulus for number in numbers]


def null_share(name: str) -> int:
    """Return how many of a hundred rows have nothing in a column that may be empty."""
    return 85 if any(word in name for word in _RARELY) else 12


_RARELY = ("deleted", "cancelled", "canceled", "archived", "suspended", "revoked", "locked", "banned")


def column_maker(
    table: str, column: ColumnPlan, limits: Limits, bound: Sequence[Relation], count: Count | None
) -> Maker | None:
    """Return what makes a column within its limits; None where only row by row it can be made."""
    share = 0 if not column.is_nullable or limits.is_required else null_share(column.name)
    if limits.is_null:
        return lambda lot, wholes: [NULL] * len(lot)
    if count is not None:
        counter = None if bound else counter_of(table, column, limits, count)
        return (
            None if counter is None else _nulled(column.name, 0 if count.modulus else share, _counting(counter, count))
        )
    measure = measure_of(column.kind)
    if measure is not None and (bound or limits.allowed is None):
        return _measured(table, column, limits, measure, bound, share)
    drawing = None if bound else _drawing(table, column, limits)
    return None if drawing is None else _nulled(column.name, share, drawing)


def _nulled(name: str, share: int, maker: Maker) -> Maker:
    if not share:
        return maker

    def make(lot: Lot, wholes: Wholes) -> list[str]:
        texts = maker(lot, wholes)
        return [NULL if is_null else text for text, is_null in zip(texts, _nulls(name, share, lot), strict=True)]

    return make


def _nulls(name: str, share: int, lot: Lot) -> list[bool]:
    border = share * (1 << 32) // 100
    return [chance < border for chance in lot.dice(f"{name}\x1fnull")]


def _measured(
    table: str, column: ColumnPlan, limits: Limits, measure: Measure, bound: Sequence[Relation], share: int
) -> Maker | None:
    name = column.name
    span = span_of(measure, Wanted(table, name, column.kind, limits, 0))
    excluded = {measure.read(text) for text in limits.excluded}
    choices = [] if limits.allowed is None else [measure.read(text) for text in limits.allowed]
    if choices and (bound or None in choices):
        return None

    def make(lot: Lot, wholes: Wholes) -> list[str]:
        values = _bound(span, lot, name, bound, wholes) if bound else drawn(span, lot, name)
        whole = _apart(values, excluded) if excluded else values
        if not share:
            wholes[name] = whole
            return measure.texts(whole)
        nulls = _nulls(name, share, lot)
        wholes[name] = [None if is_null else value for value, is_null in zip(whole, nulls, strict=True)]
        return [NULL if is_null else text for text, is_null in zip(measure.texts(whole), nulls, strict=True)]

    return make


def _apart(values: Iterable[int], excluded: set[int | None]) -> list[int]:
    found = []
    for value in values:
        while value in excluded:
            value += 1
        found.append(value)
    return found


def _bound(span: Span, lot: Lot, name: str, bound: Sequence[Relation], wholes: Wholes) -> list[int]:
    count = len(lot)
    lows: Whole = [None] * count
    highs: Whole = [None] * count
    for relation in bound:
        other = relation.other(wholes, count)
        if relation.op in (">", ">=", "="):
            lows = _tighter(lows, other, relation.op == ">", max)
        if relation.op in ("<", "<=", "="):
            highs = _tighter(highs, other, -(relation.op == "<"), min)
    values = between(span, lot, name, lows, highs)
    for relation in bound:
        if relation.op == "<>":
            others = relation.other(wholes, count)
            values = [v + 1 if v == other else v for v, other in zip(values, others, strict=True)]
    return values


def _tighter(known: Whole, other: Whole, change: int, choose: Callable[[int, int], int]) -> Whole:
    return [
        one if two is None else two + change if one is None else choose(one, two + change)
        for one, two in zip(known, other, strict=True)
    ]


def _counting(counter: Counter, count: Count) -> Maker:
    return lambda lot, wholes: counter.texts(lot, count.of(lot.numbers))


def counter_of(table: str, column: ColumnPlan, limits: Limits, count: Count) -> Counter | None:
    """Return what gives every row a value of its own; None where that takes a look at all the others."""
    kind, name = column.kind, column.name
    if limits.allowed is not None or kind.labels or kind.name == "boolean":
        return _of_choices([text for text in _choices(column, limits) if text not in limits.excluded])
    if kind.is_array or kind.fields:
        return None
    wanted = Wanted(table, name, kind, limits, 0, 0)
    measure = measure_of(kind)
    if measure is not None:
        return None if limits.excluded else _of_measure(measure, span_of(measure, wanted))
    if kind.family == Family.STRING:
        return own_text(wanted, name, is_folded=count.is_folded)
    if kind.family == Family.UUID:
        return Counter(lambda lot, counted: _uuids(lot.seed, table, name, counted))
    return _of_rows(wanted) if kind.name in _NUMBERED else None


def _choices(column: ColumnPlan, limits: Limits) -> tuple[str, ...]:
    return limits.allowed if limits.allowed is not None else column.kind.labels or ("true", "false")


def _of_choices(choices: list[str]) -> Counter | None:
    texts = list(map(copied, choices))
    return (
        Counter(lambda lot, counted: [texts[number % len(texts)] for number in counted], len(texts)) if texts else None
    )


def _of_measure(measure: Measure, span: Span) -> Counter:
    return Counter(lambda lot, numbers: measure.texts(counted(measure, span, numbers)), span.size)


def _of_rows(wanted: Wanted) -> Counter:
    def texts(lot: Lot, counted: Sequence[int]) -> list[str]:
        family = Dice.family(lot.seed, lot.table, wanted.column)
        made = (make(_numbered(wanted, number), family(number, 0)) for number in counted)
        return [copied(text) for text in made]

    return Counter(texts, 1 << 24)


def _numbered(wanted: Wanted, number: int) -> Wanted:
    return Wanted(wanted.table, wanted.column, wanted.kind, wanted.limits, number, number)


@lru_cache(maxsize=1024)
def _factor(seed: int, table: str, name: str) -> tuple[int, int]:
    dice = Dice(seed, table, name, "uuid")
    return dice.next() << 56 ^ dice.next() | 1, dice.next() << 56 ^ dice.next()


def _uuids(seed: int, table: str, name: str, counted: Iterable[int]) -> list[str]:
    """Return UUIDs of version 4: a product with an odd number, so that no two numbers give the same."""
    factor, begin = _factor(seed, table, name)
    digits = [f"{number * factor + begin & _MASK_120:030x}" for number in counted]
    return [f"{d[:8]}-{d[8:12]}-4{d[12:15]}-a{d[15:18]}-{d[18:]}" for d in digits]


def _drawing(table: str, column: ColumnPlan, limits: Limits) -> Maker | None:
    """Return what draws values that may come again."""
    kind, name = column.kind, column.name
    if kind.family == Family.UUID and limits.allowed is None and not kind.is_array:
        return lambda lot, wholes: _uuids(lot.seed, table, name, lot.numbers)
    if kind.labels or limits.allowed is not None:
        texts = [copied(text) for text in _choices(column, limits) if text not in limits.excluded]
        return (
            _from(texts, name)
            if texts and not (kind.is_array and limits.allowed is None)
            else _pooled(table, column, limits)
        )
    wanted = Wanted(table, name, kind, limits, 0)
    found = phrase(wanted, name, is_own=False) if kind.family == Family.STRING and not kind.is_array else None
    if found is not None:
        return lambda lot, wholes: found.texts(lot, ())
    return _pooled(table, column, limits)


def _from(texts: Sequence[str], name: str) -> Maker:
    size = len(texts)
    return lambda lot, wholes: [texts[chance % size] for chance in lot.dice(name)]


def _pooled(table: str, column: ColumnPlan, limits: Limits) -> Maker | None:
    """Return what draws from a pool of values, each made when it is first wanted."""
    wanted = Wanted(table, column.name, column.kind, limits, 0)
    if make(wanted, Dice(0)) is None:
        return (lambda lot, wholes: [NULL] * len(lot)) if column.is_nullable else None
    pool: dict[int, str] = {}

    def one(family: Callable[[int, int], Dice], place: int) -> str:
        return copied(make(Wanted(table, column.name, column.kind, limits, place), family(place, 0)))

    def draw(lot: Lot, wholes: Wholes) -> list[str]:
        family = Dice.family(lot.seed, table, column.name)
        dice = lot.dice(column.name)
        wanted = {chance % _POOLED for chance in dice} if len(lot) < _POOLED else range(_POOLED)
        if len(pool) < _POOLED:
            pool.update({place: one(family, place) for place in wanted if place not in pool})
        return [pool[chance % _POOLED] for chance in dice]

    return draw
