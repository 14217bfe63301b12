"""What a check lets through: its ways to be true, each a list of atoms about one column.

A check is brought into disjunctive form; a row follows one of its ways. What is not understood becomes an opaque atom:
such rows are tried on the server.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from asbuilt.seed.expressions import NOTHING, Call, Column, Const, Expression, constants, parse

MOST_WAYS = 24


@dataclass(frozen=True, slots=True)
class Atom:
    """`kind`: null, not null, one of, none of, compare, length, match, like, case, opaque.

    `op` is an operator where there is one; `values` literals; `other` the right side of a comparison.
    """

    kind: str
    column: str = ""
    op: str = ""
    values: tuple[str, ...] = ()
    other: Expression = NOTHING


Way = tuple[Atom, ...]
OPAQUE = Atom("opaque")
_NEGATED = {
    "=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">", "any =": "all <>", "all <>": "any =",
    "is null": "is not null", "is not null": "is null",
}  # fmt: skip
MIRRORED = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_WRAPPERS = frozenset({"btrim", "lower", "upper", "ltrim", "rtrim", "trim"})
_LENGTHS = frozenset({"length", "char_length", "character_length", "octet_length"})


@lru_cache(maxsize=2048)
def ways(condition: str) -> tuple[Way, ...]:
    """Return the ways in which `condition` is true, at least one."""
    found = list(_ways(parse(condition)))
    return tuple(found[:MOST_WAYS]) or ((OPAQUE,),)


def _ways(expression: Expression) -> Iterator[Way]:
    match expression:
        case Call("and", args):
            for parts in product(*(tuple(_ways(arg))[:MOST_WAYS] for arg in args)):
                yield tuple(atom for part in parts for atom in part)
        case Call("or", args):
            for arg in args:
                yield from _ways(arg)
        case Call("not", (inner,)):
            yield from _ways_not(inner)
        case Call("=", (Call("num_nonnulls", args), Const("1"))):
            yield from _one_of_columns(args)
        case Call(
            "=" | "<>" as op, (Call("is null" | "is not null" as left, a), Call("is null" | "is not null" as right, b))
        ):
            yield from _same_nullness((left == right) == (op == "="), a, b)
        case _:
            yield (_atom(expression),)


def _ways_not(inner: Expression) -> Iterator[Way]:
    match inner:
        case Call("and" | "or" as name, args):
            flipped = "or" if name == "and" else "and"
            yield from _ways(Call(flipped, tuple(Call("not", (arg,)) for arg in args)))
        case Call(name, args) if name in _NEGATED:
            yield from _ways(Call(_NEGATED[name], args))
        case Column(name):
            yield (Atom("one of", name, values=("false",)),)
        case _:
            yield (OPAQUE,)


def _one_of_columns(args: tuple[Expression, ...]) -> Iterator[Way]:
    names = [arg.name for arg in args if isinstance(arg, Column)]
    for chosen in names:
        yield tuple(Atom("not null" if name == chosen else "null", name) for name in names)


def _same_nullness(is_same: bool, a: tuple[Expression, ...], b: tuple[Expression, ...]) -> Iterator[Way]:
    one, other = a[0], b[0]
    if not isinstance(one, Column) or not isinstance(other, Column):
        yield (OPAQUE,)
        return
    for first in ("not null", "null"):
        second = first if is_same else {"null": "not null", "not null": "null"}[first]
        yield Atom(first, one.name), Atom(second, other.name)


def _atom(expression: Expression) -> Atom:
    match expression:
        case Column(name):
            return Atom("one of", name, values=("true",))
        case Call(name, (Column(column),)) if name in ("is null", "is not null"):
            return Atom(name.removeprefix("is "), column)
        case Call(name, (left, right)):
            return _comparison(name, left, right)
    return OPAQUE


def _comparison(name: str, left: Expression, right: Expression) -> Atom:
    column = _column_of(left)
    if column is None and name in MIRRORED and _column_of(right) is not None:
        left, right, name = right, left, MIRRORED[name]
        column = _column_of(left)
    if isinstance(left, Call) and left.name in _LENGTHS and isinstance(right, Const):
        return (
            Atom("length", _column_of(left.args[0]) or "", name, constants(right))
            if _column_of(left.args[0])
            else OPAQUE
        )
    if column is None:
        return OPAQUE
    make = _COMPARISONS.get(name)
    return make(column, name, left, right) if make else OPAQUE


def _column_of(expression: Expression) -> str | None:
    """Return the column, also inside a function that changes only its case or its edges."""
    if isinstance(expression, Call) and expression.name in _WRAPPERS and expression.args:
        return _column_of(expression.args[0])
    return expression.name if isinstance(expression, Column) else None


def _compare(column: str, op: str, left: Expression, right: Expression) -> Atom:
    if op == "=" and isinstance(right, Call) and right.name in _WRAPPERS and _column_of(right) == column:
        return Atom("case", column, right.name)
    if op == "=" and isinstance(left, Call) and left.name in _WRAPPERS and right == Column(column):
        return Atom("case", column, left.name)
    if op == "=" and isinstance(right, Const) and right.value is not None:
        return Atom("one of", column, values=(right.value,))
    if op == "<>" and isinstance(right, Const):
        return (
            Atom("length", column, ">", ("0",))
            if right.value == ""
            else Atom("none of", column, values=constants(right))
        )
    return Atom("compare", column, op, other=right)


def _listed(kind: str) -> Callable[[str, str, Expression, Expression], Atom]:
    return lambda column, op, left, right: Atom(kind, column, values=constants(right))


def _matched(kind: str) -> Callable[[str, str, Expression, Expression], Atom]:
    return lambda column, op, left, right: Atom(kind, column, op, constants(right)) if constants(right) else OPAQUE


_COMPARISONS: dict[str, Callable[[str, str, Expression, Expression], Atom]] = {
    **dict.fromkeys(MIRRORED, _compare),
    "any =": _listed("one of"),
    "all <>": _listed("none of"),
    **dict.fromkeys(("~", "~*", "!~", "!~*"), _matched("match")),
    **dict.fromkeys(("~~", "~~*", "!~~", "!~~*"), _matched("like")),
}


def columns_of(atoms: Iterable[Atom]) -> frozenset[str]:
    """Return the columns that the atoms are about."""
    return frozenset(atom.column for atom in atoms if atom.column)
