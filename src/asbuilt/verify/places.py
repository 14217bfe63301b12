"""Where the document says what a claim is about."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from asbuilt.engines.state import Item as Thing
from asbuilt.model.design import Design, Entity, Field
from asbuilt.model.entities import ConstraintMention, FieldMention, IndexMention
from asbuilt.model.fact import Stated
from asbuilt.model.names import normal
from asbuilt.model.sql import ObjectName, SqlStatement
from asbuilt.text import Span
from asbuilt.verify.described import Item

# the kind of claim whose finder knows a kind of thing
_CLAIMED = {
    "table": "table_exists", "column": "column_type", "constraint": "check", "index": "index",
    "trigger": "trigger", "policy": "policy",
}  # fmt: skip
_TYPES = {"enum": "type", "domain": "type", "composite": "type", "range": "type", "procedure": "function"}


@dataclass(frozen=True)
class Places:
    """Finds the spans of a design's facts, the most telling first."""

    design: Design
    _entities: dict[str, Entity | None] = field(default_factory=dict)

    def entity(self, table: str) -> Entity | None:
        if table not in self._entities:
            self._entities[table] = self.design.entity(table)
        return self._entities[table]

    def of(self, kind: str, item: Item) -> tuple[Span, ...]:
        """Return the places of a claim of `kind` about `item`; the whole document's start where none says so."""
        finder = _FINDERS.get(kind, _object)
        found = tuple(dict.fromkeys(finder(self, item)))
        return found or self._fallback(kind, item)

    def of_thing(self, thing: Thing) -> tuple[Span, ...]:
        """Return the places that state a thing of a database; none where the document does not speak of it."""
        kind = _CLAIMED.get(thing.kind, "")
        own = (thing.name,) if thing.kind == "table" else (thing.kind, thing.name)
        item = Item((thing.table, thing.name) if thing.table else own, thing.name, "")
        return tuple(span for span in self.of(kind, item) if span.end)

    def _fallback(self, kind: str, item: Item) -> tuple[Span, ...]:
        created = tuple(self.created(item.key[-1])) or tuple(self.created(item.key[0]))
        if created:
            return created[:1]
        entity = self.entity(item.key[0])
        return (entity.span,) if entity else (Span(0, 0),)

    def created(self, name: str, kind: str = "", table: str = "") -> Iterator[Span]:
        """Yield the statements that make an object of this name."""
        for made, statement in self._makers.get(_bare(name), ()):
            if (not kind or made.kind == kind) and (not table or not made.table or made.table == _bare(table)):
                yield statement.span

    @cached_property
    def _makers(self) -> dict[str, list[tuple[ObjectName, SqlStatement]]]:
        found: dict[str, list[tuple[ObjectName, SqlStatement]]] = {}
        for statement in self.design.of(SqlStatement):
            for made in statement.creates:
                found.setdefault(_bare(made.name), []).append((made, statement))
        return found

    @cached_property
    def changing(self) -> dict[str, list[SqlStatement]]:
        """The statements that change a table which stands already, by the table's bare name."""
        found: dict[str, list[SqlStatement]] = {}
        for statement in self.design.of(SqlStatement):
            if statement.kind in ("alter table", "comment", "grant", "revoke"):
                names = {_bare(need.name.table or need.name.name) for need in statement.needs}
                for name in names:
                    found.setdefault(name, []).append(statement)
        return found

    def grants(self, table: str) -> bool:
        """Tell whether the document gives or takes rights on a table."""
        return any(s.kind in ("grant", "revoke") for s in self.changing.get(_bare(table), ()))

    @cached_property
    def constraints(self) -> dict[str, list[ConstraintMention]]:
        found: dict[str, list[ConstraintMention]] = {}
        for mention in self.design.of(ConstraintMention):
            entity = self.design.entity(mention.entity, mention.store)
            found.setdefault(entity.name if entity else mention.entity, []).append(mention)
        return found

    @cached_property
    def indexes(self) -> dict[str, list[IndexMention]]:
        found: dict[str, list[IndexMention]] = {}
        for mention in self.design.of(IndexMention):
            entity = self.design.entity(mention.entity, mention.store)
            found.setdefault(entity.name if entity else mention.entity, []).append(mention)
        return found

    def field(self, table: str, column: str) -> Field | None:
        entity = self.entity(table)
        return entity.field(column) if entity else None


def _bare(name: str) -> str:
    """Return a name without schema and arguments."""
    return name.split("(")[0].rsplit(".", 1)[-1]


def _table(places: Places, item: Item) -> Iterator[Span]:
    entity = places.entity(item.key[0])
    for mention in entity.mentions if entity else ():
        yield mention.name_span


def _by_statement(
    pattern: str, otherwise: Callable[[Places, Item], Iterator[Span]]
) -> Callable[[Places, Item], Iterator[Span]]:
    """Return a finder of the statements about a table that match `pattern`, in which `{}` is the column; else another's."""

    def find(places: Places, item: Item) -> Iterator[Span]:
        sought = re.compile(pattern.format(re.escape(item.key[-1])), re.IGNORECASE | re.DOTALL)
        found = [s.span for s in places.changing.get(_bare(item.key[0]), ()) if sought.search(s.sql)]
        yield from found or otherwise(places, item)

    return find


def _complete(places: Places, item: Item) -> Iterator[Span]:
    entity = places.entity(item.key[0])
    for mention in entity.mentions if entity else ():
        if mention.is_complete:
            yield mention.name_span


def _column(*aspects: Callable[[FieldMention], Stated[object] | None]) -> Callable[[Places, Item], Iterator[Span]]:
    """Return a finder of what the mentions of a column say of an aspect, then of the column's name."""

    def find(places: Places, item: Item) -> Iterator[Span]:
        field = places.field(item.key[0], item.key[1])
        mentions = field.mentions if field else ()
        for mention in mentions:
            yield from (stated.span for aspect in aspects if (stated := aspect(mention)) is not None)
        yield from (mention.name_span for mention in mentions)

    return find


def _constraint(*aspects: Callable[[FieldMention], Stated[object] | None]) -> Callable[[Places, Item], Iterator[Span]]:
    """Return a finder of a constraint: by name, by its columns, then by what its only column's mentions say."""

    def find(places: Places, item: Item) -> Iterator[Span]:
        (table, name), columns = item.key, item.columns
        entity = places.entity(table)
        mentions = places.constraints.get(entity.name if entity else table, [])
        yield from (m.span for m in mentions if m.name == name)
        yield from (m.span for m in mentions if not m.name and columns and _same(m.columns, columns))
        for column in columns[:1] if len(columns) == 1 else ():
            yield from _stated(places.field(table, column), aspects)

    return find


def _stated(field: Field | None, aspects: Iterable[Callable[[FieldMention], Stated[object] | None]]) -> Iterator[Span]:
    for mention in field.mentions if field else ():
        yield from (stated.span for aspect in aspects if (stated := aspect(mention)) is not None)


def _same(written: Iterable[str], columns: Iterable[str]) -> bool:
    return sorted(map(normal, written)) == sorted(map(normal, columns))


def _index(places: Places, item: Item) -> Iterator[Span]:
    table, name, *_ = item.key
    entity = places.entity(table)
    mentions = places.indexes.get(entity.name if entity else table, [])
    yield from (m.span for m in mentions if m.name == name)
    yield from places.created(name, "index")


def _on_table(kind: str) -> Callable[[Places, Item], Iterator[Span]]:
    return lambda places, item: places.created(item.key[1], kind, item.key[0])


def _enum(places: Places, item: Item) -> Iterator[Span]:
    yield from places.created(item.key[1], "type")
    enum = places.design.enum(item.key[1])
    if enum is not None:
        yield enum.span


def _object(places: Places, item: Item) -> Iterator[Span]:
    kind, name, *_ = item.key if len(item.key) > 1 else ("table", item.key[0])
    yield from places.created(name, _TYPES.get(kind, kind))


_FINDERS: dict[str, Callable[[Places, Item], Iterator[Span]]] = {
    "table_exists": _table,
    "table_columns": _complete,
    "column_type": _column(lambda m: m.type, lambda m: m.max_length),
    "column_nullability": _column(lambda m: m.is_nullable, lambda m: m.is_primary),
    "column_default": _column(lambda m: m.default),
    "column_generated": _column(lambda m: m.generated),
    "column_identity": _column(lambda m: m.type),
    "column_comment": _by_statement(r"^COMMENT\s+ON\s+COLUMN\b.*\b{}\b.*\bIS\b", _column()),
    "column_grants": _by_statement(r"^GRANT\b.*\([^)]*\b{}\b.*\bTO\b", _column()),
    "primary_key": _constraint(lambda m: m.is_primary),
    "unique": _constraint(lambda m: m.is_unique),
    "check": _constraint(lambda m: m.check, lambda m: m.values),
    "foreign_key": _constraint(lambda m: m.references),
    "exclusion": _constraint(),
    "index": _index,
    "trigger": _on_table("trigger"),
    "policy": _on_table("policy"),
    "row_security": _by_statement(r"\bROW\s+LEVEL\s+SECURITY\b", _table),
    "partitioning": _table,
    "partition": _table,
    "table_comment": _by_statement(r"^COMMENT\s+ON\s+TABLE\b", _table),
    "table_options": _table,
    "table_grants": _by_statement(r"^GRANT\b", _table),
    "no_other_grants": _by_statement(r"^(?:GRANT|REVOKE)\b", _table),
    "enum_values": _enum,
}
