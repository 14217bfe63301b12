"""What a table has from the tables above it, and what is its own."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from asbuilt.engines.state import ColumnState, ConstraintState, DatabaseState, IndexState, TableState

Part = ColumnState | ConstraintState | IndexState


def own(table: TableState, state: DatabaseState) -> TableState:
    """Return the table without the columns, constraints and indexes that its parents have just so; names do not count."""
    above = {
        shape(part, table) for parent in _parents(table, state) for part in _parts(parent) if _goes_down(part, table)
    }
    if not above:
        return table
    return replace(
        table,
        columns=tuple(part for part in table.columns if shape(part, table) not in above),
        constraints=tuple(part for part in table.constraints if shape(part, table) not in above),
        indexes=tuple(part for part in table.indexes if shape(part, table) not in above),
    )


def _goes_down(part: Part, table: TableState) -> bool:
    """Tell whether a part of a table above is there in the table, too: a partition has all, any other no keys and no indexes."""
    if table.partition_bound is not None or isinstance(part, ColumnState):
        return True
    return isinstance(part, ConstraintState) and part.kind in ("check", "not null")


def own_on_either(
    one: TableState | None, before: DatabaseState, other: TableState | None, after: DatabaseState
) -> tuple[TableState | None, TableState | None]:
    """Return a table of two states without what it has from its parents; a column that both have stays where either has its own way."""
    mine, theirs = one and own(one, before), other and own(other, after)
    if not (one and other and mine and theirs and one.parents):
        return mine, theirs
    above = {c.name for p in _parents(one, before) for c in p.columns} & {
        c.name for p in _parents(other, after) for c in p.columns
    }
    told = {c.name for c in (*mine.columns, *theirs.columns)} & above
    return _with(mine, one, told), _with(theirs, other, told)


def _with(bare: TableState, whole: TableState, columns: set[str]) -> TableState:
    return replace(bare, columns=tuple(c for c in whole.columns if c in bare.columns or c.name in columns))


def shape(part: Part, table: TableState) -> Part:
    """Return what a part of a table is, whatever the table and its own name there; columns go by their name.

    Whose the numbers of a partition are is its parent's business: before version 17 the partition says nothing of it.
    How a column's values are kept says nothing of where it is from: some of it goes down to children, some does not.
    """
    if isinstance(part, IndexState):
        backs = None if part.backs is None else ""
        return replace(part, name="", table="", definition="", comment=None, backs=backs)
    if isinstance(part, ConstraintState):
        return replace(part, name="", comment=None)
    if table.partition_bound is not None:
        return replace(part, position=0, identity="", sequence=None, settings=())
    return replace(part, position=0, settings=())


def namesake(part: IndexState | ConstraintState, table: TableState, child: TableState) -> str:
    """Return the name that a part of a table has on a table below it; empty where it is not there."""

    def alike(of: TableState) -> list[str]:
        parts = of.indexes if isinstance(part, IndexState) else of.constraints
        return sorted(found.name for found in parts if shape(found, of) == shape(part, table))

    here, there = alike(table), alike(child)
    at = here.index(part.name) if part.name in here else 0
    return there[at] if at < len(there) else ""


def _parents(table: TableState, state: DatabaseState) -> Iterator[TableState]:
    yield from (state.tables[name] for name in table.parents if name in state.tables)


def _parts(table: TableState) -> Iterator[Part]:
    yield from table.columns
    yield from table.constraints
    yield from table.indexes


def leaves(state: DatabaseState, name: str) -> list[TableState]:
    """Return the partitions that hold a table's rows, whatever the number of levels between; by name."""
    found: list[TableState] = []
    for child in partitions(state, name):
        found += leaves(state, child.name) if child.partition_key else [child]
    return found


def partitions(state: DatabaseState, name: str) -> list[TableState]:
    """Return the partitions right below a table, by name."""
    return [table for table in state.tables.values() if name in table.parents and table.partition_bound is not None]


def apart_from(state: DatabaseState, names: Collection[str]) -> DatabaseState:
    """Return the state without some tables, and without the partitions below them."""
    if not names:
        return state
    gone = {*names, *(leaf.name for name in names for leaf in leaves(state, name))}
    tables = {n: t for n, t in state.tables.items() if n not in gone and not gone & set(t.parents)}
    return replace(state, tables=tables)


def heirs(state: DatabaseState, name: str) -> list[TableState]:
    """Return the tables that inherit from a table, and from those; partitions, which have all from it, are none."""
    found: list[TableState] = []
    for table in state.tables.values():
        if name in table.parents and table.partition_bound is None:
            found += [table, *heirs(state, table.name)]
    return found
