"""Rows that a check must refuse: a valid row with one or two values changed, judged by the expected expression."""

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from itertools import islice, permutations, product

from asbuilt.engines.base import Session
from asbuilt.engines.state import ConstraintState, DatabaseState, TableState
from asbuilt.model.types import Family
from asbuilt.seed.expressions import Call, columns, constants, parse
from asbuilt.seed.judge import judge
from asbuilt.seed.kinds import Kind, kind_of
from asbuilt.seed.limits import Row

_MOST = 400
_NUMBERS = ("-1", "0", "1", "-1000000", "30000", "1000000", "0.5")
_TIMES = ("1900-01-01", "1999-12-31", "2023-01-01", "2999-01-01")
_TEXTS = ("", " ", "x", "!", "asbuilt stranger", "ASBUILT", "asbuilt", "é", "1", "-1", "a@b", "x" * 300, "9" * 40)
_JSON = ("[]", "{}", '"x"', "1", "null")


def violating(
    session: Session, state: DatabaseState, table: TableState, check: ConstraintState, row: Row, actual: str = ""
) -> Row | None:
    """Return a row that `check` is false for, if possible one that no other check is; None where none is found.

    Where another condition stands in its place, `actual`, a row that this one lets through is preferred.
    """
    expression = check.expression or ""
    others = _others(table, check)
    tried = list(islice(candidates(state, table, (expression, actual or expression), row), _MOST))
    verdicts = judge(session, table, tried, [expression, actual or expression, *others])
    wrong = [(c, v) for c, v in zip(tried, verdicts, strict=True) if v and v[0] is False]
    let_through = [(c, v) for c, v in wrong if v[1] is not False]
    ranked = [c for c, v in [*let_through, *wrong] if False not in v[2:]] or [c for c, _ in [*let_through, *wrong]]
    return ranked[0] if ranked else None


def refused_anyway(
    session: Session, state: DatabaseState, table: TableState, check: ConstraintState, row: Row, actual: str
) -> Row | None:
    """Return a row that all of the table's checks let through, but `actual`, which stands in `check`'s place, does not."""
    expression = check.expression or ""
    tried = list(islice(candidates(state, table, (expression, actual), row), _MOST))
    verdicts = judge(session, table, tried, [actual, expression, *_others(table, check)])
    return next((c for c, v in zip(tried, verdicts, strict=True) if v and v[0] is False and False not in v[1:]), None)


def _others(table: TableState, check: ConstraintState) -> list[str]:
    return [c.expression for c in table.constraints if c.kind == "check" and c.expression and c.name != check.name]


def candidates(state: DatabaseState, table: TableState, expressions: Iterable[str], row: Row) -> Iterator[Row]:
    """Yield the row with one or two of the values changed that the expressions speak of."""
    parsed = Call("and", tuple(map(parse, dict.fromkeys(expressions))))
    said = tuple(dict.fromkeys(constants(parsed)))
    names = sorted(name for name in columns(parsed) if name in row)
    options = {name: _options(state, table, name, said, row) for name in names}
    for name in names:
        for value in options[name]:
            yield {**row, name: value}
    for one, other in permutations(names, 2):
        yield {**row, one: row[other]}
    for one, other in ((a, b) for a in names for b in names if a < b):
        for left, right in product(options[one], options[other]):
            yield {**row, one: left, other: right}


def _options(state: DatabaseState, table: TableState, name: str, said: tuple[str, ...], row: Row) -> list[str | None]:
    column = table.column(name)
    if column is None:
        return []
    kind = kind_of(state, column.type)
    found: list[str | None] = [v for v in dict.fromkeys(_of_kind(kind, said, row.get(name))) if _fits(kind, v)]
    return [*found, None] if column.is_nullable else found


def _of_kind(kind: Kind, said: tuple[str, ...], current: str | None) -> Iterable[str]:
    if kind.is_array:
        return ("{}", '{""}', "{a,b,c,d,e,f,g,h,i,j,k,l}", "{1,2,3}")
    if kind.labels:
        return kind.labels
    if kind.family in (Family.INTEGER, Family.DECIMAL, Family.FLOAT):
        return [*_around(said), *_NUMBERS] if kind.family != Family.INTEGER else _whole([*_around(said), *_NUMBERS])
    if kind.family in (Family.TIMESTAMP, Family.DATE):
        return _TIMES
    if kind.family == Family.BOOLEAN:
        return ("true", "false")
    if kind.family == Family.JSON:
        return _JSON
    if kind.family == Family.RANGE:
        return ("empty", "(,)", *_half_open(current))
    if kind.family == Family.STRING:
        return [
            *_TEXTS,
            *_lengths(said),
            *((current.upper(), current.lower(), f"{current} !") if current else ()),
            *said,
        ]
    return ()


def _half_open(current: str | None) -> Iterator[str]:
    """Yield a range without its lower and without its upper end."""
    if current and current.count(",") == 1:
        low, high = current.split(",")
        yield from (f"(,{high}", f"{low},)")


def _around(said: tuple[str, ...]) -> Iterator[str]:
    for text in said:
        try:
            number = Decimal(text)
        except InvalidOperation:
            continue
        if number.is_finite() and abs(number) < 10**15:
            yield from (format(number + step, "f") for step in (Decimal(-1), Decimal(0), Decimal(1), Decimal("0.01")))


def _whole(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if "." not in text]


def _lengths(said: tuple[str, ...]) -> Iterator[str]:
    for text in said:
        if text.isdigit() and int(text) < 2000:
            yield from ("x" * length for length in (int(text) - 1, int(text), int(text) + 1) if length >= 0)


def _fits(kind: Kind, value: str) -> bool:
    """Tell whether the type itself takes the value: a check is not tried with what is refused before it."""
    if kind.family == Family.STRING and kind.arguments:
        return len(value) <= kind.arguments[0]
    if kind.name == "smallint":
        return abs(int(value)) <= 32767
    if kind.name == "integer":
        return abs(int(value)) <= 2147483647
    if kind.name == "numeric" and kind.arguments:
        scale = kind.arguments[1] if len(kind.arguments) > 1 else 0
        return abs(Decimal(value)) < Decimal(10) ** (kind.arguments[0] - scale)
    return True
