"""Indexes and keys of partitioned tables: built partition by partition beside the writers, then taken over by the parent's."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.changes import Danger, Operation
from asbuilt.engines.inherited import leaves, namesake, shape
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.changing.building import (
    REPLACED,
    comment_change,
    gone,
    guarded,
    is_absent,
    is_same_but_for_name,
    is_valid,
    on_table,
    rename,
    renamed,
    renamed_index,
)
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.postgres.quoting import identifier, relation
from asbuilt.engines.state import ConstraintState, DatabaseState, IndexState, Item


def index_operations(
    item: Item, before: IndexState | None, after: IndexState | None, ground: Ground
) -> Iterator[Operation]:
    """Yield what changes an index of a partitioned table that stands."""
    if before is None and after is not None:
        yield from _created(item, after, ground)
    elif before is not None and after is None:
        yield _dropped(item, before, ground)
    elif before is not None and after is not None:
        if is_same_but_for_name(before, after):
            yield renamed(item, before, after)
        else:
            yield from _replaced(item, before, after, ground)


def _created(item: Item, index: IndexState, ground: Ground) -> Iterator[Operation]:
    yield from _built(item, index, ground)
    yield Operation(
        f"create index {index.name} on {index.table} out of those of its partitions",
        (defining.create_index(index), *defining.index_comment(index)),
        (f"DROP INDEX IF EXISTS {defining.index_name(index)}",),
        makes=frozenset({item}),
    )


def _built(item: Item, index: IndexState, ground: Ground) -> Iterator[Operation]:
    """Yield the building of an index on each partition that stands and holds rows."""
    for part in _parts(index, ground.before, ground.after):
        yield Operation(
            f"build {part.name} on {part.table} for index {index.name}",
            (defining.create_index(part, concurrently=True),),
            gone(part),
            touches=frozenset({item}),
            is_alone=True,
            is_done=is_valid(part),
            clean=gone(part),
        )


def _parts(index: IndexState, before: DatabaseState, after: DatabaseState) -> list[IndexState]:
    """Return the indexes that partitions of `before` need for that of their parent in `after`, and do not have."""
    found = []
    parent = after.tables[index.table]
    for leaf in leaves(before, index.table):
        wanted = after.tables.get(leaf.name)
        name = (namesake(index, parent, wanted) if wanted else "") or f"{leaf.name.rpartition('.')[2]}_{index.name}"
        part = on_table(index, leaf.name, _free(name, leaf.name, before))
        if not any(i.name == name and shape(i, leaf) == shape(index, parent) for i in leaf.indexes):
            found.append(part)
    return found


def _free(name: str, table: str, state: DatabaseState) -> str:
    """Return a name that no index in the table's schema has: this one, or it with a number."""
    schema = table.rpartition(".")[0]
    taken = {i.name for t in state.tables.values() if t.name.rpartition(".")[0] == schema for i in t.indexes}
    tries = (name[:63], *(f"{name[:60]}_{number}" for number in range(1, len(taken) + 2)))
    return next(candidate for candidate in tries if candidate not in taken)


def is_taken_over(index: IndexState, ground: Ground) -> bool:
    """Tell whether a partition's own index goes on as a part of its parent's."""
    table = ground.after.tables.get(index.table)
    if table is None or table.partition_bound is None:
        return False
    return any(i.name == index.name and shape(i, table) == shape(index, table) for i in table.indexes)


def _dropped(item: Item, index: IndexState, ground: Ground) -> Operation:
    title = f"drop index {index.name} with those of its partitions"
    return replace(_taken_away(index, index, ground), title=title, removes=frozenset({item}))


def _taken_away(index: IndexState, now: IndexState, ground: Ground) -> Operation:
    """Return the dropping of an index with its parts, `now` under its present name; the way back builds the parts first."""
    lacking = _parts(index, _without(index, ground.before), ground.before)
    parts = [part for part in lacking if part.table in ground.after.tables]
    name = defining.index_name(now)
    return Operation(
        f"drop the old {index.name}",
        (guarded(f"DROP INDEX {name}"),),
        (
            guarded(f"DROP INDEX IF EXISTS {name}"),
            *(sql for part in parts for sql in gone(part)),
            *(defining.create_index(part, concurrently=True) for part in parts),
            guarded(defining.create_index(now)),
            *defining.index_comment(now),
        ),
        is_alone=True,
        is_done=is_absent(now),
    )


def _without(index: IndexState, state: DatabaseState) -> DatabaseState:
    """Return the state without what partitions have from an index of their parent."""
    parent = state.tables[index.table]
    tables = dict(state.tables)
    for leaf in leaves(state, index.table):
        name = namesake(index, parent, leaf)
        tables[leaf.name] = replace(leaf, indexes=tuple(i for i in leaf.indexes if i.name != name))
    return replace(state, tables=tables)


def _replaced(item: Item, before: IndexState, after: IndexState, ground: Ground) -> Iterator[Operation]:
    old = renamed_index(before, f"{REPLACED}{before.name}"[:63])
    touches = frozenset({item})
    yield from _built(item, after, ground)
    yield Operation(
        f"put the new {after.name} in the place of the old one",
        (*rename(before, old.name), defining.create_index(after), *comment_change(replace(after, comment=None), after)),
        (f"DROP INDEX {defining.index_name(after)}", *rename(old, before.name)),
        touches=touches,
    )
    yield replace(_taken_away(before, replace(old, comment=None), ground), touches=touches)


def key_operations(
    item: Item, key: ConstraintState, comment: tuple[str, ...], dangers: tuple[Danger, ...], ground: Ground
) -> Iterator[Operation]:
    """Yield a primary or unique key of a partitioned table that stands: built on each partition, then the parent's own."""
    index = ground.backing_index(item.table, key.name)
    parts = _parts(index, ground.before, ground.after) if index else []
    for part in parts:
        yield Operation(
            f"build {part.name} on {part.table} for {key.kind} {key.name}",
            (defining.create_index(part, concurrently=True),),
            gone(part),
            touches=frozenset({item}),
            is_alone=True,
            is_done=is_valid(part),
            clean=gone(part),
            dangers=dangers if part is parts[0] else (),
        )
    of_parts = [
        f"ALTER TABLE {relation(p.table)} ADD CONSTRAINT {identifier(p.name)} {key.kind.upper()} USING INDEX {identifier(p.name)}"
        for p in parts
    ]
    yield Operation(
        f"add {key.kind} {key.name} to {item.table} out of those of its partitions",
        (*of_parts, defining.add_constraint(item.table, key), *comment),
        (f"ALTER TABLE {relation(item.table)} DROP CONSTRAINT {identifier(key.name)}",),
        makes=frozenset({item}),
    )
