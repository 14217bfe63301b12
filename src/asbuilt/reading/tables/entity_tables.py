"""Tables with a row per entity: its name, perhaps its key fields, and what it is for."""

from collections.abc import Iterator

from asbuilt.document.blocks import Row, Table
from asbuilt.model.entities import EntityMention, FieldMention
from asbuilt.model.fact import Form
from asbuilt.reading.lists.listed_fields import listed_fields
from asbuilt.reading.phrases.pieces import cell_at, is_unfilled, names_in
from asbuilt.reading.reader import Context, Reading
from asbuilt.reading.tables.table_layouts import Layout
from asbuilt.reading.tables.vocabulary import Role


def read_entities(table: Table, layout: Layout, context: Context) -> Reading:
    """Read an overview of entities (`| Table | Key fields | Purpose |`); it lists no entity's fields completely."""
    found = [(row, tuple(_entities_of(row, layout, context))) for row in table.rows]
    facts = tuple(entity for _, entities in found for entity in entities)
    return Reading(facts, prose=tuple(row.span for row, entities in found if not entities))


def _entities_of(row: Row, layout: Layout, context: Context) -> Iterator[EntityMention]:
    cell = cell_at(row, layout.column(Role.ENTITY))
    names = None if cell is None or is_unfilled(cell) else names_in(cell.text)
    purpose = cell_at(row, layout.column(Role.TEXT))
    for name in names or ():
        yield EntityMention(
            span=row.span,
            form=Form.LISTING,
            name=name.text,
            name_span=name.span(),
            fields=_fields_of(row, layout) if names and len(names) == 1 else (),
            is_planned=context.is_planned,
            store=context.store,
            purpose=purpose.text.text.strip() if purpose and len(names or ()) == 1 else "",
        )


def _fields_of(row: Row, layout: Layout) -> tuple[FieldMention, ...]:
    cell = cell_at(row, layout.column(Role.FIELDS))
    return listed_fields(cell.text, Form.LISTING) or () if cell else ()
