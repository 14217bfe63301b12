"""A query pattern names a column that none of its tables has.

**Why it matters.** The query fails; the code written after it fails as well.

**Example.** `SELECT * FROM bookings WHERE user_id = ? ORDER BY start_time`, and `bookings` has no `start_time`.

**What to do.** Correct the name, or add the column.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic
from asbuilt.model.design import Design, Entity
from asbuilt.model.sql import QueryPattern
from asbuilt.reading.sql.shapes import Shape, shape_of
from asbuilt.rules.lookup.known import has_column
from asbuilt.rules.lookup.query_patterns import column_place, tables_of
from asbuilt.rules.lookup.wording import field_names, listed, not_found

_ROW = frozenset({"ctid", "xmin", "xmax", "tableoid", "excluded"})


def check(design: Design) -> Iterator[Diagnostic]:
    for pattern in design.of(QueryPattern):
        shape = shape_of(pattern.statement.sql)
        if shape is None or not shape.is_plain or pattern.statement.dialect != "postgresql":
            continue
        tables = tables_of(design, shape)
        if tables is not None:
            yield from _missing(design, pattern, shape, tables)


def _missing(design: Design, pattern: QueryPattern, shape: Shape, tables: dict[str, Entity]) -> Iterator[Diagnostic]:
    for qualifier, column in shape.named:
        asked = [tables[qualifier]] if qualifier in tables else list(tables.values()) if qualifier is None else []
        if not asked or column in _ROW or column in shape.outputs or column in tables:
            continue
        if not any(has_column(entity, column) for entity in asked):
            message = f"{listed(dict.fromkeys(e.name for e in asked))} has no column `{column}`"
            known = [name for entity in asked for name in field_names(entity)]
            place = column_place(pattern, qualifier, column)
            yield not_found("query_names_unknown", message, place, column, known, design, help="correct the name")
