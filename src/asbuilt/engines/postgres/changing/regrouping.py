"""Partitions whose bounds change, or that take rows which others hold: all of it in one transaction, the rows moved."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from asbuilt.engines.changes import Danger, Hazard, Operation
from asbuilt.engines.inherited import partitions
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.changing import bounds, keeping
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.postgres.changing.joining import attaching, below, detaching, made, parts, ties
from asbuilt.engines.postgres.quoting import columns, identifier, relation
from asbuilt.engines.state import ConstraintState, DatabaseState, Item, TableState

_ENABLING = {"origin": "ENABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS"}


def group_of(name: str, parent: str, ground: Ground) -> tuple[str, ...]:
    """Return the partitions that can only change together with this one, itself included; empty where it may change alone."""
    leaving = _changed(ground.before, ground.after, parent)
    coming = _changed(ground.after, ground.before, parent)
    found, waiting = {name}, [name]
    while waiting:
        one = waiting.pop()
        for here, there in ((leaving, coming), (coming, leaving)):
            near = {other for other in there if one in here and bounds.may_overlap(here[one], there[other])}
            waiting += near - found
            found |= near
    is_alone = len(found) == 1 and not (name in leaving and name in coming)
    if is_alone and not (name in coming and default_of(ground, parent)):
        return ()
    return tuple(sorted(found))


def _changed(state: DatabaseState, other: DatabaseState, parent: str) -> dict[str, str]:
    """Return the partitions that do not stand so in the other state, with their bounds."""
    there = {table.name: table.partition_bound for table in partitions(other, parent)}
    here = {table.name: table.partition_bound or "" for table in partitions(state, parent)}
    return {name: bound for name, bound in here.items() if there.get(name) != bound}


def default_of(ground: Ground, parent: str) -> TableState | None:
    """Return the default partition, where there is one before and after."""
    found = [t for t in partitions(ground.before, parent) if t.partition_bound == bounds.DEFAULT]
    kept = found and ground.after.tables.get(found[0].name)
    return found[0] if kept and kept.partition_bound == bounds.DEFAULT and kept.parents == found[0].parents else None


def regrouped(parent: str, group: Sequence[str], ground: Ground) -> Operation:
    """Return the operation that divides the rows of some partitions anew."""
    forth = _Way(
        parent, tuple(group), ground.before, ground.after, default_of(ground, parent), ground.kept, is_back=False
    )
    back = _Way(
        parent, tuple(group), ground.after, ground.before, default_of(ground, parent), ground.kept, is_back=True
    )
    new = [
        t for name in group if name not in ground.before.tables for t in _tree(ground.after.tables[name], ground.after)
    ]
    gone = [ground.before.tables[name] for name in group if name not in ground.after.tables]
    stay = [name for name in group if name in ground.before.tables and name in ground.after.tables]
    return Operation(
        f"divide the rows of {parent} anew among {', '.join(group)}",
        tuple(forth.statements()),
        tuple(back.statements()),
        makes=frozenset(item for table in new for item in (Item("table", table.name), *parts(table))),
        removes=frozenset(item for table in gone for item in (Item("table", table.name), *parts(table))),
        touches=frozenset(
            Item("table", name) for name in (*stay, parent, *([forth.default.name] if forth.default else []))
        ),
        dangers=tuple(_dangers(forth)),
    )


def _tree(table: TableState, state: DatabaseState) -> list[TableState]:
    return [table, *below(table, state)]


@dataclass(frozen=True, slots=True)
class _Way:
    """One way between two divisions. Back, what came is dropped once its rows are out, and what was put aside comes again."""

    parent: str
    group: tuple[str, ...]
    old: DatabaseState
    new: DatabaseState
    default: TableState | None
    kept: str
    is_back: bool

    def statements(self) -> Iterator[str]:
        cut, tie = self._quiet()
        place = f"{identifier(self.kept)}.{identifier(keeping.kept_name(self.parent, 'moved'))}"
        yield from cut
        yield from (detaching(table) for table in self._of(self.old))
        yield keeping.make_schema(self.kept)
        yield f"CREATE TABLE IF NOT EXISTS {place} AS SELECT * FROM {relation(self.parent)} WITH NO DATA"
        yield from self._taken_out(place)
        yield from self._put_in()
        yield self._move(place, relation(self.parent), self._any(partitions(self.new, self.parent)))
        yield f"DO $do$ BEGIN IF NOT EXISTS (SELECT FROM {place}) THEN DROP TABLE {place}; END IF; END $do$"
        yield from tie

    def _of(self, state: DatabaseState) -> list[TableState]:
        return [table for table in partitions(state, self.parent) if table.name in self.group]

    def _taken_out(self, place: str) -> Iterator[str]:
        """Yield what takes the rows out of the partitions that they leave, and these themselves away."""
        coming = self._of(self.new)
        for table in self._of(self.old):
            stays = next((other for other in coming if other.name == table.name), None)
            if stays is not None:
                yield self._move(relation(table.name), place, f"({self._takes(stays)}) IS NOT TRUE")
            elif table.name not in self.new.tables:
                yield self._move(relation(table.name), place, "true" if self.is_back else self._any(coming))
                yield from self._away(table)
        if self.default and (exact := [table for table in coming if table.partition_bound != bounds.DEFAULT]):
            yield self._move(relation(self.default.name), place, self._any(exact))

    def _away(self, table: TableState) -> Iterator[str]:
        if self.is_back:
            yield f"DROP TABLE {relation(table.name)}"
            return
        yield from ties(table)[0]
        yield from keeping.move("table", table.name, self.kept).keep

    def _put_in(self) -> Iterator[str]:
        for table in self._of(self.new):
            if table.name in self.old.tables:
                yield attaching(table)
            elif self.is_back:
                yield from keeping.move("table", table.name, self.kept).restore
                yield from ties(table)[1]
                yield attaching(table)
            else:
                yield from made(table, self.new)

    def _takes(self, table: TableState) -> str:
        """Return the condition for the rows of a partition of the new division."""
        siblings = [other.partition_bound or "" for other in partitions(self.new, self.parent)]
        return bounds.takes(self.new.tables[self.parent], table.partition_bound or "", siblings)

    def _any(self, tables: Sequence[TableState]) -> str:
        return " OR ".join(self._takes(table) for table in tables) or "false"

    def _move(self, origin: str, place: str, condition: str) -> str:
        stored = [c.name for c in self.old.tables[self.parent].columns if c.generated is None]
        now = self.new.tables[self.parent]
        named = columns(tuple(name for name in stored if now.column(name)))
        taken = f"DELETE FROM {origin} WHERE {condition} RETURNING {named}"
        return (
            f"WITH moved AS ({taken}) INSERT INTO {place} ({named}) OVERRIDING SYSTEM VALUE SELECT {named} FROM moved"
        )

    def _quiet(self) -> tuple[list[str], list[str]]:
        """Return what keeps keys and triggers from taking a move for a deletion, and what puts them in force again."""
        cut, tie = [], []
        for table, key in self._keys():
            cut.append(f"ALTER TABLE {relation(table)} DROP CONSTRAINT {identifier(key.name)}")
            tie.append(defining.add_constraint(table, key))
        for name in (self.parent, *self.group, *([self.default.name] if self.default else [])):
            one, other = self.old.tables.get(name), self.new.tables.get(name)
            for trigger in one.triggers if one and other else ():
                if other and trigger in other.triggers and (word := _ENABLING.get(trigger.enabled)):
                    words = f"ALTER TABLE {relation(name)}"
                    cut.append(f"{words} DISABLE TRIGGER {identifier(trigger.name)}")
                    tie.append(f"{words} {word} TRIGGER {identifier(trigger.name)}")
        return cut, tie

    def _keys(self) -> Iterator[tuple[str, ConstraintState]]:
        """Yield the foreign keys that point at the parent before and after."""
        for name, table in self.old.tables.items():
            other = self.new.tables.get(name)
            for key in table.constraints if other else ():
                if key.target == self.parent and other and key in other.constraints:
                    yield name, key


def _dangers(way: _Way) -> Iterator[Danger]:
    """Yield what no partition takes any more, and the time that it takes to look."""
    everywhere = way._any(partitions(way.new, way.parent))
    count = f"SELECT count(*) FROM {relation(way.parent)} WHERE ({everywhere}) IS NOT TRUE"
    yield Danger(Hazard.DATA_LOST, f"rows of {way.parent} that no partition takes any more", count=count)
