"""Conditions as trees of plain values: what a check says, without a parser, in whatever program it is carried to.

`kind` is what a part gives: int, numeric, float, text, bool, uuid, date, time, timestamp, timestamptz, interval, enum, json, list.
A comparison has equal kinds on both sides; whole numbers count as numeric there.
"""

from collections.abc import Iterator
from typing import TypeAlias

from msgspec import Struct


class Value(Struct, frozen=True, tag="value", array_like=True):
    """A constant as its text; None is NULL."""

    text: str | None
    kind: str


class Named(Struct, frozen=True, tag="column", array_like=True):
    """What the row has in a column, as the server keeps it."""

    column: str
    kind: str


class Call(Struct, frozen=True, tag="call", array_like=True):
    """An operation on parts. Those that are known are the keys of `checks.source.WRITTEN`, and `and`, `or`, `not`."""

    name: str
    args: "tuple[Tree, ...]"
    kind: str = "bool"


Tree: TypeAlias = Value | Named | Call


class Check(Struct, frozen=True):
    """A condition that every row fulfils or does not know (NULL). `text` is how it is written, `constraint` the server's name for it.

    `constraint` is empty where the document alone says so. `line` is the document's, 0 where it does not say.
    """

    condition: Tree
    columns: tuple[str, ...]
    text: str
    constraint: str = ""
    line: int = 0


def parts(tree: Tree) -> Iterator[Tree]:
    """Yield a tree and all that is in it."""
    yield tree
    if isinstance(tree, Call):
        for arg in tree.args:
            yield from parts(arg)


def columns_of(tree: Tree) -> tuple[str, ...]:
    """Return the columns that a tree names, each once."""
    return tuple(dict.fromkeys(part.column for part in parts(tree) if isinstance(part, Named)))


def conjuncts(tree: Tree) -> Iterator[Tree]:
    """Yield the conditions that a tree joins by AND."""
    if isinstance(tree, Call) and tree.name == "and":
        for arg in tree.args:
            yield from conjuncts(arg)
    else:
        yield tree
