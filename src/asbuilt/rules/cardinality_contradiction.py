"""Two places give one relationship different cardinalities.

**Why it matters.** One-to-many needs a key, many-to-many a joining table: the schemas differ.

**Example.** `User ||--o{ Role` in the diagram, "a user has many roles and a role many users" in the list.

**What to do.** Write the same cardinality in both places. Only *one* against *many* counts; whether none is allowed is
compared with the keys instead.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, contradiction
from asbuilt.model.design import Design
from asbuilt.model.entities import Cardinality, RelationshipMention
from asbuilt.model.fact import Form
from asbuilt.model.names import normal


def check(design: Design) -> Iterator[Diagnostic]:
    by_pair: dict[frozenset[str], dict[Form, list[RelationshipMention]]] = {}
    for fact in design.shaping_of(RelationshipMention):
        pair = frozenset({normal(fact.left), normal(fact.right)})
        by_pair.setdefault(pair, {}).setdefault(fact.form, []).append(fact)
    for forms in by_pair.values():
        single = [found[0] for found in forms.values() if len(found) == 1]
        for other in single[1:]:
            yield from _compare(single[0], other)


def _compare(there: RelationshipMention, here: RelationshipMention) -> Iterator[Diagnostic]:
    if _shape(here, there.left) == _shape(there, there.left) or here.span == there.span or here.type_field:
        return
    yield contradiction(
        "cardinality_contradiction",
        f"`{here.left}` to `{here.right}` is {_words(here)} here, and `{there.left}` to `{there.right}` "
        f"is {_words(there)} there",
        Label(here.span, _words(here)),
        Label(there.span, _words(there)),
        help="write the same cardinality in both places",
    )


def _shape(fact: RelationshipMention, first: str) -> tuple[bool, bool]:
    """Return whether each side is many, seen from `first`; a self-reference has no sides."""
    counts = (fact.left_count.is_many, fact.right_count.is_many)
    if normal(fact.left) == normal(fact.right):
        return (min(counts), max(counts))
    return counts if normal(fact.left) == normal(first) else (counts[1], counts[0])


def _words(fact: RelationshipMention) -> str:
    return f"{_count(fact.left_count)} to {_count(fact.right_count)}"


def _count(count: Cardinality) -> str:
    return "many" if count.is_many else "one"
