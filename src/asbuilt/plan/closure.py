"""What has to be taken away and made again because it stands in the way of a change."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from asbuilt.engines.changes import Change, Needs, Thing, Verb
from asbuilt.engines.state import Item

Disturbs = Callable[[Change, Item], bool]
"""Whether a thing that needs what changes has to be out of the way meanwhile: the engine knows."""


def grouped(
    changes: Iterable[Change], old: dict[Item, Thing], new: dict[Item, Thing], needs: Needs, disturbs: Disturbs
) -> tuple[tuple[Change, ...], ...]:
    """Return the changes with what has to be rebuilt for them, what belongs in one transaction together."""
    work = _Closure({change.item: change for change in changes})
    dependants = _reversed(needs)
    parts = _parts(needs)
    waiting = list(work.changes)
    while waiting:
        item = waiting.pop()
        change = work.changes[item]
        origin = _origin(change)
        for other in sorted(dependants[origin].union(*(dependants[part] for part in parts[origin]))):
            if other in (item, origin) or not disturbs(change, other):
                continue
            known = work.changes.get(other)
            if known is None:
                if other not in old or other not in new:
                    continue
                work.changes[other] = Change(Verb.REBUILD, other, old[other], new[other])
                waiting.append(other)
            elif known.verb == Verb.ALTER and change.verb == Verb.DROP:
                continue  # what changes no longer needs what goes: it only has to change first
            elif known.verb == Verb.ALTER:
                work.changes[other] = replace(known, verb=Verb.REBUILD)
                waiting.append(other)
            if work.changes[other].verb != Verb.DROP:
                work.join(item, other)
    return work.groups()


def _origin(change: Change) -> Item:
    """Return what the thing is called now, where it has another name afterwards."""
    return replace(change.item, name=change.before.name) if change.before else change.item


def _reversed(needs: Needs) -> dict[Item, set[Item]]:
    found: dict[Item, set[Item]] = defaultdict(set)
    for item, needed in needs.items():
        for other in needed:
            found[other].add(item)
    return found


def _parts(needs: Needs) -> dict[Item, set[Item]]:
    """Return what is on each table and something else needs: what needs that is in the way of the table, too."""
    found: dict[Item, set[Item]] = defaultdict(set)
    for needed in needs.values():
        for part in needed:
            if part.table:
                found[Item("table", part.table)].add(part)
    return found


@dataclass(slots=True)
class _Closure:
    """The changes so far, and which of them belong together (a disjoint-set forest)."""

    changes: dict[Item, Change]
    parents: dict[Item, Item] = field(default_factory=dict)

    def root(self, item: Item) -> Item:
        while (parent := self.parents.get(item, item)) != item:
            item = parent
        return item

    def join(self, one: Item, other: Item) -> None:
        self.parents[self.root(other)] = self.root(one)

    def groups(self) -> tuple[tuple[Change, ...], ...]:
        found: dict[Item, list[Change]] = defaultdict(list)
        for item, change in self.changes.items():
            found[self.root(item)].append(change)
        return tuple(map(tuple, found.values()))
