"""Who a row points at: which place of the keys that stand, for many rows at once."""

from collections.abc import Sequence

from asbuilt.seed.lots import Lot
from asbuilt.seed.parents import KeyValues, key_columns
from asbuilt.seed.sql import NULL

Places = Sequence[int | None]
_BITS = 32
NULL_SHARE = 12


def drawn(lot: Lot, purpose: str, count: int, *, is_covering: bool) -> list[int | None]:
    """Draw a place for every row, the early ones far more often than the late; `is_covering`: each place comes once at first."""
    if not count:
        return [None] * len(lot)
    places: list[int | None] = [chance * chance * count >> 2 * _BITS for chance in lot.dice(purpose)]
    if is_covering and lot.numbers[0] < count:
        return [number if number < count else place for number, place in zip(lot.numbers, places, strict=True)]
    return places


def before(lot: Lot, purpose: str, begin: int) -> list[int | None]:
    """Draw for every row a row of its own table that was made before it, from number `begin` on; the first has none."""
    pairs = zip(lot.numbers, lot.dice(purpose), strict=True)
    return [begin + ((number - begin) * chance >> _BITS) if number > begin else None for number, chance in pairs]


def within(places: Sequence[int], count: int) -> list[int | None]:
    """Leave those without a place that lie beyond the last."""
    return [place if place < count else None for place in places]


def apart(places: Places, others: Places, count: int) -> list[int | None]:
    """Move on the places that are the same as those of another key."""
    if count < 2:
        return list(places)
    pairs = zip(places, others, strict=True)
    return [(place + 1) % count if place is not None and place == other else place for place, other in pairs]


def some_left_out(lot: Lot, purpose: str, places: Places) -> list[int | None]:
    """Leave some rows without a place."""
    border = NULL_SHARE * (1 << _BITS) // 100
    dice = lot.dice(f"{purpose}\x1fnull")
    return [None if chance < border else place for chance, place in zip(dice, places, strict=True)]


def pointing(pool: Sequence[KeyValues], places: Places, width: int) -> list[list[str]]:
    """Return the columns of a key, empty where there is no place."""
    if None not in places:
        return key_columns(pool, [place for place in places if place is not None], width)
    known = key_columns(pool, [place for place in places if place is not None], width)
    return [_filled(places, texts) for texts in known]


def _filled(places: Places, texts: list[str]) -> list[str]:
    following = iter(texts)
    return [NULL if place is None else next(following) for place in places]
