"""The shape of a query: from which tables it takes, by which columns it finds, orders and groups. Pure, with a memo."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from msgspec import Struct

from asbuilt.reading.sql.syntax import Node, Parsed, parse_query, strings, unwrapped, walk

_NESTING = frozenset({"CommonTableExpr", "RangeSubselect", "RangeFunction", "SubLink", "RangeTableFunc"})
_FINDING = ("where_clause", "having_clause", "group_clause", "sort_clause", "from_clause", "using_clause")

Column = tuple[str | None, str]
"""A column with the alias or table that it is qualified with, if it is."""


class Shape(Struct, frozen=True):
    """What a query is made of.

    `sources` are its tables by alias; `finding` the columns of its conditions, joins, order and groups; `equal` those
    compared by `=`, `ordered` those ordered by.
    `is_plain`: no subquery, `WITH`, `UNION` or function among its sources, so that every name is found in a table.
    """

    sources: tuple[tuple[str, str], ...]
    finding: tuple[Column, ...]
    equal: tuple[Column, ...]
    ordered: tuple[Column, ...]
    functions: tuple[str, ...]
    is_plain: bool


@lru_cache(maxsize=1024)
def shape_of(query: str) -> Shape | None:
    """Return the shape of a `SELECT`, `UPDATE` or `DELETE`, explained or not; None of anything else."""
    root = _root(query)
    if root is None:
        return None
    everything = list(walk(root))
    finding = [pair for name in _FINDING for pair in _walked(root, name)]
    is_plain = not any(name in _NESTING for name, _ in everything) and not getattr(root, "op", 1) > 1
    return Shape(
        tuple(_sources(everything)),
        _columns(finding if is_plain else everything),
        _columns(pair for name, node in finding if _is_equality(name, node) for pair in walk(node)),
        _columns(_walked(root, "sort_clause")),
        tuple(strings(node.funcname)[-1] for name, node in everything if name == "FuncCall"),
        is_plain,
    )


@lru_cache(maxsize=1024)
def outputs_of_view(statement: str) -> tuple[Column, ...] | None:
    """Return what a `CREATE VIEW` of a plain query gives: columns by their names, `*` for all; None where it is not plain."""
    parsed = parse_query(statement)
    if not isinstance(parsed, Parsed) or parsed.name not in ("view_stmt", "create_table_as_stmt"):
        return None
    kind, query = unwrapped(parsed.node.query)
    if kind != "select_stmt" or query.op > 1 or getattr(parsed.node, "aliases", ()):
        return None
    return tuple(_output(target.res_target) for target in query.target_list)


@lru_cache(maxsize=1024)
def sources_of_view(statement: str) -> tuple[tuple[str, str], ...]:
    """Return the tables of a view's outermost `FROM` by their alias, in order; empty where one of them is no table."""
    parsed = parse_query(statement)
    if not isinstance(parsed, Parsed) or parsed.name not in ("view_stmt", "create_table_as_stmt"):
        return ()
    kind, query = unwrapped(parsed.node.query)
    found = [pair for part in query.from_clause for pair in walk(part)] if kind == "select_stmt" else []
    if any(name in _NESTING or (name == "JoinExpr" and (node.using_clause or node.is_natural)) for name, node in found):
        return ()
    return tuple(_sources(found))


def _output(target: Node) -> Column:
    if target.name:
        return None, target.name
    kind, inner = unwrapped(target.val)
    if kind != "column_ref":
        return None, ""
    parts = strings(inner.fields)
    if inner.fields[-1].WhichOneof("node") == "a_star":
        return (parts[-1] if parts else None), "*"
    return None, parts[-1]


def _root(query: str) -> Node | None:
    parsed = parse_query(query)
    if not isinstance(parsed, Parsed):
        return None
    name, node = parsed.name, parsed.node
    if name == "explain_stmt":
        name, node = unwrapped(node.query)
    return node if name in ("select_stmt", "update_stmt", "delete_stmt") else None


def _walked(root: Node, name: str) -> list[tuple[str, Node]]:
    part = getattr(root, name, None)
    if part is None:
        return []
    is_one = hasattr(part, "ListFields")
    return list(walk(part)) if is_one else [pair for item in part for pair in walk(item)]


def _sources(pairs: Iterable[tuple[str, Node]]) -> Iterator[tuple[str, str]]:
    for name, node in pairs:
        if name == "RangeVar":
            table = ".".join(filter(None, (node.schemaname, node.relname)))
            yield node.alias.aliasname or node.relname, table


def _columns(pairs: Iterable[tuple[str, Node]]) -> tuple[Column, ...]:
    parts = [strings(node.fields) for name, node in pairs if name == "ColumnRef" and not _is_star(node)]
    return tuple(dict.fromkeys((p[-2] if len(p) > 1 else None, p[-1]) for p in parts if p))


def _is_equality(name: str, node: Node) -> bool:
    return name == "A_Expr" and strings(node.name) == ("=",)


def _is_star(node: Node) -> bool:
    return bool(node.fields) and node.fields[-1].WhichOneof("node") == "a_star"
