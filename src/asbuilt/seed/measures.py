"""Values that are whole numbers underneath: of a number's last digit, of seconds, of days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation
from math import gcd

from asbuilt.model.types import Family
from asbuilt.seed.kinds import Kind
from asbuilt.seed.lots import Lot
from asbuilt.seed.values import Wanted, most_digits, number_bounds, time_bounds

Whole = Sequence[int | None]
_DAY = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(1970, 1, 1).toordinal()
_MOST_DICE = 1 << 32
_STEPS = (7919, 7907, 7901, 1)
_OWN_ROOM = {"second": timedelta(days=500), "day": timedelta(days=20_000)}
_USUAL_REACH = {"second": 30 * _DAY, "day": 30}


@dataclass(frozen=True, slots=True)
class Measure:
    """How numbers stand for values: `unit` is `number`, `second` or `day`; `scale` the digits after the point."""

    unit: str
    scale: int = 0
    zone: str = ""

    def texts(self, whole: list[int]) -> list[str]:
        """Return numbers as COPY takes the values that they stand for."""
        if self.unit == "day":
            days = _days(whole)
            return [days[day] for day in whole]
        if self.unit == "second":
            return _moments(whole, self.zone)
        return _decimals(whole, self.scale) if self.scale else list(map(str, whole))

    def read(self, text: str) -> int | None:
        """Return the number that stands for a value; None where it cannot be exact."""
        try:
            if self.unit == "number":
                found = Decimal(text).scaleb(self.scale)
                return int(found) if found == found.to_integral_value() else None
            moment = datetime.fromisoformat(text.strip().replace(" ", "T", 1))
        except (InvalidOperation, ValueError, OverflowError):
            return None
        seconds = int(((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH).total_seconds())
        return seconds // _DAY if self.unit == "day" else seconds


@dataclass(frozen=True, slots=True)
class Span:
    """What is usual, `low` to `high`, both included; `floor` and `ceiling` are what a value may not be outside of, if stated.

    `reach` is how far a value usually lies from the one of its row that it is bound to.
    """

    low: int
    high: int
    floor: int | None = None
    ceiling: int | None = None
    reach: int = 0

    @property
    def size(self) -> int:
        return self.high - self.low + 1


def measure_of(kind: Kind) -> Measure | None:
    """Return the measure of a kind; None where its values are no numbers underneath."""
    if kind.is_array or kind.labels or kind.fields:
        return None
    if kind.family == Family.INTEGER:
        return Measure("number")
    if kind.family in (Family.DECIMAL, Family.FLOAT) or kind.name == "money":
        arguments = kind.arguments
        return Measure("number", (max(arguments[1], 0) if len(arguments) > 1 else 0) if arguments else 2)
    if kind.family == Family.DATE:
        return Measure("day")
    return Measure("second", zone="" if "without" in kind.name else "+00") if kind.family == Family.TIMESTAMP else None


def span_of(measure: Measure, wanted: Wanted) -> Span:
    """Return what is usual for a column within its limits; all that is possible where every row has its own value."""
    limits = wanted.limits
    if measure.unit == "number":
        return _numbers(measure, wanted)
    begin, room = time_bounds(wanted)
    if wanted.number is not None and limits.high is None:
        room = _OWN_ROOM[measure.unit]
    low, high = int((begin - _EPOCH).total_seconds()), int((begin + room - _EPOCH).total_seconds())
    if measure.unit == "day":
        is_open = limits.low is not None and not limits.low[1] and low % _DAY == 0
        first, last = -(-low // _DAY) + is_open, high // _DAY - (limits.high is not None and not limits.high[1])
    else:
        first, last = low + 1, high - 1
    last = max(first, last)
    floor, ceiling = (first if limits.low is not None else None), (last if limits.high is not None else None)
    return Span(first, last, floor, ceiling, _USUAL_REACH[measure.unit])


def _numbers(measure: Measure, wanted: Wanted) -> Span:
    unit = Decimal(1).scaleb(-measure.scale)
    low, high = number_bounds(wanted, unit)
    first = int((low / unit).to_integral_value(ROUND_CEILING))
    last = max(first, int((high / unit).to_integral_value(ROUND_FLOOR)))
    floor = first if wanted.limits.low is not None else None
    most = last if wanted.limits.high is not None else int(most_digits(wanted.kind) / unit)
    return Span(first, last, floor, most, last - first)


def counted(measure: Measure, span: Span, numbers: Iterable[int]) -> list[int]:
    """Return a value of its own for every number below the span's size: numbers in order, times as they come."""
    if measure.unit == "number":
        return [span.low + number % span.size for number in numbers]
    step = next(step for step in _STEPS if gcd(step, span.size) == 1)
    return [span.low + number * step % span.size for number in numbers]


def drawn(span: Span, lot: Lot, purpose: str) -> list[int]:
    """Return a random value for every row."""
    low, size = span.low, span.size
    if size < _MOST_DICE:
        return [low + number % size for number in lot.dice(purpose)]
    both = zip(lot.dice(purpose), lot.dice(purpose + "\x1f"), strict=True)
    return [low + (one << 32 | other) % size for one, other in both]


def between(span: Span, lot: Lot, purpose: str, lows: Whole, highs: Whole) -> list[int]:
    """Return a random value for every row, not below the row's own `lows` and not above its `highs` where it has one."""
    rooms = [_room(span, low, high) for low, high in zip(lows, highs, strict=True)]
    return [first + number % (last - first + 1) for number, (first, last) in zip(lot.dice(purpose), rooms, strict=True)]


def _room(span: Span, low: int | None, high: int | None) -> tuple[int, int]:
    if low is None and high is None:
        return span.low, span.high
    if low is None and high is not None:
        first = span.low if span.low <= high else high - span.reach if span.floor is None else span.floor
        return first, max(first, min(span.high, high))
    first = max(low or 0, span.floor) if span.floor is not None else low or 0
    last = first + span.reach if high is None else high
    return first, max(first, last if span.ceiling is None else min(last, span.ceiling))


_MINUTES = tuple(f" {minute // 60:02d}:{minute % 60:02d}:" for minute in range(1440))
_ENDS = {zone: tuple(f"{second:02d}{zone}" for second in range(60)) for zone in ("", "+00")}


def _moments(times: list[int], zone: str) -> list[str]:
    ends, days = _ENDS[zone], _days({time // _DAY for time in times})
    return [days[time // _DAY] + _MINUTES[time % _DAY // 60] + ends[time % 60] for time in times]


def _days(whole: Iterable[int]) -> dict[int, str]:
    return {day: date.fromordinal(_FIRST_DAY + day).isoformat() for day in set(whole)}


def _decimals(whole: Iterable[int], scale: int) -> list[str]:
    unit = 10**scale
    if scale == 2:
        return [f"{n // 100}{_CENTS[n % 100]}" if n >= 0 else f"-{-n // 100}{_CENTS[-n % 100]}" for n in whole]
    form = f"%d.%0{scale}d"
    return [form % divmod(n, unit) if n >= 0 else "-" + form % divmod(-n, unit) for n in whole]


_CENTS = tuple(f".{cents:02d}" for cents in range(100))
