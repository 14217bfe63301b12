"""Trees as Python's own expressions, in SQL's logic of three values: is it true, is it false, what does it give.

A check is broken where its condition is false; where NULL keeps it from being either, it stands.
"""

import itertools
import re
from collections.abc import Callable
from typing import Any

from asbuilt.access.checks import evaluating, literals
from asbuilt.access.checks.patterns import python
from asbuilt.access.checks.trees import Call, Named, Tree, Value

_COMPARED = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_JOINTS = ("and", "or", "not")
_MIRRORED = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


class Writer:
    """Writes trees as source; `names` says how a column is called in it, `constants` gathers what the source needs."""

    def __init__(self, names: dict[str, str], constants: dict[str, Any]) -> None:
        self.names = names
        self.constants = constants
        self._count = itertools.count()

    def is_true(self, tree: Tree) -> str:
        return self._told(tree, True)

    def is_false(self, tree: Tree) -> str:
        return self._told(tree, False)

    def _told(self, tree: Tree, wanted: bool) -> str:
        """Return what tells whether a condition is as wanted, and not NULL."""
        if isinstance(tree, Call) and tree.name in ("and", "or"):
            joint = " and " if (tree.name == "and") == wanted else " or "
            return "(" + joint.join(self._told(arg, wanted) for arg in tree.args) + ")"
        if isinstance(tree, Call) and tree.name == "not":
            return self._told(tree.args[0], not wanted)
        if isinstance(tree, Call) and (test := _TESTS.get(tree.name)):
            return test(self, tree) if wanted else f"(not {test(self, tree)})"
        if isinstance(tree, Value):
            return str(tree.text == ("true" if wanted else "false"))
        if _is_strict(tree):
            value = self.plain(tree)
            return self._known(tree, value if wanted else f"not {value}")
        name = self._temporary()
        return f"(({name} := {self.value(tree)}) is not None and {'' if wanted else 'not '}{name})"

    def _known(self, tree: Tree, expression: str) -> str:
        """Return an expression that is asked only where nothing in the tree is NULL."""
        names = dict.fromkeys(self._columns(tree))
        return "(" + " and ".join([*(f"{name} is not None" for name in names), expression]) + ")"

    def _columns(self, tree: Tree) -> list[str]:
        if isinstance(tree, Named):
            return [self.names[tree.column]]
        return [name for arg in tree.args for name in self._columns(arg)] if isinstance(tree, Call) else []

    def value(self, tree: Tree) -> str:
        """Return what gives a tree's value, None for NULL."""
        if isinstance(tree, Call) and (special := _LENIENT.get(tree.name)):
            return special(self, tree)
        if isinstance(tree, Value) and tree.text is None:
            return "None"
        if isinstance(tree, Call) and (tree.name in _JOINTS or tree.name in _TESTS):
            return f"(True if {self.is_true(tree)} else False if {self.is_false(tree)} else None)"
        if _is_strict(tree):
            names = dict.fromkeys(self._columns(tree))
            known = " and ".join(f"{name} is not None" for name in names)
            return (
                f"({self.plain(tree)} if {known} else None)"
                if known and not isinstance(tree, Named)
                else self.plain(tree)
            )
        assert isinstance(tree, Call)
        given = [self._temporary() for _ in tree.args]
        known = " and ".join(f"({n} := {self.value(a)}) is not None" for n, a in zip(given, tree.args, strict=True))
        return f"({self.call(tree, given)} if {known} else None)"

    def plain(self, tree: Tree) -> str:
        """Return what gives the value of a tree in which nothing is NULL."""
        if isinstance(tree, Named):
            return self.names[tree.column]
        if isinstance(tree, Value):
            return self.constant(literals.READ[tree.kind](tree.text or ""))
        if tree.name == "clock":
            return "None"
        return self.call(tree, [self.plain(arg) for arg in tree.args])

    def call(self, tree: Call, given: list[str]) -> str:
        """Return an operation over values that are not NULL."""
        if tree.name in _COMPARED:
            return self._comparison(tree, given)
        return WRITTEN[tree.name](self, tree, given)

    def _comparison(self, tree: Call, given: list[str]) -> str:
        clocks = [isinstance(arg, Call) and arg.name == "clock" for arg in tree.args]
        if not any(clocks):
            return f"({given[0]} {_COMPARED[tree.name]} {given[1]})"
        op, value = (tree.name, given[0]) if clocks[1] else (_MIRRORED[tree.name], given[1])
        clock = tree.args[clocks.index(True)]
        return f"{self.constant(evaluating.compared_with_clock)}({op!r}, {value}, {self.constant(_offset(clock))})"

    def constant(self, value: Any) -> str:
        if isinstance(value, int | str) and not (isinstance(value, int) and value < 0):
            return repr(value)
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name

    def _temporary(self) -> str:
        return f"t{next(self._count)}"

    def _is_null(self, tree: Call) -> str:
        return f"({self.value(tree.args[0])} is None)"

    def _distinct(self, tree: Call) -> str:
        left, right = map(self.value, tree.args)
        return f"({left} != {right})"

    def _coalesced(self, tree: Call) -> str:
        *first, last = map(self.value, tree.args)
        for value in reversed(first):
            name = self._temporary()
            last = f"({name} if ({name} := {value}) is not None else {last})"
        return last

    def _nullif(self, tree: Call) -> str:
        name = self._temporary()
        return f"(None if ({name} := {self.value(tree.args[0])}) == {self.value(tree.args[1])} else {name})"

    def _case(self, tree: Call) -> str:
        *pairs, otherwise = tree.args
        found = self.value(otherwise)
        for at in range(len(pairs) - 2, -1, -2):
            found = f"({self.value(pairs[at + 1])} if {self.is_true(pairs[at])} else {found})"
        return found

    def _extreme(self, tree: Call) -> str:
        """The greatest or least of what is not NULL."""
        function = evaluating.greatest if tree.name == "greatest" else evaluating.least
        return f"{self.constant(function)}({', '.join(map(self.value, tree.args))})"

    def _counted(self, tree: Call) -> str:
        """How many are NULL, or are not."""
        nulls = f"({', '.join(map(self.value, tree.args))},).count(None)"
        return nulls if tree.name == "nulls" else f"({len(tree.args)} - {nulls})"

    def _size(self, tree: Call) -> str:
        """How long a list is, NULL for an empty one."""
        name = self._temporary()
        size = self.constant(evaluating.size)
        return f"(None if ({name} := {self.value(tree.args[0])}) is None else {size}({name}) or None)"

    def _pattern(self, tree: Call) -> str:
        pattern = tree.args[1]
        assert isinstance(pattern, Value)
        return self.constant(re.compile(python(pattern.text or "")))


def _offset(clock: Tree) -> Any:
    """Return how far from the present a clock is set."""
    if not isinstance(clock, Call) or not clock.args:
        return literals.days(0)
    sign, by = clock.args
    assert isinstance(sign, Value)
    assert isinstance(by, Value)
    value = literals.READ[by.kind](by.text or "")
    span = literals.days(value) if by.kind == "int" else value
    return -span if sign.text == "-" else span


def _is_strict(tree: Tree) -> bool:
    """Tell whether a tree is NULL as soon as one of its columns is, and only then."""
    if isinstance(tree, Value):
        return tree.text is not None
    if isinstance(tree, Named):
        return True
    is_plain = tree.name not in _LENIENT and tree.name not in _TESTS and tree.name not in _JOINTS
    return is_plain and all(map(_is_strict, tree.args))


_TESTS: dict[str, Callable[[Writer, Call], str]] = {
    "is null": Writer._is_null,
    "is distinct": Writer._distinct,
    "is true": lambda w, t: w.is_true(t.args[0]),
    "is false": lambda w, t: w.is_false(t.args[0]),
}
"""Conditions that are never NULL."""
_LENIENT: dict[str, Callable[[Writer, Call], str]] = {
    "coalesce": Writer._coalesced,
    "nullif": Writer._nullif,
    "case": Writer._case,
    **dict.fromkeys(("greatest", "least"), Writer._extreme),
    **dict.fromkeys(("nonnulls", "nulls"), Writer._counted),
    "size or null": Writer._size,
}
"""What may be NULL where its columns are not, or the other way round."""


def _function(function: Any) -> Callable[[Writer, Call, list[str]], str]:
    return lambda writer, tree, given: f"{writer.constant(function)}({', '.join(given)})"


def _infix(op: str) -> Callable[[Writer, Call, list[str]], str]:
    return lambda writer, tree, given: f"({given[0]} {op} {given[1]})"


def _matching(function: Any) -> Callable[[Writer, Call, list[str]], str]:
    return lambda writer, tree, given: f"{writer.constant(function)}({given[0]}, {writer._pattern(tree)})"


def _trimmed(method: str) -> Callable[[Writer, Call, list[str]], str]:
    return lambda writer, tree, given: f"{given[0]}.{method}({given[1] if len(given) > 1 else repr(' ')})"


def _days(sign: str) -> Callable[[Writer, Call, list[str]], str]:
    return lambda writer, tree, given: f"({given[0]} {sign} {writer.constant(literals.days)}({given[1]}))"


WRITTEN: dict[str, Callable[[Writer, Call, list[str]], str]] = {
    **{op: _infix(op) for op in ("+", "-", "*", "/")},
    "div": _function(evaluating.div),
    "mod": _function(evaluating.mod),
    "exact +": _function(evaluating.EXACT.add),
    "exact -": _function(evaluating.EXACT.subtract),
    "exact *": _function(evaluating.EXACT.multiply),
    "abs": _function(abs),
    "float": _function(float),
    "matches": _matching(evaluating.matches),
    "matches ascii": _matching(evaluating.matches_ascii),
    "in": lambda writer, tree, given: f"({given[0]} in ({', '.join(given[1:])},))",
    "starts": lambda writer, tree, given: f"{given[0]}.startswith({given[1]})",
    "text": lambda writer, tree, given: given[0],
    "padded": lambda writer, tree, given: f"{given[0]}.ljust({given[1]})",
    "length": _function(len),
    "bytes": lambda writer, tree, given: f"len({given[0]}.encode())",
    "lower": _function(evaluating.lower),
    "upper": _function(evaluating.upper),
    "is lower": _function(evaluating.is_lower),
    "is upper": _function(evaluating.is_upper),
    "trim": _trimmed("strip"),
    "ltrim": _trimmed("lstrip"),
    "rtrim": _trimmed("rstrip"),
    "concat": _infix("+"),
    "size": _function(evaluating.size),
    "json type": _function(evaluating.json_type),
    "days": lambda writer, tree, given: f"({given[0]} - {given[1]}).days",
    "date +": _days("+"),
    "date -": _days("-"),
    "elapsed": _infix("-"),
    "midnight": _function(literals.midnight),
}
"""Every operation over values that are not NULL."""
