"""The keys allow what a relationship forbids, or forbid what it allows.

**Why it matters.** "One to one" without a unique key lets a second row in; a unique key refuses the "many"; an optional
parent cannot be left out of a column that is `NOT NULL`.

**Example.** `User ||--|| Profile` in the diagram, and `profiles.user_id UUID REFERENCES users(id)` without `UNIQUE`.

**What to do.** Make the key unique, nullable or required as the relationship says, or correct the relationship.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity, contradiction
from asbuilt.model.design import Design, Entity
from asbuilt.model.entities import Cardinality, ForeignKeyMention, RelationshipMention
from asbuilt.rules.lookup.keys import is_unique, keys_to, related

_CODE = "cardinality_not_held_by_keys"


def check(design: Design) -> Iterator[Diagnostic]:
    for fact in design.shaping_of(RelationshipMention):
        pair = related(design, fact)
        if pair is None or fact.type_field or (fact.left_count.is_many and fact.right_count.is_many):
            continue
        left, right = pair
        for child, parent, count, parent_count in (
            (right, left, fact.right_count, fact.left_count),
            (left, right, fact.left_count, fact.right_count),
        ):
            keys = keys_to(child, parent)
            if child.is_in_sql and len(keys) == 1 and keys[0].span != fact.span and not parent_count.is_many:
                yield from _compare(fact, child, keys[0], count, parent_count)
                break


def _compare(
    fact: RelationshipMention, child: Entity, key: ForeignKeyMention, count: Cardinality, parent_count: Cardinality
) -> Iterator[Diagnostic]:
    subject = f"{child.name}.{', '.join(key.columns)}"
    unique = is_unique(child, key.columns)
    if not count.is_many and not unique:
        yield _finding(
            f"one `{key.target}` has at most one `{child.name}`, but `{subject}` is not unique",
            fact, key, Severity.WARNING, "make the key unique",
        )  # fmt: skip
    elif count.is_many and unique:
        message = f"one `{key.target}` has many `{child.name}`, but `{subject}` is unique"
        yield _finding(message, fact, key, Severity.ERROR, "drop the uniqueness, or say one to one")
    columns = [field for name in key.columns if (field := child.field(name))]
    is_nullable = any(f.is_nullable is not None and f.is_nullable.value for f in columns)
    if parent_count == Cardinality.ZERO_OR_ONE and columns and not is_nullable:
        message = f"`{child.name}` can do without `{key.target}`, but `{subject}` is not null"
        yield _finding(message, fact, key, Severity.WARNING, "let the key be null, or say exactly one")
    if parent_count == Cardinality.ONE and is_nullable:
        message = f"`{child.name}` needs one `{key.target}`, but `{subject}` may be null"
        yield _finding(message, fact, key, Severity.INFO, "add `NOT NULL`, or say zero or one")


def _finding(
    message: str, fact: RelationshipMention, key: ForeignKeyMention, severity: Severity, help: str
) -> Diagnostic:
    here, there = Label(fact.span, "the relationship"), Label(key.span, "the key")
    return contradiction(_CODE, message, here, there, severity=severity, help=help)
