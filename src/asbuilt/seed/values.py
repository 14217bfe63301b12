"""A value for a column of any type, within its limits, as the text that PostgreSQL reads."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation
from functools import lru_cache

from asbuilt.model.names import words as split_words
from asbuilt.model.types import Family
from asbuilt.seed.dice import Dice
from asbuilt.seed.kinds import Kind
from asbuilt.seed.limits import FUTURE, Limits
from asbuilt.seed.pattern import generate
from asbuilt.seed.texts import maker_for

BASE = datetime(2024, 1, 1, tzinfo=UTC)
_DAYS = 500
_WITHOUT_ZONE = len("2024-01-01 00:00:00")
_WHOLE = {"smallint": 32767, "integer": 2147483647, "bigint": 9223372036854775807, "oid": 4294967295}
_RANGES: tuple[tuple[str, tuple[int, int]], ...] = (
    (r"price|amount|total|cost|fee|balance|salary|budget|revenue|subtotal|tax|paid", (5, 400)),
    (r"rating|stars|score", (1, 5)),
    (r"percent|discount|rate|ratio|progress", (0, 60)),
    (r"latitude|\blat\b", (-60, 60)),
    (r"longitude|\blng\b|\blon\b", (-150, 150)),
    (r"year", (1990, 2024)),
    (r"month", (1, 12)),
    (r"\bday\b", (1, 28)),
    (r"hour", (0, 23)),
    (r"age\b", (18, 90)),
    (r"size|bytes|length|width|height|weight", (10, 5000)),
    (r"quantity|qty|count|stock|attempts|seats|capacity|nights|guests", (1, 40)),
    (r"order|position|index|sort|rank|level|priority", (0, 20)),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a value is wanted for. `number` is the row's where the value must be its own, else None; `row` always."""

    table: str
    column: str
    kind: Kind
    limits: Limits
    row: int
    number: int | None = None


def make(wanted: Wanted, dice: Dice) -> str | None:
    """Return a value, or None where no value of the type can be made."""
    limits, kind = wanted.limits, wanted.kind
    if limits.allowed is not None:
        return _choose([v for v in limits.allowed if v not in limits.excluded], wanted, dice)
    if kind.labels:
        choices = [label for label in kind.labels if label not in limits.excluded]
        value = _choose(choices, wanted, dice)
    else:
        maker = _composite if kind.fields else _BY_NAME.get(kind.name) or _BY_FAMILY.get(kind.family)
        value = maker(wanted, dice) if maker else None
    if kind.is_array and value is not None:
        return "{" + _quoted(value) + "}"
    return value


def _choose(choices: list[str], wanted: Wanted, dice: Dice) -> str | None:
    if not choices:
        return None
    return choices[wanted.number % len(choices)] if wanted.number is not None else dice.pick(choices)


def _text(wanted: Wanted, dice: Dice) -> str | None:
    limits = wanted.limits
    most = min(filter(None, (limits.most, width(wanted.kind))), default=None)
    maker = maker_for(wanted.table, wanted.column)
    for number in (wanted.number, wanted.number, None):
        text = fit(maker(dice, number), limits)
        if limits.takes(text) and (most is None or len(text) <= most) and (number is not None or wanted.number is None):
            return text
    return _from_pattern(wanted, dice, most) or _filler(wanted, dice, most)


def width(kind: Kind) -> int | None:
    """Return how many characters a kind holds; None where that is not bounded."""
    if kind.name in ("character varying", "character") and not kind.arguments:
        return 1 if kind.name == "character" else None
    return kind.arguments[0] if kind.arguments else None


def fit(text: str, limits: Limits) -> str:
    """Return a text brought nearer to its limits: its case, what has to be in it, how short it may be."""
    if limits.case:
        text = text.lower() if limits.case == "lower" else text.upper() if limits.case == "upper" else text
    for like in limits.likes:
        if like.strip("%_") not in text:
            text = like.replace("%", text, 1).replace("%", "").replace("_", "x")
    while len(text) < limits.least:
        text += " " + text
    return text


def _from_pattern(wanted: Wanted, dice: Dice, most: int | None) -> str | None:
    for op, pattern in wanted.limits.patterns:
        for _ in range(8 if not op.startswith("!") else 0):
            text = generate(pattern, dice, limit=most)
            if text is not None and wanted.limits.takes(text):
                return text
    return None


ALPHABETS = ("abcdefghkmnprstuvwxyz", "ABCDEFGHKMNPRSTUVWXYZ", "23456789", "-+#.*")


def _filler(wanted: Wanted, dice: Dice, most: int | None) -> str:
    """Text that only keeps to the length and, with one of some alphabets, to the patterns."""
    is_upper = wanted.limits.case == "upper" or "code" in wanted.column
    order = (1, 0, 2, 3) if is_upper else (0, 1, 2, 3)
    texts = [_of_letters(wanted, dice, most, ALPHABETS[number]) for number in order]
    return next((text for text in texts if wanted.limits.takes(text)), texts[0])


def _of_letters(wanted: Wanted, dice: Dice, most: int | None, letters: str) -> str:
    """Letters, and the row's number at the end where the text must be its own."""
    tag = "" if wanted.number is None else _in_letters(wanted.number, letters)
    length = max(wanted.limits.least, len(tag), 1 if most is None else min(most, 8))
    length = length if most is None else min(length, most)
    head = "".join(dice.pick(letters) for _ in range(max(0, length - len(tag))))
    return (head + tag)[-length:] if length else ""


def _in_letters(number: int, letters: str) -> str:
    text = ""
    while True:
        number, digit = divmod(number, len(letters))
        text = letters[digit] + text
        if not number:
            return text


@lru_cache(maxsize=4096)
def _usual(column: str) -> tuple[int, int]:
    name = " ".join(split_words(column))
    return next((bounds for pattern, bounds in _RANGES if re.search(pattern, name)), (1, 100))


def _number(wanted: Wanted, dice: Dice, scale: int) -> str:
    low, high = number_bounds(wanted, Decimal(1).scaleb(-scale))
    unit = Decimal(1).scaleb(-scale)
    first = (low / unit).to_integral_value(ROUND_CEILING)
    last = max(first, (high / unit).to_integral_value(ROUND_FLOOR))
    if wanted.number is not None:
        chosen = (
            first + wanted.number if first + wanted.number <= last else first + wanted.number % int(last - first + 1)
        )
    else:
        chosen = first + dice.below(int(last - first + 1))
    value = chosen * unit
    text = format(value.quantize(unit), "f")
    return _without(text, wanted.limits, unit, dice)


def _without(text: str, limits: Limits, unit: Decimal, dice: Dice) -> str:
    while text in limits.excluded:
        text = format(Decimal(text) + unit, "f")
    return text


def number_bounds(wanted: Wanted, unit: Decimal) -> tuple[Decimal, Decimal]:
    """Return the least and the greatest number that is usual for a column and within its limits."""
    limits, (low, high) = wanted.limits, map(Decimal, _usual(wanted.column))
    least, most = _as_number(limits.low, unit), _as_number(limits.high, -unit)
    span = high - low
    if least is not None and (low < least or (most is None and low > least + 1000000)):
        low = least
        high = max(high, low + span)
    if most is not None and high > most:
        high = most
        low = least if least is not None else min(low, high - min(span, abs(high)))
    if wanted.number is not None:
        high = most if most is not None else Decimal(_WHOLE.get(wanted.kind.name, 10**9))
    return low, min(high, most_digits(wanted.kind))


def most_digits(kind: Kind) -> Decimal:
    """Return the greatest number that a kind holds."""
    if kind.name == "numeric" and kind.arguments:
        scale = kind.arguments[1] if len(kind.arguments) > 1 else 0
        return Decimal(10) ** (kind.arguments[0] - scale) - Decimal(1).scaleb(-scale)
    return Decimal(_WHOLE.get(kind.name, 10**15))


def _as_number(bound: tuple[str, bool] | None, unit: Decimal) -> Decimal | None:
    if bound is None:
        return None
    try:
        return Decimal(bound[0]) + (0 if bound[1] else unit)
    except InvalidOperation:
        return None


def _integer(wanted: Wanted, dice: Dice) -> str:
    return _number(wanted, dice, 0)


def _decimal(wanted: Wanted, dice: Dice) -> str:
    arguments = wanted.kind.arguments
    return _number(wanted, dice, (arguments[1] if len(arguments) > 1 else 0) if arguments else 2)


def _moment(wanted: Wanted, dice: Dice) -> datetime:
    begin, room = time_bounds(wanted)
    return begin + _some_of(room, wanted, dice)


def time_bounds(wanted: Wanted) -> tuple[datetime, timedelta]:
    """Return when a time may be: of the past; what ends lies after what begins, what was changed after it was created."""
    low, high = _as_time(wanted.limits.low), _as_time(wanted.limits.high)
    if low is not None:
        room = timedelta(days=30) if wanted.number is None else timedelta(hours=12)
        return low, (high - low) if high is not None else room
    begin = _begin(wanted.column)
    if high is not None:
        begin = min(begin, high - timedelta(days=_DAYS))
    return begin, timedelta(days=_DAYS) if high is None else min(timedelta(days=_DAYS), high - begin)


@lru_cache(maxsize=1024)
def _begin(column: str) -> datetime:
    name = " ".join(split_words(column))
    begin = BASE - timedelta(days=365 * 35) if re.search("birth|dob", name) else BASE
    is_later = re.search(r"updated|modified|last|expires|ends?\b|until|due|deleted|completed", name)
    return begin + timedelta(days=_DAYS + 10) if is_later else begin


def _some_of(room: timedelta, wanted: Wanted, dice: Dice) -> timedelta:
    seconds = max(int(room.total_seconds()) - 1, 1)
    if wanted.number is not None:
        step = 86400 if wanted.kind.family == Family.DATE or seconds > 400 * 86400 else 3600
        return timedelta(seconds=(1 + wanted.number) * step % seconds)
    return timedelta(seconds=1 + dice.below(seconds - 1) if seconds > 2 else seconds)


def _as_time(bound: tuple[str, bool] | None) -> datetime | None:
    if bound is None:
        return None
    try:
        found = datetime.fromisoformat(bound[0].strip().replace(" ", "T", 1))
    except ValueError:
        return datetime.fromisoformat(FUTURE) if bound[0] == FUTURE else None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _timestamp(wanted: Wanted, dice: Dice) -> str:
    zone = "+00" if "without" not in wanted.kind.name else ""
    return _moment(wanted, dice).isoformat(" ", "seconds")[:_WITHOUT_ZONE] + zone


def _date(wanted: Wanted, dice: Dice) -> str:
    moment = _moment(wanted, dice)
    low, high = wanted.limits.low, wanted.limits.high
    day = f"{moment:%Y-%m-%d}"
    if low and not low[1] and day <= low[0][:10]:
        day = f"{moment + timedelta(days=1):%Y-%m-%d}"
    return min(day, high[0][:10]) if high and high[1] else day


def _time(wanted: Wanted, dice: Dice) -> str:
    low = wanted.limits.low[0][:5] if wanted.limits.low else "06:00"
    hour = int(low[:2]) + dice.between(1, 8)
    return f"{min(hour, 23):02d}:{dice.below(4) * 15:02d}:00"


def _uuid(wanted: Wanted, dice: Dice) -> str:
    digits = f"{dice.next():016x}{dice.next():016x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{'89ab'[dice.below(4)]}{digits[17:20]}-{digits[20:]}"


def _boolean(wanted: Wanted, dice: Dice) -> str:
    if wanted.number is not None:
        return ("true", "false")[wanted.number % 2]
    return "true" if dice.happens(70) else "false"


def _json(wanted: Wanted, dice: Dice) -> str:
    if re.search(r"tags|list|items|roles|features|images|permissions", wanted.column):
        return f'["{maker_for("", "slug")(dice, wanted.number)}"]'
    return f'{{"note": "{maker_for("", "slug")(dice, wanted.number)}"}}'


def _interval(wanted: Wanted, dice: Dice) -> str:
    return f"{dice.between(1, 90) if wanted.number is None else wanted.number + 1} minutes"


def _bytes(wanted: Wanted, dice: Dice) -> str:
    return f"\\x{dice.next():016x}"


def _network(wanted: Wanted, dice: Dice) -> str:
    if wanted.kind.name == "macaddr":
        return ":".join(f"{dice.below(256):02x}" for _ in range(6))
    return maker_for("", "ip")(dice, wanted.number) + ("/32" if wanted.kind.name == "cidr" else "")


def _search(wanted: Wanted, dice: Dice) -> str:
    return (
        f"{maker_for('', 'slug')(dice, wanted.number).replace('-', ' ')}"
        if wanted.kind.name == "tsvector"
        else "lantern"
    )


def _range(wanted: Wanted, dice: Dice) -> str:
    """A range of its own: no two rows overlap."""
    if wanted.kind.name in ("tsrange", "tstzrange", "daterange"):
        start = BASE + timedelta(days=3 * wanted.row)
        return f"[{start:%Y-%m-%d},{start + timedelta(days=2):%Y-%m-%d})"
    return f"[{10 * wanted.row},{10 * wanted.row + 5})"


def _composite(wanted: Wanted, dice: Dice) -> str:
    parts = [make(Wanted(wanted.table, name, kind, Limits(), wanted.row), dice) for name, kind in wanted.kind.fields]
    return f"({','.join('' if part is None else _quoted(part) for part in parts)})"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _as_dates(wanted: Wanted) -> Wanted:
    return replace(wanted, kind=replace(wanted.kind, name="daterange"))


def _point(wanted: Wanted, dice: Dice) -> str | None:
    return f"({dice.between(-60, 60)},{dice.between(-150, 150)})" if wanted.kind.name == "point" else None


def _bit(wanted: Wanted, dice: Dice) -> str:
    return "".join(dice.pick("01") for _ in range(wanted.kind.arguments[0] if wanted.kind.arguments else 1))


def _sample(text: str) -> Callable[[Wanted, Dice], str | None]:
    return lambda wanted, dice: text


_BY_NAME: dict[str, Callable[[Wanted, Dice], str | None]] = {
    "char": _sample("c"),
    "bit": _bit,
    "bit varying": _bit,
    "varbit": _bit,
    "hstore": _sample('"note"=>"x"'),
    "money": lambda wanted, dice: _number(wanted, dice, 2),
    "xml": _sample("<note>lantern</note>"),
    "jsonpath": _sample("$.note"),
    "pg_lsn": lambda wanted, dice: f"0/{wanted.row + 1:X}",
    "regclass": _sample("pg_class"),
    "macaddr8": lambda wanted, dice: ":".join(f"{dice.below(256):02x}" for _ in range(8)),
    "line": _sample("{1,2,3}"),
    "lseg": _sample("[(0,0),(1,1)]"),
    "box": _sample("(1,1),(0,0)"),
    "path": _sample("((0,0),(1,1),(2,0))"),
    "polygon": _sample("((0,0),(1,1),(2,0))"),
    "circle": _sample("<(0,0),2>"),
    **dict.fromkeys(
        ("int4multirange", "int8multirange", "nummultirange"),
        lambda wanted, dice: f"{{[{10 * wanted.row},{10 * wanted.row + 5})}}",
    ),
    **dict.fromkeys(
        ("datemultirange", "tsmultirange", "tstzmultirange"),
        lambda wanted, dice: f"{{{_range(_as_dates(wanted), dice)}}}",
    ),
}
_BY_FAMILY: dict[Family, Callable[[Wanted, Dice], str | None]] = {
    Family.STRING: _text,
    Family.INTEGER: _integer,
    Family.DECIMAL: _decimal,
    Family.FLOAT: _decimal,
    Family.BOOLEAN: _boolean,
    Family.TIMESTAMP: _timestamp,
    Family.DATE: _date,
    Family.TIME: _time,
    Family.UUID: _uuid,
    Family.JSON: _json,
    Family.INTERVAL: _interval,
    Family.BYTES: _bytes,
    Family.NETWORK: _network,
    Family.SEARCH: _search,
    Family.RANGE: _range,
    Family.GEOMETRY: _point,
}
