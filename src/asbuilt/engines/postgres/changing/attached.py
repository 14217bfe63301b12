"""Triggers and policies: they change in an instant, but never leave a moment without them."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.changes import Change, Danger, Hazard, Operation, Verb
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.postgres.quoting import identifier, relation
from asbuilt.engines.state import Item, PolicyState, TriggerState


def operations(change: Change, ground: Ground) -> Iterator[Operation]:
    """Yield what changes a trigger or a policy."""
    item = change.item
    old = _making(item, change.before)
    new = _making(item, change.after)
    drop = _drop(item)
    stood = ground.before.tables.get(item.table)
    dangers = tuple(_dangers(change)) if stood and stood.has_row_security else ()
    match change.verb:
        case Verb.CREATE:
            yield Operation(f"create {item}", new, (drop,), makes=frozenset({item}), dangers=dangers)
        case Verb.DROP:
            yield Operation(f"drop {item}", (drop,), old, removes=frozenset({item}), dangers=dangers)
        case Verb.REBUILD:
            yield Operation(f"drop {item}", (drop,), old, removes=frozenset({item}))
            yield Operation(f"create {item}", new, (drop,), makes=frozenset({item}), dangers=dangers)
        case Verb.ALTER if settings := _settings(item, change.before, change.after):
            back = _settings(item, change.after, change.before)
            yield Operation(f"change {item}", settings, back, touches=frozenset({item}))
        case Verb.ALTER:
            touches = frozenset({item})
            yield Operation(f"replace {item}", (drop, *new), (drop, *old), touches=touches, dangers=dangers)


def _making(item: Item, state: object) -> tuple[str, ...]:
    if isinstance(state, TriggerState):
        return defining.create_trigger(item.table, state)
    return defining.create_policy(item.table, state) if isinstance(state, PolicyState) else ()


def _settings(item: Item, before: object, after: object) -> tuple[str, ...]:
    """Return what makes one into the other where only the comment differs, or whether a trigger is in force; else nothing."""
    if isinstance(before, TriggerState) and isinstance(after, TriggerState):
        if replace(before, enabled=after.enabled, comment=after.comment) != after:
            return ()
        enabling = defining.enable_trigger(item.table, after) if before.enabled != after.enabled else ()
        return (*enabling, *(defining.comment_on(item.table, after) if before.comment != after.comment else ()))
    if isinstance(before, PolicyState) and isinstance(after, PolicyState):
        is_comment = replace(before, comment=after.comment) == after
        return defining.comment_on(item.table, after) if is_comment else ()
    return ()


def _drop(item: Item) -> str:
    return f"DROP {item.kind.upper()} {identifier(item.name)} ON {relation(item.table)}"


def _dangers(change: Change) -> Iterator[Danger]:
    """Yield what a policy opens or hides, where row level security is in force: a permissive one opens, a restrictive one hides."""
    before, after, table = change.before, change.after, change.item.table
    if isinstance(after, PolicyState) and after.is_permissive and before != after:
        yield Danger(Hazard.PERMISSION_WIDENED, f"policy {after.name} on {table} lets rows through")
    if isinstance(before, PolicyState) and not before.is_permissive and after is None:
        yield Danger(Hazard.PERMISSION_WIDENED, f"policy {before.name} on {table} holds no rows back any more")
    count = f"SELECT count(*) FROM {relation(table)}"
    if isinstance(before, PolicyState) and before.is_permissive and after is None:
        yield Danger(Hazard.ROWS_HIDDEN, f"policy {before.name} on {table} lets no rows through any more", count=count)
    if isinstance(after, PolicyState) and not after.is_permissive and before != after:
        yield Danger(Hazard.ROWS_HIDDEN, f"policy {after.name} on {table} holds rows back", count=count)
