"""Columns that the document says once for all tables (`every table has id, created_at and updated_at`)."""

from asbuilt.model.entities import UniversalRule
from asbuilt.model.merging.drafts import Draft, Drafts
from asbuilt.model.merging.references import ensure_field
from asbuilt.model.names import normal


def share_columns(drafts: Drafts) -> None:
    """Give the columns of each rule about all tables to those that do not list them. What SQL defines is left for a check."""
    for rule in (fact for fact in drafts.facts if isinstance(fact, UniversalRule)):
        exceptions = {normal(name) for name in rule.exceptions}
        for draft in drafts.relational():
            if _takes_part(draft) and not exceptions & {normal(name) for name in (draft.name, *draft.names)}:
                for column in rule.columns:
                    ensure_field(draft, column, rule.span, rule.form)


def _takes_part(draft: Draft) -> bool:
    return bool(draft.fields) and not draft.definitions and not draft.is_external and not draft.is_assumed
