"""Conditions of SQL, as the server deparses them, to trees: only what means the same here and there.

Every part has a kind; where kinds do not meet as the server would let them, or a function depends on more than its
arguments, nothing is returned: the server decides alone.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from asbuilt.access.checks import literals
from asbuilt.access.checks.operations import (
    COMPARED,
    FUNCTIONS,
    MATCHES,
    NUMBERS,
    ORDERED,
    Unknown,
    among,
    compared,
    converted,
    is_clock,
    joined,
    literal,
    negated,
    one_kind,
    unknown,
)
from asbuilt.access.checks.trees import Call, Named, Tree, Value, parts
from asbuilt.reading.sql.syntax import Parsed, parse_expression, strings, unwrapped, word_of


class Scope(Struct, frozen=True):
    """What a condition can speak of: the kinds of columns by name, the widths of padded ones, the names of enumerations."""

    kinds: Mapping[str, str]
    widths: Mapping[str, int] = {}
    enums: frozenset[str] = frozenset()


def tree_of(condition: str, scope: Scope) -> Tree | None:
    """Return a condition as a tree, None where it cannot be told for certain here."""
    tree = _read(condition, scope)
    if tree is None or tree.kind != "bool" or isinstance(tree, Value):
        return None
    return tree if not any(map(_is_clock_astray, parts(tree))) else None


def constant_of(expression: str, scope: Scope) -> Value | None:
    """Return a constant, as a default is one; None for what the server has to reckon."""
    tree = _read(expression, scope)
    return tree if isinstance(tree, Value) else None


def _read(expression: str, scope: Scope) -> Tree | None:
    parsed = parse_expression(expression)
    if not isinstance(parsed, Parsed):
        return None
    try:
        return _Reader(scope).read(parsed.node.target_list[0].res_target.val)
    except (Unknown, RecursionError):
        return None


def _is_clock_astray(tree: Tree) -> bool:
    """Tell whether the present is used for anything but being compared with what the row has."""
    if not isinstance(tree, Call) or not any(map(is_clock, tree.args)):
        return False
    return tree.name not in COMPARED or all(map(is_clock, tree.args))


_CLOCKS = {
    "now": "timestamptz", "current_timestamp": "timestamptz", "transaction_timestamp": "timestamptz",
    "statement_timestamp": "timestamptz", "clock_timestamp": "timestamptz", "current_date": "date",
    "localtimestamp": "timestamp",
}  # fmt: skip
_TESTS = {
    "IS_TRUE": ("is true", False), "IS_NOT_TRUE": ("is true", True), "IS_FALSE": ("is false", False),
    "IS_NOT_FALSE": ("is false", True), "IS_UNKNOWN": ("is null", False), "IS_NOT_UNKNOWN": ("is null", True),
}  # fmt: skip


class _Reader:
    """Reads the parser's nodes over columns of known kinds."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def read(self, node: Any) -> Tree:
        name, inner = unwrapped(node)
        reader = _READERS.get(name)
        if reader is None:
            raise Unknown
        return reader(self, inner)

    def all(self, nodes: Any) -> tuple[Tree, ...]:
        return tuple(self.read(node) for node in nodes)

    def column(self, node: Any) -> Tree:
        names = strings(node.fields)
        kind = self.scope.kinds.get(names[-1]) if names else None
        if kind is None:
            raise Unknown
        return Named(names[-1], kind)

    def constant(self, node: Any) -> Tree:
        which = node.WhichOneof("val")
        if node.isnull or which is None:
            return Value(None, "null")
        if which == "boolval":
            return Value("true" if node.boolval.boolval else "false", "bool")
        if which == "ival":
            return Value(str(node.ival.ival), "int")
        if which == "fval":
            text = node.fval.fval
            return Value(text, "int" if re.fullmatch(r"\d+", text) else "numeric")
        if which == "sval":
            return Value(node.sval.sval, "text")
        raise Unknown

    def cast(self, node: Any) -> Tree:
        if node.type_name.array_bounds:
            return self._array_cast(node)
        kind = self._kind(node)
        if node.type_name.typmods:
            raise Unknown
        inner = self.read(node.arg)
        if isinstance(inner, Value):
            return literal(inner.text, kind)
        return converted(inner, kind)

    def _kind(self, node: Any) -> str:
        name = strings(node.type_name.names)[-1]
        kind = "enum" if name in self.scope.enums else literals.KIND_OF_TYPE.get(name)
        return kind or unknown().kind

    def _array_cast(self, node: Any) -> Tree:
        """Return an array's elements, cast one by one."""
        kind = self._kind(node)
        inner = self.read(node.arg)
        if isinstance(inner, Value) and re.fullmatch(r"\{[\w., @:-]*\}", inner.text or ""):
            texts = [text for text in (inner.text or "")[1:-1].split(",") if text]
            if any(text.upper() == "NULL" or text != text.strip() for text in texts):
                raise Unknown
            return Call("array", tuple(literal(text, kind) for text in texts), "array")
        if isinstance(inner, Call) and inner.name == "array":
            given = (literal(a.text, kind) if isinstance(a, Value) else converted(a, kind) for a in inner.args)
            return Call("array", tuple(given), "array")
        raise Unknown

    def array(self, node: Any) -> Tree:
        return Call("array", self.all(node.elements), "array")

    def list(self, node: Any) -> Tree:
        return Call("array", self.all(node.items), "array")

    def boolean(self, node: Any) -> Tree:
        name = word_of(node, "boolop").removesuffix("_EXPR").lower()
        args = self.all(node.args)
        if any(arg.kind not in ("bool", "null") for arg in args):
            raise Unknown
        return Call(name, args)

    def null_test(self, node: Any) -> Tree:
        arg = self.read(node.arg)
        test = Call("is null", (arg,))
        return test if word_of(node, "nulltesttype") == "IS_NULL" else negated(test)

    def boolean_test(self, node: Any) -> Tree:
        name, is_negated = _TESTS[word_of(node, "booltesttype")]
        arg = self.read(node.arg)
        if arg.kind != "bool":
            raise Unknown
        return negated(Call(name, (arg,))) if is_negated else Call(name, (arg,))

    def operator(self, node: Any) -> Tree:
        kind = word_of(node, "kind").removeprefix("AEXPR_")
        name = strings(node.name)[-1]
        if not node.HasField("lexpr"):
            return self._signed(name, self.read(node.rexpr))
        left = self.read(node.lexpr)
        if kind in ("BETWEEN", "NOT_BETWEEN"):
            low, high = self.all(node.rexpr.list.items)
            both = Call("and", (compared(">=", left, low), compared("<=", left, high)))
            return both if kind == "BETWEEN" else negated(both)
        right = self.read(node.rexpr)
        if kind in ("OP_ANY", "OP_ALL", "IN"):
            return among(kind, name, left, right)
        if kind in ("DISTINCT", "NOT_DISTINCT"):
            compared("=", left, right)
            test = Call("is distinct", (left, right))
            return test if kind == "DISTINCT" else negated(test)
        if kind == "NULLIF":
            compared("=", left, right)
            return Call("nullif", (left, right), left.kind)
        if left.kind == "bpchar" and name in MATCHES:
            left = self._padded(left)
        return joined(name, left, right) if kind in ("OP", "LIKE", "ILIKE") else unknown()

    def _padded(self, tree: Tree) -> Tree:
        """Return a column of fixed width with its blanks, as patterns see it."""
        width = self.scope.widths.get(tree.column) if isinstance(tree, Named) else None
        return Call("padded", (tree, Value(str(width), "int")), "text") if width else unknown()

    def _signed(self, name: str, arg: Tree) -> Tree:
        if name not in "+-" or arg.kind not in (*NUMBERS, "float"):
            raise Unknown
        if name == "+":
            return arg
        if isinstance(arg, Value) and arg.text:
            return Value(arg.text[1:] if arg.text[0] == "-" else f"-{arg.text}", arg.kind)
        return Call("-", (Value("0", "int"), arg), arg.kind)

    def function(self, node: Any) -> Tree:
        name = strings(node.funcname)[-1]
        if name in _CLOCKS and not node.args:
            return Call("clock", (), _CLOCKS[name])
        maker = FUNCTIONS.get(name)
        if maker is None or node.agg_filter.ListFields() or node.agg_star or node.func_variadic:
            raise Unknown
        return maker(name, self.all(node.args))

    def clock(self, node: Any) -> Tree:
        name = word_of(node, "op").removeprefix("SVFOP_").removesuffix("_N").lower()
        return Call("clock", (), _CLOCKS[name]) if name in _CLOCKS else unknown()

    def coalesce(self, node: Any) -> Tree:
        args = self.all(node.args)
        return Call("coalesce", args, one_kind(args))

    def extreme(self, node: Any) -> Tree:
        args = self.all(node.args)
        kind = one_kind(args)
        name = "greatest" if word_of(node, "op") == "IS_GREATEST" else "least"
        return Call(name, args, kind) if kind in ORDERED else unknown()

    def case(self, node: Any) -> Tree:
        if node.HasField("arg"):
            raise Unknown
        conditions = [self.read(when.case_when.expr) for when in node.args]
        results = [self.read(when.case_when.result) for when in node.args]
        otherwise = self.read(node.defresult) if node.HasField("defresult") else Value(None, "null")
        kind = one_kind((*results, otherwise))
        pairs = tuple(part for pair in zip(conditions, results, strict=True) for part in pair)
        return Call("case", (*pairs, otherwise), kind)

    def collated(self, node: Any) -> Tree:
        return self.read(node.arg) if strings(node.collname)[-1] == "C" else unknown()


_READERS: dict[str, Callable[[_Reader, Any], Tree]] = {
    "column_ref": _Reader.column,
    "a_const": _Reader.constant,
    "type_cast": _Reader.cast,
    "a_array_expr": _Reader.array,
    "list": _Reader.list,
    "bool_expr": _Reader.boolean,
    "null_test": _Reader.null_test,
    "boolean_test": _Reader.boolean_test,
    "a_expr": _Reader.operator,
    "func_call": _Reader.function,
    "sqlvalue_function": _Reader.clock,
    "coalesce_expr": _Reader.coalesce,
    "min_max_expr": _Reader.extreme,
    "case_expr": _Reader.case,
    "collate_clause": _Reader.collated,
}
