"""What statements need and the document does not have."""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Severity
from asbuilt.model.design import Design, Entity
from asbuilt.model.names import normal
from asbuilt.model.sql import Need, Role, SqlStatement
from asbuilt.rules.lookup.wording import field_names, listed, not_found, table_names
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
    types = {normal(made.name) for s in design.of(SqlStatement) for made in s.creates if made.kind == "type"}
    for statement in _statements(design, roles):
        known = made | types if statement.kind == "comment" else made
        for need in statement.needs:
            if need.name.kind == "table" and not _is_known(design, need, known):
                message = f"`{need.name.name}` is nowhere defined"
                yield not_found(code, message, need.span, need.name.name, table_names(design), design)


def missing_columns(
    code: str, design: Design, roles: frozenset[Role], severity: Severity = Severity.ERROR
) -> Iterator[Diagnostic]:
    for statement in _statements(design, roles):
        seen: set[str] = set()
        for tables, column, span in _columns(statement):
            entities = [design.entity(table) for table in tables]
            known = [entity for entity in entities if entity is not None and is_closed(entity)]
            if len(known) < len(entities) or column in _ROW or column in seen:
                continue
            if not any(has_column(entity, column) for entity in known) and statement.kind != "create table":
                seen.add(column)
                message = f"{listed(dict.fromkeys(e.name for e in known))} has no column `{column}`"
                names = [name for entity in known for name in field_names(entity)]
                yield not_found(code, message, span, column, names, design, severity=severity)


def _statements(design: Design, roles: frozenset[Role]) -> Iterator[SqlStatement]:
    return (s for s in design.of(SqlStatement) if s.role in roles and s.dialect == "postgresql")


def _columns(statement: SqlStatement) -> Iterator[tuple[tuple[str, ...], str, Span]]:
    """Yield the tables that a column may be of, the column and its place, of what a statement takes and does not amend."""
    if not statement.kind.startswith(_AMENDING):
        for need in statement.needs:
            if need.name.kind == "column" and need.name.table:
                schema = f"{need.name.schema}." if need.name.schema else ""
                yield (schema + need.name.table,), need.name.name, need.span
    yield from ((use.tables, use.column, use.span) for use in statement.uses)


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
    wanted = _run_together(name)
    return entity.field(name) is not None or any(
        _run_together(f.name) == wanted for m in entity.mentions for f in m.fields
    )


def _run_together(name: str) -> str:
    """Return a name without what tells its words apart: SQL folds `userId` to `userid`."""
    return normal(name).replace("_", "")
