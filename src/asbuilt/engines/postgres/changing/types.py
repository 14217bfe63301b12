"""Types: labels added in place; what PostgreSQL cannot change in place is made anew and its columns follow."""

import re
from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.changes import Change, Danger, Hazard, Operation
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.changing import keeping
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.postgres.quoting import identifier, literal, relation
from asbuilt.engines.state import ColumnState, Item, ObjectState

_LABEL = re.compile(r"'((?:[^']|'')*)'")


def labels(enum: ObjectState) -> tuple[str, ...]:
    return tuple(label.replace("''", "'") for label in _LABEL.findall(enum.definition))


def is_made_anew(before: ObjectState, after: ObjectState) -> bool:
    """Tell whether the type cannot be changed in place: labels that go or move, another base, other attributes."""
    if before.kind == "enum":
        kept = [label for label in labels(after) if label in labels(before)]
        return kept != list(labels(before))
    if before.kind == "domain":
        return domain_base(before) != domain_base(after)
    return before.definition != after.definition


def domain_base(domain: ObjectState) -> str:
    """Return what a domain is of, its collation included: what cannot be altered."""
    return re.split(r" (?:DEFAULT|NOT NULL|CONSTRAINT) ?", domain.definition, maxsplit=1)[0]


def altered(change: Change, ground: Ground) -> Iterator[Operation]:
    """Yield what changes an enum, a domain, a range or a composite type."""
    before, after = change.before, change.after
    assert isinstance(before, ObjectState)
    assert isinstance(after, ObjectState)
    if before.definition != after.definition:
        if is_made_anew(before, after):
            yield _made_anew(change.item, before, after, ground)
        elif before.kind == "enum":
            yield _extended(change.item, before, after, ground)
        else:
            forward = tuple(defining.domain_change(before, after))
            back = tuple(defining.domain_change(after, before))
            dangers = tuple(_against_checks(before, after, columns_of(change.item, ground)))
            yield Operation(
                f"change domain {after.name}", forward, back, touches=frozenset({change.item}), dangers=dangers
            )


def _against_checks(
    before: ObjectState, after: ObjectState, columns: list[tuple[str, ColumnState]]
) -> Iterator[Danger]:
    """Yield what rows may have against the checks that a domain gets: all columns of its type are looked through."""
    for name, condition in defining.domain_checks(after).items():
        if defining.domain_checks(before).get(name) == condition:
            continue
        for table, column in columns:
            kept = identifier(column.name).join(re.split(r"\bVALUE\b", condition.removeprefix("CHECK ")))
            count = f"SELECT count(*) FROM {relation(table)} WHERE NOT {kept}"
            text = f"values of {table}.{column.name} may not keep {name} of domain {after.name}"
            yield Danger(Hazard.CONSTRAINT_OVER_EXISTING_ROWS, text, count=count)


def _extended(item: Item, before: ObjectState, after: ObjectState, ground: Ground) -> Operation:
    """Return the operation that adds labels; going back makes the type anew, as labels cannot be dropped."""
    known = list(labels(before))
    statements = []
    for at, label in enumerate(labels(after)):
        if label not in known:
            place = f" BEFORE {literal(known[at])}" if at < len(known) else ""
            statements.append(f"ALTER TYPE {relation(after.name)} ADD VALUE {literal(label)}{place}")
            known.insert(at, label)
    back = _anew(after, before, columns_of(item, ground))
    return Operation(f"add values to {after.name}", tuple(statements), back, touches=frozenset({item}))


def _made_anew(item: Item, before: ObjectState, after: ObjectState, ground: Ground) -> Operation:
    columns = columns_of(item, ground)
    tables = sorted({table for table, _ in columns})
    dangers = [
        Danger(Hazard.TABLE_REWRITTEN, f"every row of {table} is written anew", count=f"SELECT count(*) FROM {relation(table)}")
        for table in tables
    ]  # fmt: skip
    if before.kind == "enum":
        dangers += [danger for place in columns if (danger := lost_labels(before, after, *place))]
    return Operation(
        f"make type {after.name} anew",
        _anew(before, after, columns),
        _anew(after, before, columns),
        touches=frozenset({item}),
        dangers=tuple(dangers),
        at_once=f"two types cannot have the name {after.name}" if columns and before.kind != "enum" else "",
    )


def lost_labels(before: ObjectState, after: ObjectState, table: str, column: ColumnState) -> Danger | None:
    """Return the danger that rows hold labels that go, with which and how often; None where none goes."""
    gone = [label for label in labels(before) if label not in labels(after)]
    if not gone:
        return None
    listed, name = ", ".join(map(literal, gone)), identifier(column.name)
    held = f"{name} && ARRAY[{listed}]::{column.type}" if column.type.endswith("[]") else f"{name} IN ({listed})"
    rows = f"FROM {relation(table)} WHERE {held}"
    return Danger(
        Hazard.CONSTRAINT_OVER_EXISTING_ROWS,
        f"rows of {table} hold a value in {column.name} that {before.name} has no more ({', '.join(gone)})",
        count=f"SELECT count(*) {rows}",
        sample=f"SELECT {name}, count(*) {rows} GROUP BY 1 ORDER BY 1 LIMIT 5",
    )


def columns_of(item: Item, ground: Ground) -> list[tuple[str, ColumnState]]:
    """Return the columns of a type that stay, with their tables; those of partitions follow their parent's."""
    found = []
    for user in ground.dependants.get(item, ()):
        table = ground.before.tables.get(user.table) if user.kind == "column" else None
        column = table.column(user.name) if table else None
        stays = user.table in ground.after.tables and ground.after.tables[user.table].column(user.name)
        if table and column and stays and table.partition_bound is None and is_of(column, item):
            found.append((user.table, column))
    return found


def is_of(column: ColumnState, item: Item) -> bool:
    """Tell whether a column's type is the one of that name, or an array of it."""
    return column.type.removesuffix("[]").replace('"', "") == item.name


def _anew(before: ObjectState, after: ObjectState, columns: list[tuple[str, ColumnState]]) -> tuple[str, ...]:
    """Return the statements: the old type renamed, the new one made, the columns turned over by their text, the old one gone.

    A range has functions of its name: it goes first, the columns being text meanwhile.
    """
    if before.kind == "range":
        apart = [
            s for table, column in columns for s in _turned(table, column, replace(column, type="text", default=None))
        ]
        back = [s for table, column in columns for s in _turned(table, replace(column, default=None), column)]
        return (*apart, defining.drop_object(before), *defining.create_object(after), *back)
    old = f"asbuilt_old_{before.name.rpartition('.')[2]}"[:63]
    schema, dot, _ = before.name.rpartition(".")
    old_name = f"{identifier(schema)}.{identifier(old)}" if dot else identifier(old)
    kind = "DOMAIN" if before.kind == "domain" else "TYPE"
    return (
        f"ALTER {kind} {relation(before.name)} RENAME TO {identifier(old)}",
        *defining.create_object(after),
        *(statement for table, column in columns for statement in _turned(table, column, column)),
        f"DROP {kind} {old_name}",
    )


def _turned(table: str, before: ColumnState, after: ColumnState) -> Iterator[str]:
    words = f"ALTER TABLE {relation(table)} ALTER COLUMN {identifier(after.name)}"
    if before.default is not None:
        yield f"{words} DROP DEFAULT"
    yield f"{words} TYPE {after.type} USING {identifier(after.name)}::text::{after.type}"
    if after.default is not None:
        yield f"{words} SET DEFAULT {after.default}"


def dropped(item: Item, before: ObjectState, ground: Ground) -> Operation:
    """Return the operation that puts a type aside: a table that is kept aside may need it."""
    kept = keeping.move("domain" if before.kind == "domain" else "type", before.name, ground.kept)
    return Operation(f"drop {before.kind} {before.name}", kept.keep, kept.restore, removes=frozenset({item}))
