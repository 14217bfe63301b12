"""A table divided in another way, or divided for the first time, or no more: made anew beside the old one, then exchanged.

The new table is made in a schema of the plan's own, kept in step by triggers, filled range by range, and takes the old one's
place in one short transaction. The way back does the same in the other direction, with the rows written since.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from asbuilt.engines.changes import Danger, Hazard, Operation
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.changing import bounds, keeping, shadow
from asbuilt.engines.postgres.changing.columns import narrowed
from asbuilt.engines.postgres.changing.converting import may_lose, there_and_back
from asbuilt.engines.postgres.changing.expanding.syncing import is_ours
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.postgres.changing.in_step import TRIGGER, Flow, columns_of
from asbuilt.engines.postgres.changing.joining import parts
from asbuilt.engines.postgres.changing.shadow import Family, place
from asbuilt.engines.postgres.filling import whole
from asbuilt.engines.postgres.quoting import columns, identifier, literal, relation
from asbuilt.engines.state import ColumnState, ConstraintState, Item

_MADE_AGAIN = frozenset({"view", "materialized view", "rule", "statistics", "function", "procedure"}) | defining.MARKS


def operations(item: Item, ground: Ground) -> Iterator[Operation]:
    """Yield what makes a table anew: beside its writers where a key tells its rows apart, else while they wait."""
    work = _Remaking(item.name, ground)
    if work.forth.key and work.back.key:
        yield work.prepared()
        yield work.copied()
        yield work.exchanged()
        yield from work.checked()
        yield work.compared_on_the_way_back()
        yield work.tidied()
    else:
        yield work.at_once()


def absorbed(name: str, ground: Ground) -> frozenset[Item]:
    """Return everything that is made again with a table, its partitions and their parts included."""
    work = _Remaking(name, ground)
    family = {Item("table", member.name) for member in (*work.old.members, *work.new.members)}
    keys = {Item("constraint", key.name, table) for table, key in (*work.old.keys, *work.new.keys)}
    own = {part for member in (*work.old.members, *work.new.members) for part in parts(member)}
    return frozenset(family | keys | own | set(work.dependants) | set(work.publications))


@dataclass(frozen=True)
class _Remaking:
    name: str
    ground: Ground

    @cached_property
    def old(self) -> Family:
        return Family(self.ground.before, self.name)

    @cached_property
    def new(self) -> Family:
        return Family(self.ground.after, self.name)

    @property
    def beside(self) -> str:
        """The schema in which the new table lies until it takes the old one's place."""
        return f"{self.ground.kept}_new"

    @cached_property
    def forth(self) -> Flow:
        there = place(self.name, self.beside)
        return Flow(self.old.table, self.new.table, self.name, there, self.beside)

    @cached_property
    def back(self) -> Flow:
        there = place(self.name, self.ground.kept)
        return Flow(self.new.table, self.old.table, self.name, there, self.beside, is_complete=False)

    @cached_property
    def dependants(self) -> list[Item]:
        """Views and the like that hang on the old table, each after what it needs."""
        found: list[Item] = []
        waiting = [Item("table", m.name) for m in self.old.members]
        waiting += [part for member in self.old.members for part in parts(member)]
        while waiting:
            for other in self.ground.dependants.get(waiting.pop(0), ()):
                if other.kind in _MADE_AGAIN:
                    found = [item for item in found if item != other] + [other]
                    waiting.append(other)
        return found

    @property
    def publications(self) -> list[Item]:
        tables = [Item("table", member.name) for member in self.old.members]
        return [
            other for table in tables for other in self.ground.dependants.get(table, ()) if other.kind == "publication"
        ]

    @property
    def _touched(self) -> frozenset[Item]:
        return frozenset({Item("table", self.name)})

    def prepared(self) -> Operation:
        """Return the making of the new table, and what keeps it in step from then on."""
        later = [
            f"ALTER TABLE {relation(table)} VALIDATE CONSTRAINT {identifier(k.name)}"
            for table, k in self.old.keys
            if k.is_validated
        ]
        made = [*shadow.made(self.new, self.beside), *self._outward(), *self.forth.started()]
        gone = f"DROP SCHEMA {identifier(self.beside)} CASCADE"
        ended = f"DROP TRIGGER IF EXISTS zz_asbuilt_in_step ON {relation(self.name)}"
        ended_all = f"DROP TRIGGER IF EXISTS zz_asbuilt_in_step_all ON {relation(self.name)}"
        new = frozenset(part for member in self.new.members for part in parts(member))
        return Operation(
            f"make {self.name} anew beside the old one, and keep it in step",
            tuple(made),
            (*later, ended, ended_all, gone),
            touches=self._touched | new,
            dangers=tuple(self._dangers()),
        )

    def _outward(self) -> Iterator[str]:
        """Yield the foreign keys of the new table; those within it or to it wait until it stands in its place."""
        names = {member.name for member in self.new.members}
        for table, key in self.new.keys:
            if table in names and key.target not in names:
                yield defining.add_constraint(place(table, self.beside), key)

    def copied(self) -> Operation:
        fill = self.forth.backfill()
        return Operation(
            f"copy the rows of {self.name}",
            (whole(fill),),
            (),
            touches=self._touched,
            is_alone=True,
            backfill=fill,
        )

    def exchanged(self) -> Operation:
        """Return the short transaction in which the new table takes the old one's place, and the one that takes it back."""
        return Operation(
            f"put the new {self.name} in the place of the old one",
            tuple(self._there()),
            tuple(self._here_again()),
            touches=absorbed(self.name, self.ground),
        )

    def _objects(self, *, after: bool) -> list[Item]:
        state = self.ground.after if after else self.ground.before
        return [item for item in self.dependants if (item.kind, item.name) in state.objects]

    def _there(self) -> Iterator[str]:
        yield f"LOCK TABLE {relation(self.name)} IN ACCESS EXCLUSIVE MODE"
        yield from self._cut(self.old, after=False)
        yield from self.forth.ended()
        yield from shadow.numbers_taken_along(self.old, self.new, self.beside)
        yield from self._unowned()
        yield keeping.make_schema(self.ground.kept)
        yield from shadow.moved(self.old.members, None, self.ground.kept)
        for table in self.old.own:  # their functions go with the contract, and the old table stays
            ours = (t.name for t in table.triggers if is_ours(t.name))
            yield from (
                f"DROP TRIGGER {identifier(name)} ON {relation(place(table.name, self.ground.kept))}" for name in ours
            )
        yield from shadow.moved(self.new.members, self.beside, None)
        yield from shadow.finished(self.new)
        yield from self._tied(self.new, after=True)

    def _here_again(self) -> Iterator[str]:
        yield f"LOCK TABLE {relation(self.name)} IN ACCESS EXCLUSIVE MODE"
        if self.forth.key and self.back.key:
            yield self._caught_up()
        for old, new in self._turned:
            if may_lose(new.type, old.type):
                differs = f"({there_and_back(new.name, new.type, old.type)})::text IS DISTINCT FROM {identifier(new.name)}::text"
                yield from keeping.written_since(self.name, self.back.key, new.name, differs, self.ground.kept)
        yield from self._cut(self.new, after=True)
        yield from self.back.ended()
        yield from shadow.numbers_taken_along(self.new, self.old, self.ground.kept)
        yield from self._unowned()
        for table in self.new.own:
            yield from (f"DROP TRIGGER {identifier(t.name)} ON {relation(table.name)}" for t in table.triggers)
            yield from (f"DROP POLICY {identifier(p.name)} ON {relation(table.name)}" for p in table.policies)
        yield f"CREATE SCHEMA IF NOT EXISTS {identifier(self.beside)}"
        yield from shadow.moved(self.new.members, None, self.beside)
        yield from shadow.moved(self.old.members, self.ground.kept, None)
        yield from self._triggers_of_old()
        yield from self._tied(self.old, after=False)

    def _caught_up(self) -> str:
        """Return what brings the rows written since to the old table, where the work ended before it could be kept in step."""
        begun = f"SELECT FROM pg_trigger WHERE tgname = {literal(TRIGGER)} AND tgrelid = {literal(relation(self.name))}::regclass"
        rows = "; ".join((self._no_double(), *self._sleeping(), *self._without_gone(), whole(self.back.backfill())))
        return f"DO $do$ BEGIN IF NOT EXISTS ({begun}) THEN {rows}; END IF; END $do$"

    def _no_double(self) -> str:
        double = f"SELECT FROM {relation(self.name)} GROUP BY {columns(self.back.key)} HAVING count(*) > 1"
        told = literal(f"rows of {self.name} share ({columns(self.back.key)}), which the table as it was cannot hold")
        return f"IF EXISTS ({double}) THEN RAISE EXCEPTION USING MESSAGE = {told}; END IF"

    def _sleeping(self) -> Iterator[str]:
        there = relation(place(self.name, self.ground.kept))
        return (
            f"ALTER TABLE {there} DISABLE TRIGGER {identifier(t.name)}"
            for t in self.old.table.triggers
            if not is_ours(t.name)
        )

    def _without_gone(self) -> Iterator[str]:
        """Yield what takes away the old rows whose keys are gone: deleted since, or under another key in the new table."""
        there, here = relation(place(self.name, self.ground.kept)), relation(self.name)
        match = f"ROW({columns_of('new', self.back.key)}) = ROW({columns_of('old', self.back.key)})"
        is_gone = f"NOT EXISTS (SELECT FROM {here} AS new WHERE {match})"
        yield from self._written_down(f"{is_gone} AND ")
        yield f"DELETE FROM {there} AS old WHERE {is_gone}"

    def _written_down(self, is_gone: str = "") -> Iterator[str]:
        """Yield what writes old rows down that go, where they hold what the new table does not give back."""
        more = [f"old.{identifier(c.name)} IS NOT NULL" for c in self._dropped]
        more += [
            f"({there_and_back(old.name, old.type, new.type)})::text IS DISTINCT FROM {identifier(old.name)}::text"
            for old, new in self._turned
            if may_lose(old.type, new.type)
        ]
        if more:
            there, name = place(self.name, self.ground.kept), keeping.kept_name(self.name, "rows_gone")
            condition = f" AS old WHERE {is_gone}({' OR '.join(more)})"
            yield from keeping.rows_written_down(there, name, self.ground.kept, condition)

    def _triggers_of_old(self) -> Iterator[str]:
        """Yield what puts the old table's triggers in force again, which slept while its rows were brought up to date."""
        for table in self.old.own:
            for trigger in table.triggers:
                way = defining.create_trigger if is_ours(trigger.name) else defining.enable_trigger
                yield from way(table.name, trigger)

    def _cut(self, family: Family, *, after: bool) -> Iterator[str]:
        """Yield what unties a family that stands from all that hangs on it."""
        state = self.ground.after if after else self.ground.before
        for item in reversed(self._objects(after=after)):
            yield defining.drop_object(state.objects[item.kind, item.name])
        for table, key in family.keys:
            yield f"ALTER TABLE {relation(table)} DROP CONSTRAINT {identifier(key.name)}"
        for item in self.publications:
            yield f"ALTER PUBLICATION {identifier(item.name)} DROP TABLE {relation(self.name)}"

    def _tied(self, family: Family, *, after: bool) -> Iterator[str]:
        """Yield what ties everything to a family that stands in its place now; rows are held to its keys in another step."""
        state = self.ground.after if after else self.ground.before
        names = {member.name for member in family.members}
        for table, key in family.keys:
            if not (after and table in names and key.target not in names):
                yield defining.add_constraint(table, self._waiting(table, key))
            if key.comment:
                on = f"{identifier(key.name)} ON {relation(table)}"
                yield f"COMMENT ON CONSTRAINT {on} IS {literal(key.comment)}"
        for sequence, column in shadow.sequences(self.old, self.new):
            yield f"ALTER SEQUENCE {relation(sequence)} OWNED BY {relation(self.name)}.{identifier(column)}"
        for item in self.publications:
            yield f"ALTER PUBLICATION {identifier(item.name)} ADD TABLE {relation(self.name)}"
        for item in self._objects(after=after):
            yield from defining.create_object(state.objects[item.kind, item.name])

    def _unowned(self) -> Iterator[str]:
        for sequence, _ in shadow.sequences(self.old, self.new):
            yield f"ALTER SEQUENCE {relation(sequence)} OWNED BY NONE"

    def _waiting(self, table: str, key: ConstraintState) -> ConstraintState:
        can_wait = key.is_validated and key.is_enforced
        can_wait = can_wait and (not self.ground.is_partitioned(table) or self.ground.before.version >= (18, 0))
        return replace(key, definition=f"{key.definition} NOT VALID") if can_wait else key

    def checked(self) -> Iterator[Operation]:
        """Yield the look at what the keys to the new table hold, beside the writers."""
        names = {member.name for member in self.new.members}
        for table, key in self.new.keys:
            if key.target in names and key.is_validated and key.is_enforced:
                yield Operation(
                    f"check {key.name} over the rows of {table}",
                    (f"ALTER TABLE {relation(table)} VALIDATE CONSTRAINT {identifier(key.name)}",),
                    (),
                    touches=frozenset({Item("constraint", key.name, table)}),
                )

    def compared_on_the_way_back(self) -> Operation:
        """Return the planner's numbers for the new table; on the way back, the rows written since brought to the old one."""
        fill = self.back.backfill()
        return Operation(
            f"gather statistics of {self.name}",
            (f"ANALYZE {relation(self.name)}",),
            (whole(fill),),
            touches=self._touched,
            is_alone=True,
            refill=fill,
        )

    def tidied(self) -> Operation:
        """Return the end of the work; on the way back its beginning: the old table is made ready and kept in step."""
        return Operation(
            f"leave the old {self.name} as it was, kept aside",
            (f"DROP SCHEMA IF EXISTS {identifier(self.beside)}",),
            (
                f"CREATE SCHEMA IF NOT EXISTS {identifier(self.beside)}",
                f"DO $do$ BEGIN {self._no_double()}; END $do$",
                *self._sleeping(),
                f"LOCK TABLE {relation(self.name)} IN SHARE ROW EXCLUSIVE MODE",
                *self.back.started(),
                *self._without_gone(),
            ),
            touches=self._touched,
        )

    def at_once(self) -> Operation:
        """Return all of it in one transaction: nothing tells the rows apart, so nobody may write meanwhile."""
        emptied = f"TRUNCATE {relation(place(self.name, self.ground.kept))}"
        prepared, exchanged = self.prepared(), self.exchanged()
        lock = f"LOCK TABLE {relation(self.name)} IN ACCESS EXCLUSIVE MODE"
        made = [*shadow.made(self.new, self.beside), *self._outward()]
        copied = replace(self.forth.backfill(), key=())
        back = replace(self.back.backfill(), key=())
        ready = (lock, *self._sleeping(), *self._written_down())
        validated = [s for s in prepared.reverse if "VALIDATE" in s]
        return replace(
            exchanged,
            title=f"make {self.name} anew while nobody may use it: no key tells its rows apart",
            statements=(lock, *made, whole(copied), *exchanged.statements, *(s for o in self.checked() for s in o.statements), f"DROP SCHEMA {identifier(self.beside)}"),
            reverse=(*ready, emptied, whole(back), *exchanged.reverse, *validated, f"DROP SCHEMA {identifier(self.beside)} CASCADE"),
            dangers=tuple(self._dangers()),
        )  # fmt: skip

    @property
    def _turned(self) -> Iterator[tuple[ColumnState, ColumnState]]:
        """Yield the columns that get another type, as they are and as they have to be."""
        for new in self.new.table.columns:
            old = self.old.table.column(new.name)
            if old and old.type != new.type and new.generated is None:
                yield old, new

    @property
    def _dropped(self) -> list[ColumnState]:
        """The columns that go, without those that are computed."""
        return [c for c in self.old.table.columns if self.new.table.column(c.name) is None and c.generated is None]

    def _dangers(self) -> Iterator[Danger]:
        here = relation(self.name)
        for old, new in self._turned:
            yield from narrowed(Item("column", old.name, self.name), old, new)
        for column in self._dropped:
            count = f"SELECT count({identifier(column.name)}) FROM {here}"
            yield Danger(Hazard.DATA_LOST, f"the values of {self.name}.{column.name}", count=count)
        if self.new.table.partition_key:
            takes = [bounds.takes(self.new.table, bound, self.new.bounds) for bound in self.new.bounds]
            outside = f"SELECT count(*) FROM {here} WHERE ({' OR '.join(takes) or 'false'}) IS NOT TRUE"
            if "satisfies_hash_partition" not in outside:
                text = f"rows of {self.name} for which there is no partition"
                yield Danger(Hazard.CONSTRAINT_OVER_EXISTING_ROWS, text, count=outside)
        removed = [c for c in self.old.keys if c not in self.new.keys and (c[1].target == self.name)]
        for table, key in removed:
            text = f"rows of {table} are not held to {self.name} any more ({key.name})"
            yield Danger(Hazard.APPLICATION_BREAKS, text, count=f"SELECT count(*) FROM {relation(table)}")
