"""What is known of each field: of all places that speak of it, the most authoritative counts."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from asbuilt.model.design import Field
from asbuilt.model.entities import (
    ConstraintMention,
    EntityMention,
    FieldMention,
    ForeignKeyMention,
    IndexMention,
    Store,
)
from asbuilt.model.fact import Fact, Form, Stated
from asbuilt.model.merging.drafts import RANK, Draft, Drafts
from asbuilt.model.names import normal
from asbuilt.model.sql import Role, SqlStatement
from asbuilt.model.types import Family, TypeName

_SKETCHES = frozenset({Form.BOX, Form.EXAMPLE})
_STATED = ("default", "references", "values", "generated", "check", "max_length")
_BINDING = frozenset({"default", "generated", "check"})
_DROPPED = re.compile(
    r"alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(?P<table>[\w.\"]+)\s+(?P<rest>.*)", re.IGNORECASE | re.DOTALL
)
_COLUMN = re.compile(r"\bdrop\s+column\s+(?:if\s+exists\s+)?\"?(\w+)\"?", re.IGNORECASE)


def merge_fields(drafts: Drafts) -> None:
    """Fill in the fields of every draft."""
    spellings = _spellings_in_sql(drafts)
    dropped = _dropped_columns(drafts.facts)
    for draft in drafts.distinct():
        known = {normal(name) for name in draft.names}
        gone = {column: at for table in known for column, at in dropped.get(table, {}).items()}
        _fill(drafts, draft, spellings.get(id(draft), {}), gone)


def _fill(drafts: Drafts, draft: Draft, spellings: dict[str, str], gone: dict[str, int]) -> None:
    mentions = _by_name(draft)
    for key in _listed(drafts, draft):
        found = mentions[key]
        if key in gone and found[0].span.start < gone[key]:
            continue
        draft.fields[key] = _field(draft, found, spellings.get(key), len(draft.fields))


def _listed(drafts: Drafts, draft: Draft) -> list[str]:
    """Return the normal names of the fields that the entity has, in order.

    Where SQL defines it, those and what `ALTER TABLE` adds; else every field that some place lists, sketches left out.
    """
    mentions = [m for m in draft.mentions if not m.is_planned] or draft.mentions
    if draft.definitions:
        amended = [m for m in mentions if m.form == Form.SQL and not m.is_complete]
        mentions = [draft.definitions[0], *amended]
    solid = [m for m in mentions if m.form not in _SKETCHES and m.fields]
    names = [f for m in solid or mentions for f in m.fields if draft.definitions or not _is_relation(drafts, f)]
    return list(dict.fromkeys(normal(f.name) for f in names))


def _is_relation(drafts: Drafts, mention: FieldMention) -> bool:
    """`orders: Order[]` in a class is no column, but the other side of a relationship."""
    if mention.type is None or mention.type.value.family != Family.OTHER:
        return False
    return drafts.find(mention.type.value.name) is not None


def _by_name(draft: Draft) -> dict[str, list[FieldMention]]:
    """Return the mentions of each field; a name cut to fit a drawing belongs to the one field that it begins."""
    found: dict[str, list[FieldMention]] = {}
    for mention in draft.mentions:
        for field in mention.fields:
            found.setdefault(_uncut(normal(field.name), mention, found), []).append(field)
    return found


def _uncut(key: str, mention: EntityMention, known: dict[str, list[FieldMention]]) -> str:
    if mention.form != Form.BOX or key in known:
        return key
    whole = [name for name in known if name.startswith(key)]
    return whole[0] if len(whole) == 1 else key


def _field(draft: Draft, mentions: list[FieldMention], spelling: str | None, position: int) -> Field:
    in_sql = [m for m in mentions if m.form == Form.SQL]
    name = in_sql[0].name if in_sql else spelling or mentions[0].name
    binding = _newest_first(in_sql) if draft.definitions and in_sql else mentions
    values = {key: _first(binding if key in _BINDING else mentions, key) for key in _STATED}
    return Field(
        draft.name,
        name,
        position,
        tuple(mentions),
        type=_type(binding),
        is_nullable=_nullability(binding, is_declared=bool(in_sql)),
        is_primary=_says(binding, "is_primary"),
        is_unique=_says(binding, "is_unique"),
        **values,
    )


def _newest_first(in_sql: list[FieldMention]) -> list[FieldMention]:
    """An `ALTER` overrules what stands before it."""
    return sorted(in_sql, key=lambda m: -m.span.start)


def _first(mentions: Sequence[FieldMention], attribute: str) -> Any:
    """Return the first value that is stated for `attribute`, with its place, or None."""
    for mention in mentions:
        value = getattr(mention, attribute)
        if value is not None:
            return value
    return None


def _says(mentions: Sequence[FieldMention], attribute: str) -> bool:
    return any(v.value for m in mentions if (v := getattr(m, attribute)) is not None)


def _type(mentions: Sequence[FieldMention]) -> Stated[TypeName] | None:
    """Return the first type that is one; a word that nobody knows only where there is nothing better."""
    types = [m.type for m in mentions if m.type is not None]
    known = [t for m in mentions if (t := m.type) and (m.form == Form.SQL or t.value.family != Family.OTHER)]
    return next(iter(known or types), None)


def _nullability(mentions: Sequence[FieldMention], *, is_declared: bool) -> Stated[bool] | None:
    """Return whether nulls are allowed; in SQL they are unless it says otherwise."""
    stated: Stated[bool] | None = _first(mentions, "is_nullable")
    if stated is not None or not is_declared:
        return stated
    mention = mentions[-1]
    has_values = _says(mentions, "is_primary") or any(m.type and m.type.value.is_serial for m in mentions)
    return Stated(not has_values, mention.name_span)


def _spellings_in_sql(drafts: Drafts) -> dict[int, dict[str, str]]:
    """Return, by draft, how SQL spells the columns that its indexes and constraints name."""
    found: dict[int, dict[str, str]] = {}
    for entity, column in (pair for fact in drafts.facts if fact.form == Form.SQL for pair in _columns_named(fact)):
        draft = drafts.find(entity, Store.RELATIONAL)
        if draft:
            found.setdefault(id(draft), {}).setdefault(normal(column), column)
    return found


def _columns_named(fact: Fact) -> Iterator[tuple[str, str]]:
    if isinstance(fact, IndexMention):
        yield from ((fact.entity, key.text) for key in fact.keys if not key.is_expression)
    if isinstance(fact, ConstraintMention):
        yield from ((fact.entity, column) for column in fact.columns)
    if isinstance(fact, ForeignKeyMention):
        yield from ((fact.target, column) for column in fact.target_columns)


def _dropped_columns(facts: Sequence[Fact]) -> dict[str, dict[str, int]]:
    """Return, by table and column in normal form, where a statement of the schema or a migration drops the column."""
    found: dict[str, dict[str, int]] = {}
    for fact in facts:
        if isinstance(fact, SqlStatement) and fact.kind == "alter table" and fact.role in (Role.SCHEMA, Role.MIGRATION):
            statement = _DROPPED.search(fact.sql)
            for column in _COLUMN.findall(statement["rest"]) if statement else ():
                table = statement["table"].rpartition(".")[2] if statement else ""
                found.setdefault(normal(table), {})[normal(column)] = fact.span.start
    return found


def rank(fact: Fact) -> tuple[int, int]:
    """Sort facts by authority, then by place."""
    return RANK[fact.form], fact.span.start
