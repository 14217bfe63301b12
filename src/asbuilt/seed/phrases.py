"""Text for many rows at once: words drawn from pools, or counted where every row has its own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import gcd, prod
from operator import add

from asbuilt.seed.dice import Dice
from asbuilt.seed.limits import Limits
from asbuilt.seed.lots import Lot
from asbuilt.seed.pattern import places
from asbuilt.seed.sql import copied
from asbuilt.seed.texts import Tag, Template, distinct, maker_for
from asbuilt.seed.values import ALPHABETS, Wanted, fit, width

Counted = Sequence[int]
_MOST_POOLED = 4096
_MOST_DIGITS = 12
_TRIED = (*range(40), 999, 65_535)
_STEPS = (7919, 611_953, 104_729, 1)
_USUAL_WIDTH = 10


@dataclass(frozen=True, slots=True)
class Phrase:
    """Text in parts: pools to draw from, and tags that count."""

    parts: tuple[Tag | tuple[str, ...], ...]
    purpose: str

    def texts(self, lot: Lot, counted: Counted) -> list[str]:
        columns = [self._part(number, part, lot, counted) for number, part in enumerate(self.parts)]
        if len(columns) == 1:
            return columns[0]
        return list(map(add, *columns)) if len(columns) == 2 else list(map("".join, zip(*columns, strict=True)))

    def _part(self, number: int, part: Tag | tuple[str, ...], lot: Lot, counted: Counted) -> list[str]:
        if isinstance(part, Tag):
            return [f"{part.before}{count + 1}" for count in counted]
        size = len(part)
        return [part[chance % size] for chance in lot.dice(f"{self.purpose}\x1f{number}")]

    @property
    def is_tagged(self) -> bool:
        return any(isinstance(part, Tag) for part in self.parts)

    def lengths(self) -> tuple[int, int]:
        """Return the fewest and the most characters that it comes to."""
        known = [[len(text) for text in part] for part in self.parts if not isinstance(part, Tag)]
        tags = [part for part in self.parts if isinstance(part, Tag)]
        tagged = sum(len(tag.before) + _MOST_DIGITS for tag in tags)
        return sum(map(min, known)) + 2 * len(tags), sum(map(max, known)) + tagged


@dataclass(frozen=True, slots=True)
class Counter:
    """Values of their own for every number below `capacity`; None is without end. `is_drawn`: in part they are the row's chance."""

    texts: Callable[[Lot, Counted], list[str]]
    capacity: int | None = None
    is_drawn: bool = False


def phrase(wanted: Wanted, purpose: str, *, is_own: bool) -> Phrase | None:
    """Return the phrase that fits the column's name; None where it does not keep to the column's limits."""
    template = maker_for(wanted.table, wanted.column)
    if not isinstance(template, Template):
        return None
    parts = [part for part in template.parts if is_own or not isinstance(part, Tag)]
    found = Phrase(tuple(_folded(parts, wanted.limits)), purpose)
    least, most = found.lengths()
    bound = _most(wanted)
    if least < wanted.limits.least or (bound is not None and most > bound):
        return None
    tried = found.texts(Lot(1, wanted.table, 0, range(len(_TRIED))), _TRIED)
    return found if all(map(wanted.limits.takes, tried)) else None


def _folded(parts: Sequence[str | Tag | tuple[str, ...]], limits: Limits) -> Iterator[Tag | tuple[str, ...]]:
    """Yield the parts with their neighbours in one pool, as long as it stays small."""
    pool: tuple[str, ...] = ("",)
    for part in parts:
        more = (part,) if isinstance(part, str) else part
        if isinstance(more, Tag) or len(pool) * len(more) > _MOST_POOLED:
            yield from (_cased(pool, limits),) if pool != ("",) else ()
            pool = ("",)
        if isinstance(more, Tag):
            yield more
        else:
            pool = tuple(one + other for one in pool for other in more)
    yield from (_cased(pool, limits),) if pool != ("",) else ()


def _cased(pool: tuple[str, ...], limits: Limits) -> tuple[str, ...]:
    changed = {"lower": str.lower, "upper": str.upper}.get(limits.case)
    return tuple(map(changed, pool)) if changed else pool


def own_text(wanted: Wanted, purpose: str, *, is_folded: bool) -> Counter | None:
    """Return text that never comes twice, `is_folded` whatever its case: as the column's name has it, else as patterns do, else letters."""
    found = phrase(wanted, purpose, is_own=True)
    if found is not None:
        return Counter(found.texts, is_drawn=True) if found.is_tagged else _by_turn(found.parts)
    for own in _candidates(wanted, purpose, is_folded):
        tried = [n for n in _TRIED if own.capacity is None or n < own.capacity]
        texts = own.texts(Lot(1, wanted.table, 0, range(len(tried))), tried)
        if all(map(wanted.limits.takes, texts)) and max(map(len, texts)) <= (_most(wanted) or _USUAL_WIDTH * 100):
            return own
    return None


def _candidates(wanted: Wanted, purpose: str, is_folded: bool) -> Iterator[Counter]:
    maker = maker_for(wanted.table, wanted.column)
    most = _most(wanted)
    if not isinstance(maker, Template) and distinct(maker) != 1:
        yield _as_named(wanted, purpose)
    for op, pattern in wanted.limits.patterns:
        found = places(pattern, limit=most) if not op.startswith("!") else ()
        if found:
            yield _by_places(tuple(map(_folded_chars, found)) if is_folded else found)
    size = max(wanted.limits.least, min(most or _USUAL_WIDTH, _USUAL_WIDTH))
    for alphabet in sorted(ALPHABETS[:3], key=lambda a: a[0].isupper() != _is_upper(wanted)):
        yield _by_places((alphabet,) * size)


def _folded_chars(chars: str) -> str:
    return "".join({char.lower(): char for char in reversed(chars)}.values())


def _is_upper(wanted: Wanted) -> bool:
    return wanted.limits.case == "upper" or "code" in wanted.column


def _as_named(wanted: Wanted, purpose: str) -> Counter:
    maker = maker_for(wanted.table, wanted.column)

    def text(lot: Lot, counted: Counted) -> list[str]:
        family = Dice.family(lot.seed, lot.table, purpose)
        return [copied(fit(maker(family(count, 0), count), wanted.limits)) for count in counted]

    return Counter(text, distinct(maker))


def _by_turn(parts: Sequence[Tag | tuple[str, ...]]) -> Counter:
    """Return the words of a closed list, each in its turn."""
    pool = tuple(map("".join, product(*(part for part in parts if not isinstance(part, Tag)))))
    step = next(step for step in _STEPS if gcd(step, len(pool)) == 1)
    return Counter(lambda lot, counted: [pool[count * step % len(pool)] for count in counted], len(pool))


def _by_places(found: tuple[str, ...]) -> Counter:
    """Return text whose characters are the digits of a number, stepped through so that neighbours differ."""
    capacity = prod(map(len, found))
    step = next(step for step in _STEPS if gcd(step, capacity) == 1)

    def one(number: int) -> str:
        chars = []
        for place in reversed(found):
            number, digit = divmod(number, len(place))
            chars.append(place[digit])
        return "".join(reversed(chars))

    return Counter(lambda lot, counted: [copied(one(count * step % capacity)) for count in counted], capacity)


def _most(wanted: Wanted) -> int | None:
    return min(filter(None, (wanted.limits.most, width(wanted.kind))), default=None)
