"""The keys allow what a relationship forbids, or forbid what it allows.

**Why it matters.** "One to one" without a unique key lets a second row in; a unique key refuses the "many"; an optional
parent cannot be left out of a column that is `NOT NULL`.

**Example.** `User ||--|| Profile` in the diagram, and `profiles.user_id UUID REFERENCES users(id)` without `UNIQUE`.

**What to do.** Make the key unique, nullable or required as the relationship says, or correct the relationship.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity, contradiction
from asbuilt.model.design import Design, Entity, Field
from asbuilt.model.entities import Cardinality, ForeignKeyMention, RelationshipMention
from asbuilt.model.fact import Form
from asbuilt.rules.lookup.cardinalities import with_count
from asbuilt.rules.lookup.comparing import after_type, sql_definition
from asbuilt.rules.lookup.definitions import removed_clause
from asbuilt.rules.lookup.keys import is_unique, is_unique_in_part, keys_to, related
from asbuilt.rules.lookup.uniqueness import without_uniqueness


@dataclass(frozen=True, slots=True)
class _Side:
    """A relationship seen from the table that holds its key."""

    fact: RelationshipMention
    child: Entity
    key: ForeignKeyMention
    is_left: bool

    @property
    def count(self) -> Cardinality:
        return self.fact.left_count if self.is_left else self.fact.right_count

    @property
    def parent_count(self) -> Cardinality:
        return self.fact.right_count if self.is_left else self.fact.left_count

    @property
    def subject(self) -> str:
        return f"{self.child.name}.{', '.join(self.key.columns)}"

    @property
    def fields(self) -> list[Field]:
        return [field for name in self.key.columns if (field := self.child.field(name))]


def check(design: Design) -> Iterator[Diagnostic]:
    for fact in design.shaping_of(RelationshipMention):
        side = _side(design, fact)
        if side is not None:
            yield from _compare_unique(design, side)
            if fact.form == Form.DIAGRAM:
                yield from _compare_null(design, side)


def _side(design: Design, fact: RelationshipMention) -> _Side | None:
    """Return the side that holds the one key between the two; none for many to many."""
    pair = related(design, fact)
    if pair is None or fact.type_field or (fact.left_count.is_many and fact.right_count.is_many):
        return None
    left, right = pair
    for child, parent, is_left in ((right, left, False), (left, right, True)):
        keys = keys_to(child, parent)
        if child.is_in_sql and len(keys) == 1 and keys[0].span != fact.span:
            side = _Side(fact, child, keys[0], is_left)
            if not side.parent_count.is_many:
                return side
    return None


def _compare_unique(design: Design, side: _Side) -> Iterator[Diagnostic]:
    unique = is_unique(side.child, side.key.columns)
    if not side.count.is_many and not unique and not is_unique_in_part(side.child, side.key.columns):
        message = f"one `{side.key.target}` has at most one `{side.child.name}`, but `{side.subject}` is not unique"
        fixes = (
            _fix("add `UNIQUE` to the column", _added(side, "UNIQUE")),
            _fix("say one to many", _child_count(design, side, Cardinality.ZERO_OR_MORE)),
        )
        yield _finding(message, side, Severity.WARNING, "make the key unique, or say one to many", *fixes)
    elif side.count.is_many and unique:
        message = f"one `{side.key.target}` has many `{side.child.name}`, but `{side.subject}` is unique"
        fixes = (
            _fix("say one to one", _child_count(design, side, Cardinality.ZERO_OR_ONE)),
            _fix("drop the uniqueness", without_uniqueness(design, side.child, side.key.columns)),
        )
        yield _finding(message, side, Severity.ERROR, "drop the uniqueness, or say one to one", *fixes)


def _compare_null(design: Design, side: _Side) -> Iterator[Diagnostic]:
    is_nullable = any(f.is_nullable is not None and f.is_nullable.value for f in side.fields)
    if side.parent_count == Cardinality.ZERO_OR_ONE and side.fields and not is_nullable:
        message = f"`{side.child.name}` can do without `{side.key.target}`, but `{side.subject}` is not null"
        fixes = (
            _fix("drop `NOT NULL`", _nullable(design, side)),
            _fix("say exactly one", _parent_count(design, side, Cardinality.ONE)),
        )
        yield _finding(message, side, Severity.WARNING, "let the key be null, or say exactly one", *fixes)
    if side.parent_count == Cardinality.ONE and is_nullable:
        message = f"`{side.child.name}` needs one `{side.key.target}`, but `{side.subject}` may be null"
        fixes = (
            _fix("add `NOT NULL` to the column", _added(side, "NOT NULL")),
            _fix("say zero or one", _parent_count(design, side, Cardinality.ZERO_OR_ONE)),
        )
        yield _finding(message, side, Severity.INFO, "add `NOT NULL`, or say zero or one", *fixes)


def _finding(message: str, side: _Side, severity: Severity, help: str, *fixes: Fix | None) -> Diagnostic:
    here, there = Label(side.fact.span, "the relationship"), Label(side.key.span, "the key")
    offered = tuple(fix for fix in fixes if fix)
    return contradiction(
        "cardinality_not_held_by_keys", message, here, there, severity=severity, help=help, fixes=offered
    )


def _fix(title: str, edits: tuple[Edit, ...]) -> Fix | None:
    return Fix(title, edits) if edits else None


def _child_count(design: Design, side: _Side, count: Cardinality) -> tuple[Edit, ...]:
    return with_count(design.source, side.fact, "left" if side.is_left else "right", count)


def _parent_count(design: Design, side: _Side, count: Cardinality) -> tuple[Edit, ...]:
    return with_count(design.source, side.fact, "right" if side.is_left else "left", count)


def _added(side: _Side, words: str) -> tuple[Edit, ...]:
    """Return the edit that adds words to the definition of the key's one column."""
    column = sql_definition(side.fields[0]) if len(side.fields) == 1 else None
    if column is None:
        return ()
    if words == "NOT NULL" and column.is_nullable:
        return (Edit(column.is_nullable.span, words),)
    return after_type(column, words)


def _nullable(design: Design, side: _Side) -> tuple[Edit, ...]:
    """Return the edit that takes `NOT NULL` from the key's one column."""
    column = sql_definition(side.fields[0]) if len(side.fields) == 1 else None
    stated = column.is_nullable if column else None
    return tuple(removed_clause(design.source, stated.span)) if stated else ()
