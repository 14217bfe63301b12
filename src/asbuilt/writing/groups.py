"""Tables that belong together: by their schema and, where that is large, by the foreign keys between them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from asbuilt.engines.state import DatabaseState, TableState

MOST = 30
"""How many tables a reader takes in at once, in a chapter or a diagram."""
_HUB = 3
"""How many others a table has to be tied to, to gather them around it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Tables for one chapter and one diagram. `hub`: the table that the others gather around, where there is one."""

    schema: str
    tables: tuple[str, ...]
    hub: str = ""
    is_rest: bool = False


def schema_of(name: str) -> str:
    return name.rpartition(".")[0] or "public"


def root_of(state: DatabaseState, table: TableState) -> str:
    """Return the name of the table that a partition is part of in the end; any other table's own."""
    while table.partition_bound is not None and table.parents[0] in state.tables:
        table = state.tables[table.parents[0]]
    return table.name


def groups_of(state: DatabaseState) -> list[Group]:
    """Return all tables but partitions in groups, `public` first."""
    schemas: dict[str, list[str]] = defaultdict(list)
    for name, table in state.tables.items():
        if table.partition_bound is None:
            schemas[schema_of(name)].append(name)
    links = _links(state)
    found: list[Group] = []
    for schema in sorted(schemas, key=lambda s: (s != "public", s)):
        names = schemas[schema]
        found += [Group(schema, tuple(names))] if len(names) <= MOST else _split(schema, names, links)
    return found


def _links(state: DatabaseState) -> dict[str, set[str]]:
    """Return for each table those that a foreign key ties it to, either way."""
    found: dict[str, set[str]] = defaultdict(set)
    for table in state.tables.values():
        one = root_of(state, table)
        for key in table.constraints:
            if key.target and key.target in state.tables:
                other = root_of(state, state.tables[key.target])
                if one != other:
                    found[one].add(other)
                    found[other].add(one)
    return found


def _split(schema: str, names: Sequence[str], links: dict[str, set[str]]) -> Iterator[Group]:
    """Yield the tables of a large schema around those that most others are tied to, and the rest by the alphabet."""
    inside = frozenset(names)
    ties = {name: links[name] & inside for name in names}
    by_ties = sorted(names, key=lambda n: (-len(ties[n]), n))
    hubs = [name for name in by_ties if sum(len(ties[other]) < _HUB for other in ties[name]) >= _HUB]
    homes = {hub: hub for hub in hubs}
    for hub in (*hubs, *by_ties):
        free = sorted(other for other in ties[hub] if other not in homes)
        if homes.get(hub, hub) == hub and (hub in homes or len(free) >= _HUB):
            homes |= dict.fromkeys([hub, *free[: MOST - 1]], hub)
    _settle(names, ties, homes)
    for hub in dict.fromkeys(sorted(homes.values())):
        yield Group(schema, tuple(name for name in names if homes.get(name) == hub), hub)
    rest = [name for name in names if name not in homes]
    for first in range(0, len(rest), MOST):
        yield Group(schema, tuple(rest[first : first + MOST]), is_rest=True)


def _settle(names: Sequence[str], ties: dict[str, set[str]], homes: dict[str, str]) -> None:
    """Give tables without a home that of a table that they are tied to, as long as there is room."""
    sizes: dict[str, int] = defaultdict(int)
    for hub in homes.values():
        sizes[hub] += 1
    is_moving = True
    while is_moving:
        is_moving = False
        for name in names:
            near = sorted({homes[o] for o in ties[name] if o in homes}, key=lambda hub: (sizes[hub], hub))
            if name not in homes and near and sizes[near[0]] < MOST:
                homes[name] = near[0]
                sizes[near[0]] += 1
                is_moving = True
