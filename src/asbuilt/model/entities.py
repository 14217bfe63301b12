"""Entities, fields, enums, relationships: what the readers found, one fact a mention.

A *mention* is what one block says of an entity. `model.design` merges the mentions of one entity into one thing.
"""

from dataclasses import field
from enum import StrEnum

from msgspec import Struct

from asbuilt.model.fact import Fact, Stated
from asbuilt.model.types import TypeName
from asbuilt.text import Span


class Store(StrEnum):
    """The kind of database that a mention describes; mentions are compared within one store."""

    RELATIONAL = "relational"
    MONGODB = "mongodb"
    DYNAMODB = "dynamodb"
    REDIS = "redis"
    FIRESTORE = "firestore"
    APPLICATION = "application"


class Reference(Struct, frozen=True):
    """What a foreign key points at; `columns` is empty where only the entity is named."""

    entity: str
    columns: tuple[str, ...] = ()
    on_delete: str | None = None
    on_update: str | None = None


class FieldMention(Fact, frozen=True, kw_only=True):
    """What one block says of a field; None means: it does not say.

    `default` is as written: a SQL expression where `form` is SQL, else the cell's text (`'active'`, `NOW()`, `-` is
    None). `values` are the allowed values in order. `check` is a SQL condition. `max_length` counts characters.
    """

    name: str
    name_span: Span
    type: Stated[TypeName] | None = None
    is_nullable: Stated[bool] | None = None
    is_primary: Stated[bool] | None = None
    is_unique: Stated[bool] | None = None
    is_indexed: Stated[bool] | None = None
    default: Stated[str] | None = None
    references: Stated[Reference] | None = None
    values: Stated[tuple[str, ...]] | None = None
    check: Stated[str] | None = None
    max_length: Stated[int] | None = None
    generated: Stated[str] | None = None
    is_foreign_key: Stated[bool] | None = None
    description: str = ""


class EntityMention(Fact, frozen=True, kw_only=True):
    """What one block says of an entity. `name` is as written there (`User`, `users`, `Users Table`).

    `is_complete`: the block claims to list every field (`CREATE TABLE`, a field table under the entity's heading,
    a class), so that a field missing here contradicts one stated elsewhere. `is_planned`: it speaks of the future.
    `alias` is the table's name where the block gives it beside the entity's (`@@map("users")`).
    """

    name: str
    name_span: Span
    schema: str | None = None
    fields: tuple[FieldMention, ...] = ()
    is_complete: bool = False
    is_external: bool = False
    is_planned: bool = False
    store: Store = Store.RELATIONAL
    purpose: str = ""
    alias: str | None = None


class EnumValue(Struct, frozen=True):
    """A value as stored (`active`), its name in code (`ACTIVE`), and where it stands."""

    value: str
    span: Span
    label: str = ""


class EnumMention(Fact, frozen=True, kw_only=True):
    """An enumeration: `CREATE TYPE … AS ENUM`, a TypeScript enum, a list of values; `schema` None: the default one."""

    name: str
    name_span: Span
    values: tuple[EnumValue, ...]
    schema: str | None = None


class Cardinality(StrEnum):
    """How many of an entity take part in a relationship with one of the other."""

    ZERO_OR_ONE = "zero or one"
    ONE = "exactly one"
    ZERO_OR_MORE = "zero or more"
    ONE_OR_MORE = "one or more"

    @property
    def is_many(self) -> bool:
        return self in (Cardinality.ZERO_OR_MORE, Cardinality.ONE_OR_MORE)


class RelationshipMention(Fact, frozen=True, kw_only=True):
    """`left` and `right` are entities as written; `left_count` is how many of `left` belong to one `right`.

    `junction` names the joining entity of a many-to-many; `via` the foreign key's field; `attributes` the
    junction's own fields. A polymorphic relationship has its type field in `type_field`.
    """

    left: str
    right: str
    left_span: Span
    right_span: Span
    left_count: Cardinality
    right_count: Cardinality
    verb: str = ""
    via: str | None = None
    junction: str | None = None
    attributes: tuple[str, ...] = ()
    is_identifying: bool = True
    on_delete: Stated[str] | None = None
    on_update: Stated[str] | None = None
    type_field: str | None = None


class ConstraintMention(Fact, frozen=True, kw_only=True):
    """A constraint on an entity, stated beside its fields. `name` None: not named.

    `entity` is as written; `columns` likewise (`(slug, language)`).
    """

    entity: str
    name: str | None = None
    columns: tuple[str, ...] = ()
    store: Store = Store.RELATIONAL


class PrimaryKeyMention(ConstraintMention, frozen=True, kw_only=True):
    """A primary key over `columns`."""


class UniqueMention(ConstraintMention, frozen=True, kw_only=True):
    """`columns` together are unique, where `predicate` holds (None: always)."""

    predicate: str | None = None


class CheckMention(ConstraintMention, frozen=True, kw_only=True):
    """`condition` is SQL over the entity's columns; None where the document says it in words only (`text`)."""

    condition: str | None
    text: str = ""


class ForeignKeyMention(ConstraintMention, frozen=True, kw_only=True):
    """`columns` reference `target`; an action that is not stated is None."""

    target: str
    target_span: Span
    target_columns: tuple[str, ...] = ()
    on_delete: Stated[str] | None = None
    on_update: Stated[str] | None = None


class IndexKey(Struct, frozen=True):
    """One key of an index: a column or, where `is_expression`, a SQL expression; order and class as written."""

    text: str
    span: Span
    is_expression: bool = False
    is_descending: bool = False
    opclass: str | None = None


class IndexMention(Fact, frozen=True, kw_only=True):
    """An index; `method` in lower case (`btree`, `gin`, …) or None; `rationale` is why it is there."""

    entity: str
    name: str | None
    keys: tuple[IndexKey, ...]
    method: str | None = None
    is_unique: bool = False
    predicate: str | None = None
    include: tuple[str, ...] = ()
    rationale: str = ""
    store: Store = Store.RELATIONAL


class PartitioningMention(Fact, frozen=True, kw_only=True):
    """`strategy` is range, list or hash; `rationale` why."""

    entity: str
    columns: tuple[str, ...]
    strategy: str | None = None
    rationale: str = ""


class DenormalizedMention(Fact, frozen=True, kw_only=True):
    """A column that repeats another's value, and what keeps it true (`keeper`: a trigger, a job; None: not said)."""

    entity: str
    column: str
    origin: str | None = None
    keeper: str | None = None


class UniversalRule(Fact, frozen=True, kw_only=True):
    """A sentence about all entities (`all tables have id and updated_at`); `exceptions` are named in it."""

    text: str
    columns: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = field(default=())
