"""Changes turned into operations: the statements, and those that take them back."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from asbuilt.engines.changes import Change, Needs, Operation
from asbuilt.engines.postgres.changing import (
    attached,
    breaking,
    columns,
    constraints,
    disturbing,
    foreign,
    indexes,
    objects,
    obstacles,
    remaking,
    tables,
)
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.state import DatabaseState, Item


@dataclass(frozen=True)
class PostgresChanger:
    """The changer as `engines.base.Changer` has it."""

    before: DatabaseState
    after: DatabaseState
    needs: Needs
    kept: str
    remade: frozenset[str] = frozenset()
    crowded: frozenset[str] = frozenset()

    def disturbs(self, change: Change, other: Item) -> bool:
        return change.item not in self._remade and disturbing.disturbs(change, other)

    def operations(self, change: Change, changes: dict[Item, Change], *, is_direct: bool) -> tuple[Operation, ...]:
        ground = Ground(self.before, self.after, self.needs, changes, self.kept, is_direct, self.remade, self.crowded)
        if change.item in self._absorbed:
            table = Item("table", change.item.table or change.item.name)
            return tuple(_made_again(table, ground)) if change.item == _head(table, changes) else ()
        found = breaking.told(change, ground, tuple(_operations(change, ground)))
        return obstacles.told(change, ground, found)

    @cached_property
    def _remade(self) -> frozenset[Item]:
        """What is made again with tables that are made anew: that takes all of it out of the way by itself."""
        ground = Ground(self.before, self.after, self.needs, {}, self.kept, remade=self.remade)
        found = [remaking.absorbed(name, ground) for name in self.before.tables if ground.is_remade(name)]
        return frozenset(item for items in found for item in items)

    @cached_property
    def _absorbed(self) -> frozenset[Item]:
        """What is made again with tables that are made anew, or lie on another server."""
        ground = Ground(self.before, self.after, self.needs, {}, self.kept)
        found = [self._remade]
        found += [foreign.absorbed(name, ground) for name in self.before.tables if foreign.has_moved(name, ground)]
        return frozenset(item for items in found for item in items)


def _head(table: Item, changes: dict[Item, Change]) -> Item | None:
    """Return which of a table's changes stands for all that is done when it is made anew."""
    return table if table in changes else min((item for item in changes if item.table == table.name), default=None)


def _made_again(item: Item, ground: Ground) -> Iterator[Operation]:
    if ground.is_remade(item.name):
        yield from remaking.operations(item, ground)
    elif foreign.has_moved(item.name, ground):
        yield tables.moved(item, ground)


def _operations(change: Change, ground: Ground) -> Iterator[Operation]:
    match change.item.kind:
        case "table":
            return tables.operations(change, ground)
        case "column":
            return columns.operations(change, ground)
        case "constraint":
            return constraints.operations(change, ground)
        case "index":
            return indexes.operations(change, ground)
        case "trigger" | "policy":
            return attached.operations(change, ground)
        case _:
            return objects.operations(change, ground)
