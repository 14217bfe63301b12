"""Statements in an order in which they work: the document's, with what is needed pulled forward.

Where tables reference each other in a circle, a foreign key is taken out of its `CREATE TABLE` and added afterwards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from asbuilt.engines.base import Step
from asbuilt.engines.postgres.foreign_keys import cut_foreign_keys
from asbuilt.model.sql import ObjectName

_RELATIONS = frozenset({"table", "view", "materialized view", "foreign table", "partitioned table", "sequence"})
_TYPES = frozenset({"type", "enum", "domain", "composite", "range"})
_ROUTINES = frozenset({"function", "procedure", "aggregate", "routine"})

Key = tuple[str, str | None, str | None, str]


@dataclass(frozen=True, slots=True)
class Node:
    """A step with what it makes and what it cannot do without. `is_table`: its foreign keys can be taken out.

    `is_migration`: what it says may be true already; `gone` are names that migrations take away or change.
    """

    step: Step
    creates: tuple[ObjectName, ...] = ()
    needs: tuple[ObjectName, ...] = ()
    is_table: bool = False
    is_migration: bool = False
    gone: frozenset[str] = frozenset()


def keys(name: ObjectName) -> tuple[Key, ...]:
    """Return under what an object is looked up: a relation's name is a type's name too."""
    schema = name.schema if name.schema != "public" else None
    kind = name.kind
    if kind in _RELATIONS:
        return (("relation", schema, None, name.name), ("type", schema, None, name.name))
    if kind in _TYPES:
        return (("type", schema, None, name.name),)
    if kind in _ROUTINES:
        return (("routine", schema, None, name.name),)
    return ((kind, schema if name.table is None else None, name.table, name.name),)


@dataclass(slots=True)
class _Ordering:
    nodes: Sequence[Node]
    makers: dict[Key, list[int]] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    active: set[int] = field(default_factory=set)
    deferred: dict[int, list[Node]] = field(default_factory=dict)
    found: list[Node] = field(default_factory=list)


def ordered(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Return the nodes, each after what it needs."""
    work = _Ordering(nodes)
    for at, node in enumerate(nodes):
        for name in node.creates:
            for key in keys(name):
                work.makers.setdefault(key, []).append(at)
    for at in range(len(nodes)):
        _finish(work, at)
    return tuple(work.found)


def _finish(work: _Ordering, root: int) -> None:
    """Emit a node after all that it needs; an explicit stack, as chains of references can be long."""
    if root in work.done:
        return
    stack = [(root, _pending(work, root))]
    work.active.add(root)
    while stack:
        at, pending = stack[-1]
        needed = next((maker for maker in pending if maker not in work.done and maker not in work.active), None)
        if needed is not None:
            work.active.add(needed)
            stack.append((needed, _pending(work, needed)))
            continue
        stack.pop()
        _emit(work, at)


def _pending(work: _Ordering, at: int) -> Iterator[int]:
    """Yield the first maker of each need that nobody has made yet."""
    for need in work.nodes[at].needs:
        makers = [maker for maker in work.makers.get(keys(need)[0], ()) if maker != at]
        if makers and not any(maker in work.done for maker in makers) and not _makes(work.nodes[at], need):
            yield makers[0]


def _makes(node: Node, need: ObjectName) -> bool:
    wanted = keys(need)[0]
    return any(wanted in keys(name) for name in node.creates)


def _emit(work: _Ordering, at: int) -> None:
    """Add a node, less its foreign keys to tables that wait for it themselves; those follow when the table is there."""
    node = work.nodes[at]
    blocking = {maker: _targets(node, work, maker) for maker in _pending(work, at)} if node.is_table else {}
    if blocking:
        step, additions = cut_foreign_keys(node.step, frozenset().union(*blocking.values()))
        node = replace(node, step=step)
        for target, addition in additions:
            maker = next(maker for maker, targets in blocking.items() if target in targets)
            needs = (*node.creates, ObjectName("table", target))
            work.deferred.setdefault(maker, []).append(Node(addition, (), needs))
    work.found.append(node)
    work.active.discard(at)
    work.done.add(at)
    work.found += work.deferred.pop(at, [])


def _targets(node: Node, work: _Ordering, maker: int) -> frozenset[str]:
    """Return the names of the tables that `node` needs and `maker` makes."""
    made = {name.name for name in work.nodes[maker].creates if name.kind in _RELATIONS}
    return frozenset(need.name for need in node.needs if need.kind in _RELATIONS and need.name in made)
