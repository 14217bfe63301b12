"""Operations of SQL over parts of known kinds: what each makes of them, where that means the same here as on the server."""

from collections.abc import Callable

from asbuilt.access.checks import literals
from asbuilt.access.checks.patterns import from_like, from_regex
from asbuilt.access.checks.trees import Call, Tree, Value

NUMBERS = ("int", "numeric")
_EQUAL = frozenset({"int", "numeric", "float", "text", "bool", "uuid", "date", "time", "timestamp", "timestamptz", "interval", "enum"})  # fmt: skip
ORDERED = _EQUAL - {"text", "enum"}
COMPARED = ("=", "<>", "<", "<=", ">", ">=")


class Unknown(Exception):
    """Something that is not surely the same here and there."""


def is_clock(tree: Tree) -> bool:
    return isinstance(tree, Call) and tree.name == "clock"


def negated(tree: Tree) -> Tree:
    return Call("not", (tree,))


def unknown() -> Tree:
    raise Unknown


def one_kind(args: tuple[Tree, ...]) -> str:
    """Return the kind that all parts have."""
    kinds = {arg.kind for arg in args} - {"null"}
    if kinds == {"int", "numeric"}:
        return "numeric"
    return kinds.pop() if len(kinds) == 1 else unknown().kind


def literal(text: str | None, kind: str) -> Tree:
    if text is None:
        return Value(None, "null")
    if kind == "bpchar":
        text = text.rstrip(" ")
    return Value(text, kind) if literals.is_sound(text, kind) else unknown()


def converted(tree: Tree, kind: str) -> Tree:
    """Return a part cast to another kind, where that is nothing but another view of it."""
    if tree.kind == kind or tree.kind == "null" or (tree.kind, kind) == ("int", "numeric"):
        return tree
    if kind == "float" and tree.kind in NUMBERS:
        return Call("float", (tree,), "float")
    if kind == "text" and tree.kind in ("bpchar", "citext", "enum"):
        return Call("text", (tree,), "text")
    if (tree.kind, kind) == ("date", "timestamp"):
        return Call("midnight", (tree,), "timestamp")
    raise Unknown


def compared(name: str, left: Tree, right: Tree) -> Tree:
    kinds = {left.kind, right.kind} - {"null"}
    kinds = {"numeric"} if kinds == {"int", "numeric"} else kinds
    if len(kinds) != 1 or kinds & {"citext"}:
        raise Unknown
    allowed = _EQUAL | {"bpchar"} if name in ("=", "<>") else ORDERED
    if not kinds <= allowed:
        raise Unknown
    if name == "=" and (same := _cased(left, right) or _cased(right, left)):
        return same
    return Call(name, (left, right))


def _cased(left: Tree, right: Tree) -> Tree | None:
    """Return that a text has no letters of the other case, for `lower(x) = x`: true in every locale."""
    if isinstance(left, Call) and left.name in ("lower", "upper") and left.args == (right,):
        return Call(f"is {left.name}", (right,))
    return None


def among(kind: str, name: str, left: Tree, right: Tree) -> Tree:
    if not isinstance(right, Call) or right.name != "array" or not right.args:
        raise Unknown
    is_all = (kind, name) == ("OP_ALL", "<>") or (kind, name) == ("IN", "<>")
    if not is_all and (kind, name) not in (("OP_ANY", "="), ("IN", "=")):
        return _each(kind, name, left, right)
    equal = tuple(compared("=", left, element) for element in right.args)
    is_plain = all(isinstance(element, Value) and element.text is not None for element in right.args)
    test = Call("in", (left, *right.args)) if is_plain else Call("or", equal)
    return negated(test) if is_all else test


def _each(kind: str, name: str, left: Tree, right: Call) -> Tree:
    """Return `x ~~ ANY (ARRAY[…])` as conditions one by one."""
    each = tuple(joined(name, left, element) for element in right.args)
    return Call("or" if kind == "OP_ANY" else "and", each) if kind != "IN" else unknown()


def joined(name: str, left: Tree, right: Tree) -> Tree:
    if name in COMPARED:
        return compared(name, left, right)
    if name in MATCHES:
        return _matched(name, left, right)
    if name in ("+", "-", "*", "/", "%"):
        return _reckoned(name, left, right)
    if name == "||" and left.kind == right.kind == "text":
        return Call("concat", (left, right), "text")
    if name == "^@" and left.kind == right.kind == "text":
        return Call("starts", (left, right))
    raise Unknown


MATCHES = ("~", "~*", "!~", "!~*", "~~", "~~*", "!~~", "!~~*")


def _matched(name: str, left: Tree, right: Tree) -> Tree:
    if left.kind != "text" or not isinstance(right, Value) or right.text is None:
        raise Unknown
    is_negated, ignores_case = name.startswith("!"), name.endswith("*")
    make = from_like if "~~" in name else from_regex
    pattern = make(right.text, ignores_case=ignores_case)
    if pattern is None or (is_negated and ignores_case):
        raise Unknown
    test = Call("matches ascii" if pattern.is_ascii else "matches", (left, Value(pattern.text, "text")))
    return negated(test) if is_negated else test


def _reckoned(name: str, left: Tree, right: Tree) -> Tree:
    kinds = (left.kind, right.kind)
    if is_clock(left):
        return _moved(name, left, right)
    if kinds == ("int", "int"):
        return Call({"/": "div", "%": "mod"}.get(name, name), (left, right), "int")
    if set(kinds) <= {"int", "numeric"} and name in ("+", "-", "*"):
        return Call(f"exact {name}", (left, right), "numeric")
    if kinds == ("float", "float") and name != "%":
        return Call(name, (left, right), "float")
    found = _TIMES.get((name, *kinds))
    if found is None or (isinstance(right, Value) and right.text is None):
        raise Unknown
    return Call(found[0], (left, right), found[1])


def _moved(name: str, clock: Tree, by: Tree) -> Tree:
    """Return the present, some time before or after."""
    is_days = clock.kind == "date" and by.kind == "int"
    if not isinstance(by, Value) or by.text is None or not (is_days or by.kind == "interval") or name not in "+-":
        raise Unknown
    if clock.kind == "date" and not is_days:
        raise Unknown
    return Call("clock", (Value(name, "text"), by), clock.kind)


_TIMES = {
    ("-", "date", "date"): ("days", "int"),
    ("+", "date", "int"): ("date +", "date"),
    ("-", "date", "int"): ("date -", "date"),
    **{("-", kind, kind): ("elapsed", "interval") for kind in ("timestamp", "timestamptz")},
    **{(sign, kind, "interval"): (sign, kind) for sign in "+-" for kind in ("timestamp", "timestamptz")},
}


def _of_text(result: str, most: int = 1) -> Callable[[str, tuple[Tree, ...]], Tree]:
    """Return what makes a call of a function over texts."""

    def make(name: str, args: tuple[Tree, ...]) -> Tree:
        is_length = _NAMES.get(name, name) == "length"
        whole = tuple(Call("text", (a,), "text") if a.kind == "bpchar" and is_length else a for a in args)
        if not 1 <= len(whole) <= most or any(arg.kind != "text" for arg in whole):
            raise Unknown
        return Call(_NAMES.get(name, name), whole, result)

    return make


_NAMES = {
    "char_length": "length", "character_length": "length", "octet_length": "bytes", "btrim": "trim",
    "starts_with": "starts", "array_length": "size", "cardinality": "size",
    "num_nonnulls": "nonnulls", "num_nulls": "nulls",
}  # fmt: skip


def _counted(name: str, args: tuple[Tree, ...]) -> Tree:
    return Call(_NAMES[name], args, "int")


def _absolute(name: str, args: tuple[Tree, ...]) -> Tree:
    return Call(name, args, args[0].kind) if args[0].kind in (*NUMBERS, "float") else unknown()


def _sized(name: str, args: tuple[Tree, ...]) -> Tree:
    is_first = name == "cardinality" or (len(args) == 2 and args[1] == Value("1", "int"))
    if args[0].kind != "list" or not is_first:
        raise Unknown
    return Call("size" if name == "cardinality" else "size or null", args[:1], "int")


def _json_type(name: str, args: tuple[Tree, ...]) -> Tree:
    return Call("json type", args, "text") if args[0].kind == "json" else unknown()


FUNCTIONS: dict[str, Callable[[str, tuple[Tree, ...]], Tree]] = {
    **dict.fromkeys(("length", "char_length", "character_length", "octet_length"), _of_text("int")),
    **dict.fromkeys(("lower", "upper"), _of_text("text")),
    **dict.fromkeys(("btrim", "ltrim", "rtrim"), _of_text("text", most=2)),
    "starts_with": _of_text("bool", most=2),
    **dict.fromkeys(("num_nonnulls", "num_nulls"), _counted),
    "abs": _absolute,
    **dict.fromkeys(("array_length", "cardinality"), _sized),
    **dict.fromkeys(("jsonb_typeof", "json_typeof"), _json_type),
}
