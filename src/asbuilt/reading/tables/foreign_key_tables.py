"""Tables of foreign keys: `| Table | Column | References | On Delete | On Update |`."""

import re

from asbuilt.document.blocks import Row, Table
from asbuilt.model.entities import ForeignKeyMention
from asbuilt.model.fact import Form, Stated
from asbuilt.reading.phrases.actions import action_in
from asbuilt.reading.phrases.pieces import bare, cell_at, is_unfilled, names_in
from asbuilt.reading.phrases.placeholders import is_placeholder
from asbuilt.reading.reader import Context, Reading
from asbuilt.reading.tables.table_layouts import Layout
from asbuilt.reading.tables.vocabulary import Role
from asbuilt.text import Excerpt

_TARGET = re.compile(
    r"[`\"]?(?:\w+\.(?=\w+\.))?(?P<entity>[A-Za-z_]\w*)[`\"]?(?:\.[`\"]?(?P<column>\w+)[`\"]?|\s*\(\s*(?P<columns>[^()]+?)\s*\))?"
)


def read_foreign_keys(table: Table, layout: Layout, context: Context) -> Reading:
    """Read a table with a foreign key a row."""
    found = [(row, _foreign_key(row, layout, context)) for row in table.rows]
    unread = tuple(row.span for row, key in found if key is None and not _is_unfilled(row))
    prose = tuple(row.span for row, key in found if key is None and _is_unfilled(row))
    return Reading(tuple(key for _, key in found if key), prose, unread)


def _is_unfilled(row: Row) -> bool:
    told = [cell.text.text.strip() for cell in row.cells if cell.text.text.strip()]
    return not told or any(map(is_placeholder, told))


def _foreign_key(row: Row, layout: Layout, context: Context) -> ForeignKeyMention | None:
    target_cell, column_cell = cell_at(row, layout.column(Role.REFERENCES)), cell_at(row, layout.column(Role.FIELD))
    entity_cell = cell_at(row, layout.column(Role.ENTITY))
    target = _TARGET.fullmatch(bare(target_cell.text).text) if target_cell else None
    if target is None or target_cell is None or column_cell is None:
        return None
    owner, columns = _owner(column_cell.text, entity_cell.text if entity_cell else None, context)
    if not owner or not columns or is_unfilled(target_cell):
        return None
    return ForeignKeyMention(
        span=row.span,
        form=Form.TABLE,
        store=context.store,
        entity=owner,
        columns=columns,
        target=target["entity"],
        target_span=bare(target_cell.text).span(*target.span("entity")),
        target_columns=tuple(c.strip() for c in (target["column"] or target["columns"] or "").split(",") if c.strip()),
        on_delete=_action(row, layout, Role.ON_DELETE),
        on_update=_action(row, layout, Role.ON_UPDATE),
    )


def _owner(column: Excerpt, entity: Excerpt | None, context: Context) -> tuple[str, tuple[str, ...]]:
    """Return the table that holds the key, and its columns; `orders.user_id` says both."""
    dotted = re.fullmatch(r"(\w+)\.(\w+)", bare(column).text)
    if dotted:
        return dotted[1], (dotted[2],)
    names = names_in(column) or ()
    owner = bare(entity).text if entity else context.entity or ""
    return ("" if is_placeholder(owner) else owner), tuple(name.text for name in names)


def _action(row: Row, layout: Layout, role: Role) -> Stated[str] | None:
    cell = cell_at(row, layout.column(role))
    return action_in(cell.text) if cell else None
