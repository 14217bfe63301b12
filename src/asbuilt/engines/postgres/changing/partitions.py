"""Partitions of a table that stays: made ahead, attached, detached, put aside; their rows go where their bounds say."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.changes import Change, Danger, Hazard, Operation, Verb
from asbuilt.engines.inherited import partitions
from asbuilt.engines.postgres.changing import bounds, keeping, regrouping
from asbuilt.engines.postgres.changing.building import guarded
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.postgres.changing.joining import attaching, below, detaching, made, parts, ties
from asbuilt.engines.postgres.changing.moving_out import MovingOut
from asbuilt.engines.postgres.quoting import identifier, literal, relation
from asbuilt.engines.state import ConstraintState, Item, TableState


def is_about(change: Change, ground: Ground) -> bool:
    """Tell whether a change of a table is one of a partition whose parent stands, before and after, and is divided alike."""
    found = [ground.before.tables.get(change.item.name), ground.after.tables.get(change.item.name)]
    if any(table and table.server for table in found):
        return False
    above = {table.parents[0] for table in found if table and table.partition_bound is not None}
    has_moved = change.verb in (Verb.CREATE, Verb.DROP) or len({(t.parents, t.partition_bound) for t in found if t}) > 1
    return has_moved and len(above) == 1 and ground.stays_divided(above.pop())


def operations(change: Change, ground: Ground) -> Iterator[Operation]:
    """Yield what makes, attaches, detaches or puts aside a partition."""
    name = change.item.name
    before, after = ground.before.tables.get(name), ground.after.tables.get(name)
    was = before if before and before.partition_bound is not None else None
    will = after if after and after.partition_bound is not None else None
    parent = ((was or will) and (was or will).parents[0]) or ""  # type: ignore[union-attr]
    group = regrouping.group_of(name, parent, ground)
    way = _moving_out(parent, ground) if group == (name,) else None
    if way and name in way.group and not way.hindrance:
        yield from way.operations() if name == way.group[0] else ()
    elif group:
        if name == group[0]:
            at_once = way.hindrance if way else ""
            yield replace(regrouping.regrouped(parent, group, ground), at_once=at_once)
    elif will and not before:
        yield _made(change.item, will, ground)
    elif will:
        yield from _attached(change.item, will, ground)
    elif was and after:
        yield _detached(was, ground, frozenset({change.item}))
    elif was:
        yield _detached(was, ground, frozenset(parts(was)))
        yield _put_aside(change.item, was, ground)


def _moving_out(parent: str, ground: Ground) -> MovingOut | None:
    """Return how all new partitions get their rows from a default one that is in use; None where it is not."""
    default = regrouping.default_of(ground, parent)
    if default is None or default.name not in ground.crowded or ground.is_direct:
        return None
    new = [table.name for table in partitions(ground.after, parent) if table.name not in ground.before.tables]
    group = tuple(name for name in sorted(new) if regrouping.group_of(name, parent, ground) == (name,))
    return MovingOut(parent, group, default, ground)


def _made(item: Item, table: TableState, ground: Ground) -> Operation:
    """Return the operation that makes a partition beside its parent and attaches it: that holds up nobody for long."""
    tree = [table, *below(table, ground.after)]
    return Operation(
        f"create partition {table.name} of {table.parents[0]}",
        made(table, ground.after),
        (_while_it_stands(table, detaching(table)), _without_rows(tree, ground.kept)),
        makes=frozenset(item for member in tree for item in (Item("table", member.name), *parts(member))),
    )


def _without_rows(tree: list[TableState], kept: str) -> str:
    """Return the statement that drops a partition, or puts it aside where rows were written to it since."""
    schema, name = identifier(kept), relation(tree[0].name)
    put = [f"CREATE SCHEMA IF NOT EXISTS {schema}"]
    for member in tree:
        put.append(f"DROP TABLE IF EXISTS {schema}.{identifier(member.name.rpartition('.')[2])}")
        put.append(f"ALTER TABLE {relation(member.name)} SET SCHEMA {schema}")
    way = f"IF EXISTS (SELECT FROM {name}) THEN {'; '.join(put)}; ELSE DROP TABLE {name}; END IF"
    return _while_it_stands(tree[0], way)


def _while_it_stands(table: TableState, sql: str) -> str:
    """Return the statement that does something with a partition unless its time was over and it is gone."""
    there = f"to_regclass({literal(relation(table.name))}) IS NOT NULL"
    return f"DO $do$ BEGIN IF {there} THEN {sql}; END IF; END $do$"


def _attached(item: Item, table: TableState, ground: Ground) -> Iterator[Operation]:
    """Yield a check that says what the bound says, its rows looked through beside the writers, then the attaching."""
    parent = ground.after.tables[table.parents[0]]
    before, name = ground.before.tables[table.name], relation(table.name)
    condition = bounds.takes(parent, table.partition_bound or "", _siblings(parent, ground))
    bound_check = f"asbuilt_{table.name.rpartition('.')[2]}_bound"[:63]
    check = identifier(bound_check)
    checked = replace(before, constraints=(*before.constraints, ConstraintState(bound_check, "check", (), "")))
    touches = frozenset({item})
    add = f"ALTER TABLE {name} ADD CONSTRAINT {check} CHECK ({condition}) NOT VALID"
    drop = f"ALTER TABLE {name} DROP CONSTRAINT {check}"
    danger = Danger(
        Hazard.CONSTRAINT_OVER_EXISTING_ROWS,
        f"rows of {table.name} lie outside the partition's bounds",
        count=f"SELECT count(*) FROM {name} WHERE ({condition}) IS NOT TRUE",
    )
    yield Operation(f"hold new rows of {table.name} to its bounds", (add,), (drop,), touches=touches)
    validate = f"ALTER TABLE {name} VALIDATE CONSTRAINT {check}"
    yield Operation(
        f"look for rows of {table.name} outside its bounds", (validate,), (), touches=touches, dangers=(danger,)
    )
    yield Operation(
        f"attach partition {table.name} to {parent.name}",
        (attaching(table), drop),
        (detaching(table), add, _tidied(checked), _without_more_indexes(before)),
        touches=touches,
    )


def _siblings(parent: TableState, ground: Ground) -> list[str]:
    return [table.partition_bound or "" for table in partitions(ground.after, parent.name)]


def _detached(table: TableState, ground: Ground, touches: frozenset[Item]) -> Operation:
    """Return the detaching: beside readers and writers where PostgreSQL can, which it cannot while there is a default partition."""
    title = f"detach partition {table.name} from {table.parents[0]}"
    has_default = any(t.partition_bound == bounds.DEFAULT for t in partitions(ground.before, table.parents[0]))
    if has_default or ground.is_direct:
        return Operation(title, (detaching(table), _tidied(table)), (attaching(table),), touches=touches)
    return Operation(
        title,
        (f"{detaching(table)} CONCURRENTLY", _tidied(table)),
        (guarded(attaching(table)),),
        touches=touches,
        is_alone=True,
        is_done=f"SELECT NOT EXISTS (SELECT FROM {hangs(table)}) AND NOT EXISTS ({_left_behind(table)})",
        clean=(finalized(table), _tidied(table)),
    )


def hangs(table: TableState) -> str:
    return f"pg_inherits WHERE inhrelid = {literal(relation(table.name))}::regclass"


def finalized(table: TableState) -> str:
    """Return the statement that brings a detaching to its end that was cut off in the midst of it."""
    pending = f"SELECT FROM {hangs(table)} AND inhdetachpending"
    return f"DO $do$ BEGIN IF EXISTS ({pending}) THEN {detaching(table)} FINALIZE; END IF; END $do$"


def _left_behind(table: TableState) -> str:
    """Return the query for the constraints that a detached partition keeps and that were its parent's or its bound's."""
    known = ", ".join(literal(c.name) for c in table.constraints) or "''"
    return (
        f"SELECT conname FROM pg_constraint WHERE conrelid = {literal(relation(table.name))}::regclass "
        f"AND contype IN ('c', 'f', 'p', 'u', 'x') AND conname NOT IN ({known}) AND NOT EXISTS (SELECT FROM {hangs(table)})"
    )


def _tidied(table: TableState) -> str:
    """Return the statement that drops what detaching leaves behind: the check in the place of the bound, the parent's keys."""
    drop = f"EXECUTE format('ALTER TABLE {relation(table.name)} DROP CONSTRAINT %I', name)"
    return f"DO $do$ DECLARE name name; BEGIN FOR name IN {_left_behind(table)} LOOP {drop}; END LOOP; END $do$"


def _without_more_indexes(table: TableState) -> str:
    """Return the statement that drops the indexes which a table got from a parent that it no longer has."""
    known = ", ".join(literal(i.name) for i in table.indexes) or "''"
    found = (
        f"SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
        f"WHERE i.indrelid = {literal(relation(table.name))}::regclass AND c.relname NOT IN ({known})"
    )
    drop = "EXECUTE 'DROP INDEX ' || name"
    return f"DO $do$ DECLARE name text; BEGIN FOR name IN {found} LOOP {drop}; END LOOP; END $do$"


def _put_aside(item: Item, table: TableState, ground: Ground) -> Operation:
    """Return the operation that moves a detached partition out of sight with its rows."""
    kept = keeping.move("table", table.name, ground.kept)
    cut, tie = ties(table)
    count = f"SELECT count(*) FROM {relation(table.name)}"
    return Operation(
        f"drop partition {table.name}, its rows kept aside",
        (*cut, *kept.keep),
        (*kept.restore, *tie),
        removes=frozenset({item, *parts(table)}),
        dangers=(Danger(Hazard.DATA_LOST, f"the rows of {table.name}", count=count),),
        asides=kept.asides,
    )
