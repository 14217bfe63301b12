"""Constraints: added without checking first, checked while writers write."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.changes import Change, Danger, Hazard, Operation, Verb
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.changing import on_partitions
from asbuilt.engines.postgres.changing.building import is_valid
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.postgres.changing.joining import below
from asbuilt.engines.postgres.quoting import columns, identifier, literal, relation
from asbuilt.engines.state import ConstraintState, Item

_CHECKED_LATER = ("check", "foreign key")
_KEYS = ("primary key", "unique")


def operations(change: Change, ground: Ground) -> Iterator[Operation]:
    """Yield what changes a constraint."""
    before, after = change.before, change.after
    assert before is None or isinstance(before, ConstraintState)
    assert after is None or isinstance(after, ConstraintState)
    table, item = change.item.table, change.item
    match change.verb:
        case Verb.CREATE if after:
            follows = _partitions_of_target(after, ground)
            yield from (replace(o, follows=o.follows | follows) for o in _created(item, after, ground))
        case Verb.DROP if before:
            yield _dropped(item, before)
        case Verb.REBUILD if before and after:
            yield _dropped(item, before)
            yield _added(item, after)
        case Verb.ALTER if before and after:
            yield from _altered(item, table, before, after)


def _partitions_of_target(key: ConstraintState, ground: Ground) -> frozenset[Item]:
    """Return the partitions of a new table that a key points at: on the way back none goes while the key still does."""
    target = ground.after.tables.get(key.target or "")
    found = below(target, ground.after) if target and ground.is_new(target.name) else []
    return frozenset(Item("table", table.name) for table in found)


def _created(item: Item, constraint: ConstraintState, ground: Ground) -> Iterator[Operation]:
    table = item.table
    if ground.is_direct or ground.is_new(table):
        yield _added(item, constraint)
    elif constraint.kind in _CHECKED_LATER and constraint.is_validated and constraint.is_enforced:
        yield from _added_then_checked(item, constraint, ground)
    elif constraint.kind in _KEYS and ground.is_partitioned(table):
        told = dangers(table, constraint)
        yield from on_partitions.key_operations(item, constraint, comment(table, constraint), told, ground)
    elif constraint.kind in _KEYS:
        yield from _on_index(item, constraint, ground)
    else:
        yield replace(_added(item, constraint), dangers=dangers(table, constraint))


def drop(table: str, constraint: ConstraintState) -> str:
    return f"ALTER TABLE {relation(table)} DROP CONSTRAINT {identifier(constraint.name)}"


def _added(item: Item, constraint: ConstraintState) -> Operation:
    return Operation(
        f"add {constraint.kind} {constraint.name} to {item.table}",
        (defining.add_constraint(item.table, constraint), *comment(item.table, constraint)),
        (drop(item.table, constraint),),
        makes=frozenset({item}),
    )


def _dropped(item: Item, constraint: ConstraintState) -> Operation:
    return Operation(
        f"drop {constraint.kind} {constraint.name} of {item.table}",
        (drop(item.table, constraint),),
        (defining.add_constraint(item.table, constraint), *comment(item.table, constraint)),
        removes=frozenset({item}),
    )


def comment(table: str, constraint: ConstraintState) -> tuple[str, ...]:
    return (_comment_on(table, constraint.name, constraint.comment),) if constraint.comment else ()


def _comment_on(table: str, name: str, comment: str | None) -> str:
    text = literal(comment) if comment else "NULL"
    return f"COMMENT ON CONSTRAINT {identifier(name)} ON {relation(table)} IS {text}"


def _added_then_checked(item: Item, constraint: ConstraintState, ground: Ground) -> Iterator[Operation]:
    """Yield the two steps: new rows are held to it at once, the old ones are checked without keeping writers out."""
    table = item.table
    can_wait = constraint.kind == "check" or not ground.is_partitioned(table) or ground.before.version >= (18, 0)
    if not can_wait:
        yield replace(_added(item, constraint), dangers=dangers(table, constraint))
        return
    waiting = replace(constraint, is_validated=False, definition=f"{constraint.definition} NOT VALID")
    yield replace(_added(item, waiting), title=f"add {constraint.kind} {constraint.name} to {table}, for new rows")
    yield _checked(item, constraint)


def _checked(item: Item, constraint: ConstraintState) -> Operation:
    return Operation(
        f"check {constraint.name} over the rows of {item.table}",
        (f"ALTER TABLE {relation(item.table)} VALIDATE CONSTRAINT {identifier(constraint.name)}",),
        (),
        touches=frozenset({item}),
        dangers=dangers(item.table, constraint),
    )


def _on_index(item: Item, constraint: ConstraintState, ground: Ground) -> Iterator[Operation]:
    """Yield the building of the key's index beside the writers, then the key on it; a key `WITHOUT OVERLAPS` builds its own."""
    table = item.table
    found = ground.backing_index(table, constraint.name)
    if found is None or found.method != "btree":
        yield replace(_added(item, constraint), dangers=dangers(table, constraint))
        return
    index = replace(found, backs=None)
    yield Operation(
        f"build the index of {constraint.kind} {constraint.name}",
        (defining.create_index(index, concurrently=True),),
        (f"DROP INDEX CONCURRENTLY IF EXISTS {defining.index_name(index)}",),
        makes=frozenset({item}),
        is_alone=True,
        is_done=is_valid(index),
        clean=(f"DROP INDEX CONCURRENTLY IF EXISTS {defining.index_name(index)}",),
        dangers=dangers(table, constraint),
    )
    yield Operation(
        f"add {constraint.kind} {constraint.name} to {table}",
        (on_index(table, constraint, index.name), *comment(table, constraint)),
        (drop(table, constraint), defining.create_index(index)),
        makes=frozenset({item}),
    )  # fmt: skip


def on_index(table: str, constraint: ConstraintState, index: str) -> str:
    """Return the statement that makes an index that stands a key's own."""
    using = f"{constraint.kind.upper()} USING INDEX {identifier(index)}{_timing(constraint)}"
    return f"ALTER TABLE {relation(table)} ADD CONSTRAINT {identifier(constraint.name)} {using}"


def _timing(constraint: ConstraintState) -> str:
    """Return the words on when a key is checked, as its definition ends with them."""
    _, found, rest = constraint.definition.partition(" DEFERRABLE")
    return f"{found}{rest}"


def _altered(item: Item, table: str, before: ConstraintState, after: ConstraintState) -> Iterator[Operation]:
    if before.name != after.name or before.comment != after.comment:
        yield Operation(
            f"rename constraint {before.name} to {after.name}" if before.name != after.name else f"comment on {after.name}",
            tuple(_renaming(table, before, after)),
            tuple(_renaming(table, after, before)),
            touches=frozenset({item, replace(item, name=before.name)}),
        )  # fmt: skip
    if _nameless(before) == _nameless(after):
        return
    if _nameless(replace(before, is_validated=True)) == _nameless(replace(after, is_validated=True)):
        yield from _validity(item, before, after)
        return
    waits = after.kind in _CHECKED_LATER and after.is_validated and after.is_enforced
    added = replace(after, is_validated=False, definition=f"{after.definition} NOT VALID") if waits else after
    yield Operation(
        f"replace {after.kind} {after.name} of {table}",
        (drop(table, after), defining.add_constraint(table, added), *comment(table, after)),
        (drop(table, after), defining.add_constraint(table, replace(before, name=after.name)), *comment(table, before)),
        touches=frozenset({item}),
        dangers=dangers(table, after),
    )  # fmt: skip
    if waits:
        yield _checked(item, after)


def _validity(item: Item, before: ConstraintState, after: ConstraintState) -> Iterator[Operation]:
    if after.is_validated:
        back = (drop(item.table, after), defining.add_constraint(item.table, replace(before, name=after.name)))
        yield replace(_checked(item, after), reverse=back)
        return
    yield Operation(
        f"leave {after.name} unchecked over the rows of {item.table}",
        (drop(item.table, after), defining.add_constraint(item.table, after)),
        (f"ALTER TABLE {relation(item.table)} VALIDATE CONSTRAINT {identifier(after.name)}",),
        touches=frozenset({item}),
    )


def _nameless(constraint: ConstraintState) -> ConstraintState:
    definition = constraint.definition.removesuffix(" NOT VALID")
    return replace(constraint, name="", comment=None, definition=definition)


def _renaming(table: str, before: ConstraintState, after: ConstraintState) -> Iterator[str]:
    if before.name != after.name:
        old, new = identifier(before.name), identifier(after.name)
        yield f"ALTER TABLE {relation(table)} RENAME CONSTRAINT {old} TO {new}"
    if before.comment != after.comment:
        yield _comment_on(table, after.name, after.comment)


def dangers(table: str, constraint: ConstraintState) -> tuple[Danger, ...]:
    """Return what existing rows may have against a constraint, with the query that counts them."""
    name = f"{constraint.kind} {constraint.name}"
    if constraint.kind in _KEYS:
        keys = columns(constraint.columns)
        known = " AND ".join(f"{identifier(c)} IS NOT NULL" for c in constraint.columns)
        double = f"SELECT {keys}, count(*) FROM {relation(table)} WHERE {known} GROUP BY {keys} HAVING count(*) > 1"
        return (
            Danger(
                Hazard.UNIQUE_OVER_EXISTING_ROWS,
                f"rows of {table} that share ({keys}) stand against {name}",
                count=f"SELECT coalesce(sum(count), 0) FROM ({double}) AS doubles",
                sample=f"{double} LIMIT 5",
            ),
        )
    if constraint.kind == "check" and constraint.expression:
        against = f"FROM {relation(table)} WHERE NOT ({constraint.expression})"
    elif constraint.kind == "foreign key" and constraint.target:
        against = _orphans(table, constraint)
    else:
        return ()
    return (
        Danger(
            Hazard.CONSTRAINT_OVER_EXISTING_ROWS,
            f"rows of {table} may not keep {name}",
            count=f"SELECT count(*) {against}",
            sample=f"SELECT {columns(constraint.columns) or '*'} {against} LIMIT 5",
        ),
    )


def _orphans(table: str, constraint: ConstraintState) -> str:
    assert constraint.target
    pairs = zip(constraint.columns, constraint.target_columns, strict=True)
    match = " AND ".join(f"parent.{identifier(there)} = child.{identifier(here)}" for here, there in pairs)
    known = " AND ".join(f"child.{identifier(c)} IS NOT NULL" for c in constraint.columns)
    missing = f"NOT EXISTS (SELECT FROM {relation(constraint.target)} AS parent WHERE {match})"
    return f"FROM {relation(table)} AS child WHERE {known} AND {missing}"
