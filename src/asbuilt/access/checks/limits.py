"""What a check says of one column in the words of other languages: bounds, lengths, a pattern, the values allowed."""

from collections.abc import Iterator

from msgspec import Struct

from asbuilt.access.checks.trees import Call, Named, Tree, Value, conjuncts

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}


class Limit(Struct, frozen=True):
    """One limit of a column. `rule`: minimum, above, maximum, below, shortest, longest, pattern, values.

    `bounds` are texts, of which all but `values` have one; `is_ascii`: the pattern speaks of ASCII texts only.
    """

    column: str
    rule: str
    bounds: tuple[str, ...]
    is_ascii: bool = False


def limits_of(condition: Tree) -> tuple[Limit, ...] | None:
    """Return a condition as limits that hold together; None where it says more than they could."""
    found = []
    for part in conjuncts(condition):
        limit = _limit(part)
        if limit is None:
            return None
        found += limit
    return tuple(found)


_BOUNDS = {"<": "below", "<=": "maximum", ">": "above", ">=": "minimum"}
_NUMBERS = ("int", "numeric", "float")


def _limit(tree: Tree) -> list[Limit] | None:
    if not isinstance(tree, Call):
        return None
    if tree.name in ("matches", "matches ascii") and isinstance(tree.args[0], Named):
        pattern = tree.args[1]
        assert isinstance(pattern, Value)
        return [Limit(tree.args[0].column, "pattern", (pattern.text or "",), tree.name == "matches ascii")]
    if tree.name == "in" and isinstance(subject := _plain(tree.args[0]), Named):
        return [Limit(subject.column, "values", tuple(_texts(tree.args[1:])))]
    return _compared(tree) if tree.name in _MIRRORED and len(tree.args) == 2 else None


def _plain(tree: Tree) -> Tree:
    return tree.args[0] if isinstance(tree, Call) and tree.name in ("text", "float") else tree


def _texts(args: tuple[Tree, ...]) -> Iterator[str]:
    for arg in args:
        if isinstance(arg, Value):
            yield arg.text or ""


def _compared(tree: Call) -> list[Limit] | None:
    name, (left, right) = tree.name, tree.args
    if isinstance(left, Value):
        name, left, right = _MIRRORED[name], right, left
    if not isinstance(right, Value) or right.text is None:
        return None
    left = _plain(left)
    if isinstance(left, Call) and left.name == "length" and isinstance(subject := _plain(left.args[0]), Named):
        return _long(subject.column, name, int(right.text))
    if not isinstance(left, Named):
        return None
    if name == "=":
        return [Limit(left.column, "values", (right.text,))]
    if name in _BOUNDS and left.kind in _NUMBERS:
        return [Limit(left.column, _BOUNDS[name], (right.text,))]
    return [Limit(left.column, "shortest", ("1",))] if (name, right.text, right.kind) == ("<>", "", "text") else None


def _long(column: str, op: str, bound: int) -> list[Limit] | None:
    """Return a length's bound; a text has no length below 0."""
    rules = {
        ">": [("shortest", bound + 1)], ">=": [("shortest", bound)], "<": [("longest", bound - 1)],
        "<=": [("longest", bound)], "=": [("shortest", bound), ("longest", bound)],
    }  # fmt: skip
    found = rules.get(op)
    return [Limit(column, rule, (str(count),)) for rule, count in found] if found else None
