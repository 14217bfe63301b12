"""An index repeats what a primary key or a unique constraint has already.

**Why it matters.** PostgreSQL builds a unique index for each of those; the second one costs every write and serves
nothing.

**Example.** `email VARCHAR(255) UNIQUE` and `CREATE INDEX idx_users_email ON users (email)`.

**What to do.** Drop the index. Where a query is said to be served by it, name the constraint's index instead
(`users_email_key`).
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.model.design import Design, Entity
from asbuilt.model.entities import IndexMention
from asbuilt.model.fact import Form
from asbuilt.model.sql import QueryPattern
from asbuilt.rules.lookup.definitions import removed
from asbuilt.text import Span


def check(design: Design) -> Iterator[Diagnostic]:
    for entity in design.tables():
        for index in entity.indexes:
            if index.is_unique or index.predicate or index.include or index.method not in (None, "btree"):
                continue
            place = _unique_place(entity, index)
            if place and place != index.span and not any(k.is_expression or k.opclass for k in index.keys):
                columns = ", ".join(key.text for key in index.keys)
                yield _finding(design, entity, index, f"`{entity.name} ({columns})`", place)


def _unique_place(entity: Entity, index: IndexMention) -> Span | None:
    """Return where the index's columns, in its order, are said to be unique."""
    columns = tuple(key.text for key in index.keys)
    if columns == entity.primary_key:
        return entity.primary_keys[0].span if entity.primary_keys else _field_span(entity, columns[0])
    clause = next((u for u in entity.uniques if u.columns == columns and not u.predicate), None)
    if clause:
        return clause.span
    field = entity.field(columns[0]) if len(columns) == 1 else None
    return _field_span(entity, columns[0]) if field and field.is_unique else None


def _field_span(entity: Entity, column: str) -> Span | None:
    field = entity.field(column)
    if field is None:
        return None
    marks = [m.is_unique or m.is_primary for m in field.mentions]
    return next((mark.span for mark in marks if mark), field.span)


def _finding(design: Design, entity: Entity, index: IndexMention, subject: str, place: Span) -> Diagnostic:
    taken = removed(design, index.span)
    edits = (*taken, *_renamed(design, entity, index)) if taken else ()
    fixes = (Fix("drop the index", edits),) if edits else ()
    labels = (Label(index.span, "this index"), Label(place, "unique already, so indexed"))
    message = f"{subject} is indexed already, for it is unique"
    severity = Severity.WARNING if index.form == Form.SQL else Severity.INFO
    return Diagnostic("index_on_unique", severity, message, labels, "drop the index", fixes)


def _renamed(design: Design, entity: Entity, index: IndexMention) -> Iterator[Edit]:
    """Let the queries that the index is said to serve name the constraint's own index instead."""
    columns = tuple(key.text for key in index.keys)
    clauses = [*entity.primary_keys, *entity.uniques]
    named = next((c.name for c in clauses if c.columns == columns and c.name), None)
    usual = f"{entity.name}_pkey" if columns == entity.primary_key else f"{entity.name}_{'_'.join(columns)}_key"
    for pattern in design.of(QueryPattern):
        yield from (Edit(span, named or usual) for name, span in pattern.served_by if name == index.name)
