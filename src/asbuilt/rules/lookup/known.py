"""What statements need and the document does not have."""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic
from asbuilt.model.design import Design, Entity
from asbuilt.model.names import normal
from asbuilt.model.sql import Need, Role, SqlStatement
from asbuilt.rules.lookup.sql_columns import columns_named
from asbuilt.rules.lookup.wording import not_found, table_names
from asbuilt.text import Span

_RELATIONS = frozenset({"table", "view", "materialized view", "foreign table", "sequence", "function"})
_SYSTEM = ("pg_", "information_schema", "sqlite_", "sys")
_AMENDING = ("alter table", "drop", "comment", "grant", "revoke")


def missing(code: str, design: Design, roles: frozenset[Role]) -> Iterator[Diagnostic]:
    """Yield a finding for each table or column that a statement of one of `roles` needs and nothing defines."""
    yield from missing_tables(code, design, roles)
    yield from missing_columns(code, design, roles)


def missing_tables(code: str, design: Design, roles: frozenset[Role]) -> Iterator[Diagnostic]:
    made = {normal(made.name) for s in design.of(SqlStatement) for made in s.creates if made.kind in _RELATIONS}
    for statement in _statements(design, roles):
        for need in statement.needs:
            if need.name.kind == "table" and not _is_known(design, need, made):
                message = f"`{need.name.name}` is nowhere defined"
                yield not_found(code, message, need.span, need.name.name, table_names(design), design)


def missing_columns(code: str, design: Design, roles: frozenset[Role]) -> Iterator[Diagnostic]:
    for statement in _statements(design, roles):
        seen: set[str] = set()
        for table, column, span in _columns(statement):
            entity = design.entity(table)
            if entity is None or not is_closed(entity) or column in _ROW or column in seen:
                continue
            if not has_column(entity, column) and statement.kind != "create table":
                seen.add(column)
                message = f"`{entity.name}` has no column `{column}`"
                yield not_found(code, message, span, column, [f.name for f in entity.fields], design)


def _statements(design: Design, roles: frozenset[Role]) -> Iterator[SqlStatement]:
    return (s for s in design.of(SqlStatement) if s.role in roles and s.dialect == "postgresql")


def _columns(statement: SqlStatement) -> Iterator[tuple[str, str, Span]]:
    """Yield table, column and place, of what a statement needs and does not amend."""
    if not statement.kind.startswith(_AMENDING):
        for need in statement.needs:
            if need.name.kind == "column" and need.name.table:
                schema = f"{need.name.schema}." if need.name.schema else ""
                yield schema + need.name.table, need.name.name, need.span
    yield from columns_named(statement)


_ROW = frozenset({"*", "ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"})


def _is_known(design: Design, need: Need, made: set[str]) -> bool:
    name = need.name
    if name.name.startswith(_SYSTEM) or (name.schema and name.schema != "public"):
        return True
    entity = design.entity(name.name)
    return normal(name.name) in made or (entity is not None and not entity.is_assumed)


def is_closed(entity: Entity) -> bool:
    """Tell whether the document lists the fields of an entity, so that a missing one is missing."""
    return bool(entity.fields) and not entity.is_external and not entity.is_assumed and _has_list(entity)


def _has_list(entity: Entity) -> bool:
    return any(m.is_complete for m in entity.mentions)


def has_column(entity: Entity, name: str) -> bool:
    """Tell whether some place gives the entity that column, even if it was dropped since."""
    wanted = normal(name)
    return entity.field(name) is not None or any(normal(f.name) == wanted for m in entity.mentions for f in m.fields)
