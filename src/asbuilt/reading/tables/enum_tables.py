"""Tables of an enumeration's values: `| Value | Description |` under a heading that names it."""

from asbuilt.document.blocks import Table
from asbuilt.model.entities import EnumMention, EnumValue
from asbuilt.model.fact import Form
from asbuilt.reading.phrases.enum_names import enum_named
from asbuilt.reading.phrases.pieces import bare, cell_at, is_unfilled
from asbuilt.reading.reader import Context, Reading
from asbuilt.reading.tables.table_layouts import Layout
from asbuilt.reading.tables.vocabulary import Role


def read_values(table: Table, layout: Layout, context: Context) -> Reading | None:
    """Read a table with a value a row, where a heading or label says whose values they are."""
    cells = [cell_at(row, layout.column(Role.VALUES)) for row in table.rows]
    values = tuple(
        EnumValue(value.text, value.span())
        for cell in cells
        if cell and not is_unfilled(cell) and (value := bare(cell.text)).text
    )
    name = enum_named(table.label, table.path)
    if name is None:
        return None
    if not values:
        return Reading(prose=(table.span,))
    return Reading(
        (EnumMention(span=table.span, form=Form.TABLE, name=name.text, name_span=name.span(), values=values),)
    )
