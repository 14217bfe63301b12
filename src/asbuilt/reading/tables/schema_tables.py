"""Tables about the schema: which kind a table is, decided once, and the reader of that kind."""

from collections.abc import Callable

from asbuilt.document.blocks import Block, Table
from asbuilt.reading.reader import Context, Reading
from asbuilt.reading.standing import is_other_dialect
from asbuilt.reading.tables.entity_tables import read_entities
from asbuilt.reading.tables.enum_tables import read_values
from asbuilt.reading.tables.field_tables import read_fields
from asbuilt.reading.tables.foreign_key_tables import read_foreign_keys
from asbuilt.reading.tables.index_tables import read_indexes
from asbuilt.reading.tables.relationship_tables import read_relationships
from asbuilt.reading.tables.table_layouts import Layout, TableKind, layout_of

_READERS: dict[TableKind, Callable[[Table, Layout, Context], Reading | None]] = {
    TableKind.FIELDS: read_fields,
    TableKind.ENTITIES: read_entities,
    TableKind.RELATIONSHIPS: read_relationships,
    TableKind.FOREIGN_KEYS: read_foreign_keys,
    TableKind.INDEXES: read_indexes,
    TableKind.VALUES: read_values,
}


def read_schema_table(block: Block, context: Context) -> Reading | None:
    """Read a table of fields, entities, relationships, foreign keys, indexes or values, by what its cells hold.

    Example: `| email | varchar(255) | NOT NULL |` under the heading `users` is a field of `users`.
    """
    if not isinstance(block, Table):
        return None
    layout = layout_of(block, context)
    read = _READERS.get(layout.kind)
    if read is None:
        return None
    return Reading(prose=(block.span,)) if is_other_dialect(context) else read(block, layout, context)
