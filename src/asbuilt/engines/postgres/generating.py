"""DDL for what only other forms than SQL state: tables, columns, keys, checks, indexes."""

import re
from collections.abc import Iterator

from asbuilt import sql_parser
from asbuilt.engines.base import Step
from asbuilt.engines.postgres.quoting import columns, identifier, literal, qualified
from asbuilt.model.design import Design, Entity, Field
from asbuilt.model.entities import CheckMention, ForeignKeyMention, IndexMention, PartitioningMention, UniqueMention
from asbuilt.model.names import normal
from asbuilt.model.types import Family
from asbuilt.text import Span

_SERIALS = {"smallint": "smallserial", "integer": "serial", "bigint": "bigserial"}
_TEXTUAL = (Family.STRING, Family.ENUM)
_AUTOMATIC = re.compile(
    r"auto|generate|uuid|cuid|ulid|identity|increment|serial|\bseq|自增|自動|自动|자동|авто", re.IGNORECASE
)
_NOW = re.compile(r"(now|current_?timestamp|current time|sysdate|getdate|date\.now)(\(\))?\Z", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?\Z")
_QUOTED = re.compile(r"'(?:[^']|'')*'(::[\w ]+)?\Z|\"[^\"]*\"\Z")
_NOTHING = frozenset({"", "-", "–", "—", "null", "none", "n/a", "nil", "undefined"})


def table(entity: Entity) -> str:
    return qualified(entity.name, entity.schema)


def create_table(design: Design, entity: Entity, fields: tuple[Field, ...], types: frozenset[str]) -> str:
    """Return the `CREATE TABLE` of an entity with these of its fields. `types` are those that SQL in the document makes."""
    names = {field.name for field in fields}
    lines = [column(design, field, types) for field in fields]
    if entity.primary_key and names.issuperset(entity.primary_key):
        lines.append(f"PRIMARY KEY ({columns(entity.primary_key)})")
    return f"CREATE TABLE {table(entity)} (\n    " + ",\n    ".join(lines) + f"\n){_partitioning(design, entity)}"


def _partitioning(design: Design, entity: Entity) -> str:
    """Return `PARTITION BY …` where the entity is said to be partitioned and its keys allow it."""
    for mention in design.of(PartitioningMention):
        key = tuple(field.name for name in mention.columns if (field := entity.field(name)))
        fits = not entity.primary_key or set(key) <= set(entity.primary_key)
        if mention.strategy and key and fits and design.entity(mention.entity) is entity and not entity.uniques:
            return f" PARTITION BY {mention.strategy.upper()} ({columns(key)})"
    return ""


def default_partition(design: Design, entity: Entity) -> str | None:
    """Return the statement for the partition that takes every row, where the table is partitioned and has no other."""
    clause = _partitioning(design, entity)
    if not clause or clause.startswith(" PARTITION BY HASH"):
        return None
    name = qualified(f"{entity.name}_default", entity.schema)
    return f"CREATE TABLE {name} PARTITION OF {table(entity)} DEFAULT"


def column(design: Design, field: Field, types: frozenset[str]) -> str:
    """Return a column's definition, as in `CREATE TABLE`."""
    parts = [identifier(field.name), column_type(field, types), *_value_source(design, field)]
    if field.is_nullable and not field.is_nullable.value and not field.is_primary:
        parts.append("NOT NULL")
    if field.is_unique:
        parts.append("UNIQUE")
    if values := allowed_values(design, field, types):
        listed = ", ".join(map(literal, values))
        name = identifier(f"{field.entity}_{field.name}_check")
        parts.append(f"CONSTRAINT {name} CHECK ({identifier(field.name)} IN ({listed}))")
    return " ".join(parts)


def column_type(field: Field, types: frozenset[str]) -> str:
    """Return a type that PostgreSQL has: the stated one, or `text` for a word that nobody defines."""
    if field.type is None:
        return "text"
    stated = field.type.value
    if stated.is_serial and not stated.is_array:
        return _SERIALS.get(stated.name, "bigserial")
    if stated.family in (Family.ENUM, Family.OTHER) and not stated.is_native:
        made = next((name for name in types if normal(name) == normal(stated.name.rsplit(".", 1)[-1])), None)
        return (identifier(made) if made else "text") + ("[]" if stated.is_array else "")
    if stated.name == "character varying" and not stated.arguments and field.max_length:
        return f"character varying({field.max_length.value})" + ("[]" if stated.is_array else "")
    return stated.sql


def allowed_values(design: Design, field: Field, types: frozenset[str]) -> tuple[str, ...]:
    """Return the values that a check has to list: none where the column's own type or another check sees to it."""
    if column_type(field, types) != "text" and (field.type is None or field.type.value.family not in _TEXTUAL):
        return ()
    if field.type and field.type.value.is_array:
        return ()
    enum = design.enum_of(field)
    if enum and normal(column_type(field, types)) == normal(enum.name):
        return ()
    if field.values:
        return field.values.value
    return tuple(value.value for value in enum.values) if enum else ()


def _value_source(design: Design, field: Field) -> Iterator[str]:
    """Yield where a column's value comes from when none is given: a default, an identity or an expression."""
    if field.generated:
        yield _generation(field.generated.value)
    elif field.default and (expression := default(design, field)):
        yield expression


def _generation(stated: str) -> str:
    if re.search(r"identity|increment|\Aalways\Z|\Aby default\Z", stated, re.IGNORECASE):
        return f"GENERATED {'ALWAYS' if stated.lower().startswith('always') else 'BY DEFAULT'} AS IDENTITY"
    return f"GENERATED ALWAYS AS ({stated}) STORED"


def default(design: Design, field: Field) -> str:
    """Return the clause for a default as a document writes it: SQL, a bare word, `auto-generated`; empty for none."""
    assert field.default is not None
    text = field.default.value.strip().strip("`").strip()
    family = field.type.value.family if field.type else Family.STRING
    if text.lower() in _NOTHING or (field.type and field.type.value.is_serial):
        return ""
    if family == Family.UUID and _AUTOMATIC.search(text):
        return "DEFAULT gen_random_uuid()"
    if family == Family.INTEGER and _AUTOMATIC.search(text):
        return "GENERATED BY DEFAULT AS IDENTITY"
    if _NOW.match(text):
        return "DEFAULT CURRENT_DATE" if family == Family.DATE else "DEFAULT CURRENT_TIMESTAMP"
    return f"DEFAULT {expression}" if (expression := _expression(design, field, text, family)) else ""


def _expression(design: Design, field: Field, text: str, family: Family) -> str:
    if _QUOTED.match(text):
        return literal(text[1:-1]) if text.startswith('"') else text
    if family == Family.BOOLEAN and text.lower() in ("true", "false", "yes", "no", "0", "1", "是", "否"):
        return "true" if text.lower() in ("true", "yes", "1", "是") else "false"
    if _NUMBER.match(text):
        return literal(text) if family in _TEXTUAL else text
    if family in (Family.JSON, Family.ARRAY) or text in ("{}", "[]"):
        return literal("{}" if field.type and field.type.value.is_array else text) if text[:1] in "{[" else ""
    if re.match(r"[A-Za-z_][\w.]*\(.*\)\Z", text) or text.upper().startswith("CURRENT_"):
        return text if _is_expression(text) else ""
    return literal(_stored(design, field, text)) if family in _TEXTUAL and re.match(r"[\w.-]+\Z", text) else ""


def _stored(design: Design, field: Field, word: str) -> str:
    """Return the value that `UserStatus.ACTIVE` or `ACTIVE` stands for."""
    enum, label = design.enum_of(field), word.rsplit(".", 1)[-1]
    return next((value.value for value in enum.values if value.label == label), label) if enum else label


def _is_expression(text: str) -> bool:
    try:
        sql_parser.parse(f"SELECT {text}")
    except sql_parser.PgQueryError:
        return False
    return True


def foreign_key(design: Design, key: ForeignKeyMention, entity: Entity) -> Step | None:
    """Return the step that adds a foreign key; None where its target or a column is not there."""
    target = design.entity(key.target)
    if target is None or not key.columns or not all(entity.field(c) for c in key.columns):
        return None
    to = key.target_columns or (target.primary_key if len(target.primary_key) == len(key.columns) else ())
    if not to:
        return None
    actions = "".join(
        f" ON {event} {action.value.upper()}"
        for event, action in (("DELETE", key.on_delete), ("UPDATE", key.on_update))
        if action
    )
    named = f"CONSTRAINT {identifier(key.name)} " if key.name else ""
    sql = (
        f"ALTER TABLE {table(entity)} ADD {named}FOREIGN KEY ({columns(key.columns)}) "
        f"REFERENCES {table(target)} ({columns(to)}){actions}"
    )
    return Step(sql, f"foreign key {entity.name} to {target.name}", (key.span,))


def unique(mention: UniqueMention, entity: Entity) -> Step:
    """Return the step for columns that are unique together; with a predicate that is an index."""
    over = columns(mention.columns)
    if mention.predicate:
        name = mention.name or f"{entity.name}_{'_'.join(mention.columns)}_key"
        sql = f"CREATE UNIQUE INDEX {identifier(name)} ON {table(entity)} ({over}) WHERE {mention.predicate}"
    else:
        named = f"CONSTRAINT {identifier(mention.name)} " if mention.name else ""
        sql = f"ALTER TABLE {table(entity)} ADD {named}UNIQUE ({over})"
    return Step(sql, f"unique {entity.name} ({over})", (mention.span,))


def check(mention: CheckMention, entity: Entity) -> Step:
    """Return the step for a condition."""
    named = f"CONSTRAINT {identifier(mention.name)} " if mention.name else ""
    sql = f"ALTER TABLE {table(entity)} ADD {named}CHECK ({mention.condition})"
    return Step(sql, f"check on {entity.name}", (mention.span,))


def index(mention: IndexMention, entity: Entity, prefix: str) -> Step:
    """Return the step for an index; one without a name gets `prefix`, the table and the columns."""
    words = [normal(key.text) for key in mention.keys]
    name = mention.name or "_".join([prefix, entity.name, *words])[:63]
    keys = ", ".join(
        (f"({key.text})" if key.is_expression else identifier(key.text))
        + (f" {key.opclass}" if key.opclass else "")
        + (" DESC" if key.is_descending else "")
        for key in mention.keys
    )
    sql = f"CREATE {'UNIQUE ' if mention.is_unique else ''}INDEX {identifier(name)} ON {table(entity)}"
    sql += f" USING {mention.method}" if mention.method else ""
    sql += f" ({keys})" + (f" INCLUDE ({columns(mention.include)})" if mention.include else "")
    sql += f" WHERE {mention.predicate}" if mention.predicate else ""
    return Step(sql, f"index {name}", (mention.span,))


def index_prefix(design: Design) -> str:
    """Return how the document's own indexes begin: `idx` unless most say otherwise."""
    names = [m.name for m in design.of(IndexMention) if m.name]
    counted = {p: sum(n.lower().startswith(f"{p}_") for n in names) for p in ("idx", "ix", "index")}
    return max(counted, key=lambda prefix: counted[prefix]) if any(counted.values()) else "idx"


def spans_of(entity: Entity, fields: tuple[Field, ...]) -> tuple[Span, ...]:
    """Return the places that cause a generated table: the entity's, then its fields'."""
    return (entity.span, *(field.span for field in fields))
