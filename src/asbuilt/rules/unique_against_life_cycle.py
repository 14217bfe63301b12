"""A unique key counts rows that are cancelled or deleted softly.

**Why it matters.** `UNIQUE (seat_id)` with a *cancelled* state: once a booking is cancelled, the seat can never be sold
again.

**Example.** `seat_id UUID UNIQUE REFERENCES seats(id)` in a table with `status` in `('booked', 'cancelled')`.

**What to do.** Make it a unique index over the rows that count:
`CREATE UNIQUE INDEX … ON bookings (seat_id) WHERE status <> 'cancelled'`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.model.design import Design, Entity, Field
from asbuilt.model.entities import IndexMention
from asbuilt.model.fact import Form
from asbuilt.model.names import words
from asbuilt.model.types import Family
from asbuilt.rules.enum_values_contradiction import value_lists
from asbuilt.rules.lookup.keys import keys_to, whole_statement
from asbuilt.rules.lookup.spelling import sql_name, sql_names
from asbuilt.rules.lookup.uniqueness import without_uniqueness
from asbuilt.rules.lookup.wording import listed
from asbuilt.text import Span

_ENDED = frozenset(
    {"cancelled", "canceled", "deleted", "revoked", "expired", "refunded", "withdrawn", "void", "removed"}
)
_SOFT = frozenset({"deleted_at", "is_deleted", "deletedat", "removed_at", "cancelled_at", "canceled_at", "revoked_at"})


@dataclass(frozen=True, slots=True)
class _Ending:
    """The field that ends a row's life without deleting it, the words for it, and what holds for rows that live."""

    field: Field
    words: str
    condition: str


def check(design: Design) -> Iterator[Diagnostic]:
    for entity in design.tables():
        ending = _ending(design, entity) if not entity.is_assumed else None
        if ending:
            for columns, span in _unique_keys(entity):
                if _is_resource(entity, columns) and ending.field.name not in columns:
                    yield _finding(design, entity, columns, span, ending)


def _ending(design: Design, entity: Entity) -> _Ending | None:
    for field in entity.fields:
        if "_".join(words(field.name)) in _SOFT:
            return _Ending(field, f"`{field.name}`", _not_ended(field))
        for found in value_lists(design, entity, field):
            ended = [value for value in found.values if value.lower() in _ENDED]
            if ended:
                return _Ending(field, f"`{field.name}` may be `{ended[0]}`", _none_of(field, ended))
    return None


def _not_ended(field: Field) -> str:
    is_flag = field.type is not None and field.type.value.family == Family.BOOLEAN
    return f"NOT {sql_name(field.name)}" if is_flag else f"{sql_name(field.name)} IS NULL"


def _none_of(field: Field, ended: list[str]) -> str:
    literals = ["'" + value.replace("'", "''") + "'" for value in ended]
    if len(literals) > 1:
        return f"{sql_name(field.name)} NOT IN ({', '.join(literals)})"
    return f"{sql_name(field.name)} <> {literals[0]}"


def _unique_keys(entity: Entity) -> Iterator[tuple[tuple[str, ...], Span]]:
    for clause in entity.uniques:
        if not clause.predicate:
            yield clause.columns, clause.span
    for index in entity.indexes:
        if index.is_unique and not index.predicate and not any(key.is_expression for key in index.keys):
            yield tuple(key.text for key in index.keys), index.span
    known = {clause.columns for clause in entity.uniques}
    for field in entity.fields:
        mark = next((m.is_unique for m in field.mentions if m.is_unique and m.is_unique.value), None)
        if field.is_unique and mark and (field.name,) not in known:
            yield (field.name,), mark.span


def _is_resource(entity: Entity, columns: tuple[str, ...]) -> bool:
    """Tell whether the key says that something else is taken once: it has a reference, and is not the table's key."""
    keyed = {column for key in entity.foreign_keys for column in key.columns}
    return set(columns) != set(entity.primary_key) and any(column in keyed for column in columns)


def _finding(design: Design, entity: Entity, columns: tuple[str, ...], span: Span, ending: _Ending) -> Diagnostic:
    edits = _edits(design, entity, columns, span, ending)
    index = f"a unique index over the rows that count (`WHERE {ending.condition}`)"
    return Diagnostic(
        "unique_against_life_cycle",
        Severity.WARNING,
        f"{listed(columns)} of `{entity.name}` {'stay' if len(columns) > 1 else 'stays'} taken when its row has ended: {ending.words}",
        (Label(span, "unique for ever"), Label(ending.field.mentions[0].span, "ends a row without deleting it")),
        f"make it {index}",
        (Fix(f"make it {index}", edits),) if edits else (),
    )


def _edits(design: Design, entity: Entity, columns: tuple[str, ...], span: Span, ending: _Ending) -> tuple[Edit, ...]:
    """Return the edits that put a partial unique index in the place of the key; none where a reference leads to it."""
    index = next((i for i in entity.indexes if i.span == span and i.form == Form.SQL), None)
    if index:
        return (Edit(Span(span.end, span.end), f" WHERE {ending.condition}"),)
    removed = without_uniqueness(design, entity, columns)
    is_referenced = any(
        set(key.target_columns) == set(columns)
        for child in design.children_of(entity)
        for key in keys_to(child, entity)
    )
    whole = whole_statement(design, Span(removed[0].span.start, removed[0].span.start)) if removed else None
    name = f"uq_{entity.name}_{'_'.join(columns)}"
    if whole is None or is_referenced or any(index.name == name for index in design.of(IndexMention)):
        return ()
    table = sql_name(entity.name) if not entity.schema else f"{sql_name(entity.schema)}.{sql_name(entity.name)}"
    create = f"CREATE UNIQUE INDEX {sql_name(name)} ON {table} ({sql_names(columns)}) WHERE {ending.condition};\n"
    return (*removed, Edit(Span(whole.end, whole.end), create))
