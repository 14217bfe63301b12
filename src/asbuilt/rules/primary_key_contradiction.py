"""The key of a table is another here than there, or stated and never declared.

**Why it matters.** References, upserts and caches all build on the key.

**Example.** The diagram marks `code` as `PK`, `CREATE TABLE` has `id UUID PRIMARY KEY`.

**What to do.** Write the same key in both places.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, contradiction
from asbuilt.model.design import Design, Entity
from asbuilt.model.entities import EntityMention, FieldMention
from asbuilt.model.fact import Form
from asbuilt.model.names import normal
from asbuilt.rules.lookup.comparing import current
from asbuilt.rules.lookup.wording import listed
from asbuilt.text import Span

_SILENT = frozenset({Form.SQL, Form.EXAMPLE, Form.INTERFACE})


def check(design: Design) -> Iterator[Diagnostic]:
    for entity in design.tables():
        leader = _leader(entity)
        for mention in current(entity) if leader else ():
            marked = _marked(mention)
            if not marked or mention is entity.mentions[0] or mention.form in _SILENT or leader is None:
                continue
            if {normal(f.name) for f in marked} != {normal(c) for c in entity.primary_key}:
                there = listed(entity.primary_key) if entity.primary_key else "not declared"
                yield contradiction(
                    "primary_key_contradiction",
                    f"the key of `{entity.name}` is {listed(f.name for f in marked)} here, and {there} there",
                    Label(marked[0].name_span, "the key here"),
                    Label(leader, f"the key is {there}"),
                    help="write the same key in both places",
                )


def _marked(mention: EntityMention) -> list[FieldMention]:
    return [f for f in mention.fields if f.is_primary and f.is_primary.value]


def _leader(entity: Entity) -> Span | None:
    """Return the place of the key that counts; None where the most authoritative place says nothing of a key."""
    leading = entity.mentions[0]
    marked = next((f.name_span for f in _marked(leading)), None)
    return marked or (leading.name_span if entity.is_in_sql else None)
