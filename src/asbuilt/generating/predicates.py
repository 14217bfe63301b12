"""Checks as expressions of TypeScript that tell whether a row breaks them: where numbers and texts mean there what they mean on the server.

Arithmetic beyond whole numbers, upper and lower case and the present are left to the server.
"""

import datetime
import json
from collections.abc import Callable, Mapping

from asbuilt.access.checks import literals
from asbuilt.access.checks.trees import Call, Named, Tree, Value

_OPS = {"=": "===", "<>": "!==", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_NUMBERS = ("int", "numeric", "float")
_COMPARABLE = frozenset({*_NUMBERS, "text", "bpchar", "enum", "uuid", "bool", "date", "timestamp", "timestamptz"})
_TIMES = ("date", "timestamp", "timestamptz")


class _Untold(Exception):
    """Something that is not surely the same there."""


def broken(condition: Tree, names: Mapping[str, str]) -> str | None:
    """Return what is true where the condition is false for certain, over local `names` of the columns; None where only the server can tell."""
    try:
        return _Writer(names).told(condition, False)
    except _Untold:
        return None


class _Writer:
    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def told(self, tree: Tree, wanted: bool) -> str:
        """Return what tells whether a condition is as wanted, and not unknown."""
        if isinstance(tree, Call) and tree.name in ("and", "or"):
            joint = " && " if (tree.name == "and") == wanted else " || "
            return "(" + joint.join(self.told(arg, wanted) for arg in tree.args) + ")"
        if isinstance(tree, Call) and tree.name == "not":
            return self.told(tree.args[0], not wanted)
        if isinstance(tree, Call) and tree.name == "is null" and isinstance(tree.args[0], Named):
            return f"({self.names[tree.args[0].column]} {'===' if wanted else '!=='} null)"
        known = [f"known({name})" for name in dict.fromkeys(self._columns(tree))]
        if isinstance(tree, Call) and tree.name in _ASCII:
            known += [f"ascii({self.value(tree.args[0])})"]
        return "(" + " && ".join([*known, f"{'' if wanted else '!'}({self.value(tree)})"]) + ")"

    def _columns(self, tree: Tree) -> list[str]:
        if isinstance(tree, Named):
            return [self.names[tree.column]]
        return [name for arg in tree.args for name in self._columns(arg)] if isinstance(tree, Call) else []

    def value(self, tree: Tree) -> str:
        if isinstance(tree, Named):
            return self.names[tree.column] if tree.kind in _COMPARABLE else _untold()
        if isinstance(tree, Value):
            return _constant(tree)
        if tree.name in _OPS:
            if tree.args[0].kind not in _COMPARABLE:
                raise _Untold
            return f"{self.value(tree.args[0])} {_OPS[tree.name]} {self.value(tree.args[1])}"
        maker = _WRITTEN.get(tree.name)
        return maker(tree, [self.value(arg) for arg in tree.args]) if maker else _untold()


def _untold() -> str:
    raise _Untold


def _constant(value: Value) -> str:
    if value.text is None:
        raise _Untold
    if value.kind in _TIMES:
        return _milliseconds(literals.READ[value.kind](value.text))
    if value.kind in _NUMBERS or value.kind == "bool":
        return value.text
    return json.dumps(value.text.lower() if value.kind == "uuid" else value.text, ensure_ascii=False)


def _milliseconds(value: datetime.date) -> str:
    """Return a date or time as TypeScript counts it; those that are finer the server compares."""
    moment = value if isinstance(value, datetime.datetime) else literals.midnight(value)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    span = aware - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return str(span // datetime.timedelta(milliseconds=1)) if not moment.microsecond % 1000 else _untold()


def _matching(tree: Call, given: list[str]) -> str:
    pattern = tree.args[1]
    assert isinstance(pattern, Value)
    return f"/{slashed(pattern.text or '')}/u.test({given[0]})"


def slashed(pattern: str) -> str:
    """Return a pattern as it stands between two slashes."""
    return (
        pattern.replace("\n", "\\n").replace("\r", "\\r").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        or "(?:)"
    )


def _whole(op: str) -> Callable[[Call, list[str]], str]:
    return lambda tree, given: f"({given[0]} {op} {given[1]})" if tree.kind == "int" else _untold()


def _trimmed(tree: Call, given: list[str]) -> str:
    return f'{given[0]}.replace(/^ +| +$/g, "")' if len(given) == 1 else _untold()


_ASCII = ("matches ascii", "is lower", "is upper")
_WRITTEN: dict[str, Callable[[Call, list[str]], str]] = {
    "in": lambda tree, given: f"[{', '.join(given[1:])}].includes({given[0]})",
    "matches": _matching,
    "matches ascii": _matching,
    "is lower": lambda tree, given: f"{given[0]} === {given[0]}.toLowerCase()",
    "is upper": lambda tree, given: f"{given[0]} === {given[0]}.toUpperCase()",
    "length": lambda tree, given: f"characters({given[0]})",
    "trim": _trimmed,
    "text": lambda tree, given: given[0],
    "float": lambda tree, given: given[0],
    "starts": lambda tree, given: f"{given[0]}.startsWith({given[1]})",
    "+": _whole("+"),
    "-": _whole("-"),
}
