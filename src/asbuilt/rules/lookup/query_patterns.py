"""What a query pattern's tables and indexes are, as far as the document defines them all."""

from collections.abc import Iterable, Iterator

from asbuilt.model.design import Design, Entity
from asbuilt.model.entities import IndexMention, Store
from asbuilt.model.names import normal
from asbuilt.model.sql import QueryPattern
from asbuilt.reading.sql.expressions import columns_of, functions_of
from asbuilt.reading.sql.shapes import Shape, shape_of
from asbuilt.rules.lookup.known import is_closed
from asbuilt.text import Span


def tables_of(design: Design, shape: Shape) -> dict[str, Entity] | None:
    """Return the query's tables by alias; None where one of them is a view, external, or not listed in full."""
    found: dict[str, Entity] = {}
    for alias, table in shape.sources:
        entity = design.entity(table)
        if entity is None or not is_closed(entity) or not entity.is_in_sql:
            return None
        found[alias] = entity
    return found or None


def served(design: Design) -> Iterator[tuple[QueryPattern, Shape, str, Span]]:
    """Yield each query pattern with an index that is said to serve it."""
    for pattern in design.of(QueryPattern):
        shape = shape_of(pattern.statement.sql)
        if shape is not None and pattern.statement.dialect == "postgresql":
            yield from ((pattern, shape, name, span) for name, span in pattern.served_by)


def indexes_by_name(design: Design) -> dict[str, IndexMention]:
    """Return the named indexes of the relational store by their names in lower case."""
    mentions = design.shaping_of(IndexMention)
    return {m.name.lower(): m for m in mentions if m.name and m.store == Store.RELATIONAL}


def why_it_cannot(design: Design, shape: Shape, index: IndexMention) -> str:
    """Return why the index is of no use to the query; nothing where it may be, or nobody can tell."""
    tables = tables_of(design, shape)
    entity = design.entity(index.entity)
    if tables is None or entity is None or not index.keys:
        return ""
    if entity not in tables.values():
        return f"it is on `{entity.name}`, which the query does not read"
    named = [column for _, column in shape.finding]
    if named and index.predicate and (missing := [c for c in columns_of(index.predicate) if not is_among(c, named)]):
        return f"it holds only rows `{index.predicate}`, and the query says nothing of `{missing[0]}`"
    return "" if index.method not in (None, "btree") and len(index.keys) > 1 else _leading(shape, index, named)


def _leading(shape: Shape, index: IndexMention, named: list[str]) -> str:
    key = index.keys[0]
    if not key.is_expression:
        return (
            "" if is_among(key.text, named) else f"the query does not find or order by `{key.text}`, its first column"
        )
    functions = {normal(f.rpartition(".")[2]) for f in functions_of(key.text)}
    missing = functions - {normal(f) for f in shape.functions}
    return f"the query does not repeat its expression `{key.text}`" if missing else ""


def is_among(column: str, names: Iterable[str]) -> bool:
    return normal(column) in {normal(name) for name in names}
