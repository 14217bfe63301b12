"""Tables of an enumeration's values: `| Value | Description |` under a heading that names it."""

from asbuilt.document.blocks import Block, Table
from asbuilt.model.entities import EnumMention, EnumValue
from asbuilt.model.fact import Form
from asbuilt.reading.enum_names import enum_named
from asbuilt.reading.pieces import bare, cell_at, is_unfilled
from asbuilt.reading.reader import Context, Reading
from asbuilt.reading.table_layouts import TableKind, layout_of
from asbuilt.reading.vocabulary import Role


def read_enum_table(block: Block, context: Context) -> Reading | None:
    """Read a table with a value a row, where a heading or label says whose values they are."""
    if not isinstance(block, Table):
        return None
    layout = layout_of(block, context)
    if layout.kind != TableKind.VALUES:
        return None
    cells = [cell_at(row, layout.column(Role.VALUES)) for row in block.rows]
    values = tuple(
        EnumValue(value.text, value.span())
        for cell in cells
        if cell and not is_unfilled(cell) and (value := bare(cell.text)).text
    )
    name = enum_named(block.label, block.path)
    if name is None:
        return None
    if not values:
        return Reading(prose=(block.span,))
    return Reading(
        (EnumMention(span=block.span, form=Form.TABLE, name=name.text, name_span=name.span(), values=values),)
    )
