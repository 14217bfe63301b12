"""What statements need and the document does not have."""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Severity
from asbuilt.model.design import Design, Entity
from asbuilt.model.names import normal
from asbuilt.model.sql import Need, Role, SqlStatement
from asbuilt.rules.wording import not_found, table_names

_RELATIONS = frozenset({"table", "view", "materialized view", "foreign table", "sequence", "function"})
_SYSTEM = ("pg_", "information_schema", "sqlite_", "sys")
_AMENDING = ("alter table", "drop", "comment", "grant", "revoke")


def missing(code: str, design: Design, roles: frozenset[Role]) -> Iterator[Diagnostic]:
    """Yield a finding for each table or column that a statement of one of `roles` needs and nothing defines."""
    made = {normal(made.name) for s in design.of(SqlStatement) for made in s.creates if made.kind in _RELATIONS}
    for statement in design.of(SqlStatement):
        if statement.role in roles and statement.dialect == "postgresql":
            for need in statement.needs:
                yield from _missing(code, design, statement, need, made)


def _missing(code: str, design: Design, statement: SqlStatement, need: Need, made: set[str]) -> Iterator[Diagnostic]:
    name = need.name
    if name.kind == "table" and not _is_known(design, need, made):
        message = f"`{name.name}` is nowhere defined"
        yield not_found(code, message, need.span, name.name, table_names(design), design)
    if name.kind == "column" and name.table and not statement.kind.startswith(_AMENDING):
        entity = design.entity(f"{name.schema}.{name.table}" if name.schema else name.table)
        if entity and is_closed(entity) and name.name not in _ROW and not has_column(entity, name.name):
            message = f"`{entity.name}` has no column `{name.name}`"
            yield not_found(code, message, need.span, name.name, [f.name for f in entity.fields], design)


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


def severity_of(entity: Entity) -> Severity:
    return Severity.ERROR if entity.is_in_sql else Severity.WARNING
