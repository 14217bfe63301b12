"""What is made ready beside the writers before a column changes over: the new column filled, and all that will be on it."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.changes import Backfill, Danger, Expansion, Hazard, Operation
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.changing import backfills, constraints, indexes, keeping
from asbuilt.engines.postgres.changing.building import renamed_index
from asbuilt.engines.postgres.changing.columns import alter, narrowed
from asbuilt.engines.postgres.changing.converting import converted
from asbuilt.engines.postgres.changing.expanding.exchanging import KEYS, Exchange, before_switch, coming, new_name
from asbuilt.engines.postgres.changing.expanding.passing import coming as coming_name
from asbuilt.engines.postgres.changing.expanding.passing import coming_type, may_not_fit
from asbuilt.engines.postgres.changing.expanding.syncing import drop, fire, follow, named
from asbuilt.engines.postgres.changing.types import lost_labels
from asbuilt.engines.postgres.quoting import identifier, relation
from asbuilt.engines.state import ConstraintState, IndexState, Item


def operations(exchange: Exchange) -> Iterator[Operation]:
    """Yield the steps in order; what they make bears names of ours until the switch."""
    for expansion in exchange.expansions:
        yield _added(expansion)
        yield _filled(expansion, exchange)
    for expansion in exchange.expansions:
        yield from _required(expansion)
    for table, constraint in exchange.new_constraints:
        if constraint.kind in KEYS:
            yield _index(exchange.backing(table, constraint), coming(constraint.name))
    for index in exchange.new_indexes:
        yield _index(index, coming(index.name))
    for table, constraint in exchange.new_constraints:
        if constraint.kind not in KEYS:
            yield from _constraint(table, constraint, exchange)
    for table in exchange.tables:
        yield Operation(f"gather statistics of {table}", (f"ANALYZE {relation(table)}",), (), touches=_touches(table))


def _touches(table: str) -> frozenset[Item]:
    return frozenset({Item("table", table)})


def _item(expansion: Expansion) -> Item:
    return Item("column", expansion.after.name, expansion.table)


def _added(expansion: Expansion) -> Operation:
    pair = before_switch(expansion)
    bare = replace(
        expansion.after,
        name=pair.side,
        type=pair.side_type,
        is_nullable=True,
        default=None,
        identity="",
        sequence=None,
    )
    return Operation(
        f"add a column of {_called(expansion)} that follows {expansion.table}.{expansion.before.name}",
        (*defining.add_column(expansion.table, bare), follow(pair), *fire(pair, "last")),
        (*drop(pair, "last"), f"ALTER TABLE {relation(expansion.table)} DROP COLUMN {identifier(pair.side)}"),
        touches=frozenset({_item(expansion)}),
    )


def _filled(expansion: Expansion, exchange: Exchange) -> Operation:
    old, new = expansion.before, identifier(new_name(expansion))
    value = converted(identifier(old.name), old.type, coming_type(expansion), expansion.relabels)
    key = keeping.key(exchange.state.tables[expansion.table])
    missing = f"{new} IS NULL AND {identifier(old.name)} IS NOT NULL"
    backfill = Backfill(expansion.table, f"{new} = {value}", missing, key, is_quiet=True)
    title = f"fill it: {expansion.table}.{old.name} as {expansion.after.type}"
    return replace(
        backfills.operation(title, backfill, None, _item(expansion)), dangers=tuple(_dangers(expansion, exchange))
    )


def _called(expansion: Expansion) -> str:
    return f"the new {expansion.after.type}" if expansion.passing else f"type {expansion.after.type}"


def _dangers(expansion: Expansion, exchange: Exchange) -> Iterator[Danger]:
    """Yield what may be in the way of filling the new column."""
    if expansion.passing is None:
        yield from narrowed(Item("column", expansion.before.name, expansion.table), expansion.before, expansion.after)
        return
    name = expansion.passing.name
    before, after = (exchange.state.objects[expansion.passing.kind, called] for called in (name, coming_name(name)))
    if danger := lost_labels(before, after, expansion.table, expansion.before):
        yield danger


def required_name(expansion: Expansion, *, is_old: bool) -> str:
    """Return the name of the check that lets NOT NULL be set without looking through the table again."""
    return named("asbuilt_", expansion.after.name, "_was_required" if is_old else "_required")


def check_required(table: str, name: str, column: str) -> str:
    return f"ALTER TABLE {relation(table)} ADD CONSTRAINT {identifier(name)} CHECK ({identifier(column)} IS NOT NULL) NOT VALID"


def _validate(table: str, name: str) -> str:
    return f"ALTER TABLE {relation(table)} VALIDATE CONSTRAINT {identifier(name)}"


def drop_constraint(table: str, name: str) -> str:
    return f"ALTER TABLE {relation(table)} DROP CONSTRAINT IF EXISTS {identifier(name)}"


def _required(expansion: Expansion) -> Iterator[Operation]:
    """Yield what makes sure that the new column holds a value wherever it has to.

    On the way back the old column is required again in the same three steps, so that nobody is kept waiting then either.
    """
    if is_looked_for(expansion):
        yield from _turned(expansion)
    if expansion.after.is_nullable:
        return
    table, old = expansion.table, expansion.before.name
    new, name, was = new_name(expansion), required_name(expansion, is_old=False), required_name(expansion, is_old=True)
    was_required = not expansion.before.is_nullable
    yield Operation(
        f"require the new {table}.{expansion.after.name} of new rows",
        (check_required(table, name, new), *([check_required(table, was, old)] if was_required else [])),
        (
            *([f"{alter(table, old)} SET NOT NULL", drop_constraint(table, was)] if was_required else []),
            drop_constraint(table, name),
        ),
        touches=frozenset({_item(expansion)}),
    )
    yield _checked(expansion, name, (_validate(table, was),) if was_required else ())


def is_looked_for(expansion: Expansion) -> bool:
    """Tell whether values that the new type does not take have to be looked for: a column that is required tells by itself."""
    return expansion.after.is_nullable and may_not_fit(expansion)


def turned_name(expansion: Expansion) -> str:
    return named("asbuilt_", expansion.after.name, "_turned")


def _turned(expansion: Expansion) -> Iterator[Operation]:
    """Yield the look for values that the new type does not take: writers were not refused while it was filled."""
    table, name = expansion.table, turned_name(expansion)
    old, new = identifier(expansion.before.name), identifier(new_name(expansion))
    check = f"CHECK (({old} IS NULL) = ({new} IS NULL)) NOT VALID"
    yield Operation(
        f"refuse new values of {table}.{expansion.before.name} that do not fit {_called(expansion)}",
        (f"ALTER TABLE {relation(table)} ADD CONSTRAINT {identifier(name)} {check}",),
        (drop_constraint(table, name),),
        touches=frozenset({_item(expansion)}),
    )
    yield _checked(expansion, name, ())


def _checked(expansion: Expansion, name: str, reverse: tuple[str, ...]) -> Operation:
    told = f"rows of {expansion.table} have no {expansion.after.name}"
    absent = f"SELECT count(*) FROM {relation(expansion.table)} WHERE {identifier(expansion.before.name)} IS NULL"
    is_new = expansion.before.is_nullable and not expansion.after.is_nullable
    return Operation(
        f"look for rows of {expansion.table} whose {expansion.after.name} could not be filled",
        (_validate(expansion.table, name),),
        reverse,
        touches=frozenset({_item(expansion)}),
        dangers=(Danger(Hazard.CONSTRAINT_OVER_EXISTING_ROWS, told, count=absent),) if is_new else (),
    )


def _index(index: IndexState, name: str) -> Operation:
    made = renamed_index(replace(index, comment=None), name)
    return indexes.created(Item("index", name, index.table), made, is_quiet=False)


def _constraint(table: str, constraint: ConstraintState, exchange: Exchange) -> Iterator[Operation]:
    """Yield the adding of a constraint to the new column and its check; going back, the old one is checked again."""
    name = coming(constraint.name)
    waits = constraint.is_validated and constraint.is_enforced
    definition = f"{constraint.definition} NOT VALID" if waits else constraint.definition
    made = replace(constraint, name=name, definition=definition)
    item = frozenset({Item("constraint", constraint.name, table)})
    yield Operation(
        f"add {constraint.kind} {constraint.name} to the new column, for new rows",
        (defining.add_constraint(table, made),),
        (drop_constraint(table, name),),
        touches=item,
    )
    if waits:
        old = exchange.counterpart(table, constraint)
        yield Operation(
            f"check {constraint.name} over the rows of {table}",
            (_validate(table, name),),
            (_validate(table, old.name),) if old and is_checked_on_the_way_back(old) else (),
            touches=item,
            dangers=() if old else constraints.dangers(table, constraint),
        )


def is_checked_on_the_way_back(old: ConstraintState) -> bool:
    return old.kind not in KEYS and old.is_validated and old.is_enforced
