"""Tables: made, put aside whole, changed in what stands on them."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.changes import Change, Danger, Hazard, Operation, Verb
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.changing import foreign, keeping, partitions
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.postgres.changing.joining import attaching, detaching, own_of_partition, parts, ties
from asbuilt.engines.postgres.quoting import literal, relation
from asbuilt.engines.state import Item, TableState

_PERSISTENCE = {"permanent": "LOGGED", "unlogged": "UNLOGGED"}


def operations(change: Change, ground: Ground) -> Iterator[Operation]:
    """Yield what changes a table."""
    if partitions.is_about(change, ground):
        yield from partitions.operations(change, ground)
        if change.verb == Verb.ALTER:
            yield from _altered(change.item, ground)
        return
    match change.verb:
        case Verb.CREATE:
            if not ground.comes_with_parent(change.item.name):
                yield _created(change.item, ground)
        case Verb.DROP:
            yield _dropped(change.item, ground)
        case Verb.REBUILD:
            yield _dropped(change.item, ground)
            yield _created(change.item, ground)
        case Verb.ALTER:
            yield from _altered(change.item, ground)


def _created(item: Item, ground: Ground) -> Operation:
    table = ground.after.tables[item.name]
    made = frozenset({item, *(Item("column", c.name, table.name) for c in table.columns)})
    return Operation(
        f"create table {table.name}",
        (*defining.create_table(table), *own_of_partition(table, ground.after)),
        (foreign.drop(table) if foreign.is_foreign(table) else _gone(table),),
        makes=made,
    )


def _gone(table: TableState) -> str:
    """Return the statement that takes a table away; a partition may be gone since, its time over."""
    return f"DROP TABLE {'' if table.partition_bound is None else 'IF EXISTS '}{relation(table.name)}"


def _dropped(item: Item, ground: Ground) -> Operation:
    """Return the operation that moves a table out of sight with all that is on it, its ties to others cut."""
    table = ground.before.tables[item.name]
    if foreign.is_foreign(table):
        return foreign.dropped(item, ground)
    cut, tie = _ties(table, ground)
    kept = keeping.move("table", table.name, ground.kept)
    return Operation(
        f"drop table {table.name}, its rows kept aside",
        (*cut, *kept.keep),
        (*kept.restore, *tie),
        removes=frozenset({item, *parts(table)}),
        dangers=(
            Danger(Hazard.DATA_LOST, f"the rows of {table.name}", count=f"SELECT count(*) FROM {relation(table.name)}"),
        ),
        asides=kept.asides,
    )


def moved(item: Item, ground: Ground) -> Operation:
    """Return the operation after which the rows of a table are on another server than before, or here."""
    before, after = ground.before.tables[item.name], ground.after.tables[item.name]
    if before.kind == after.kind:
        return foreign.moved(item, ground)
    gone = _dropped(item, ground)
    back = (foreign.drop(after),) if foreign.is_foreign(after) else _taken_back(after, ground)
    return Operation(
        f"put the {after.kind} {item.name} in the place of the {before.kind}",
        (*gone.statements, *defining.whole_table(ground.after, item.name)),
        (*back, *gone.reverse),
        removes=gone.removes | foreign.all_of(before),
        makes=foreign.all_of(after),
        dangers=gone.dangers or (_shown_no_more(before, after),),
        asides=gone.asides,
    )


def _taken_back(table: TableState, ground: Ground) -> tuple[str, ...]:
    """Return what takes a table away that has stood in the place of a foreign one: its rows go aside, none goes elsewhere."""
    name = keeping.kept_name(table.name, "written_since")
    return (*keeping.rows_written_down(table.name, name, ground.kept), f"DROP TABLE {relation(table.name)}")


def _shown_no_more(before: TableState, after: TableState) -> Danger:
    text = f"the rows of {before.name} stay on server {before.server}: the new {after.kind} begins empty, until you copy them"
    return Danger(Hazard.APPLICATION_BREAKS, text)


def _ties(table: TableState, ground: Ground) -> tuple[list[str], list[str]]:
    """Return what cuts a table from those that stay, and what ties it to them again, in that order."""
    cut, tie = ties(table)
    for parent in table.parents:
        if Item("table", parent) not in ground.changes or ground.verb(Item("table", parent)) == Verb.ALTER:
            cut.append(_leave(table, parent))
            tie.append(_join(table, parent))
    return cut, tie


def _leave(table: TableState, parent: str) -> str:
    if table.partition_bound is not None:
        return detaching(table)
    return f"ALTER TABLE {relation(table.name)} NO INHERIT {relation(parent)}"


def _join(table: TableState, parent: str) -> str:
    if table.partition_bound is not None:
        return attaching(table)
    return f"ALTER TABLE {relation(table.name)} INHERIT {relation(parent)}"


def _altered(item: Item, ground: Ground) -> Iterator[Operation]:
    before, after = ground.before.tables[item.name], ground.after.tables[item.name]
    if partitions.is_about(ground.changes[item], ground):
        before = replace(before, parents=after.parents, partition_bound=after.partition_bound)
    yield from _secured(before, after)
    before = replace(before, has_row_security=after.has_row_security, forces_row_security=after.forces_row_security)
    forward, back = tuple(_alterations(before, after)), tuple(_alterations(after, before))
    if forward or back:
        title = f"change table {item.name}"
        yield Operation(title, forward, back, touches=frozenset({item}), dangers=tuple(_dangers(before, after)))


def _secured(before: TableState, after: TableState) -> Iterator[Operation]:
    """Yield what switches row level security: on once the policies stand, so that no row vanishes meanwhile."""
    forward = tuple(defining.row_security_change(before, after))
    if not forward:
        return
    way = "on" if after.has_row_security else "off"
    yield Operation(
        f"switch row level security of {after.name} {way}",
        forward,
        tuple(defining.row_security_change(after, before)),
        touches=frozenset({Item("row security", after.name, after.name)}),
        follows=frozenset(Item("policy", policy.name, after.name) for policy in after.policies),
        dangers=tuple(_dangers_of_security(before, after)),
    )


def _dangers_of_security(before: TableState, after: TableState) -> Iterator[Danger]:
    count = f"SELECT count(*) FROM {relation(before.name)}"
    if before.has_row_security and not after.has_row_security:
        yield Danger(Hazard.PERMISSION_WIDENED, f"row level security of {after.name} is switched off", count=count)
    if hidden := _hidden_from(before, after):
        yield Danger(Hazard.ROWS_HIDDEN, hidden, count=count)


def _alterations(before: TableState, after: TableState) -> Iterator[str]:
    words = f"ALTER TABLE {relation(after.name)}"
    if before.persistence != after.persistence:
        yield f"{words} SET {_PERSISTENCE[after.persistence]}"
    if foreign.is_foreign(after):
        yield from defining.foreign_options_change(before, after)
    else:
        yield from _options(words, before.options, after.options)
    for parent in before.parents:
        if parent not in after.parents or before.partition_bound != after.partition_bound:
            yield _leave(before, parent)
    for parent in after.parents:
        if parent not in before.parents or before.partition_bound != after.partition_bound:
            yield _join(after, parent)
    yield from defining.table_settings_change(before, after)


def _options(words: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[str]:
    old = dict(option.partition("=")[::2] for option in before)
    new = dict(option.partition("=")[::2] for option in after)
    if gone := [name for name in old if name not in new]:
        yield f"{words} RESET ({', '.join(gone)})"
    if changed := [f"{name} = {literal(value)}" for name, value in new.items() if old.get(name) != value]:
        yield f"{words} SET ({', '.join(changed)})"


def _dangers(before: TableState, after: TableState) -> Iterator[Danger]:
    count = f"SELECT count(*) FROM {relation(before.name)}"
    if before.persistence != after.persistence:
        yield Danger(Hazard.TABLE_REWRITTEN, f"every row of {after.name} is written anew", count=count)
    if set(after.grants) - set(before.grants):
        told = "; ".join(sorted(set(after.grants) - set(before.grants)))
        yield Danger(Hazard.PERMISSION_WIDENED, f"on {after.name}: {told}")


def _hidden_from(before: TableState, after: TableState) -> str:
    """Say in words for whom the rows of a table vanish; empty where row level security does not come, or not for more."""
    comes = after.has_row_security and not before.has_row_security
    if not comes and not (after.has_row_security and after.forces_row_security and not before.forces_row_security):
        return ""
    who = "everybody, its owner included," if after.forces_row_security else "everybody but its owner"
    seeing = [p for p in after.policies if p.is_permissive and p.command in ("all", "select")]
    roles = ", ".join(sorted({role for policy in seeing for role in policy.roles}))
    left = f"only what a policy lets through ({', '.join(p.name for p in seeing)}, for {roles})" if seeing else "no row"
    return f"row level security of {after.name} is switched on: {who} sees {left}"
