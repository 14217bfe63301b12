"""Tables of relationships: parent and child, two entities and their join table, from and to with a cardinality."""

import re

from asbuilt.document.blocks import Row, Table
from asbuilt.model.entities import RelationshipMention
from asbuilt.model.fact import Form, Stated
from asbuilt.reading.phrases.actions import action_in
from asbuilt.reading.phrases.cardinalities import MANY_TO_MANY, ONE_TO_MANY, Counts, cardinality_in, relation_in
from asbuilt.reading.phrases.pieces import bare, cell_at, is_empty, is_unfilled
from asbuilt.reading.reader import Context, Reading
from asbuilt.reading.tables.table_layouts import Layout, headings
from asbuilt.reading.tables.vocabulary import Role
from asbuilt.text import Excerpt


def read_relationships(table: Table, layout: Layout, context: Context) -> Reading:
    """Read a table with a relationship a row; where no cell tells how many, the heading does."""
    fallback = _counts_above(table, layout)
    found = [(row, _relationship(row, layout, fallback)) for row in table.rows]
    unread = tuple(row.span for row, one in found if one is None and not _is_unfilled(row))
    prose = tuple(row.span for row, one in found if one is None and _is_unfilled(row))
    return Reading(tuple(one for _, one in found if one), prose, unread)


def _is_unfilled(row: Row) -> bool:
    return is_empty(row) or any(is_unfilled(cell) for cell in row.cells)


def _counts_above(table: Table, layout: Layout) -> Counts | None:
    """A join table says many to many; a parent and a child say one to many."""
    said = next((counts for line in headings(table).split("\n") if (counts := cardinality_in(line))), None)
    if said:
        return said
    if layout.column(Role.JUNCTION) is not None:
        return MANY_TO_MANY
    header = table.header.cells[layout.column(Role.PARENT) or 0].text.text if Role.PARENT in layout.roles else ""
    return ONE_TO_MANY if re.match(r"parent|父|主|родител|부모|親|one", header.strip(), re.IGNORECASE) else None


def _relationship(row: Row, layout: Layout, fallback: Counts | None) -> RelationshipMention | None:
    ends = _ends(row, layout)
    if ends is None or _is_unfilled(row):
        return None
    left, right, said = ends
    kind = cell_at(row, layout.column(Role.CARDINALITY))
    counts = (cardinality_in(kind.text.text) if kind else None) or said or fallback
    if counts is None:
        return None
    return RelationshipMention(
        span=row.span,
        form=Form.TABLE,
        left=left.text,
        right=right.text,
        left_span=left.span(),
        right_span=right.span(),
        left_count=counts[0],
        right_count=counts[1],
        verb=_text(row, layout, Role.TEXT),
        via=_identifier(row, layout, Role.FOREIGN_KEY),
        junction=_identifier(row, layout, Role.JUNCTION),
        on_delete=_action(row, layout, Role.ON_DELETE),
        on_update=_action(row, layout, Role.ON_UPDATE),
    )


def _ends(row: Row, layout: Layout) -> tuple[Excerpt, Excerpt, Counts | None] | None:
    parent, child = cell_at(row, layout.column(Role.PARENT)), cell_at(row, layout.column(Role.CHILD))
    if parent and child:
        return _name(parent.text), _name(child.text), None
    for cell in row.cells:
        relation = relation_in(cell.text)
        if relation:
            around = " ".join(other.text.text for other in row.cells)
            return relation.left, relation.right, relation.counts or cardinality_in(around)
    return None


def _name(cell: Excerpt) -> Excerpt:
    gloss = re.search(r"\s*[(（]", cell.text)
    return bare(cell.cut(0, gloss.start()) if gloss and gloss.start() else cell)


def _text(row: Row, layout: Layout, role: Role) -> str:
    cell = cell_at(row, layout.column(role))
    return cell.text.text.strip() if cell else ""


def _identifier(row: Row, layout: Layout, role: Role) -> str | None:
    """Return the field or table that a cell names first: `user_id`, `orders.user_id`, `posts.user_id → users.id`."""
    found = re.match(r"`?(?:[A-Za-z_]\w*\.)?(?P<name>[A-Za-z_]\w*)", _text(row, layout, role))
    return found["name"] if found else None


def _action(row: Row, layout: Layout, role: Role) -> Stated[str] | None:
    cell = cell_at(row, layout.column(role))
    return action_in(cell.text) if cell else None
