"""Fields in COPY's binary format: for each type, the Python that writes one. PostgreSQL's manual, COPY, and its `…_send` functions.

A field is its length and its bytes; neighbours of fixed length are packed together.
"""

import datetime
import struct
import uuid
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec

from asbuilt.access.schema import Column
from asbuilt.access.types import TEXT, bare

FIRST, LAST = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"
_MOMENT = "({0} - {1}) // MICROSECOND"
_FIXED: dict[str, tuple[str, str]] = {
    "smallint": ("h", "{0}"), "integer": ("i", "{0}"), "bigint": ("q", "{0}"), "oid": ("I", "{0}"),
    "boolean": ("?", "{0}"), "real": ("f", "{0}"), "double precision": ("d", "{0}"),
    "uuid": ("16s", "(UUID({0}) if isinstance({0}, str) else {0}).bytes"),
    "time without time zone": ("q", "(({0}.hour * 60 + {0}.minute) * 60 + {0}.second) * 1000000 + {0}.microsecond"),
    "timestamp with time zone": ("q", _MOMENT.format("{0}", "AWARE")),
    "interval": ("qii", "{0}.seconds * 1000000 + {0}.microseconds, {0}.days, 0"),
}  # fmt: skip
_ENDING: dict[str, tuple[str, str, str]] = {
    "date": ("i", "{0}.toordinal() - DAY", "date"),
    "timestamp without time zone": ("q", _MOMENT.format("{0}", "NAIVE"), "datetime"),
}
"""Types whose first and last value are for asyncpg those without an end."""
_LONG: dict[str, str] = {
    **dict.fromkeys(TEXT, "{0}.encode()"),
    "json": "json({0})",
    "jsonb": "b'\\1' + json({0})",
    "bytea": "bytes({0})",
    "numeric": "numeric({0})",
}


def is_binary(column: Column) -> bool:
    """Tell whether a column's values are written here."""
    return not column.type.endswith("[]") and _kind(column) in _KNOWN


def _kind(column: Column) -> str:
    return "text" if column.values else bare(column.type)


def written(columns: Sequence[Column], *, is_endless: bool) -> Callable[[Sequence[Sequence[Any]]], bytes]:
    """Return what writes rows of these columns as bytes. `is_endless`: the first and the last day stand for those without end."""
    source = _Source(columns, is_endless)
    names = ", ".join(f"v{at}" for at in range(len(columns)))
    text = f"def write(rows):\n    out = []\n    for {names}, in rows:\n        out += {', '.join(source.pieces())},\n    return b''.join(out)"
    exec(compile(text, "<rows for COPY>", "exec"), source.space)
    write: Callable[[Sequence[Sequence[Any]]], bytes] = source.space["write"]
    return write


class _Source:
    """Writes the expressions of a row's bytes; `space` is what they name."""

    def __init__(self, columns: Sequence[Column], is_endless: bool) -> None:
        self._columns = columns
        self._is_endless = is_endless
        self.space: dict[str, Any] = {**_SPACE}
        self._layouts, self._values = ["h"], [str(len(columns))]

    def pieces(self) -> Iterator[str]:
        for at, column in enumerate(self._columns):
            if column.is_nullable or column.is_amended:
                yield from self._packed()
                yield f"NULL if v{at} is None else {self._nullable(column, f'v{at}')}"
            elif (fixed := self._fixed(column)) is not None:
                self._pack(fixed, f"v{at}")
            else:
                self._layouts.append("i")
                self._values.append(f"len(b{at} := {_LONG[_kind(column)].format(f'v{at}')})")
                yield from self._packed()
                yield f"b{at}"
        yield from self._packed()

    def _fixed(self, column: Column) -> tuple[str, str] | None:
        kind = _kind(column)
        if kind not in _ENDING:
            return _FIXED.get(kind)
        layout, made, type = _ENDING[kind]
        ends = f"({made} if {type}.min < {{0}} < {type}.max else endless({{0}}, {type}.max, '{layout}'))"
        return layout, ends if self._is_endless else made

    def _pack(self, fixed: tuple[str, str], name: str) -> None:
        layout, made = fixed
        self._layouts += "i", layout
        self._values += str(struct.calcsize("!" + layout)), made.format(name)

    def _packed(self) -> Iterator[str]:
        """Yield what packs the fields of fixed length so far."""
        if self._layouts:
            yield self._packing("".join(self._layouts), ", ".join(self._values))
        self._layouts, self._values = [], []

    def _packing(self, layout: str, values: str) -> str:
        name = f"pack_{layout.replace('?', 'b')}"
        self.space[name] = struct.Struct("!" + layout).pack
        return f"{name}({values})"

    def _nullable(self, column: Column, name: str) -> str:
        fixed = self._fixed(column)
        if fixed is None:
            return f"pack_i(len(b := {_LONG[_kind(column)].format(name)})) + b"
        size = struct.calcsize("!" + fixed[0])
        return self._packing(f"i{fixed[0]}", f"{size}, {fixed[1].format(name)}")


def _endless(value: Any, last: Any, layout: str) -> int:
    most = 1 << (8 * struct.calcsize("!" + layout) - 1)
    return most - 1 if value == last else -most


def _numeric(value: Decimal | int | str) -> bytes:
    """Return a number as digits of base 10,000: how many, the weight of the first, the sign, the digits after the point."""
    text = str(value)
    is_negative = text[0] == "-"
    whole, _, part = text[is_negative:].partition(".")
    if not (whole + part).isdigit():
        return _unusual(Decimal(value))
    groups = _groups(whole + part, _SHIFTS[len(part) % 4])
    count = len(groups)
    sign = _NEGATIVE if is_negative else 0
    return _packs(count)(count, count - 1 - (len(part) + 3) // 4, sign, len(part), *reversed(groups))


def _groups(digits: str, shift: int) -> list[int]:
    """Return a number's digits of base 10,000, the last one first."""
    if len(digits) > _MOST_DIGITS:
        digits += str(shift)[1:]
        return [int(digits[max(at - 4, 0) : at]) for at in range(len(digits), 0, -4)]
    groups: list[int] = []
    rest = int(digits) * shift
    while rest:
        rest, group = divmod(rest, 10_000)
        groups.append(group)
    return groups


def _unusual(value: Decimal) -> bytes:
    """Return a number that is written with an exponent, or that is none."""
    sign, _, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return _packs(0)(0, 0, _UNREAL[exponent, sign if exponent == "F" else 0], 0)
    return _numeric(format(value, "f"))


@cache
def _packs(count: int) -> Callable[..., bytes]:
    return struct.Struct(f"!HhHH{count}H").pack


_SHIFTS = (1, 1000, 100, 10)
_NEGATIVE = 0x4000
_MOST_DIGITS = 1000
"""More of them Python does not make an int of in time that grows with their number."""
_UNREAL = {("n", 0): 0xC000, ("N", 0): 0xC000, ("F", 0): 0xD000, ("F", 1): 0xF000}
_SPACE: dict[str, Any] = {
    "NULL": _NULL, "UUID": uuid.UUID, "json": msgspec.json.encode, "numeric": _numeric, "endless": _endless,
    "date": datetime.date, "datetime": datetime.datetime, "DAY": datetime.date(2000, 1, 1).toordinal(),
    "AWARE": datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC), "NAIVE": datetime.datetime(2000, 1, 1),
    "MICROSECOND": datetime.timedelta(microseconds=1), "pack_i": struct.Struct("!i").pack,
}  # fmt: skip
_KNOWN = frozenset({*_FIXED, *_ENDING, *_LONG})
