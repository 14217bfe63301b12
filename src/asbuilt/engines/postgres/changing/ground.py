"""What there is to know when a change is turned into statements."""

from dataclasses import dataclass
from functools import cached_property

from asbuilt.engines.changes import Change, Needs, Verb
from asbuilt.engines.state import DatabaseState, IndexState, Item


@dataclass(frozen=True)
class Ground:
    """The two states, what needs what in the first, all changes, and the schema that keeps what would be lost.

    `is_direct`: the change shares its transaction with others, so nothing may run alone or wait for writers. `remade` are tables
    that are made anew beside the old ones, though they stay divided as they are. `crowded` are partitions with rows that others may get.
    """

    before: DatabaseState
    after: DatabaseState
    needs: Needs
    changes: dict[Item, Change]
    kept: str
    is_direct: bool = False
    remade: frozenset[str] = frozenset()
    crowded: frozenset[str] = frozenset()

    def is_new(self, table: str) -> bool:
        """Tell whether the plan makes the table: nobody reads or writes it yet."""
        change = self.changes.get(Item("table", table))
        return table not in self.before.tables or (change is not None and change.verb == Verb.CREATE)

    def is_partitioned(self, table: str) -> bool:
        states = (self.before.tables.get(table), self.after.tables.get(table))
        return any(state is not None and state.kind == "partitioned table" for state in states)

    def is_remade(self, table: str) -> bool:
        """Tell whether a table that stays is made anew: it is divided in another way, for the first time or no more, or has to be."""
        if table in self.remade:
            return True
        one, other = self.before.tables.get(table), self.after.tables.get(table)
        if one is None or other is None or "foreign table" in (one.kind, other.kind):
            return False
        is_whole = one.partition_bound is None and other.partition_bound is None
        return is_whole and (one.kind != other.kind or one.partition_key != other.partition_key)

    def stays_divided(self, table: str) -> bool:
        """Tell whether a table is partitioned before and after, by the same key."""
        one, other = self.before.tables.get(table), self.after.tables.get(table)
        return bool(one and other and one.partition_key and one.partition_key == other.partition_key)

    def comes_with_parent(self, table: str) -> bool:
        """Tell whether a new partition is made together with a new one above it, which is made for a table that stands."""
        parents = self.after.tables[table].parents
        above = self.after.tables.get(parents[0]) if parents else None
        if above is None or above.name in self.before.tables or above.partition_bound is None:
            return False
        return self.stays_divided(above.parents[0]) or self.comes_with_parent(above.name)

    def steady(self, table: str) -> tuple[str, ...]:
        """Return the columns of a table that hold the same values all the way: neither dropped nor of another type."""
        before, after = self.before.tables[table], self.after.tables.get(table)
        kept = ((c, after.column(c.name)) for c in before.columns) if after else ()
        return tuple(c.name for c, other in kept if other and other.type == c.type and c.generated is None)

    def verb(self, item: Item) -> Verb | None:
        change = self.changes.get(item)
        return change.verb if change else None

    @cached_property
    def dependants(self) -> dict[Item, tuple[Item, ...]]:
        """What needs each thing now."""
        found: dict[Item, list[Item]] = {}
        for item in sorted(self.needs):
            for needed in self.needs[item]:
                found.setdefault(needed, []).append(item)
        return {item: tuple(others) for item, others in found.items()}

    def backing_index(self, table: str, constraint: str) -> IndexState | None:
        """Return the index of a key, as it is afterwards."""
        state = self.after.tables.get(table)
        return next((i for i in state.indexes if i.backs == constraint), None) if state else None
