"""The switch: in one short transaction the new column takes the name, the keys, the default and the numbers of the old one."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.changes import Danger, Expansion, Operation
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.changing import breaking, constraints, keeping, obstacles
from asbuilt.engines.postgres.changing.columns import alter
from asbuilt.engines.postgres.changing.converting import converted
from asbuilt.engines.postgres.changing.expanding import passing
from asbuilt.engines.postgres.changing.expanding.copying import rename
from asbuilt.engines.postgres.changing.expanding.exchanging import (
    KEYS,
    Exchange,
    Held,
    after_switch,
    before_switch,
    coming,
    going,
    new_name,
    old_name,
)
from asbuilt.engines.postgres.changing.expanding.preparing import (
    check_required,
    drop_constraint,
    is_checked_on_the_way_back,
    is_looked_for,
    required_name,
    turned_name,
)
from asbuilt.engines.postgres.changing.expanding.syncing import began_taking, ended_taking, follow
from asbuilt.engines.postgres.quoting import identifier, literal, relation
from asbuilt.engines.state import ColumnState, ConstraintState, IndexState, Item


def operation(exchange: Exchange) -> Operation:
    """Return the switch; what it takes off the old columns it puts on them again on the way back."""
    items = {Item("column", e.after.name, e.table) for e in exchange.expansions}
    items |= {Item("table", table) for table, _ in (*exchange.old_constraints, *exchange.new_constraints)}
    return Operation(
        f"let the new {exchange.told} take over",
        tuple(_forward(exchange)),
        tuple(_back(exchange)),
        touches=frozenset(items),
        obstacles=tuple(_obstacles(exchange)),
        notes=tuple(
            breaking.of_prepared(e.table, e.after.name)
            for e in exchange.expansions
            if e.before.name == e.after.name and (e.before.type != e.after.type or e.passing)
        ),
    )


def _obstacles(exchange: Exchange) -> Iterator[Danger]:
    for e in exchange.expansions:
        if passing.may_not_fit_back(e):
            old, new = f"live.{identifier(old_name(e))}", f"live.{identifier(e.after.name)}"
            text = f"values of {e.table}.{e.after.name} that do not fit {_old_type(e)}"
            yield obstacles.of_rows(exchange.wanted.tables[e.table], text, f"{old} IS NULL AND {new} IS NOT NULL")


def _old_type(e: Expansion) -> str:
    return f"{e.before.type} as it was" if e.passing else e.before.type


def _forward(exchange: Exchange) -> Iterator[str]:
    for table, constraint in reversed(exchange.old_constraints):
        yield constraints.drop(table, constraint)
    for index in exchange.old_indexes:
        yield _rename_index(index, index.name, going(index.name))
    for e in exchange.expansions:
        yield from _leave(e)
    yield from passing.left(exchange.expansions)
    yield from passing.taken(exchange.expansions)
    for e in exchange.expansions:
        yield from _take_over(e)
    for table, constraint in exchange.new_constraints:
        yield from _named_constraint(table, constraint, exchange)
    for index in exchange.new_indexes:
        yield _rename_index(index, coming(index.name), index.name)
        yield from defining.index_comment(index)
    for e in exchange.expansions:
        yield from _give_default(e.table, e.before, e.after, old_name(e), e.after.name)
        if not e.before.is_nullable:
            yield f"{alter(e.table, old_name(e))} DROP NOT NULL"
        yield from _sync_after(e)


def _back(exchange: Exchange) -> Iterator[str]:
    for e in exchange.expansions:
        yield from _refuse_what_does_not_fit(e)
        yield from _keep_what_is_not_given_back(e, exchange)
    yield from passing.given_way(exchange.expansions)
    yield from passing.come_back(exchange.expansions)
    for e in exchange.expansions:
        yield from _sync_before(e)
        if e.before.identity:
            yield f"{alter(e.table, old_name(e))} SET NOT NULL"
        yield from _give_default(e.table, e.after, e.before, e.after.name, old_name(e))
    for index in exchange.new_indexes:
        yield _rename_index(index, index.name, coming(index.name))
    for table, constraint in reversed(exchange.new_constraints):
        yield constraints.drop(table, constraint)
    for e in reversed(exchange.expansions):
        yield from _give_way(e)
    for e in reversed(exchange.expansions):
        yield from _come_back(e)
    for index in exchange.old_indexes:
        yield _rename_index(index, going(index.name), index.name)
    for table, constraint in exchange.old_constraints:
        yield from _held_again(table, constraint, exchange)


def _leave(e: Expansion) -> Iterator[str]:
    """Yield what gives the old column's name free."""
    if old_name(e) != e.before.name:
        yield rename(e.table, e.before.name, old_name(e))


def _come_back(e: Expansion) -> Iterator[str]:
    if old_name(e) != e.before.name:
        yield rename(e.table, old_name(e), e.before.name)
    if not e.before.is_nullable and e.after.is_nullable:
        yield f"{alter(e.table, e.before.name)} SET NOT NULL"


def _take_over(e: Expansion) -> Iterator[str]:
    yield rename(e.table, new_name(e), e.after.name)
    if not e.after.is_nullable:
        yield f"{alter(e.table, e.after.name)} SET NOT NULL"
        yield drop_constraint(e.table, required_name(e, is_old=False))
        yield drop_constraint(e.table, required_name(e, is_old=True))
    if is_looked_for(e):
        yield drop_constraint(e.table, turned_name(e))


def _give_way(e: Expansion) -> Iterator[str]:
    if not e.after.is_nullable:
        yield f"{alter(e.table, e.after.name)} DROP NOT NULL"
        if not e.before.is_nullable:
            yield check_required(e.table, required_name(e, is_old=True), old_name(e))
    yield rename(e.table, e.after.name, new_name(e))


def _named_constraint(table: str, constraint: ConstraintState, exchange: Exchange) -> Iterator[str]:
    """Yield what makes a constraint of ours the one that is wanted."""
    if constraint.kind in KEYS:
        yield constraints.on_index(table, constraint, coming(exchange.backing(table, constraint).name))
    else:
        yield f"ALTER TABLE {relation(table)} RENAME CONSTRAINT {identifier(coming(constraint.name))} TO {identifier(constraint.name)}"
    yield from constraints.comment(table, constraint)


def _held_again(table: str, constraint: ConstraintState, exchange: Exchange) -> Iterator[str]:
    """Yield what puts a constraint on the old column again, unchecked where a later step of the way back checks it."""
    is_paired = any(
        home == table and new.name == constraint.name and new.is_validated for home, new in _checked(exchange)
    )
    waits = is_checked_on_the_way_back(constraint) and is_paired
    added = replace(constraint, definition=f"{constraint.definition} NOT VALID") if waits else constraint
    yield defining.add_constraint(table, added)
    yield from constraints.comment(table, constraint)


def _checked(exchange: Exchange) -> Iterator[Held]:
    return (held for held in exchange.new_constraints if held[1].kind not in KEYS and held[1].is_enforced)


def _rename_index(index: IndexState, old: str, new: str) -> str:
    return f"ALTER INDEX {defining.index_name(replace(index, name=old))} RENAME TO {identifier(new)}"


def _give_default(table: str, before: ColumnState, after: ColumnState, old: str, new: str) -> Iterator[str]:
    """Yield what moves the default, or what counts the numbers, from the column that is called `old` now to `new`."""
    if before.identity:
        yield from _move_identity(table, before, after, old, new)
    elif before.sequence and after.sequence:
        name = before.sequence.name
        yield f"ALTER SEQUENCE {relation(name)} OWNED BY {relation(table)}.{identifier(new)}"
        yield from _settled(table, before, after)
    if after.default is not None and not after.identity:
        yield f"{alter(table, new)} SET DEFAULT {after.default}"
    if before.default is not None and not before.identity:
        yield f"{alter(table, old)} DROP DEFAULT"


def _settled(table: str, before: ColumnState, after: ColumnState) -> Iterator[str]:
    """Yield what gives a sequence that stays its other name and range."""
    plain = replace(before, name=after.name, comment=after.comment, grants=after.grants)
    return defining.column_settings_change(table, plain, after)


def _move_identity(table: str, before: ColumnState, after: ColumnState, old: str, new: str) -> Iterator[str]:
    """Yield what lets the new column go on counting where the old one is."""
    assert before.sequence
    assert after.sequence
    schema, dot, bare = after.sequence.name.rpartition(".")
    counting = f"{schema}{dot}{coming(bare)}"
    options = defining.sequence_options(after)
    yield (
        f"{alter(table, new)} ADD GENERATED {after.identity.upper()} AS IDENTITY (SEQUENCE NAME {relation(counting)}{options})"
    )
    yield f"SELECT setval({literal(relation(counting))}, last_value, is_called) FROM {relation(before.sequence.name)}"
    yield f"{alter(table, old)} DROP IDENTITY"
    yield f"ALTER SEQUENCE {relation(counting)} RENAME TO {identifier(bare)}"
    yield from defining.sequence_settings_change(None, after.sequence)


def _sync_after(e: Expansion) -> Iterator[str]:
    pair = after_switch(e)
    yield follow(pair)
    yield from began_taking(pair)


def _sync_before(e: Expansion) -> Iterator[str]:
    yield from ended_taking(after_switch(e))
    yield follow(before_switch(e))


def _refuse_what_does_not_fit(e: Expansion) -> Iterator[str]:
    """Yield the statement that stops the way back where a value written since has no place in the old type."""
    if not passing.may_not_fit_back(e):
        return
    old, new = identifier(old_name(e)), identifier(e.after.name)
    told = f"values of {e.table}.{e.after.name} written since do not fit {_old_type(e)}"
    find = f"SELECT FROM {relation(e.table)} WHERE {old} IS NULL AND {new} IS NOT NULL"
    yield f"DO $asbuilt$ BEGIN IF EXISTS ({find}) THEN RAISE EXCEPTION USING MESSAGE = {literal(told)}; END IF; END $asbuilt$"


def _keep_what_is_not_given_back(e: Expansion, exchange: Exchange) -> Iterator[str]:
    """Yield what writes down the values written since that the old type holds, but not exactly: `12.34` as `12`."""
    by = exchange.last_key(e.table)
    if not by or not passing.may_not_fit_back(e):
        return
    old, new = identifier(old_name(e)), identifier(e.after.name)
    turned = converted(old, passing.going_type(e), e.after.type, e.relabels)
    lost = f"{old} IS NOT NULL AND ({turned})::text IS DISTINCT FROM {new}::text"
    yield from keeping.written_since(e.table, by, e.after.name, lost, exchange.kept)
