"""From mentions to a design: what different places say of one thing, brought together.

Entities are matched by `names.normal`. Of several places that state a value the most authoritative counts (`RANK`);
what SQL defines has the fields that SQL gives it, everything else the fields that any place lists. What has to be
assumed is kept with its reason. Pure and deterministic; the time grows with the number of facts.
"""

from collections.abc import Sequence

from asbuilt.model.design import Design
from asbuilt.model.entities import EnumMention, Store
from asbuilt.model.fact import Assumption, Fact
from asbuilt.model.merging.constraints import attach_constraints, settle_constraints
from asbuilt.model.merging.drafts import RANK, Draft
from asbuilt.model.merging.fields import merge_fields, rank
from asbuilt.model.merging.grouping import building_facts, group, place_in_stores
from asbuilt.model.merging.guessing import assume_types
from asbuilt.model.merging.migrations import join_rollbacks
from asbuilt.model.merging.naming import name_entities
from asbuilt.model.merging.references import (
    add_named_only,
    assume_keys,
    resolve_marks,
    settle_references,
)
from asbuilt.model.merging.relating import relate
from asbuilt.model.merging.sharing import share_columns
from asbuilt.model.merging.spoken import spoken_columns
from asbuilt.text import Source

__all__ = ["RANK", "merge"]


def merge(source: Source, facts: Sequence[Fact]) -> Design:
    """Return the design that `facts`, in the order of the document, amount to."""
    joined = place_in_stores(join_rollbacks(facts))
    shaping = building_facts(joined)
    enums = tuple(sorted((f for f in shaping if isinstance(f, EnumMention)), key=rank))
    drafts = group(shaping, frozenset(enum.name for enum in enums))
    add_named_only(drafts)
    convention = name_entities(drafts, joined)
    merge_fields(drafts)
    attach_constraints(drafts)
    settle_constraints(drafts)
    share_columns(drafts)
    assume_keys(drafts)
    resolve_marks(drafts)
    settle_references(drafts)
    relate(drafts, convention, spoken_columns(drafts, joined))
    settle_references(drafts)
    assume_types(drafts)
    stated = [fact for fact in joined if isinstance(fact, Assumption)]
    assumptions = sorted([*stated, *drafts.assumptions], key=lambda a: (a.span, a.subject, a.assumed))
    entities = tuple(draft.frozen() for draft in sorted(drafts.distinct(), key=_place))
    return Design(source, joined, entities, enums, tuple(assumptions), tuple(shaping))


def _place(draft: Draft) -> tuple[bool, int]:
    """Sort entities by where the document first speaks of them, tables first."""
    return draft.store != Store.RELATIONAL, min(mention.span.start for mention in draft.mentions)
