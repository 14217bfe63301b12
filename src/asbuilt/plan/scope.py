"""The part of a database that a plan is about: what it touches, what needs that, and what all of it needs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from asbuilt.engines.changes import Needs
from asbuilt.engines.state import DatabaseState, Item
from asbuilt.plan.planning import Side
from asbuilt.plan.steps import Plan

Scope = frozenset[Item]
_ALWAYS = ("schema",)


def scope_of(plan: Plan, *sides: Side) -> Scope:
    """Return the tables and objects that a plan touches, those that need them, and those that all of these need."""
    touched = {item for step in plan.steps for o in step.operations for item in (o.makes | o.removes | o.touches)}
    links = [_links(side) for side in sides]
    users = [_turned(link) for link in links]
    return frozenset(_reached(_reached({_whole(item) for item in touched}, users), links))


def part(side: Side, scope: Scope) -> Side:
    """Return the side without what is not in the scope."""
    tables = {name: table for name, table in side.state.tables.items() if Item("table", name) in scope}
    objects = {key: o for key, o in side.state.objects.items() if key[0] in _ALWAYS or Item(*key) in scope}
    needs = {item: needed for item, needed in side.needs.items() if _whole(item) in scope or item.kind in _ALWAYS}
    return Side(replace(side.state, tables=tables, objects=objects), needs)


def _whole(item: Item) -> Item:
    """Return what a thing is a part of: the table of a column, else itself."""
    return Item("table", item.table) if item.table else item


def _links(side: Side) -> Needs:
    """Return what each whole thing needs: what its parts do, what it inherits from, what its keys point at."""
    found: dict[Item, set[Item]] = defaultdict(set)
    for item, needed in side.needs.items():
        found[_whole(item)] |= {_whole(other) for other in needed}
    for item, other in _between_tables(side.state):
        found[item].add(other)
    return {item: frozenset(others - {item}) for item, others in found.items()}


def _between_tables(state: DatabaseState) -> Iterator[tuple[Item, Item]]:
    for name, table in state.tables.items():
        targets = [key.target for key in table.constraints if key.target]
        yield from ((Item("table", name), Item("table", other)) for other in (*table.parents, *targets))


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
