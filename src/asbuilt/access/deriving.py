"""From a document and what stands to the schema that data access works with."""

import keyword
import re
from collections import Counter
from collections.abc import Iterator
from hashlib import blake2s

import msgspec

from asbuilt.access.checks.amending import amended
from asbuilt.access.checks.derived import checks_of, default_of
from asbuilt.access.domains import resolved
from asbuilt.access.relating import relations_of
from asbuilt.access.schema import Column, Constraint, Schema, Search, Table
from asbuilt.access.types import HIDDEN, bare
from asbuilt.engines.state import ColumnState, DatabaseState, TableState
from asbuilt.model.design import Design, Entity
from asbuilt.model.names import singular, words
from asbuilt.text import Source

_LABEL = re.compile(r"'((?:[^']|'')*)'")
_CONFIGURATION = re.compile(r"to_tsvector\('([^']+)'")
_DELETED = ("deleted_at", "deletedAt", "removed_at", "is_deleted", "isDeleted")
_VERSION = ("version", "row_version", "lock_version", "rowVersion", "lockVersion")
_WHOLE = ("smallint", "integer", "bigint")
OWN = frozenset(
    "after cache compiler copy kept kept_rows loader on_primary on_statement plan pool position reader remembering"
    " repeat runner schema secret servers session_store sql transaction validate validate_all validation within"
    " write".split()
)
"""What `Data` calls its own: a table of such a name has `_` behind it."""

_PARAMETERS = frozenset({"self", "on"})
"""What methods that take values by name call their own parameters: a column of such a name has `_` behind it."""
_GENERATED = frozenset(
    "Answers Any CachePlan Condition Data Decimal Direction Expression Field Fields Generic Inner JsonField Keeping ListField Literal"
    " Many NumberField Mapping NotRequired Options Row Schema Sequence SessionStore Struct TextField TypeAlias TypeVar TypedDict Unpack".split()
)
"""What generated source calls its own: the rows of a table of such a name are, say, `FieldRow`s."""


def schema_of(state: DatabaseState, design: Design) -> Schema:
    """Return the tables of a database as a program uses them, with the lines of the document that state them."""
    standing = {name: table for name, table in state.tables.items() if table.partition_bound is None}
    named = _accessors(standing)
    entities = _entities(standing)
    relations = relations_of(standing, named)
    tables = tuple(
        msgspec.structs.replace(
            _table(table, state, design), accessor=named[name], entity=entities[name], relations=relations[name]
        )
        for name, table in standing.items()
    )
    digest = blake2s(msgspec.json.encode(tables), digest_size=6).hexdigest()
    return Schema(tables, design.source.path, digest)


def _accessors(tables: dict[str, TableState]) -> dict[str, str]:
    """Return what a program calls each table: its name, with the schema where two have the same."""
    counts = Counter(name.rpartition(".")[2] for name in tables)
    named = {name: identifier(name if counts[last := name.rpartition(".")[2]] > 1 else last) for name in tables}
    return {name: f"{accessor}_" if accessor in OWN else accessor for name, accessor in named.items()}


def _entities(tables: dict[str, TableState]) -> dict[str, str]:
    """Return what the rows of each table are called: `order_items` are each an `OrderItem`."""
    found: dict[str, str] = {}
    for name in tables:
        parts = words(name.rpartition(".")[2]) or ("row",)
        entity = identifier("".join(word.capitalize() for word in (*parts[:-1], singular(parts[-1]))))
        taken = entity in found.values()
        entity = "".join(word.capitalize() for word in words(name)) if taken else entity
        found[name] = f"{entity}Row" if entity in _GENERATED else entity
    return found


def identifier(name: str) -> str:
    """Return a name as a program can write it: itself, wherever that is possible."""
    plain = re.sub(r"\W", "_", name)
    plain = f"_{plain}" if plain[:1].isdigit() else plain
    return f"{plain}_" if keyword.iskeyword(plain) or plain in _PARAMETERS else plain


def _table(table: TableState, state: DatabaseState, design: Design) -> Table:
    entity = design.entity(table.name)
    hidden = amended(table, state)
    columns = tuple(
        _column(column, state, entity, design.source, is_amended=column.name in hidden) for column in table.columns
    )
    columns = tuple(column for column in columns if bare(column.type) not in HIDDEN)
    return Table(
        table.name,
        accessor="",
        entity="",
        columns=columns,
        primary_key=table.primary_key,
        uniques=tuple(dict.fromkeys(_uniques(table))),
        constraints=tuple(_constraints(table, entity, design.source)),
        checks=checks_of(table, state, design),
        search=_search(table),
        deleted=next((c.name for c in columns if c.name in _DELETED and _marks_deleted(c)), None),
        version=next((c.name for c in columns if c.name in _VERSION and _counts(c)), None),
        line=design.source.line_at(entity.span.start) if entity else 0,
    )


def _column(
    column: ColumnState, state: DatabaseState, entity: Entity | None, source: Source, *, is_amended: bool
) -> Column:
    field = entity.field(column.name) if entity else None
    domain = resolved(column.type, state)
    type, is_nullable = domain.type, column.is_nullable and not domain.is_required
    is_filled = bool(column.default or domain.default or column.identity or column.sequence or is_amended)
    is_written = column.generated is None and column.identity != "always"
    return Column(
        column.name,
        identifier(column.name),
        type,
        is_nullable=is_nullable,
        is_given=is_written and not is_nullable and not is_filled,
        is_written=is_written,
        is_amended=is_amended,
        default=default_of(column, state),
        values=_labels(type, state),
        line=source.line_at(field.span.start) if field else 0,
    )


def _labels(type: str, state: DatabaseState) -> tuple[str, ...]:
    enum = state.objects.get(("enum", type.removesuffix("[]")))
    return tuple(label.replace("''", "'") for label in _LABEL.findall(enum.definition)) if enum else ()


def _marks_deleted(column: Column) -> bool:
    return column.type == "boolean" or (column.type.startswith("timestamp") and column.is_nullable)


def _counts(column: Column) -> bool:
    return column.type in _WHOLE and not column.is_nullable and column.is_written


def _uniques(table: TableState) -> Iterator[tuple[str, ...]]:
    """Yield the columns that identify a row, the primary key's first."""
    names = {column.name for column in table.columns}
    for kind in ("primary key", "unique"):
        yield from (c.columns for c in table.constraints if c.kind == kind)
    for index in table.indexes:
        if index.is_unique and index.predicate is None and index.is_valid and names.issuperset(index.keys):
            yield index.keys


def _constraints(table: TableState, entity: Entity | None, source: Source) -> Iterator[Constraint]:
    """Yield what the server may name when it refuses a row."""
    for constraint in table.constraints:
        line = _line(constraint.columns, entity, source)
        target = constraint.target or ""
        yield Constraint(
            constraint.name, constraint.kind, constraint.columns, constraint.definition, line, target
        )  # fmt: skip
    for index in table.indexes:
        if index.is_unique and index.backs is None:
            keys = tuple(key for key in index.keys if table.column(key))
            yield Constraint(index.name, "unique", keys, index.definition, _line(keys, entity, source))


def _line(columns: tuple[str, ...], entity: Entity | None, source: Source) -> int:
    fields = [field for name in columns if entity and (field := entity.field(name))]
    return source.line_at(fields[0].span.start) if fields else 0


def _search(table: TableState) -> Search | None:
    """Return how a table's index lets it be searched: by a column kept for it, or by the indexed expression."""
    kept = {column.name: column.generated or "" for column in table.columns if column.type == "tsvector"}
    for index in table.indexes:
        for key in index.keys if index.method in ("gin", "gist") else ():
            text = kept.get(key.strip('"'), key)
            if key.strip('"') in kept or "to_tsvector(" in key:
                found = _CONFIGURATION.search(text)
                return Search(key, found[1] if found else "english")
    return None
