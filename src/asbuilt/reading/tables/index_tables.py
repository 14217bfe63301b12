"""Tables of indexes: `| Table | Index Type | Columns | Purpose |`, `| Index | Columns | Type |`."""

import re

from asbuilt.document.blocks import Row, Table
from asbuilt.model.entities import IndexMention
from asbuilt.model.fact import Form
from asbuilt.reading.phrases.index_keys import FUNCTIONS, keys_in, method_in, says_unique
from asbuilt.reading.phrases.pieces import bare, cell_at, is_empty, is_unfilled
from asbuilt.reading.reader import Context, Reading
from asbuilt.reading.tables.table_layouts import Layout
from asbuilt.reading.tables.vocabulary import Role
from asbuilt.text import Excerpt

_OWNED = re.compile(r"(?P<entity>[A-Za-z_]\w*)\s*(?P<keys>\(.*\))\s*", re.DOTALL)
_DOTTED = re.compile(r"(?P<entity>[A-Za-z_]\w*)\.(?P<keys>[A-Za-z_]\w*|\(.*\))")


def read_indexes(table: Table, layout: Layout, context: Context) -> Reading:
    """Read a table with an index a row."""
    found = [(row, _index(row, layout, context)) for row in table.rows]
    unread = tuple(row.span for row, index in found if index is None and not _is_unfilled(row))
    prose = tuple(row.span for row, index in found if index is None and _is_unfilled(row))
    return Reading(tuple(index for _, index in found if index), prose, unread)


def _is_unfilled(row: Row) -> bool:
    return is_empty(row) or any(is_unfilled(cell) for cell in row.cells)


def _index(row: Row, layout: Layout, context: Context) -> IndexMention | None:
    cell = cell_at(row, layout.column(Role.FIELDS))
    if cell is None or _is_unfilled(row):
        return None
    owner, listed = _owner(cell.text, row, layout, context)
    keys = keys_in(listed)
    if not owner or keys is None:
        return None
    kinds = " ".join(_text(row, layout, role) for role in (Role.METHOD, Role.UNIQUE))
    name = bare(cell_.text).text if (cell_ := cell_at(row, layout.column(Role.INDEX))) else ""
    return IndexMention(
        span=row.span,
        form=Form.TABLE,
        store=context.store,
        entity=owner,
        name=name if re.fullmatch(r"[A-Za-z_]\w*", name) and not says_unique(name) else None,
        keys=keys,
        method=method_in(kinds),
        is_unique=says_unique(kinds) or _is_yes(_text(row, layout, Role.UNIQUE)),
        rationale=_text(row, layout, Role.TEXT),
    )


def _owner(listed: Excerpt, row: Row, layout: Layout, context: Context) -> tuple[str, Excerpt]:
    """Return the entity and the list of keys; `users(email)` and `users.email` name it in the list itself."""
    entity = cell_at(row, layout.column(Role.ENTITY))
    if entity is not None:
        return bare(entity.text).text, listed
    text = bare(listed)
    owned = _DOTTED.fullmatch(text.text) or _OWNED.fullmatch(text.text)
    if owned and owned["entity"].lower() not in FUNCTIONS:
        return owned["entity"], text.cut(*owned.span("keys"))
    return context.entity or "", listed


def _text(row: Row, layout: Layout, role: Role) -> str:
    cell = cell_at(row, layout.column(role))
    return cell.text.text.strip() if cell else ""


def _is_yes(text: str) -> bool:
    return re.fullmatch(r"(?:✓|✔|✅|yes|y|true|是|да|예|はい|sí|sim|evet|ya|o)[️\s]*", text, re.IGNORECASE) is not None
