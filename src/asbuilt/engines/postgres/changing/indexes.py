"""Indexes: built while writers write, replaced without a gap."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.changes import Change, Operation, Verb
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.postgres.quoting import identifier, literal
from asbuilt.engines.state import IndexState, Item

_BUILDING, _REPLACED = "asbuilt_new_", "asbuilt_old_"


def operations(change: Change, ground: Ground) -> Iterator[Operation]:
    """Yield what changes an index."""
    before, after = change.before, change.after
    assert before is None or isinstance(before, IndexState)
    assert after is None or isinstance(after, IndexState)
    is_quiet = ground.is_direct or ground.is_new(change.item.table) or ground.is_partitioned(change.item.table)
    match change.verb:
        case Verb.CREATE if after:
            yield _created(change.item, after, is_quiet=is_quiet)
            if after.comment and not is_quiet:
                yield _renamed(change.item, replace(after, comment=None), after)
        case Verb.DROP if before:
            yield _dropped(change.item, before, is_quiet=is_quiet)
        case Verb.REBUILD if before and after:
            yield _dropped(change.item, before, is_quiet=True)
            yield _created(change.item, after, is_quiet=True)
        case Verb.ALTER if before and after:
            yield from _altered(change.item, before, after, is_quiet=is_quiet)


def _created(item: Item, index: IndexState, *, is_quiet: bool) -> Operation:
    comment = defining.index_comment(index)
    return Operation(
        f"create index {index.name} on {index.table}",
        (defining.create_index(index, concurrently=not is_quiet), *(() if not is_quiet else comment)),
        (f"DROP INDEX {'' if is_quiet else 'CONCURRENTLY IF EXISTS '}{defining.index_name(index)}",),
        makes=frozenset({item}),
        is_alone=not is_quiet,
        is_done="" if is_quiet else is_valid(index),
        clean=() if is_quiet else _gone(index),
    )


def _gone(index: IndexState) -> tuple[str, ...]:
    """Return the statement that makes sure that an index, whole or half built, is not there."""
    return (f"DROP INDEX CONCURRENTLY IF EXISTS {defining.index_name(index)}",)


def _dropped(item: Item, index: IndexState, *, is_quiet: bool) -> Operation:
    return Operation(
        f"drop index {index.name}",
        (f"DROP INDEX {'' if is_quiet else 'CONCURRENTLY IF EXISTS '}{defining.index_name(index)}",),
        (*(() if is_quiet else _gone(index)), defining.create_index(index, concurrently=not is_quiet)),
        removes=frozenset({item}),
        is_alone=not is_quiet,
    )


def _altered(item: Item, before: IndexState, after: IndexState, *, is_quiet: bool) -> Iterator[Operation]:
    if _is_same_but_for_name(before, after):
        yield _renamed(item, before, after)
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


def _is_same_but_for_name(before: IndexState, after: IndexState) -> bool:
    def bare(index: IndexState) -> IndexState:
        return replace(index, name="", definition="", comment=None)

    return bare(before) == bare(after)


def _renamed(item: Item, before: IndexState, after: IndexState) -> Operation:
    forward = [*_rename(before, after.name), *_comment_change(before, after)]
    back = [*_comment_change(after, before), *_rename(after, before.name)]
    title = f"rename index {before.name} to {after.name}" if before.name != after.name else f"comment on {after.name}"
    return Operation(title, tuple(forward), tuple(back), touches=frozenset({item}))


def _rename(index: IndexState, name: str) -> Iterator[str]:
    if index.name != name:
        yield f"ALTER INDEX {defining.index_name(index)} RENAME TO {identifier(name)}"


def _comment_change(before: IndexState, after: IndexState) -> Iterator[str]:
    if before.comment != after.comment:
        yield f"COMMENT ON INDEX {defining.index_name(after)} IS {literal(after.comment) if after.comment else 'NULL'}"


def _replaced(item: Item, before: IndexState, after: IndexState) -> Iterator[Operation]:
    """Yield the building of the new index beside the old one, then the exchange: queries are never without one."""
    building = renamed_index(after, f"{_BUILDING}{after.name}"[:63])
    old = renamed_index(before, f"{_REPLACED}{before.name}"[:63])
    touches = frozenset({item})
    yield Operation(
        f"build the new {after.name} beside the old one",
        (defining.create_index(building, concurrently=True),),
        _gone(building),
        touches=touches,
        is_alone=True,
        is_done=is_valid(building),
        clean=_gone(building),
    )
    yield Operation(
        f"put the new {after.name} in the place of the old one",
        (*_rename(before, old.name), *_rename(building, after.name), *_comment_change(before, after)),
        (*_rename(after, building.name), *_rename(old, before.name)),
        touches=touches,
    )
    yield Operation(
        f"drop the old {before.name}",
        _gone(old),
        (*_gone(old), defining.create_index(old, concurrently=True)),
        touches=touches,
        is_alone=True,
    )


def renamed_index(index: IndexState, name: str) -> IndexState:
    """Return the same index under another name."""
    old, new = f" INDEX {identifier(index.name)} ON ", f" INDEX {identifier(name)} ON "
    return replace(index, name=name, definition=index.definition.replace(old, new, 1))


def is_valid(index: IndexState) -> str:
    """Return the query that tells whether an index stands and is usable."""
    return f"SELECT coalesce((SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass({literal(defining.index_name(index))})), false)"
