"""Two tables are related, and no key or joining table in SQL holds the relationship.

**Why it matters.** Nothing connects the rows, or nothing keeps the connection valid: *a key stated and not declared*.

**Example.** `User ||--o{ Order` in the diagram, and `orders` in SQL has no foreign key to `users`; `Post }o--o{ Tag`
without a table in between.

**What to do.** Add the foreign key, or the joining table, or take the relationship out.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.design import Design
from asbuilt.model.entities import RelationshipMention
from asbuilt.rules.lookup.keys import joining, keys_to, related


def check(design: Design) -> Iterator[Diagnostic]:
    for fact in design.shaping_of(RelationshipMention):
        pair = related(design, fact)
        if pair is None or fact.type_field or not all(entity.is_in_sql for entity in pair):
            continue
        left, right = pair
        is_many_to_many = fact.left_count.is_many and fact.right_count.is_many
        if joining(design, left, right) or _junction_exists(design, fact):
            continue
        if is_many_to_many or not (keys_to(left, right) or keys_to(right, left)):
            missing = "joining table" if is_many_to_many else "foreign key"
            yield Diagnostic(
                "relationship_without_key",
                Severity.WARNING,
                f"no {missing} in SQL connects `{left.name}` and `{right.name}`",
                (
                    Label(fact.span, "related here"),
                    Label(left.span, "defined here"),
                    Label(right.span, "defined here"),
                ),
                f"add the {missing}",
            )


def _junction_exists(design: Design, fact: RelationshipMention) -> bool:
    entity = design.entity(fact.junction) if fact.junction else None
    return entity is not None and not entity.is_assumed
