"""The part of a database that a plan is about: what it touches, what needs that, and what all of it needs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from asbuilt.engines.changes import Needs
from asbuilt.engines.state import DatabaseState, Item, TableState
from asbuilt.plan.planning import Side
from asbuilt.plan.steps import Plan, items_of

Scope = frozenset[Item]
_ALWAYS = ("schema",)


def scope_of(plan: Plan, *sides: Side) -> Scope:
    """Return the tables and objects that a plan touches, those that need them, and those that all of these need.

    Foreign keys lead one table further, both ways, and no more: in most databases they tie everything together.
    """
    return around(items_of(plan.steps), *sides)


def around(items: Iterable[Item], *sides: Side) -> Scope:
    """Return the same for things that are touched."""
    touched = {_whole(item) for item in items}
    links = [_links(side) for side in sides]
    core = _reached(touched, [_turned(link) for link in links])
    keys = {pair for side in sides for pair in _keys(side.state)}
    around = {other for pair in keys for item, other in (pair, pair[::-1]) if item in core}
    return frozenset(_reached(core | around, links))


def part(side: Side, scope: Scope) -> Side:
    """Return the side without what is not in the scope, foreign keys that lead out of it included."""
    tables = {n: _inside(table, scope) for n, table in side.state.tables.items() if Item("table", n) in scope}
    objects = {key: o for key, o in side.state.objects.items() if key[0] in _ALWAYS or Item(*key) in scope}
    needs = {item: needed for item, needed in side.needs.items() if _whole(item) in scope or item.kind in _ALWAYS}
    return Side(replace(side.state, tables=tables, objects=objects), needs)


def _inside(table: TableState, scope: Scope) -> TableState:
    kept = tuple(k for k in table.constraints if not k.target or Item("table", k.target) in scope)
    return replace(table, constraints=kept)


def _whole(item: Item) -> Item:
    """Return what a thing is a part of: the table of a column, else itself."""
    return Item("table", item.table) if item.table else item


def _links(side: Side) -> Needs:
    """Return what each whole thing needs beside its foreign keys: what its parts do, and what it inherits from."""
    found: dict[Item, set[Item]] = defaultdict(set)
    foreign = {
        Item("constraint", key.name, table.name)
        for table in side.state.tables.values()
        for key in table.constraints
        if key.target
    }
    for item, needed in side.needs.items():
        if item not in foreign:
            found[_whole(item)] |= {_whole(other) for other in needed}
    for name, table in side.state.tables.items():
        found[Item("table", name)] |= {Item("table", parent) for parent in table.parents}
    return {item: frozenset(others - {item}) for item, others in found.items()}


def _keys(state: DatabaseState) -> Iterator[tuple[Item, Item]]:
    """Yield each table with those that its foreign keys point at."""
    for name, table in state.tables.items():
        yield from ((Item("table", name), Item("table", key.target)) for key in table.constraints if key.target)


def _turned(links: Needs) -> Needs:
    found: dict[Item, set[Item]] = defaultdict(set)
    for item, others in links.items():
        for other in others:
            found[other].add(item)
    return {item: frozenset(others) for item, others in found.items()}


def _reached(start: Iterable[Item], links: list[Needs]) -> set[Item]:
    found: set[Item] = set()
    waiting = list(start)
    while waiting:
        item = waiting.pop()
        if item not in found:
            found.add(item)
            waiting += [other for link in links for other in link.get(item, ())]
    return found
