"""What PostgreSQL's own parser reads, with places in code points, and a walk over it."""

import re
from collections.abc import Hashable, Iterator
from functools import lru_cache
from typing import Any

from msgspec import Struct

from asbuilt import sql_parser

_UNFIT = re.compile("[\x00\ud800-\udfff]")
Node = Any
"""A message of libpg_query's tree; its fields are those of PostgreSQL's `parsenodes.h` in snake case."""


TOO_DEEP = "nested too deeply"
"""The tree of what PostgreSQL takes can be too deep to be handed over, as that of a sum of sixty terms."""


class Refusal(Struct, frozen=True):
    """What PostgreSQL's grammar says against a text, and the offset that it names."""

    message: str
    offset: int


class Parsed:
    """A statement's tree: `name` is the kind of its root (`create_stmt`), `node` the root, `text` what was parsed."""

    __slots__ = ("_encoded", "name", "node", "text")

    def __init__(self, text: str, name: str, node: Node) -> None:
        self.text = text
        self.name = name
        self.node = node
        self._encoded = None if text.isascii() else text.encode("utf-8", "replace")

    def at(self, location: int) -> int:
        """Return the offset of a node's `location`, which counts bytes."""
        if self._encoded is None:
            return location
        return len(self._encoded[:location].decode("utf-8", "replace"))


def parse(text: str) -> Parsed | Refusal:
    """Parse one statement. More than one, or none, is a refusal too."""
    from google.protobuf.message import DecodeError

    fit = _UNFIT.sub(" ", text)
    try:
        tree = sql_parser.parse(fit)
    except sql_parser.PgQueryError as error:
        return Refusal(error.message, min(max(error.cursorpos - 1, 0), len(text)))
    except DecodeError:
        return Refusal(TOO_DEEP, 0)
    if len(tree.stmts) != 1:
        return Refusal("syntax error: one statement expected", 0)
    name, node = unwrapped(tree.stmts[0].stmt)
    return Parsed(fit, name, node)


def unwrapped(node: Node) -> tuple[str, Node]:
    """Return the kind of what a `Node` holds, and that; an empty node gives an empty kind."""
    name = node.WhichOneof("node")
    return (name, getattr(node, name)) if name else ("", node)


def walk(message: Node) -> Iterator[tuple[str, Node]]:
    """Yield every message of a tree with its type's name (`RangeVar`), in the order of the text as far as the tree keeps it.

    Left out are lists of mere names, and the bodies of functions: what these need they need when they run.
    """
    stack = [message]
    while stack:
        current = stack.pop()
        name = type(current).__name__
        if name != "Node":
            yield name, current
        found = children(current)
        found.reverse()
        stack += found


def children(message: Node) -> list[Node]:
    """Return the messages that a message of a tree holds, in their order."""
    found: list[Node] = []
    for field, value in message.ListFields():
        if not _leads_on(field):
            continue
        if hasattr(value, "ListFields"):
            found.append(value)
        else:
            found.extend(value)
    return found


@lru_cache(maxsize=4096)
def _leads_on(field: Any) -> bool:
    """Tell whether a field holds messages to walk on to, with a memo: asking its descriptor is slow."""
    return field.type == _MESSAGE and field.name not in _SKIPPED


_MESSAGE = 11
_SKIPPED = frozenset(
    {"sql_body", "names", "funcname", "fields", "keys", "pk_attrs", "fk_attrs", "typmods", "opclass", "array_bounds"}
)


def strings(nodes: Any) -> tuple[str, ...]:
    """Return the values of a list of `String` nodes, such as a qualified name's parts."""
    return tuple(n.string.sval for n in nodes if n.WhichOneof("node") == "string")


def columns_in(expression: Node) -> Iterator[str]:
    """Yield the columns that an expression names."""
    for name, node in walk(expression):
        parts = strings(node.fields) if name == "ColumnRef" else ()
        if parts:
            yield parts[-1]


@lru_cache(maxsize=4096)
def parse_expression(expression: str) -> Parsed | Refusal:
    """Parse a SQL expression, as the only column of a `SELECT`, with a memo."""
    return parse(f"SELECT ({expression}\n)")


@lru_cache(maxsize=1024)
def parse_query(query: str) -> Parsed | Refusal:
    """Parse a statement, with a memo."""
    return parse(query)


def word_of(node: Node, field: str) -> str:
    """Return the name of an enumerated field's value (`CONSTR_FOREIGN`)."""
    kind: Any = type(node)
    return _label(kind, field, getattr(node, field))


@lru_cache(maxsize=1024)
def _label(kind: Hashable, field: str, number: int) -> str:
    message: Any = kind
    return str(message.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number[number].name)
