"""SQL states the same constraint of a table twice.

**Why it matters.** A second unique constraint is a second index; a second foreign key doubles every check; a second
constraint of one name fails.

**Example.** `email VARCHAR(255) UNIQUE` in the table, and `ALTER TABLE users ADD CONSTRAINT … UNIQUE (email)` below.

**What to do.** Remove one of them.
"""

from collections.abc import Hashable, Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity, contradiction
from asbuilt.model.design import Design, Entity
from asbuilt.model.entities import CheckMention, ConstraintMention, ForeignKeyMention, PrimaryKeyMention, UniqueMention
from asbuilt.model.fact import Form
from asbuilt.model.names import normal
from asbuilt.rules.lookup.wording import listed
from asbuilt.text import Span


def check(design: Design) -> Iterator[Diagnostic]:
    known: dict[Hashable, tuple[Span, str]] = {}
    for entity in design.tables():
        for identity, span, words in _beside_fields(entity):
            known.setdefault((entity.schema, entity.name, identity), (span, words))
    for fact in design.shaping_of(ConstraintMention):
        owner = design.entity(fact.entity)
        if owner is None or fact.form != Form.SQL:
            continue
        for key in _identities(fact):
            span, words = known.setdefault((owner.schema, owner.name, key), (fact.span, _words(fact)))
            if not span.overlaps(fact.span):
                yield _finding(owner, fact, span, words)
                break


def _beside_fields(entity: Entity) -> Iterator[tuple[Hashable, Span, str]]:
    for field in entity.fields:
        for mention in field.mentions:
            if mention.form == Form.SQL and mention.is_unique and mention.is_unique.value:
                yield ("unique", (normal(field.name),), None), mention.span, "unique"
            if mention.form == Form.SQL and mention.references:
                target = normal(mention.references.value.entity)
                yield ("foreign key", (normal(field.name),), target), mention.span, "a foreign key"


def _identities(fact: ConstraintMention) -> list[Hashable]:
    """Return what must not come twice: the name, and what is said."""
    named: list[Hashable] = [("name", fact.name.lower())] if fact.name else []
    columns = tuple(normal(c) for c in fact.columns)
    if isinstance(fact, UniqueMention):
        return [*named, ("unique", columns, fact.predicate)]
    if isinstance(fact, ForeignKeyMention):
        return [*named, ("foreign key", columns, normal(fact.target))]
    if isinstance(fact, CheckMention) and fact.condition:
        return [*named, ("check", " ".join(fact.condition.lower().split()))]
    return [*named, ("primary key",)] if isinstance(fact, PrimaryKeyMention) else named


def _words(fact: ConstraintMention) -> str:
    if isinstance(fact, UniqueMention):
        return "unique"
    return "a foreign key" if isinstance(fact, ForeignKeyMention) else "constrained"


def _finding(entity: Entity, fact: ConstraintMention, span: Span, words: str) -> Diagnostic:
    subject = (fact.name and f"`{fact.name}`") or (listed(fact.columns) + f" of `{entity.name}`")
    message = f"{subject} is {words} already"
    here, there = Label(fact.span, "stated again"), Label(span, "stated here")
    return contradiction(
        "constraint_stated_twice", message, here, there, severity=Severity.WARNING, help="remove one of them"
    )
