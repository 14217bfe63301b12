"""What a piece of SQL names: pure functions over expressions and queries, with a memo.

All of them take any text; what PostgreSQL's grammar refuses names nothing.
"""

from collections.abc import Iterator
from functools import lru_cache

from asbuilt.reading.sql.syntax import Node, Parsed, parse_expression, parse_query, strings, unwrapped, walk


def is_expression(expression: str) -> bool:
    """Tell whether PostgreSQL's grammar takes `expression`."""
    return isinstance(parse_expression(expression), Parsed)


@lru_cache(maxsize=4096)
def columns_of(condition: str) -> tuple[str, ...]:
    """Return the columns that a SQL condition or expression names, without repetition, as PostgreSQL stores them.

    `u.email` gives `email`; `old` and `new` rows of triggers likewise give the column.
    """
    return _unique(strings(node.fields)[-1] for node in _found(condition, "ColumnRef") if strings(node.fields))


@lru_cache(maxsize=4096)
def functions_of(expression: str) -> tuple[str, ...]:
    """Return the functions that an expression calls, qualified where it qualifies them (`auth.uid`).

    `CURRENT_TIMESTAMP` and its like count as functions under their own name in lower case.
    """
    return _unique(_functions(expression))


def _functions(expression: str) -> Iterator[str]:
    parsed = parse_expression(expression)
    for name, node in walk(parsed.node) if isinstance(parsed, Parsed) else ():
        if name == "FuncCall":
            yield ".".join(strings(node.funcname)).removeprefix("pg_catalog.")
        elif name == "SQLValueFunction":
            yield _value_function(node)


def _value_function(node: Node) -> str:
    label = node.DESCRIPTOR.fields_by_name["op"].enum_type.values_by_number[node.op].name
    return str(label).removeprefix("SVFOP_").removesuffix("_N").lower()


@lru_cache(maxsize=1024)
def tables_of(query: str) -> tuple[str, ...]:
    """Return the tables that a statement names, qualified where it qualifies them; what `WITH` defines is none."""
    parsed = parse_query(query)
    if not isinstance(parsed, Parsed):
        return ()
    found = list(walk(parsed.node))
    local = {node.ctename for name, node in found if name == "CommonTableExpr"}
    return _unique(
        ".".join(filter(None, (node.schemaname, node.relname)))
        for name, node in found
        if name == "RangeVar" and (node.schemaname or node.relname not in local)
    )


@lru_cache(maxsize=1024)
def calls_of(query: str) -> tuple[str, ...]:
    """Return the functions that a statement calls, qualified where it qualifies them."""
    parsed = parse_query(query)
    return called_in(parsed.node) if isinstance(parsed, Parsed) else ()


def called_in(tree: Node) -> tuple[str, ...]:
    """Return the functions that are called in a tree."""
    return _unique(".".join(strings(node.funcname)) for name, node in walk(tree) if name == "FuncCall")


@lru_cache(maxsize=4096)
def values_of(condition: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the column and its allowed values where a condition lists them, else None.

    `status IN ('a', 'b')`, `status = ANY (ARRAY['a', 'b'])` and `status = 'a' OR status = 'b'` do.
    """
    parsed = parse_expression(condition)
    return None if not isinstance(parsed, Parsed) else values_allowed(parsed.node.target_list[0].res_target.val)


def values_allowed(node: Node) -> tuple[str, tuple[str, ...]] | None:
    """As `values_of`, for a condition's node."""
    name, inner = unwrapped(node)
    if name == "bool_expr" and inner.boolop == _OR:
        parts = [values_allowed(arg) for arg in inner.args]
        known = [p for p in parts if p is not None]
        is_one = len(known) == len(parts) and len({column for column, _ in known}) == 1
        return (known[0][0], tuple(v for _, values in known for v in values)) if is_one else None
    return _compared(inner) if name == "a_expr" else None


@lru_cache(maxsize=1024)
def sought(query: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the columns that a statement compares with constants, anywhere in it, and these constants."""
    parsed = parse_query(query)
    nodes = walk(parsed.node) if isinstance(parsed, Parsed) else ()
    return tuple(found for name, node in nodes if name == "A_Expr" and (found := _compared(node)))


def _compared(inner: Node) -> tuple[str, tuple[str, ...]] | None:
    if strings(inner.name) != ("=",):
        return None
    column = _column(inner.lexpr)
    values = _constants(inner.rexpr)
    return (column, values) if column and values else None


_OR = 2


def _column(node: Node) -> str | None:
    name, inner = unwrapped(node)
    if name == "type_cast":
        return _column(inner.arg)
    if name == "func_call" and len(inner.args) == 1:
        return None
    parts = strings(inner.fields) if name == "column_ref" else ()
    return parts[-1] if parts else None


def _constants(node: Node) -> tuple[str, ...] | None:
    """The string constants of a list, an array or alone; None where anything else is among them."""
    name, inner = unwrapped(node)
    if name == "type_cast":
        return _constants(inner.arg)
    if name == "a_const":
        return (inner.sval.sval,) if inner.WhichOneof("val") == "sval" else None
    items = inner.items if name == "list" else inner.elements if name == "a_array_expr" else ()
    found = [_constants(item) for item in items]
    if not found or any(f is None for f in found):
        return None
    return tuple(value for values in found if values for value in values)


def _found(expression: str, kind: str) -> Iterator[Node]:
    parsed = parse_expression(expression)
    if isinstance(parsed, Parsed):
        yield from (node for name, node in walk(parsed.node) if name == kind)


def _unique(names: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
