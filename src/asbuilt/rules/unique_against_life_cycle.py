"""A unique key counts rows that are cancelled or deleted softly.

**Why it matters.** `UNIQUE (seat_id)` with a *cancelled* state: once a booking is cancelled, the seat can never be sold
again.

**Example.** `seat_id UUID UNIQUE REFERENCES seats(id)` in a table with `status` in `('booked', 'cancelled')`.

**What to do.** Make it a unique index over the rows that count:
`CREATE UNIQUE INDEX … ON bookings (seat_id) WHERE status <> 'cancelled'`.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.design import Design, Entity, Field
from asbuilt.model.names import words
from asbuilt.rules.enum_values_contradiction import value_lists
from asbuilt.rules.lookup.wording import listed
from asbuilt.text import Span

_ENDED = frozenset(
    {"cancelled", "canceled", "deleted", "revoked", "expired", "refunded", "withdrawn", "void", "removed"}
)
_SOFT = frozenset({"deleted_at", "is_deleted", "deletedat", "removed_at", "cancelled_at", "canceled_at", "revoked_at"})


def check(design: Design) -> Iterator[Diagnostic]:
    for entity in design.tables():
        ending = _ending(design, entity) if not entity.is_assumed else None
        if ending:
            for columns, span in _unique_keys(entity):
                if _is_resource(entity, columns) and ending[0].name not in columns:
                    yield _finding(entity, columns, span, *ending)


def _ending(design: Design, entity: Entity) -> tuple[Field, str] | None:
    """Return the field that ends a row's life without deleting it, and the words for it."""
    for field in entity.fields:
        if "_".join(words(field.name)) in _SOFT:
            return field, f"`{field.name}`"
        for found in value_lists(design, entity, field):
            ended = next((value for value in found.values if value.lower() in _ENDED), None)
            if ended:
                return field, f"`{field.name}` may be `{ended}`"
    return None


def _unique_keys(entity: Entity) -> Iterator[tuple[tuple[str, ...], Span]]:
    for clause in entity.uniques:
        if not clause.predicate:
            yield clause.columns, clause.span
    known = {clause.columns for clause in entity.uniques}
    for field in entity.fields:
        mark = next((m.is_unique for m in field.mentions if m.is_unique and m.is_unique.value), None)
        if field.is_unique and mark and (field.name,) not in known:
            yield (field.name,), mark.span


def _is_resource(entity: Entity, columns: tuple[str, ...]) -> bool:
    """Tell whether the key says that something else is taken once: it has a reference, and is not the table's key."""
    keyed = {column for key in entity.foreign_keys for column in key.columns}
    return set(columns) != set(entity.primary_key) and any(column in keyed for column in columns)


def _finding(entity: Entity, columns: tuple[str, ...], span: Span, field: Field, words: str) -> Diagnostic:
    return Diagnostic(
        "unique_against_life_cycle",
        Severity.WARNING,
        f"{listed(columns)} of `{entity.name}` stays taken when its row has ended: {words}",
        (Label(span, "unique for ever"), Label(field.mentions[0].span, "ends a row without deleting it")),
        f"make it a unique index over the rows that count (`WHERE …` on `{field.name}`)",
    )
