"""What differs between two inspected states, thing by thing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from asbuilt.engines.changes import Change, Thing, Verb
from asbuilt.engines.inherited import own, own_on_either
from asbuilt.engines.state import ConstraintState, DatabaseState, IndexState, Item, TableState


def difference(before: DatabaseState, after: DatabaseState) -> tuple[Change, ...]:
    """Return the changes that lead from `before` to `after`, in no particular order of execution.

    A table that comes or goes is one change with its columns; what else is on a new table are changes of their own.
    The order of columns is not compared: no statement can change it.
    """
    return compared(*things(before, after))


def compared(old: dict[Item, Thing], new: dict[Item, Thing]) -> tuple[Change, ...]:
    """Return the changes that lead from the things of one state to those of another."""
    gone = {item: thing for item, thing in old.items() if item not in new and not _goes_with_table(item, new)}
    come = {item: thing for item, thing in new.items() if item not in old and not _comes_with_table(item, old)}
    renamed = dict(_renamed(gone, come))
    return (
        *(Change(Verb.ALTER, item, gone[origin], come[item]) for item, origin in renamed.items()),
        *(Change(Verb.DROP, item, thing, None) for item, thing in gone.items() if item not in renamed.values()),
        *(Change(Verb.CREATE, item, None, thing) for item, thing in come.items() if item not in renamed),
        *(Change(Verb.ALTER, item, old[item], new[item]) for item in old if item in new and old[item] != new[item]),
    )


def things(before: DatabaseState, after: DatabaseState) -> tuple[dict[Item, Thing], dict[Item, Thing]]:
    """Return everything in two states by its identity: each table without, and beside, what is on it.

    What a table has from its parents is left out. One that is attached brings what its parent would give it; one that
    is detached keeps what it had.
    """
    old, new = dict(_objects(before)), dict(_objects(after))
    for name in dict.fromkeys((*before.tables, *after.tables)):
        one, other = before.tables.get(name), after.tables.get(name)
        is_partition = any(table and table.partition_bound is not None for table in (one, other))
        if one and other and one.parents != other.parents:
            if other.partition_bound is not None:
                attached = replace(one, parents=other.parents, partition_bound=other.partition_bound)
                one, other = replace(one, **_own_parts(attached, after)), own(other, after)
        else:
            one, other = own_on_either(one, before, other, after)
        for table, found in ((one, old), (other, new)):
            if table:
                found[Item("table", name)] = _comparable(table)
                found |= _parts(table, is_partition=is_partition)
    return old, new


def _objects(state: DatabaseState) -> Iterator[tuple[Item, Thing]]:
    yield from ((Item(o.kind, o.name), o) for o in state.objects.values())


def _own_parts(table: TableState, state: DatabaseState) -> dict[str, Any]:
    found = own(table, state)
    return {"columns": found.columns, "constraints": found.constraints, "indexes": found.indexes}


def _parts(table: TableState, *, is_partition: bool) -> dict[Item, Thing]:
    """Return what is on a table; an index that serves a constraint comes and goes with it."""
    columns = (replace(c, position=0) for c in table.columns)
    if is_partition:
        columns = (replace(c, identity="", sequence=None) for c in columns)
    found: dict[Item, Thing] = {Item("column", c.name, table.name): c for c in columns}
    found |= {Item("constraint", c.name, table.name): c for c in table.constraints}
    found |= {Item("index", i.name, table.name): i for i in table.indexes if i.backs is None}
    found |= {Item("trigger", g.name, table.name): g for g in table.triggers}
    return found | {Item("policy", p.name, table.name): p for p in table.policies}


def _comparable(table: TableState) -> TableState:
    return replace(table, columns=(), constraints=(), indexes=(), triggers=(), policies=())


def _goes_with_table(item: Item, new: dict[Item, Thing]) -> bool:
    return bool(item.table) and Item("table", item.table) not in new


def _comes_with_table(item: Item, old: dict[Item, Thing]) -> bool:
    return item.kind == "column" and Item("table", item.table) not in old


def _renamed(gone: dict[Item, Thing], come: dict[Item, Thing]) -> Iterator[tuple[Item, Item]]:
    """Yield (new, old) of constraints and indexes that only have another name: a name says nothing about rows."""
    waiting: dict[tuple[object, ...], list[Item]] = {}
    for item, thing in gone.items():
        if isinstance(thing, ConstraintState | IndexState):
            waiting.setdefault(_nameless(item, thing), []).append(item)
    for item, thing in come.items():
        if isinstance(thing, ConstraintState | IndexState) and (origins := waiting.get(_nameless(item, thing))):
            yield item, origins.pop(0)


def _nameless(item: Item, thing: ConstraintState | IndexState) -> tuple[object, ...]:
    """Return what a constraint or an index of a table is, whatever its name; an index's whole definition holds its name."""
    if isinstance(thing, IndexState):
        return (item.table, replace(thing, name="", definition="", comment=None))
    return (item.table, replace(thing, name="", comment=None))
