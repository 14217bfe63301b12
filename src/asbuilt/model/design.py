"""The design: everything a document states, with what it says of one thing brought together.

`Entity` and `Field` are merged from mentions: each value is the one that counts, with the place that states it, and
the mentions stay at hand for the rules that compare them. SQL counts most, then field tables, then the rest
(`merging.RANK`). Made by `model.merging.merge`; frozen afterwards.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar, cast

from msgspec import Struct

from asbuilt.model.entities import (
    CheckMention,
    EntityMention,
    EnumMention,
    FieldMention,
    ForeignKeyMention,
    IndexMention,
    PrimaryKeyMention,
    Reference,
    Store,
    UniqueMention,
)
from asbuilt.model.fact import Assumption, Fact, Stated
from asbuilt.model.names import normal
from asbuilt.model.sql import SqlStatement
from asbuilt.model.types import TypeName
from asbuilt.text import Source, Span

F = TypeVar("F", bound=Fact)


class Field(Struct, frozen=True):
    """A field of an entity. `name` is the column's, exactly; `position` its place in the entity, from 0.

    `is_assumed`: no place lists it, a relationship or a reference implies it; its mentions then point there.
    """

    entity: str
    name: str
    position: int
    mentions: tuple[FieldMention, ...]
    type: Stated[TypeName] | None = None
    is_nullable: Stated[bool] | None = None
    default: Stated[str] | None = None
    references: Stated[Reference] | None = None
    values: Stated[tuple[str, ...]] | None = None
    generated: Stated[str] | None = None
    check: Stated[str] | None = None
    max_length: Stated[int] | None = None
    is_primary: bool = False
    is_unique: bool = False
    is_assumed: bool = False

    @property
    def span(self) -> Span:
        return self.mentions[0].span

    @property
    def subject(self) -> str:
        return f"{self.entity}.{self.name}"


@dataclass(frozen=True)
class Entity:
    """An entity in one store. `name` is the table's name, exactly; `names` every spelling in the document.

    `is_in_sql`: some `CREATE TABLE` defines it. `is_assumed`: only relationships or references name it.
    Keys, constraints and indexes are brought together from all forms, one each, with the names of entities and
    columns as they are in the database; `form` tells where the most authoritative mention stands.
    """

    name: str
    schema: str | None
    names: tuple[str, ...]
    store: Store
    mentions: tuple[EntityMention, ...] = field(repr=False)
    fields: tuple[Field, ...] = field(repr=False, default=())
    primary_key: tuple[str, ...] = ()
    primary_keys: tuple[PrimaryKeyMention, ...] = field(repr=False, default=())
    uniques: tuple[UniqueMention, ...] = field(repr=False, default=())
    checks: tuple[CheckMention, ...] = field(repr=False, default=())
    foreign_keys: tuple[ForeignKeyMention, ...] = field(repr=False, default=())
    indexes: tuple[IndexMention, ...] = field(repr=False, default=())
    is_in_sql: bool = False
    is_external: bool = False
    is_planned: bool = False
    is_assumed: bool = False

    @property
    def span(self) -> Span:
        return self.mentions[0].name_span

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        return {normal(f.name): f for f in reversed(self.fields)}

    @cached_property
    def _by_exact_name(self) -> dict[str, Field]:
        return {f.name: f for f in self.fields}

    def field(self, name: str) -> Field | None:
        """Return the field that `name` means, in whatever spelling."""
        return self._by_exact_name.get(name) or self._by_name.get(normal(name))


@dataclass(frozen=True)
class Design:
    """A document's content. `facts` are all facts in the order of the document, mentions included.

    `shaping` are those that shape what is built: not what an example, a rollback or another dialect's SQL says.
    """

    source: Source
    facts: tuple[Fact, ...] = field(repr=False)
    entities: tuple[Entity, ...] = ()
    enums: tuple[EnumMention, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    shaping: tuple[Fact, ...] = field(repr=False, default=())

    def shaping_of(self, kind: type[F]) -> tuple[F, ...]:
        """Return the facts of a kind that shape what is built, in the order of the document."""
        return cast(tuple[F, ...], self._shaping_by_kind.get(kind, ()))

    def of(self, kind: type[F]) -> tuple[F, ...]:
        """Return the facts of a kind, in the order of the document."""
        return cast(tuple[F, ...], self._by_kind.get(kind, ()))

    @cached_property
    def _by_kind(self) -> dict[type, tuple[Fact, ...]]:
        return _by_kind(self.facts)

    @cached_property
    def _shaping_by_kind(self) -> dict[type, tuple[Fact, ...]]:
        return _by_kind(self.shaping)

    @cached_property
    def _statements(self) -> list[SqlStatement]:
        return sorted(self.of(SqlStatement), key=lambda s: s.span)

    def statement_at(self, span: Span) -> SqlStatement | None:
        """Return the narrowest SQL statement that `span` stands in; statements nest two deep at most."""
        slot = bisect_right(self._statements, span.start, key=lambda s: s.span.start)
        near = self._statements[max(slot - 8, 0) : slot]
        return next((s for s in reversed(near) if span in s.span), None)

    @cached_property
    def _by_name(self) -> dict[tuple[Store, str], Entity]:
        return {
            (entity.store, normal(name.rsplit(".", 1)[-1])): entity
            for entity in self._by_weight
            for name in (*entity.names, entity.name)
        }

    @cached_property
    def _by_weight(self) -> list[Entity]:
        """The entities, the first of the default schema last: it is what a bare name means."""
        return sorted(self.entities, key=lambda e: e.schema not in (None, "public"))[::-1]

    @cached_property
    def _by_exact_name(self) -> dict[tuple[Store, str], Entity]:
        named = {(entity.store, entity.name): entity for entity in self._by_weight}
        qualified = {(e.store, f"{e.schema}.{e.name}"): e for e in self.entities if e.schema}
        return {**named, **qualified}

    def entity(self, name: str, store: Store = Store.RELATIONAL) -> Entity | None:
        """Return the entity that `name` means, in whatever spelling (`User`, `users`, `public.users`)."""
        exact = self._by_exact_name.get((store, name))
        return exact or self._by_name.get((store, normal(name.rsplit(".", 1)[-1])))

    @cached_property
    def _enums_by_name(self) -> dict[str, EnumMention]:
        by_weight = sorted(self.enums, key=lambda e: e.schema is not None)
        by_name = {normal(enum.name): enum for enum in reversed(by_weight)}
        return {**by_name, **{f"{e.schema}.{e.name}": e for e in reversed(self.enums) if e.schema}}

    def enum(self, name: str) -> EnumMention | None:
        """Return the enumeration that `name` means; of several mentions the most authoritative."""
        return self._enums_by_name.get(name) or self._enums_by_name.get(normal(name.rsplit(".", 1)[-1]))

    def enum_of(self, field: Field) -> EnumMention | None:
        """Return the enumeration of a field: by its type's name, else `UserStatus` for `users.status`."""
        if not self.enums:
            return None
        by_type = self.enum(field.type.value.name) if field.type else None
        return by_type or self.enum(f"{normal(field.entity)}_{field.name}")

    def tables(self) -> Iterator[Entity]:
        """Yield the entities that are tables of the relational store and exist now."""
        return iter(self._tables)

    @cached_property
    def _tables(self) -> tuple[Entity, ...]:
        present = (e for e in self.entities if not e.is_external and not e.is_planned)
        return tuple(e for e in present if e.store == Store.RELATIONAL)

    def children_of(self, parent: Entity) -> tuple[Entity, ...]:
        """Return the tables with a foreign key to `parent`, each once, in the order of the document."""
        return self._children.get(normal(parent.name), ())

    @cached_property
    def _children(self) -> dict[str, tuple[Entity, ...]]:
        found: dict[str, dict[int, Entity]] = {}
        for entity in self._tables:
            for key in entity.foreign_keys:
                found.setdefault(normal(key.target.rpartition(".")[2]), {})[id(entity)] = entity
        return {name: tuple(entities.values()) for name, entities in found.items()}


def _by_kind(facts: tuple[Fact, ...]) -> dict[type, tuple[Fact, ...]]:
    found: dict[type, list[Fact]] = {}
    for fact in facts:
        for kind in type(fact).__mro__:
            found.setdefault(kind, []).append(fact)
    return {kind: tuple(of_kind) for kind, of_kind in found.items()}
