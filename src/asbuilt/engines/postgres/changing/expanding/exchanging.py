"""A live column that gets another type: a new one is filled beside it, takes over all that is on it, and then its name."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from asbuilt.engines.changes import Expansion, Needs
from asbuilt.engines.postgres.changing import keeping
from asbuilt.engines.postgres.changing.expanding.passing import coming_type, going_type
from asbuilt.engines.postgres.changing.expanding.syncing import Pair, named
from asbuilt.engines.state import ColumnState, ConstraintState, DatabaseState, IndexState, Item

KEYS = ("primary key", "unique")
Held = tuple[str, ConstraintState]
"""A constraint and the table that it is on."""


def new_name(expansion: Expansion) -> str:
    """Return what the new column is called until it takes over."""
    return named("asbuilt_new_", expansion.after.name)


def old_name(expansion: Expansion) -> str:
    """Return what the old column is called from then on: its own name, where that is free."""
    old = expansion.before.name
    return named("asbuilt_old_", old) if old == expansion.after.name else old


def coming(name: str) -> str:
    return named("asbuilt_new_", name)


def going(name: str) -> str:
    return named("asbuilt_old_", name)


@dataclass(frozen=True)
class Exchange:
    """Columns that change their types together, as keys tie them, and what is on them.

    `state` is what stands; `wanted` what is wanted, with the new columns under the names that they have until they take
    over, and `wanted_needs` what needs what there under their last names. `kept` keeps what cannot be given back.
    `others` are all that take over in the same plan; `parted` is what stands with their old columns under their last names.
    """

    expansions: tuple[Expansion, ...]
    state: DatabaseState
    needs: Needs
    wanted: DatabaseState
    wanted_needs: Needs
    kept: str = ""
    others: tuple[Expansion, ...] = ()
    parted: DatabaseState | None = None

    @property
    def told(self) -> str:
        return ", ".join(f"{e.table}.{e.after.name}" for e in self.expansions)

    @cached_property
    def tables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(e.table for e in self.expansions))

    @cached_property
    def old_columns(self) -> frozenset[Item]:
        return frozenset(Item("column", e.before.name, e.table) for e in self.expansions)

    @cached_property
    def new_columns(self) -> frozenset[Item]:
        return frozenset(Item("column", e.after.name, e.table) for e in self.expansions)

    @cached_property
    def old_constraints(self) -> tuple[Held, ...]:
        """The constraints on the old columns, keys before what refers to them."""
        return tuple(sorted(_constraints(self.state, self.needs, self.old_columns), key=_rank))

    @cached_property
    def new_constraints(self) -> tuple[Held, ...]:
        return tuple(sorted(_constraints(self.wanted, self.wanted_needs, self.new_columns), key=_rank))

    @cached_property
    def old_indexes(self) -> tuple[IndexState, ...]:
        return tuple(_indexes(self.state, self.needs, self.old_columns | self._inherited(is_old=True)))

    @cached_property
    def new_indexes(self) -> tuple[IndexState, ...]:
        return tuple(_indexes(self.wanted, self.wanted_needs, self.new_columns | self._inherited(is_old=False)))

    def _inherited(self, *, is_old: bool) -> frozenset[Item]:
        """Return the columns of the tables that inherit: what is on these is their own but for indexes."""
        pairs = ((heir, e.before.name if is_old else e.after.name) for e in self.expansions for heir in e.heirs)
        return frozenset(Item("column", name, heir) for heir, name in pairs)

    @property
    def going_indexes(self) -> tuple[IndexState, ...]:
        """The old indexes as they read once the old columns have their last names."""
        parted = self.parted or self.state
        return tuple(i for old in self.old_indexes for i in parted.tables[old.table].indexes if i.name == old.name)

    def last_key(self, table: str) -> tuple[str, ...]:
        """Return the columns that tell a table's rows apart, under the names that they have after the switch."""
        last = {new_name(e): e.after.name for e in self.others if e.table == table}
        return tuple(last.get(name, name) for name in keeping.key(self.wanted.tables[table]))

    def backing(self, table: str, constraint: ConstraintState) -> IndexState:
        """Return the index of a new key, under the name that it has until the key takes over."""
        [index] = [i for i in self.wanted.tables[table].indexes if i.backs == constraint.name]
        return replace(index, backs=None)

    def counterpart(self, table: str, constraint: ConstraintState) -> ConstraintState | None:
        """Return the old constraint that a new one stands for."""
        return next((k for home, k in self.old_constraints if home == table and k.name == constraint.name), None)


def _rank(held: Held) -> tuple[int, str, str]:
    table, constraint = held
    return (0 if constraint.kind in KEYS else 2 if constraint.kind == "foreign key" else 1, table, constraint.name)


def _constraints(state: DatabaseState, needs: Needs, columns: frozenset[Item]) -> Iterator[Held]:
    for table in state.tables.values():
        for constraint in table.constraints:
            if needs.get(Item("constraint", constraint.name, table.name), frozenset()) & columns:
                yield table.name, constraint


def _indexes(state: DatabaseState, needs: Needs, columns: frozenset[Item]) -> Iterator[IndexState]:
    for table in state.tables.values():
        for index in table.indexes:
            if index.backs is None and needs.get(Item("index", index.name, table.name), frozenset()) & columns:
                yield index


def before_switch(e: Expansion) -> Pair:
    """Return the two columns while the old one counts."""
    columns = e.before.name, e.before.type, new_name(e), coming_type(e)
    return Pair(e.table, e.after.name, *columns, heirs=e.heirs, side_labels=e.relabels)


def after_switch(e: Expansion) -> Pair:
    columns = e.after.name, e.after.type, old_name(e), going_type(e)
    return Pair(e.table, e.after.name, *columns, _has_default(e.after), heirs=e.heirs, main_labels=e.relabels)


def _has_default(column: ColumnState) -> bool:
    return column.default is not None or bool(column.identity)


def together(
    expansions: tuple[Expansion, ...], state: DatabaseState, needs: Needs, wanted: DatabaseState, wanted_needs: Needs
) -> list[tuple[Expansion, ...]]:
    """Return the expansions in groups that change over in one moment: those that one constraint, index or type ties together."""
    groups: list[tuple[set[Item], list[Expansion]]] = []
    for expansion in expansions:
        one = Exchange((expansion,), state, needs, wanted, wanted_needs)
        tied = {Item("constraint", k.name, t) for t, k in (*one.old_constraints, *one.new_constraints)}
        tied |= {Item("index", i.name, i.table) for i in (*one.old_indexes, *one.new_indexes)}
        tied |= {expansion.passing} if expansion.passing else set()
        members = [expansion]
        for group in [group for group in groups if group[0] & tied]:
            groups.remove(group)
            tied |= group[0]
            members = [*group[1], *members]
        groups.append((tied, members))
    return [tuple(members) for _, members in groups]
