"""The steps that build a design: the document's SQL as it stands, then what only other forms state."""

import re
from collections.abc import Iterator

from asbuilt.engines.base import Step
from asbuilt.engines.postgres import generating
from asbuilt.engines.postgres.ordering import Key, Node, keys, ordered
from asbuilt.model.design import Design, Entity, Field
from asbuilt.model.entities import CheckMention
from asbuilt.model.fact import Form
from asbuilt.model.sql import ObjectName, Role, SqlStatement
from asbuilt.model.types import Family

BUILDING_ROLES = (Role.SCHEMA, Role.MIGRATION, Role.BACKFILL)
_CONCURRENTLY = re.compile(r"(\bINDEX\s+)(CONCURRENTLY)\b", re.IGNORECASE)
_GUARD = re.compile(r"\bIF\s+EXISTS\b", re.IGNORECASE)
_NAME = re.compile(r'"[^"]+"|\w+')
_TAKEN = re.compile(
    r"\b(?:DROP|RENAME)\s+(?:COLUMN\s+|TABLE\s+|CONSTRAINT\s+)?(?:IF\s+EXISTS\s+)?(?:\w+\.)?(?P<name>\"[^\"]+\"|\w+)",
    re.IGNORECASE,
)
_TYPE_RENAMED = re.compile(
    rf"\s*ALTER\s+TYPE\s+(?:\w+\.)?(?P<old>{_NAME.pattern})\s+RENAME\s+TO\s+(?P<new>{_NAME.pattern})", re.IGNORECASE
)
_TYPE_DROPPED = re.compile(rf"\s*DROP\s+TYPE\s+(?:IF\s+EXISTS\s+)?(?:\w+\.)?(?P<new>{_NAME.pattern})", re.IGNORECASE)
_NONE: frozenset[str] = frozenset()
_NOISE = re.compile(r"--[^\n]*|/\*.*?\*/|\s+", re.DOTALL)
_TYPE_KINDS = frozenset({"type", "enum", "domain", "composite", "range"})
_IN_NO_TRANSACTION = ("create database", "drop database", "create tablespace", "vacuum", "reindex", "cluster")
_TRANSACTIONS = ("begin", "commit", "start transaction", "rollback", "end", "transaction")


def steps(design: Design) -> tuple[Step, ...]:
    """Return the statements that build `design`, in an order in which they work."""
    return tuple(node.step for node in nodes(design))


def nodes(design: Design) -> tuple[Node, ...]:
    """Return the same with what each step makes and needs."""
    statements = building_statements(design)
    return ordered([*_sql_nodes(statements), *_generated_nodes(design, statements)])


def building_statements(design: Design) -> tuple[SqlStatement, ...]:
    """Return the document's statements that are run, the same one once."""
    found: dict[str, SqlStatement] = {}
    for statement in design.of(SqlStatement):
        if statement.role in BUILDING_ROLES and statement.dialect == "postgresql" and _is_run(statement):
            text = _bare(statement.sql) if statement.creates else f"{statement.span.start} {statement.sql}"
            found.setdefault(text, statement)
    return _without_exchanged_types(_without_idle_drops(tuple(found.values())))


def _is_run(statement: SqlStatement) -> bool:
    return not statement.kind.startswith((*_IN_NO_TRANSACTION, *_TRANSACTIONS))


def _bare(sql: str) -> str:
    return _NOISE.sub(" ", sql).strip().rstrip(";").strip()


def _without_idle_drops(statements: tuple[SqlStatement, ...]) -> tuple[SqlStatement, ...]:
    """Leave out `DROP … IF EXISTS` before the thing is made: it does nothing, but would once things are reordered."""
    kept: list[SqlStatement] = []
    made: set[str] = set()
    for statement in statements:
        is_guarded = statement.kind.startswith("drop ") and _GUARD.search(statement.sql)
        if not is_guarded or made & {name.strip('"') for name in _NAME.findall(statement.sql[is_guarded.end() :])}:
            kept.append(statement)
        made |= {name.name for name in statement.creates}
    return tuple(kept)


def _without_exchanged_types(statements: tuple[SqlStatement, ...]) -> tuple[SqlStatement, ...]:
    """Leave out how a migration gives a type's name to one made anew, where the schema has the new one already.

    `ALTER TYPE mood RENAME TO mood_old`, `CREATE TYPE mood …`, and in the end `DROP TYPE mood_old`.
    """
    stated = {name.name for s in statements if s.role == Role.SCHEMA for name in s.creates if name.kind in _TYPE_KINDS}
    passing = {
        (statement.unit, _bare_name(found["new"]))
        for statement in statements
        if _is_of_migration(statement) and (found := _TYPE_RENAMED.match(statement.sql))
        if _bare_name(found["old"]) in stated
    }
    return tuple(s for s in statements if not (_is_of_migration(s) and (s.unit, _passed(s.sql)) in passing))


def _passed(sql: str) -> str:
    """Return the name that a statement gives a type, or that of the type which it drops."""
    found = _TYPE_RENAMED.match(sql) or _TYPE_DROPPED.match(sql)
    return _bare_name(found["new"]) if found else ""


def _bare_name(written: str) -> str:
    return written.strip('"') if written.startswith('"') else written.lower()


def _sql_nodes(statements: tuple[SqlStatement, ...]) -> Iterator[Node]:
    gone = frozenset(name for statement in statements if _is_of_migration(statement) for name in _taken(statement.sql))
    for statement in statements:
        is_drop = statement.kind.startswith("drop ")
        needs = () if is_drop else tuple(need.name for need in statement.needs)
        is_migration = _is_of_migration(statement)
        is_table = statement.kind == "create table"
        yield Node(
            step_of(statement), statement.creates, needs, is_table, is_migration, gone if is_migration else _NONE
        )


def _is_of_migration(statement: SqlStatement) -> bool:
    return statement.role in (Role.MIGRATION, Role.BACKFILL)


def _taken(sql: str) -> Iterator[str]:
    """Yield the names of what a statement drops or gives another name."""
    for found in _TAKEN.finditer(sql):
        yield found["name"].strip('"').lower() if not found["name"].startswith('"') else found["name"].strip('"')


def step_of(statement: SqlStatement) -> Step:
    """Return a statement as a step, verbatim; an index is not built concurrently inside a transaction."""
    sql = _CONCURRENTLY.sub(lambda found: found[1] + " " * len(found[2]), statement.sql, count=1)
    return Step(sql, subject_of(statement), (statement.span,), statement.run)


def subject_of(statement: SqlStatement) -> str:
    """Return in words what a statement makes: `table users`; where it makes nothing, its command."""
    if not statement.creates:
        return statement.kind
    name = statement.creates[0]
    return f"{name.kind} {name.table + '.' if name.table else ''}{name.name}"


def _generated_nodes(design: Design, statements: tuple[SqlStatement, ...]) -> Iterator[Node]:
    made = {key for statement in statements for name in statement.creates for key in keys(name)}
    types = frozenset(n.name for s in statements for n in s.creates if n.kind in _TYPE_KINDS)
    entities = [entity for entity in design.tables() if entity.fields]
    for entity in entities:
        yield from _entity_nodes(design, entity, made, types)
    prefix = generating.index_prefix(design)
    for entity in entities:
        yield from _addition_nodes(design, entity, made, prefix)


def table_name(entity: Entity) -> ObjectName:
    return ObjectName("table", entity.name, entity.schema)


def _entity_nodes(design: Design, entity: Entity, made: set[Key], types: frozenset[str]) -> Iterator[Node]:
    """Yield the table of an entity, or the columns that its table lacks."""
    name = table_name(entity)
    missing = tuple(f for f in entity.fields if not _is_made(f, entity, made))
    if keys(name)[0] not in made:
        sql = generating.create_table(design, entity, missing, types)
        needs = tuple(ObjectName("type", generating.column_type(f, types)) for f in missing)
        step = Step(sql, f"table {entity.name}", generating.spans_of(entity, missing))
        columns = tuple(ObjectName("column", f.name, None, entity.name) for f in missing)
        yield Node(step, (name, *columns), needs)
        if partition := generating.default_partition(design, entity):
            yield Node(Step(partition, f"table {entity.name}_default", (entity.span,)), (), (name,))
        return
    for field in missing:
        sql = f"ALTER TABLE {generating.table(entity)} ADD COLUMN {generating.column(design, field, types)}"
        column = ObjectName("column", field.name, None, entity.name)
        yield Node(Step(sql, f"column {field.subject}", (field.span,)), (column,), (name,))


def _is_made(field: Field, entity: Entity, made: set[Key]) -> bool:
    """Tell whether a statement of the document makes the column."""
    if keys(ObjectName("column", field.name, None, entity.name))[0] in made:
        return True
    in_table = keys(table_name(entity))[0] in made
    return in_table and any(mention.form == Form.SQL for mention in field.mentions)


def _addition_nodes(design: Design, entity: Entity, made: set[Key], prefix: str) -> Iterator[Node]:
    """Yield what is stated beside the fields, unless SQL states it too."""
    needs = (table_name(entity),)
    for step in (*_uniques(entity), *_checks(entity), *_indexes(entity, made, prefix)):
        yield Node(step, (), needs)
    taken = {key.columns for key in entity.foreign_keys if key.form == Form.SQL}
    for key in entity.foreign_keys:
        added = None if key.columns in taken else generating.foreign_key(design, key, entity)
        if added is not None:
            taken.add(key.columns)
            target = design.entity(key.target)
            yield Node(added, (), (*needs, table_name(target)) if target else needs)


def _uniques(entity: Entity) -> Iterator[Step]:
    """Yield what is unique together, whatever the order of its columns, unless a key or an index of SQL sees to it."""
    single = [(field.name,) for field in entity.fields if field.is_unique and not _only_by_mention(field, entity)]
    in_sql = [unique.columns for unique in entity.uniques if unique.form == Form.SQL]
    indexed = [tuple(k.text for k in i.keys) for i in entity.indexes if i.is_unique and i.form == Form.SQL]
    covered = {frozenset(columns) for columns in (entity.primary_key, *single, *in_sql, *indexed)}
    for mention in entity.uniques:
        is_known = mention.form == Form.SQL or (frozenset(mention.columns) in covered and not mention.predicate)
        if mention.columns and not is_known and all(entity.field(c) for c in mention.columns):
            covered.add(frozenset(mention.columns))
            yield generating.unique(mention, entity)


def _only_by_mention(field: Field, entity: Entity) -> bool:
    """Tell whether a field is unique only by a constraint stated beside the fields of a table that SQL defines."""
    return entity.is_in_sql and not any(m.is_unique and m.is_unique.value for m in field.mentions)


def _checks(entity: Entity) -> Iterator[Step]:
    for mention in entity.checks:
        if mention.condition and mention.form != Form.SQL and not _lists_values(mention, entity):
            yield generating.check(mention, entity)


def _lists_values(mention: CheckMention, entity: Entity) -> bool:
    """Tell whether the condition only lists the values that the column's own check lists already."""
    field = entity.field(mention.columns[0]) if len(mention.columns) == 1 else None
    if field is None or field.values is None or not re.search(r"\bIN\s*\(", mention.condition or "", re.IGNORECASE):
        return False
    return field.type is None or field.type.value.family in (Family.STRING, Family.ENUM)


def _indexes(entity: Entity, made: set[Key], prefix: str) -> Iterator[Step]:
    covered = {tuple(k.text for k in i.keys) for i in entity.indexes if i.form == Form.SQL and not i.predicate}
    for mention in entity.indexes:
        columns = tuple(key.text for key in mention.keys)
        is_made = mention.name is not None and keys(ObjectName("index", mention.name))[0] in made
        fits = all(key.is_expression or entity.field(key.text) for key in mention.keys)
        if mention.form == Form.SQL or is_made or not columns or not fits:
            continue
        if mention.name is None and columns in covered | {entity.primary_key}:
            continue
        covered.add(columns)
        yield generating.index(mention, entity, prefix)
