"""Operations in an order that works: what is needed is made first, what needs is taken away first."""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from asbuilt.engines.changes import Needs, Operation
from asbuilt.engines.state import Item

Group = tuple[Operation, ...]
_RELATIONS = frozenset({"table", "view", "materialized view", "sequence", "index", "composite", "foreign table"})
_ROUTINES = frozenset({"function", "procedure", "aggregate", "window function"})
_TYPES = frozenset({"enum", "domain", "range"})


def ordered(groups: Sequence[Group], before: Needs, after: Needs) -> tuple[tuple[int, ...], ...]:
    """Return the places of the groups in an order that works; groups that wait for each other stand together.

    A group is what has to happen in one transaction. What only takes something away comes as late as it can.
    """
    operations = [operation for group in groups for operation in group]
    home = [at for at, group in enumerate(groups) for _ in group]
    pairs = {(home[first], home[then]) for first, then in _edges(operations, before, after)}
    follows: dict[int, set[int]] = defaultdict(set)
    for first, then in pairs:
        follows[first].add(then)
    leader = _leaders(len(groups), follows)
    members: dict[int, list[int]] = defaultdict(list)
    for at in range(len(groups)):
        members[leader[at]].append(at)
    outer = {(leader[first], leader[then]) for first, then in pairs if leader[first] != leader[then]}
    order = _sorted(sorted(members), outer, lambda at: (_is_late(groups[at]), at))
    return tuple(tuple(members[at]) for at in order)


def in_order(operations: Sequence[Operation], before: Needs, after: Needs) -> Group:
    """Return the operations of one transaction in an order that works."""
    order = _sorted(range(len(operations)), _edges(operations, before, after), lambda at: (at,))
    return tuple(operations[at] for at in order)


def _is_late(group: Group) -> bool:
    return all(operation.removes and not operation.makes for operation in group)


def _edges(operations: Sequence[Operation], before: Needs, after: Needs) -> set[tuple[int, int]]:
    """Return pairs (first, then) of operations by their place."""
    makers, removers, touchers = _index(operations)
    edges: set[tuple[int, int]] = set()
    for at, operation in enumerate(operations):
        for item in operation.follows:
            edges |= {(other, at) for other in (*makers[item], *touchers[item])}
        for item in operation.makes:
            for needed in after.get(item, ()):
                edges |= {(maker, at) for maker in (*makers[needed], *touchers[needed])}
            edges |= {(remover, at) for remover in removers[_place(item)]}
        for item in operation.removes:
            for needed in before.get(item, ()):
                edges |= {(at, other) for other in (*removers[_place(needed)], *touchers[needed])}
        for item in operation.touches:
            for needed in after.get(item, ()):
                edges |= {(maker, at) for maker in makers[needed]}
            for needed in before.get(item, ()):
                edges |= {(at, remover) for remover in removers[_place(needed)]}
    for involved in _by_item(operations).values():
        edges |= set(pairwise(involved))
    return {(first, then) for first, then in edges if first != then}


def _by_item(operations: Sequence[Operation]) -> dict[Item, list[int]]:
    """Return for each thing the operations on it; an engine lists those of one change in their order."""
    found: dict[Item, list[int]] = defaultdict(list)
    for at, operation in enumerate(operations):
        for item in operation.removes | operation.touches | operation.makes:
            found[item].append(at)
    return found


def _index(
    operations: Sequence[Operation],
) -> tuple[dict[Item, list[int]], dict[Item, list[int]], dict[Item, list[int]]]:
    makers: dict[Item, list[int]] = defaultdict(list)
    removers: dict[Item, list[int]] = defaultdict(list)
    touchers: dict[Item, list[int]] = defaultdict(list)
    for at, operation in enumerate(operations):
        for item in operation.makes:
            makers[item].append(at)
        for item in operation.removes:
            removers[_place(item)].append(at)
        for item in operation.touches:
            touchers[item].append(at)
    return makers, removers, touchers


def _place(item: Item) -> Item:
    """Return the place that a thing takes up: a view and a table of one name cannot stand side by side."""
    if item.kind in _RELATIONS:
        return Item("relation", item.name)
    if item.kind in _ROUTINES:
        return Item("routine", item.name)
    return Item("type", item.name) if item.kind in _TYPES else item


def _leaders(count: int, follows: dict[int, set[int]]) -> list[int]:
    """Return for each group the first of those that it waits for in a circle, itself included (Tarjan 1972, iterative)."""
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    leader = list(range(count))
    stack: list[int] = []
    on_stack: set[int] = set()
    for root in range(count):
        if root in number:
            continue
        work: list[tuple[int, Iterator[int]]] = [(root, iter(sorted(follows.get(root, ()))))]
        _enter(root, number, low, stack, on_stack)
        while work:
            at, rest = work[-1]
            for other in rest:
                if other not in number:
                    _enter(other, number, low, stack, on_stack)
                    work.append((other, iter(sorted(follows.get(other, ())))))
                    break
                if other in on_stack:
                    low[at] = min(low[at], number[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[at])
                if low[at] == number[at]:
                    _close(at, stack, on_stack, leader)
    return leader


def _enter(at: int, number: dict[int, int], low: dict[int, int], stack: list[int], on_stack: set[int]) -> None:
    number[at] = low[at] = len(number)
    stack.append(at)
    on_stack.add(at)


def _close(at: int, stack: list[int], on_stack: set[int], leader: list[int]) -> None:
    circle: list[int] = []
    while not circle or circle[-1] != at:
        circle.append(stack.pop())
        on_stack.discard(circle[-1])
    for member in circle:
        leader[member] = min(circle)


def _sorted(nodes: Sequence[int], edges: set[tuple[int, int]], rank: Callable[[int], tuple[object, ...]]) -> list[int]:
    """Return the nodes so that each edge leads forward, the lowest rank first; a circle that is left goes by rank."""
    waits = dict.fromkeys(nodes, 0)
    follows: dict[int, list[int]] = defaultdict(list)
    for first, then in edges:
        follows[first].append(then)
        waits[then] += 1
    ready = [(rank(node), node) for node in nodes if not waits[node]]
    heapq.heapify(ready)
    found: list[int] = []
    while len(found) < len(nodes):
        if not ready:
            stuck = min((node for node in nodes if waits[node] > 0), key=rank)
            waits[stuck] = 0
            ready.append((rank(stuck), stuck))
        _, node = heapq.heappop(ready)
        found.append(node)
        for then in follows[node]:
            waits[then] -= 1
            if waits[then] == 0:
                heapq.heappush(ready, (rank(then), then))
    return found
