"""Conditions of a check, read by PostgreSQL's own parser into three small shapes.

Casts and collations are left out: what counts here is which values a condition lets through.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, DivisionByZero, InvalidOperation
from functools import lru_cache
from typing import Any

from asbuilt import sql_parser


@dataclass(frozen=True, slots=True)
class Const:
    """A literal as text; None is NULL."""

    value: str | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column by name (`value` in a domain's check)."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or a function over its operands (`and`, `not`, `is null`, `any =`, `array`, `>=`, `length`)."""

    name: str
    args: "tuple[Expression, ...]"


Expression = Const | Column | Call
NOTHING = Call("?", ())
_CLOCK = frozenset({"now", "current_timestamp", "current_date", "localtimestamp", "clock_timestamp"})


@lru_cache(maxsize=4096)
def parse(condition: str) -> Expression:
    """Return the condition; what is not understood comes back as `NOTHING` where it stands."""
    try:
        tree = sql_parser.parse(f"SELECT ({condition})")
    except sql_parser.PgQueryError:
        return NOTHING
    return _read(tree.stmts[0].stmt.select_stmt.target_list[0].res_target.val)


def columns(expression: Expression) -> frozenset[str]:
    """Return the columns that an expression speaks of."""
    match expression:
        case Column(name):
            return frozenset({name})
        case Call(_, args):
            return frozenset().union(*map(columns, args)) if args else frozenset()
    return frozenset()


def constants(expression: Expression) -> tuple[str, ...]:
    """Return the literals of an expression in order."""
    match expression:
        case Const(str(value)):
            return (value,)
        case Call(_, args):
            return tuple(value for arg in args for value in constants(arg))
    return ()


def evaluate(expression: Expression, row: dict[str, str | None]) -> str | None:
    """Return the value of a simple expression over a row as text; None where it is NULL or not understood."""
    match expression:
        case Const(value):
            return value
        case Column(name):
            return row.get(name)
        case Call("coalesce", args):
            return next((v for v in (evaluate(a, row) for a in args) if v is not None), None)
        case Call(name, (left, right)) if name in _ARITHMETIC:
            return _compute(name, evaluate(left, row), evaluate(right, row))
        case Call("round", (inner, *_)) | Call("lower", (inner,)):
            return evaluate(inner, row)
    return None


def is_clock(expression: Expression) -> bool:
    """Tell whether the expression is the present time."""
    return isinstance(expression, Call) and expression.name in _CLOCK


_ARITHMETIC: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}


def _compute(name: str, left: str | None, right: str | None) -> str | None:
    if left is None or right is None:
        return None
    try:
        return format(_ARITHMETIC[name](Decimal(left), Decimal(right)), "f")
    except (InvalidOperation, DivisionByZero):
        return None


def _read(node: Any) -> Expression:
    kind = node.WhichOneof("node")
    reader = _READERS.get(kind)
    return reader(getattr(node, kind)) if reader else NOTHING


def _column(node: Any) -> Expression:
    return Column(node.fields[-1].string.sval)


def _const(node: Any) -> Expression:
    kind = node.WhichOneof("val")
    if node.isnull or kind is None:
        return Const(None)
    if kind == "boolval":
        return Const("true" if node.boolval.boolval else "false")
    value = getattr(node, kind)
    return Const(str({"ival": "ival", "fval": "fval", "sval": "sval"}.get(kind) and getattr(value, kind)))


def _cast(node: Any) -> Expression:
    inner = _read(node.arg)
    if isinstance(inner, Const) and inner.value and inner.value[:1] == "{" and node.type_name.array_bounds:
        return Call("array", tuple(Const(v.strip(' "')) for v in inner.value[1:-1].split(",")))
    return inner


def _bool(node: Any) -> Expression:
    name = {1: "and", 2: "or", 3: "not"}.get(node.boolop, "?")
    return Call(name, tuple(map(_read, node.args)))


def _null_test(node: Any) -> Expression:
    return Call("is null" if node.nulltesttype == 1 else "is not null", (_read(node.arg),))


def _boolean_test(node: Any) -> Expression:
    value = {1: "true", 3: "false"}.get(node.booltesttype)
    return Call("=", (_read(node.arg), Const(value))) if value else NOTHING


def _operator(node: Any) -> Expression:
    name = node.name[-1].string.sval if node.name else ""
    kind = sql_parser.pg_query_pb2.A_Expr_Kind.Name(node.kind).removeprefix("AEXPR_")
    right = _read(node.rexpr)
    if not node.HasField("lexpr"):
        return Call("-", (Const("0"), right)) if name == "-" else NOTHING
    left = _read(node.lexpr)
    if kind in ("OP", "LIKE", "ILIKE"):
        return Call(name, (left, right))
    if kind in ("OP_ANY", "OP_ALL"):
        return Call(f"{kind[3:].lower()} {name}", (left, right))
    if kind == "IN":
        return Call("any =" if name == "=" else "all <>", (left, right))
    if kind == "BETWEEN" and isinstance(right, Call):
        return Call("and", (Call(">=", (left, right.args[0])), Call("<=", (left, right.args[1]))))
    return NOTHING


def _function(node: Any) -> Expression:
    return Call(node.funcname[-1].string.sval, tuple(map(_read, node.args)))


def _clock(node: Any) -> Expression:
    name = sql_parser.pg_query_pb2.SQLValueFunctionOp.Name(node.op).removeprefix("SVFOP_").lower()
    return Call(name.removesuffix("_n"), ())


def _coalesce(node: Any) -> Expression:
    return Call("coalesce", tuple(map(_read, node.args)))


def _array(node: Any) -> Expression:
    return Call("array", tuple(map(_read, node.elements)))


def _list(node: Any) -> Expression:
    return Call("array", tuple(map(_read, node.items)))


_READERS: dict[str | None, Callable[[Any], Expression]] = {
    "column_ref": _column,
    "a_const": _const,
    "type_cast": _cast,
    "collate_clause": lambda node: _read(node.arg),
    "bool_expr": _bool,
    "null_test": _null_test,
    "boolean_test": _boolean_test,
    "a_expr": _operator,
    "func_call": _function,
    "sqlvalue_function": _clock,
    "coalesce_expr": _coalesce,
    "a_array_expr": _array,
    "list": _list,
}
