"""A live column renamed: it keeps its place and all that is on it, and a copy of it answers to the old name."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from asbuilt.engines.base import Session
from asbuilt.engines.changes import Backfill, Danger, Expanded, Expansion, Hazard, Needs, Operation
from asbuilt.engines.inherited import heirs
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.changing import backfills, indexes, keeping, on_partitions
from asbuilt.engines.postgres.changing.building import renamed_index
from asbuilt.engines.postgres.changing.expanding.syncing import (
    Pair,
    began_taking,
    drop,
    ended_taking,
    fire,
    follow,
    items,
    named,
)
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.postgres.quoting import identifier, relation
from asbuilt.engines.state import DatabaseState, IndexState, Item, TableState


def copied(session: Session, expansion: Expansion, state: DatabaseState, needs: Needs) -> Expanded:
    """Return what renames a column while a copy of it bears the old name; how its indexes read on the copy is tried in `session`."""
    table = state.tables[expansion.table]
    [generated] = [c.generated for c in table.columns if c.name == expansion.before.name]
    below = tuple(heir.name for heir in heirs(state, table.name))
    copy = _Copy(expansion, named("asbuilt_old_", expansion.before.name), generated, below)
    copies = tuple(_index_copies(session, copy, table, needs))
    filled = f"{identifier(copy.side)} = {identifier(expansion.before.name)}"
    missing = f"{identifier(copy.side)} IS NULL AND {identifier(expansion.before.name)} IS NOT NULL"
    backfill = Backfill(table.name, filled, missing, keeping.key(table), is_quiet=True)
    return Expanded(
        (
            _added(copy),
            backfills.operation(f"fill the copy of {copy.told}", backfill, None, copy.item),
            *(operation for i in copies for operation in _indexed(i, state, needs)),
            _analyzed(table.name),
            _switched(copy),
        ),
        (_contracted(copy),),
        frozenset(
            {
                Item("column", expansion.before.name, table.name),
                *items(copy.after),
                *(Item("index", i.name, i.table) for i in copies),
            }
        ),
    )


@dataclass(frozen=True, slots=True)
class _Copy:
    """A column under way to its new name, and what its copy is called until then.

    `generated` is its expression, as it reads where it is made now; `heirs` are the tables that inherit it.
    """

    expansion: Expansion
    side: str
    generated: str | None = None
    heirs: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        return f"{self.expansion.table}.{self.expansion.before.name}"

    @property
    def item(self) -> Item:
        return Item("column", self.expansion.after.name, self.expansion.table)

    @property
    def before(self) -> Pair:
        """The two columns before the switch: only the old name is written."""
        return self._pair(self.expansion.before.name, self.expansion.before.type, self.side)

    @property
    def after(self) -> Pair:
        return self._pair(self.expansion.after.name, self.expansion.after.type, self.expansion.before.name)

    def _pair(self, main: str, main_type: str, side: str) -> Pair:
        table, column, label = self.expansion.table, self.expansion.before, self.expansion.after.name
        has_default = column.default is not None or bool(column.identity)
        return Pair(table, label, main, main_type, side, column.type, has_default, self.generated, self.heirs)


def _bare(copy: _Copy, name: str) -> tuple[str, ...]:
    """Return the statements that add the copy: no default, nothing required, readable by those who may read the column."""
    column = copy.expansion.before
    plain = replace(column, generated=None, is_virtual=False, default=None, identity="", sequence=None)
    bare = replace(plain, name=name, is_nullable=True, comment=None)
    return defining.add_column(copy.expansion.table, bare)


def _drop_column(table: str, name: str) -> str:
    return f"ALTER TABLE {relation(table)} DROP COLUMN {identifier(name)}"


def _added(copy: _Copy) -> Operation:
    before = copy.before
    return Operation(
        f"add a copy of {copy.told} that follows it",
        (*_bare(copy, copy.side), follow(before), *fire(before, "last")),
        (*drop(before, "last"), _drop_column(copy.expansion.table, copy.side)),
        touches=frozenset({copy.item}),
    )


def _index_copies(session: Session, copy: _Copy, table: TableState, needs: Needs) -> Iterator[IndexState]:
    """Yield the column's indexes as they read on the copy, without which the old name would be slow, or unfit for ON CONFLICT."""
    old = copy.expansion.before.name
    with session.attempt():
        session.execute(rename(table.name, old, copy.side))
        seen = session.inspect()
    for home in (seen.tables[name] for name in copy.after.tables):
        exclusions = {constraint.name for constraint in home.constraints if constraint.kind == "exclusion"}
        for index in home.indexes:
            item = Item("constraint", index.backs, home.name) if index.backs else Item("index", index.name, home.name)
            is_on_it = Item("column", old, home.name) in needs.get(item, ())
            if index.is_valid and index.backs not in exclusions and is_on_it:
                bare = replace(index, backs=None, comment=None)
                yield renamed_index(bare, named("asbuilt_old_", index.name))


def _indexed(index: IndexState, state: DatabaseState, needs: Needs) -> Iterator[Operation]:
    """Yield the building of an index beside the writers."""
    item, table = Item("index", index.name, index.table), state.tables[index.table]
    if table.kind != "partitioned table":
        yield indexes.created(item, index, is_quiet=False)
        return
    grown = replace(state, tables={**state.tables, table.name: replace(table, indexes=(*table.indexes, index))})
    yield from on_partitions.index_operations(item, None, index, Ground(state, grown, needs, {}, ""))


def rename(table: str, old: str, new: str) -> str:
    return f"ALTER TABLE {relation(table)} RENAME COLUMN {identifier(old)} TO {identifier(new)}"


def _analyzed(table: str) -> Operation:
    return Operation(
        f"gather statistics of {table}", (f"ANALYZE {relation(table)}",), (), touches=frozenset({Item("table", table)})
    )


def _switched(copy: _Copy) -> Operation:
    table, old, new = copy.expansion.table, copy.expansion.before.name, copy.expansion.after.name
    before, after = copy.before, copy.after
    return Operation(
        f"rename column {copy.told} to {new}, its copy to {old}",
        (rename(table, old, new), rename(table, copy.side, old), follow(after), *began_taking(after)),
        (*ended_taking(after), rename(table, old, copy.side), rename(table, new, old), follow(before)),
        touches=frozenset({copy.item}),
    )


def _contracted(copy: _Copy) -> Operation:
    table, old = copy.expansion.table, copy.expansion.before.name
    pair = copy.after
    return Operation(
        f"drop the old name {copy.told}",
        (*ended_taking(pair), *drop(pair, "last"), _drop_column(table, old)),
        (*_bare(copy, old), follow(pair), *began_taking(pair), *fire(pair, "last")),
        touches=frozenset({copy.item}),
        removes=frozenset({Item("column", old, table), *items(pair)}),
        dangers=(
            Danger(
                Hazard.APPLICATION_BREAKS, f"an application that still asks for column {copy.told} does not find it"
            ),
        ),
    )
