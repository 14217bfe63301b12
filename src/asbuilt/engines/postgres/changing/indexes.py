"""Indexes: built while writers write, replaced without a gap."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.changes import Change, Operation, Verb
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.changing import on_partitions
from asbuilt.engines.postgres.changing.building import (
    BUILDING,
    REPLACED,
    comment_change,
    gone,
    is_same_but_for_name,
    is_valid,
    rename,
    renamed,
    renamed_index,
)
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.state import IndexState, Item


def operations(change: Change, ground: Ground) -> Iterator[Operation]:
    """Yield what changes an index."""
    before, after = change.before, change.after
    assert before is None or isinstance(before, IndexState)
    assert after is None or isinstance(after, IndexState)
    is_quiet = ground.is_direct or ground.is_new(change.item.table)
    if not is_quiet and change.verb != Verb.REBUILD and ground.is_partitioned(change.item.table):
        yield from on_partitions.index_operations(change.item, before, after, ground)
        return
    match change.verb:
        case Verb.CREATE if after:
            yield created(change.item, after, is_quiet=is_quiet)
            if after.comment and not is_quiet:
                yield renamed(change.item, replace(after, comment=None), after)
        case Verb.DROP if before:
            if not on_partitions.is_taken_over(before, ground):
                yield dropped(change.item, before, is_quiet=is_quiet)
        case Verb.REBUILD if before and after:
            yield dropped(change.item, before, is_quiet=True)
            yield created(change.item, after, is_quiet=True)
        case Verb.ALTER if before and after:
            yield from _altered(change.item, before, after, is_quiet=is_quiet)


def created(item: Item, index: IndexState, *, is_quiet: bool) -> Operation:
    comment = defining.index_comment(index)
    return Operation(
        f"create index {index.name} on {index.table}",
        (defining.create_index(index, concurrently=not is_quiet), *(() if not is_quiet else comment)),
        (f"DROP INDEX {'' if is_quiet else 'CONCURRENTLY IF EXISTS '}{defining.index_name(index)}",),
        makes=frozenset({item}),
        is_alone=not is_quiet,
        is_done="" if is_quiet else is_valid(index),
        clean=() if is_quiet else gone(index),
    )


def dropped(item: Item, index: IndexState, *, is_quiet: bool) -> Operation:
    return Operation(
        f"drop index {index.name}",
        (f"DROP INDEX {'' if is_quiet else 'CONCURRENTLY IF EXISTS '}{defining.index_name(index)}",),
        (*(() if is_quiet else gone(index)), defining.create_index(index, concurrently=not is_quiet)),
        removes=frozenset({item}),
        is_alone=not is_quiet,
    )


def _altered(item: Item, before: IndexState, after: IndexState, *, is_quiet: bool) -> Iterator[Operation]:
    if is_same_but_for_name(before, after):
        yield renamed(item, before, after)
        return
    if is_quiet:
        yield Operation(
            f"replace index {after.name}",
            (f"DROP INDEX {defining.index_name(before)}", defining.create_index(after), *defining.index_comment(after)),
            (
                f"DROP INDEX {defining.index_name(after)}",
                defining.create_index(before),
                *defining.index_comment(before),
            ),
            touches=frozenset({item}),
        )
        return
    yield from _replaced(item, before, after)


def _replaced(item: Item, before: IndexState, after: IndexState) -> Iterator[Operation]:
    """Yield the building of the new index beside the old one, then the exchange: queries are never without one."""
    building = renamed_index(after, f"{BUILDING}{after.name}"[:63])
    old = renamed_index(before, f"{REPLACED}{before.name}"[:63])
    touches = frozenset({item})
    yield Operation(
        f"build the new {after.name} beside the old one",
        (defining.create_index(building, concurrently=True),),
        gone(building),
        touches=touches,
        is_alone=True,
        is_done=is_valid(building),
        clean=gone(building),
    )
    yield Operation(
        f"put the new {after.name} in the place of the old one",
        (*rename(before, old.name), *rename(building, after.name), *comment_change(before, after)),
        (*rename(after, building.name), *rename(old, before.name)),
        touches=touches,
    )
    yield Operation(
        f"drop the old {before.name}",
        gone(old),
        (*gone(old), defining.create_index(old, concurrently=True)),
        touches=touches,
        is_alone=True,
    )
