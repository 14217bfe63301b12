"""A query pattern says that an index serves it, and the document has no such index.

**Why it matters.** The query reads the whole table.

**Example.** `-- Optimized by: idx_bookings_user`, and nothing creates `idx_bookings_user`.

**What to do.** Correct the name, or create the index; the fix creates one over the columns that the query compares.
"""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.model.design import Design, Entity
from asbuilt.model.entities import ConstraintMention, EntityMention
from asbuilt.model.fact import Form
from asbuilt.model.names import did_you_mean
from asbuilt.reading.sql.shapes import Shape
from asbuilt.rules.lookup.keys import whole_statement
from asbuilt.rules.lookup.query_patterns import indexes_by_name, served, tables_of, why_it_cannot
from asbuilt.text import Span

_IMPLIED = re.compile(r"_(?:pkey|key|excl|idx)$|^(?:primary|pk|unique)\b", re.IGNORECASE)
_NAME = re.compile(r"[a-z_]\w*", re.IGNORECASE)


def check(design: Design) -> Iterator[Diagnostic]:
    known = indexes_by_name(design)
    constraints = {c.name.lower() for c in design.shaping_of(ConstraintMention) if c.name}
    for _, shape, name, span in served(design):
        is_known = name.lower() in known or name.lower() in constraints or _IMPLIED.search(name)
        if not is_known and _NAME.fullmatch(name) and design.entity(name) is None:
            fitting = [n for n, index in known.items() if not why_it_cannot(design, shape, index)]
            yield _finding(design, shape, name, span, did_you_mean(name, fitting))


def _finding(design: Design, shape: Shape, name: str, span: Span, meant: str | None) -> Diagnostic:
    message = f"there is no index `{name}`"
    help = f"create `{name}`, or name the index that serves the query"
    fixes = _creation(design, shape, name)
    if meant:
        fixes = (Fix(f"write `{meant}`", (Edit(span, meant),)),)
        help = f"did you mean `{meant}`?"
    return Diagnostic("query_index_unknown", Severity.ERROR, message, (Label(span),), help, fixes)


def _creation(design: Design, shape: Shape, name: str) -> tuple[Fix, ...]:
    """Return the fix that creates the index over what the query compares by `=` and orders by."""
    tables = tables_of(design, shape) if shape.is_plain else None
    if tables is None or len(tables) != 1:
        return ()
    entity = next(iter(tables.values()))
    columns = dict.fromkeys(f.name for _, c in (*shape.equal, *shape.ordered) if (f := entity.field(c)))
    place = _behind(design, entity)
    if not columns or place is None:
        return ()
    text = f"\nCREATE INDEX {name} ON {entity.name} ({', '.join(columns)});\n"
    return (Fix(f"create `{name}`", (Edit(Span(place, place), text),)),)


def _behind(design: Design, entity: Entity) -> int | None:
    """Return the end of the statement that creates the table."""
    for mention in design.shaping_of(EntityMention):
        if mention.form == Form.SQL and design.entity(mention.name) is entity:
            whole = whole_statement(design, mention.span)
            return whole.end if whole else None
    return None
