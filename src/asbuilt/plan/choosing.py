"""What of a plan's changes concerns what is in use, and how that can be kept usable meanwhile."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from asbuilt.engines.base import Engine
from asbuilt.engines.changers import Expander
from asbuilt.engines.changes import Expansion
from asbuilt.engines.inherited import heirs
from asbuilt.engines.state import DatabaseState, Item, TableState
from asbuilt.model.renames import Rename
from asbuilt.plan.planning import Side

IsUsed = Callable[[str], bool]
"""Tells whether a table of the target has rows: an empty one is changed at once."""


def nothing_used(table: str) -> bool:
    return False


@dataclass(slots=True)
class Choice:
    """What changes at once, what is kept usable under its old name or type meanwhile, and what is made anew beside its writers.

    `crowded` are partitions with rows that others may get, as new ones come beside them.
    `reasons` say of what is in use and changes at once why no other way is possible.
    """

    at_once: list[Rename] = field(default_factory=list)
    tables: list[Rename] = field(default_factory=list)
    copies: list[Expansion] = field(default_factory=list)
    exchanges: list[Expansion] = field(default_factory=list)
    remade: list[str] = field(default_factory=list)
    crowded: list[str] = field(default_factory=list)
    reasons: dict[Item, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.tables or self.copies or self.exchanges or self.remade)

    @property
    def renames(self) -> tuple[Rename, ...]:
        return (*self.at_once, *self.tables)

    @property
    def words(self) -> Iterator[str]:
        yield from (f"view {r.table} {r.old}" for r in self.tables)
        yield from (f"{e.table}.{e.before.name} {e.after.name}" for e in (*self.copies, *self.exchanges))
        yield from (f"remade {table}" for table in self.remade)
        yield from (f"crowded {table}" for table in self.crowded)


def chosen(
    engine: Engine, fits: Sequence[Rename], before: Side, after: Side, is_used: IsUsed, writes: Sequence[str] = ()
) -> Choice:
    """Return what of the changes from `before` to `after` concerns what is in use, and how it can be kept usable.

    `writes` are the document's statements that have written rows on the way to `before`.
    """
    return _Choosing(engine.expander(""), tuple(fits), before, after, is_used, tuple(writes)).choice()


@dataclass(frozen=True)
class _Choosing:
    expander: Expander
    fits: tuple[Rename, ...]
    before: Side
    after: Side
    is_used: IsUsed
    writes: tuple[str, ...] = ()

    def choice(self) -> Choice:
        found = Choice(remade=list(self.remade), exchanges=self.exchanges, crowded=list(self.crowded))
        for whole in self.fits:
            if not whole.column:
                (found.tables if whole.table in self.used else found.at_once).append(whole)
        for expansion, home, rename in self.columns:
            if rename and expansion not in found.exchanges:
                self._rename(found, expansion, home, rename)
            elif (why := self._why_in_place(expansion, home)) and expansion not in found.exchanges:
                found.reasons[_item(expansion)] = why
        found.reasons |= {type_: why for type_, why in self.passing.items() if why}
        return found

    def _rename(self, found: Choice, e: Expansion, home: TableState, rename: Rename) -> None:
        """Add a rename: the column is copied, or else renamed at once."""
        is_plain = e.table not in self.used or e.table in self.old_tables
        why = "" if is_plain else self.expander.why_not_copied(e, home, self.before.state)
        if is_plain or why:
            found.at_once.append(rename)
        else:
            found.copies.append(e)
        if why:
            found.reasons[_item(e)] = why

    @cached_property
    def old_tables(self) -> dict[str, str]:
        return {rename.table: rename.old for rename in self.fits if not rename.column}

    @cached_property
    def used(self) -> frozenset[str]:
        """The tables that stay and have rows here, by their new names."""
        standing = _standing(self.before, self.after, self.old_tables)
        tables = self.before.state.tables
        return frozenset(name for name, old in standing if not tables[old].server and self.is_used(old))

    @cached_property
    def used_before(self) -> frozenset[str]:
        """The same tables by the names that they have now."""
        return frozenset(self.old_tables.get(name, name) for name in self.used)

    @cached_property
    def columns(self) -> list[tuple[Expansion, TableState, Rename | None]]:
        """The columns that get another name, another type, or a type made anew under its name; that only where columns can change over to it."""
        passed = {type_ for type_, why in self.passing.items() if not why}
        all_ = [
            (self._passed(e) if e.passing in passed else replace(e, passing=None), home, name)
            for e, home, name in self._all
        ]
        return [(e, home, name) for e, home, name in all_ if name or e.passing or e.before.type != e.after.type]

    def _passed(self, e: Expansion) -> Expansion:
        return replace(e, relabels=self.expander.relabels(e, self.writes)) if e.passing else e

    @cached_property
    def _all(self) -> list[tuple[Expansion, TableState, Rename | None]]:
        return list(_columns(self.before, self.after, self.fits, self.anew))

    @cached_property
    def anew(self) -> dict[Item, Item]:
        """The columns, as they are, whose types have to be made anew under their names."""
        old, new = self.before.state, self.after.state
        types = [
            Item(*key)
            for key, type_ in old.objects.items()
            if key in new.objects and type_ != new.objects[key] and self.expander.is_passed(type_, new.objects[key])
        ]
        return {c: t for t in types for c in self.expander.columns_of(t, old, self.before.needs)}

    @cached_property
    def passing(self) -> dict[Item, str]:
        """The types in use that are made anew under their names, and why their columns cannot change over beside the writers."""
        used = {self.anew[column] for column in self.anew if column.table in self.used_before}
        return {type_: self._why_not_passed(type_) for type_ in sorted(used)}

    def _why_not_passed(self, type_: Item) -> str:
        if why := self.expander.why_not_passed(type_, self.before.needs):
            return why
        for e, home, _ in self._all:
            item = Item("column", e.before.name, home.name)
            if self.anew.get(item) == type_:
                why = "" if e.passing else f"{item} gets yet another type"
                why = why or ("" if e.table not in self.remade else f"{e.table} is made anew")
                if why := why or self.expander.why_not_exchanged(e, home, self.before.state, self.before.needs):
                    return why
        return ""

    @cached_property
    def turned(self) -> dict[Item, tuple[Expansion, TableState]]:
        """The columns that cannot get their new type in an instant."""
        return {_item(e): (e, home) for e, home, _ in self.columns if e.passing or self._is_due(e)}

    def _is_due(self, e: Expansion) -> bool:
        return self.expander.is_due(e.before, e.after)

    @cached_property
    def remade(self) -> tuple[str, ...]:
        """The tables in use with a column for which no other can take over, that can be made anew instead."""
        found = {e.table: home for e, home, _ in self._all if self._is_due(e) and self._is_hindered(e, home)}
        return tuple(name for name, home in found.items() if name in self.used and not self._why_not_remade(name, home))

    @property
    def crowded(self) -> Iterator[str]:
        """Yield the partitions in use that take what no other does, where others come beside them."""
        old, new = self.before.state, self.after.state
        for name, table in new.tables.items():
            coming = [
                other
                for other in new.tables.values()
                if other.parents == table.parents and other.name not in old.tables
            ]
            if table.partition_bound == "DEFAULT" and coming and name in self.used:
                yield name

    def _is_hindered(self, e: Expansion, home: TableState) -> bool:
        return _rests_on_what_stays(e, home, self.before, self.after) and bool(self._why_not_exchanged(e, home))

    @cached_property
    def exchanges(self) -> list[Expansion]:
        due = {
            item: e
            for item, (e, home) in self.turned.items()
            if e.table not in self.remade and not self._why_not_exchanged(e, home)
        }
        chosen = {item for item, e in due.items() if item.table in self.used or e.passing}
        exchanged = _tied(chosen, due, self.after.state)
        return [due[item] for item in due if item in exchanged]

    def _why_in_place(self, e: Expansion, home: TableState) -> str:
        """Return why a column in use that does not get its new type in an instant gets it in its place; empty where it does not."""
        is_apart = e.table in self.used and e.table not in self.remade and home.partition_bound is None
        if not is_apart or _item(e) not in self.turned:
            return ""
        why = self._why_not_exchanged(e, home)
        more = (
            self._why_not_remade(e.table, home)
            if why and _rests_on_what_stays(e, home, self.before, self.after)
            else ""
        )
        return "; ".join(dict.fromkeys(filter(None, (why, more))))

    def _why_not_exchanged(self, e: Expansion, home: TableState) -> str:
        if not e.passing and not _rests_on_what_stays(e, home, self.before, self.after):
            return "a type that it rests on is made anew under its name, and two cannot have it"
        return self.expander.why_not_exchanged(e, home, self.before.state, self.before.needs)

    def _why_not_remade(self, name: str, home: TableState) -> str:
        names = {rename.old: rename.column for rename in self.fits if rename.table == name and rename.column}
        return self.expander.why_not_remade(_named(home, names), self.after.state.tables[name], self.before.state)


def _named(table: TableState, names: Mapping[str, str]) -> TableState:
    """Return a table whose columns have their new names, which they get before anything else is done."""
    columns = (replace(c, name=names.get(c.name, c.name)) for c in table.columns)
    keys = (replace(k, columns=tuple(names.get(name, name) for name in k.columns)) for k in table.constraints)
    return replace(table, columns=tuple(columns), constraints=tuple(keys))


def _item(e: Expansion) -> Item:
    return Item("column", e.after.name, e.table)


def _rests_on_what_stays(e: Expansion, home: TableState, before: Side, after: Side) -> bool:
    """Tell whether the types that the old column needs can be there as long as it is: another one has none of their names."""
    old, new = before.state.objects, after.state.objects
    resting = needed(Item("column", e.before.name, home.name), before)
    return all(
        new.get((item.kind, item.name), old[item.kind, item.name]) == old[item.kind, item.name] for item in resting
    )


def needed(item: Item, side: Side) -> list[Item]:
    """Return the types and other things of their own that something rests on, each before what it needs itself."""
    found: list[Item] = []
    waiting = [item]
    while waiting:
        for other in sorted(side.needs.get(waiting.pop(0), ())):
            if not other.table and (other.kind, other.name) in side.state.objects:
                found = [known for known in found if known != other] + [other]
                waiting.append(other)
    return found


def _standing(before: Side, after: Side, old_tables: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the tables that stay, their rows where they are, by their new name and their old one."""
    for name, table in after.state.tables.items():
        old = before.state.tables.get(old_tables.get(name, name))
        if old and old.server == table.server:
            yield name, old.name


def _columns(
    before: Side, after: Side, fits: Sequence[Rename], anew: Mapping[Item, Item]
) -> Iterator[tuple[Expansion, TableState, Rename | None]]:
    """Yield the columns that stay and change, as they are and have to be, with the table as it is and the rename, if any.

    Those that a table has from another one change with it.
    """
    old_tables = {rename.table: rename.old for rename in fits if not rename.column}
    renames = {(rename.table, rename.column): rename for rename in fits if rename.column}
    for name, old_name in _standing(before, after, old_tables):
        table = before.state.tables[old_name]
        above = (before.state.tables[parent] for parent in table.parents if parent in before.state.tables)
        inherited = {column.name for parent in above for column in parent.columns}
        for column in after.state.tables[name].columns:
            rename = renames.get((name, column.name))
            old = table.column(rename.old if rename else column.name)
            type_ = anew.get(Item("column", old.name, old_name)) if old else None
            changes = (type_ or (old and old.type != column.type)) and column.name not in inherited
            if old and (rename or changes):
                is_seen = rename is not None or name in old_tables
                passing = type_ if old.type == column.type else None
                below = tuple(heir.name for heir in heirs(after.state, name))
                yield Expansion(name, old, column, is_seen, passing, below), table, rename


def _tied(chosen: set[Item], due: Mapping[Item, Expansion], wanted: DatabaseState) -> set[Item]:
    """Return the chosen columns with those that foreign keys tie to them and that change their types, too."""
    ties = [
        (Item("column", here, table.name), Item("column", there, key.target))
        for table in wanted.tables.values()
        for key in table.constraints
        if key.target
        for here, there in zip(key.columns, key.target_columns, strict=True)
    ]
    while True:
        more = {end for tie in ties if chosen & set(tie) for end in tie if end in due} - chosen
        if not more:
            return chosen
        chosen = chosen | more
