"""Columns: added, dropped with their values kept aside, changed in place."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.changes import Change, Danger, Hazard, Operation, Verb
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.changing import below, breaking, keeping
from asbuilt.engines.postgres.changing.converting import base, conversion, may_lose, needs_rewrite, there_and_back
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.postgres.quoting import identifier, literal, relation
from asbuilt.engines.state import ColumnState, Item


def operations(change: Change, ground: Ground) -> Iterator[Operation]:
    """Yield what changes a column."""
    before, after = change.before, change.after
    assert before is None or isinstance(before, ColumnState)
    assert after is None or isinstance(after, ColumnState)
    item = change.item
    match change.verb:
        case Verb.CREATE if after:
            yield from _created(item, after, ground)
        case Verb.DROP if before:
            yield _dropped(item, before, ground)
        case Verb.REBUILD if before and after:
            yield from _rebuilt(item, before, after, ground)
        case Verb.ALTER if before and after:
            yield from _altered(item, before, after, ground)


def alter(table: str, column: str) -> str:
    return f"ALTER TABLE {relation(table)} ALTER COLUMN {identifier(column)}"


def _created(item: Item, column: ColumnState, ground: Ground) -> Iterator[Operation]:
    yield Operation(
        f"add column {item.table}.{column.name}",
        defining.add_column(item.table, column),
        (f"ALTER TABLE {relation(item.table)} DROP COLUMN {identifier(column.name)}",),
        makes=frozenset({item}),
        dangers=_dangers_of_adding(item, column),
    )  # fmt: skip


def _dangers_of_adding(item: Item, column: ColumnState) -> tuple[Danger, ...]:
    count = f"SELECT count(*) FROM {relation(item.table)}"
    is_filled = column.default or column.identity or column.generated
    if not column.is_nullable and not is_filled:
        text = f"rows of {item.table} have no value for {column.name}, which takes no NULL"
        return (Danger(Hazard.CONSTRAINT_OVER_EXISTING_ROWS, text, count=count),)
    return ()


def _dropped(item: Item, column: ColumnState, ground: Ground) -> Operation:
    table = ground.before.tables[item.table]
    drop = f"ALTER TABLE {relation(item.table)} DROP COLUMN {identifier(column.name)}"
    if column.generated is not None or table.kind == "foreign table":
        back = defining.add_column(item.table, column)
        return Operation(f"drop column {item.table}.{column.name}", (drop,), back, removes=frozenset({item}))
    kept = keeping.column(table, column, ground.kept, ground.steady(item.table))
    return Operation(
        f"drop column {item.table}.{column.name}, its values kept aside",
        (*kept.keep, drop),
        (
            *defining.add_column(item.table, replace(column, is_nullable=True)),
            *kept.restore,
            *_requiring(item.table, column),
        ),
        removes=frozenset({item}),
        dangers=(
            Danger(
                Hazard.DATA_LOST,
                f"the values of {item.table}.{column.name}",
                count=f"SELECT count({identifier(column.name)}) FROM {relation(item.table)}",
            ),
        ),
        asides=kept.asides,
    )


def _requiring(table: str, column: ColumnState) -> tuple[str, ...]:
    return () if column.is_nullable else (f"{alter(table, column.name)} SET NOT NULL",)


def _rebuilt(item: Item, before: ColumnState, after: ColumnState, ground: Ground) -> Iterator[Operation]:
    """Yield the two halves of getting a column's expression out of the way of what it uses."""
    table, name = item.table, item.name
    if before.generated is not None or after.generated is not None:
        drop = f"ALTER TABLE {relation(table)} DROP COLUMN {identifier(name)}"
        yield Operation(
            f"drop column {table}.{name}", (drop,), defining.add_column(table, before), removes=frozenset({item})
        )
        yield Operation(
            f"add column {table}.{name}", defining.add_column(table, after), (drop,), makes=frozenset({item})
        )
        return
    bare = replace(before, default=None)
    yield _in_place(f"take the default of {table}.{name} away", item, before, bare, removes=frozenset({item}))
    yield _in_place(f"set {table}.{name}", item, bare, after, makes=frozenset({item}))


def _altered(item: Item, before: ColumnState, after: ColumnState, ground: Ground) -> Iterator[Operation]:
    """Yield what makes a column into another one: a change of type first, then the rest, then NOT NULL."""
    if before.generated != after.generated or before.is_virtual != after.is_virtual:
        yield from _regenerated(item, before, after)
        return
    if _follows_parent(item, before, after, ground):
        before = replace(before, type=after.type, collation=after.collation)
        if before == after:
            return
    required = before.is_nullable and not after.is_nullable
    is_live = not (ground.is_direct or ground.is_new(item.table) or ground.before.tables[item.table].server)
    if not (required and is_live):
        yield _changed_in_place(item, before, after, ground)
        return
    target = replace(after, is_nullable=True, identity=before.identity, sequence=before.sequence)
    if target != before:
        yield _changed_in_place(item, before, target, ground)
    yield from _required(item, target)
    if replace(target, is_nullable=False) != after:
        yield _changed_in_place(item, replace(target, is_nullable=False), after, ground)


def _follows_parent(item: Item, before: ColumnState, after: ColumnState, ground: Ground) -> bool:
    """Tell whether the column gets its other type together with that of the table above."""
    above = (
        (ground.before.tables[name].column(item.name), ground.after.tables[name].column(item.name))
        for name in ground.before.tables[item.table].parents
        if name in ground.before.tables and name in ground.after.tables
    )
    types = ((before.type, before.collation), (after.type, after.collation))
    return types[0] != types[1] and any(
        one and other and ((one.type, one.collation), (other.type, other.collation)) == types for one, other in above
    )


def _changed_in_place(item: Item, before: ColumnState, after: ColumnState, ground: Ground) -> Operation:
    is_elsewhere = bool(ground.before.tables[item.table].server)
    title, touches = _title(item, before, after), frozenset({item})
    operation = _in_place(title, item, before, after, touches=touches, is_elsewhere=is_elsewhere)
    operation = below.with_own_defaults(operation, item, before, after, ground)
    if is_elsewhere or (before.type == after.type and before.collation == after.collation):
        return replace(operation, dangers=tuple(_widenings(item, before, after)))
    notes = () if ground.is_new(item.table) else (breaking.of_prepared(item.table, item.name),)
    operation = replace(operation, dangers=_dangers_of_conversion(item, before, after), notes=notes)
    if may_lose(after.type, before.type):
        operation = replace(operation, reverse=(*_written_since(item, before, after, ground), *operation.reverse))
    if not may_lose(before.type, after.type):
        return operation
    kept = keeping.old_values(ground.before.tables[item.table], before, after, ground.kept, ground.steady(item.table))
    statements = (*kept.keep, *operation.statements)
    reverse = (*operation.reverse, *kept.restore)
    return replace(operation, statements=statements, reverse=reverse, asides=kept.asides)


def _written_since(item: Item, before: ColumnState, after: ColumnState, ground: Ground) -> tuple[str, ...]:
    """Return what keeps aside, on the way back, the values that the old type holds, but not exactly."""
    turned = there_and_back(item.name, after.type, before.type)
    lost = f"({turned})::text IS DISTINCT FROM {identifier(item.name)}::text"
    key = keeping.key(ground.after.tables[item.table])
    by = key if set(key) <= set(ground.steady(item.table)) else ()
    return keeping.written_since(item.table, by, item.name, lost, ground.kept)


def _title(item: Item, before: ColumnState, after: ColumnState) -> str:
    if before.type != after.type:
        return f"change the type of {item.table}.{item.name} from {before.type} to {after.type}"
    if before.default != after.default:
        return f"change the default of {item.table}.{item.name}"
    if before.is_nullable != after.is_nullable:
        return f"let {item.table}.{item.name} be NULL" if after.is_nullable else f"require {item.table}.{item.name}"
    return f"change column {item.table}.{item.name}"


def _in_place(
    title: str,
    item: Item,
    before: ColumnState,
    after: ColumnState,
    *,
    makes: frozenset[Item] = frozenset(),
    removes: frozenset[Item] = frozenset(),
    touches: frozenset[Item] = frozenset(),
    is_elsewhere: bool = False,
) -> Operation:
    forward = tuple(alterations(item.table, before, after, is_elsewhere=is_elsewhere))
    back = tuple(alterations(item.table, after, before, is_elsewhere=is_elsewhere))
    return Operation(title, forward, back, makes=makes, removes=removes, touches=touches)


def alterations(table: str, before: ColumnState, after: ColumnState, *, is_elsewhere: bool = False) -> Iterator[str]:
    """Yield the statements that make a column into another one of the same name; values that are elsewhere are not converted."""
    words = alter(table, after.name)
    has_other_type = before.type != after.type or before.collation != after.collation
    has_other_base = base(before.type) != base(after.type)
    if before.identity and not after.identity:
        yield f"{words} DROP IDENTITY"
    if before.default is not None and (has_other_base or after.default is None):
        yield f"{words} DROP DEFAULT"
    if _is_serial(before) and not _is_serial(after) and before.sequence:
        yield f"DROP SEQUENCE {relation(before.sequence.name)}"
    if before.is_nullable is False and after.is_nullable:
        yield f"{words} DROP NOT NULL"
    if has_other_type:
        collation = f" COLLATE {relation(after.collation)}" if after.collation else ""
        using = "" if is_elsewhere else f" USING {conversion(after.name, before.type, after.type)}"
        yield f"{words} TYPE {after.type}{collation}{using}"
    if _is_serial(after) and not _is_serial(before):
        yield from defining.own_sequence(table, after)
        yield _past_the_rows(table, after)
    if after.default is not None and (has_other_base or after.default != before.default):
        yield f"{words} SET DEFAULT {after.default}"
    if not after.is_nullable and before.is_nullable:
        yield f"{words} SET NOT NULL"
    yield from _identity(table, words, before, after)
    has_same_sequence = (_is_serial(before), before.identity != "") == (_is_serial(after), after.identity != "")
    yield from defining.column_settings_change(
        table, before if has_same_sequence else replace(before, sequence=None), after
    )


def _is_serial(column: ColumnState) -> bool:
    return column.sequence is not None and not column.identity


def _identity(table: str, words: str, before: ColumnState, after: ColumnState) -> Iterator[str]:
    if after.identity and not before.identity:
        yield f"{words} ADD GENERATED {after.identity.upper()} AS IDENTITY{defining.identity_options(table, after)}"
        yield _past_the_rows(table, after)
    elif after.identity != before.identity and after.identity:
        yield f"{words} SET GENERATED {after.identity.upper()}"


def _past_the_rows(table: str, column: ColumnState) -> str:
    """Return the statement that lets a new identity go on behind the highest number that is taken."""
    sequence = f"pg_get_serial_sequence({literal(relation(table))}, {literal(column.name)})"
    highest = f"max({identifier(column.name)})"
    return f"SELECT setval({sequence}, {highest}) FROM {relation(table)} HAVING {highest} > 0"


def _required(item: Item, column: ColumnState) -> Iterator[Operation]:
    """Yield NOT NULL in three steps: for new rows, over the old ones beside the writers, then as the column's own."""
    table, name = item.table, f"asbuilt_{item.name}_required"[:63]
    check = f"ALTER TABLE {relation(table)} ADD CONSTRAINT {identifier(name)} CHECK ({identifier(item.name)} IS NOT NULL) NOT VALID"
    drop = f"ALTER TABLE {relation(table)} DROP CONSTRAINT {identifier(name)}"
    touches = frozenset({item})
    absent = f"FROM {relation(table)} WHERE {identifier(item.name)} IS NULL"
    danger = Danger(
        Hazard.CONSTRAINT_OVER_EXISTING_ROWS,
        f"rows of {table} have no {item.name}",
        count=f"SELECT count(*) {absent}",
    )
    yield Operation(f"require {table}.{item.name} of new rows", (check,), (drop,), touches=touches)
    yield Operation(
        f"look for rows of {table} without {item.name}",
        (f"ALTER TABLE {relation(table)} VALIDATE CONSTRAINT {identifier(name)}",),
        (),
        touches=touches,
        dangers=(danger,),
    )
    yield Operation(
        f"require {table}.{item.name}",
        (f"{alter(table, item.name)} SET NOT NULL", drop),
        (f"{alter(table, item.name)} DROP NOT NULL", check),
        touches=touches,
    )


def _regenerated(item: Item, before: ColumnState, after: ColumnState) -> Iterator[Operation]:
    """Yield the change of a generated column: an expression dropped leaves its values, another one computes them anew."""
    if after.generated is None and not before.is_virtual:
        plain = replace(before, generated=None)
        forward = (f"{alter(item.table, item.name)} DROP EXPRESSION", *alterations(item.table, plain, after))
        drop = f"ALTER TABLE {relation(item.table)} DROP COLUMN {identifier(item.name)}"
        back = (drop, *defining.add_column(item.table, before))
        yield Operation(f"let {item.table}.{item.name} hold values", forward, back, touches=frozenset({item}))
        return
    drop = f"ALTER TABLE {relation(item.table)} DROP COLUMN {identifier(item.name)}"
    title = f"generate {item.table}.{item.name} anew"
    count = f"SELECT count(*) FROM {relation(item.table)}"
    lost = Danger(Hazard.DATA_LOST, f"the values of {item.table}.{item.name}", count=count)
    rewritten = Danger(Hazard.TABLE_REWRITTEN, f"every row of {item.table} is written anew", count=count)
    yield Operation(
        title,
        (drop, *defining.add_column(item.table, after)),
        (drop, *defining.add_column(item.table, before)),
        touches=frozenset({item}),
        dangers=(lost, rewritten) if before.generated is None else (rewritten,),
    )


def _dangers_of_conversion(item: Item, before: ColumnState, after: ColumnState) -> tuple[Danger, ...]:
    table = relation(item.table)
    found: list[Danger] = []
    if needs_rewrite(before.type, after.type):
        text = f"every row of {item.table} is written anew while nobody may use it"
        found.append(Danger(Hazard.TABLE_REWRITTEN, text, count=f"SELECT count(*) FROM {table}"))
    return (*found, *narrowed(item, before, after))


def narrowed(item: Item, before: ColumnState, after: ColumnState) -> tuple[Danger, ...]:
    """Return the danger that values change with their type, with the query that finds them."""
    if not may_lose(before.type, after.type):
        return ()
    table, name = relation(item.table), identifier(item.name)
    left = there_and_back(item.name, before.type, after.type)
    lossy = f"FROM {table} WHERE ({left})::text IS DISTINCT FROM {name}::text"
    text = f"values of {item.table}.{item.name} do not fit {after.type} as they are"
    sample = f"SELECT {name} {lossy} LIMIT 5"
    return (Danger(Hazard.TYPE_NARROWED, text, count=f"SELECT count(*) {lossy}", sample=sample),)


def _widenings(item: Item, before: ColumnState, after: ColumnState) -> Iterator[Danger]:
    if set(after.grants) - set(before.grants):
        yield Danger(Hazard.PERMISSION_WIDENED, f"{item.table}.{item.name}: {literal('; '.join(after.grants))}")
    if after.is_nullable and not before.is_nullable:
        text = f"an application may meet NULL in {item.table}.{item.name}, where there never was any"
        yield Danger(Hazard.APPLICATION_BREAKS, text, count=f"SELECT count(*) FROM {relation(item.table)}")
