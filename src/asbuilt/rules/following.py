"""Findings that are only a consequence of another one at the same place, or say the same once more."""

from collections import deque

from asbuilt.diagnostics import Diagnostic
from asbuilt.model.design import Design
from asbuilt.text import Span

_FOLLOWERS: dict[str, frozenset[str]] = {
    "reference_undefined": frozenset({"undefined_entity", "undefined_field", "foreign_key_without_index"}),
    "undefined_entity": frozenset({"undefined_field"}),
    "undefined_field": frozenset({"constraint_stated_twice", "foreign_key_to_not_unique", "query_names_unknown"}),
    "migration_unknown": frozenset({"undefined_entity", "undefined_field"}),
    "entity_defined_twice": frozenset({"constraint_stated_twice", "index_stated_twice"}),
    "index_stated_twice": frozenset({"duplicate_index", "redundant_index", "index_on_unique"}),
    "duplicate_index": frozenset({"redundant_index"}),
    "index_on_unique": frozenset({"redundant_index", "duplicate_index"}),
    "foreign_key_target_contradiction": frozenset({"foreign_key_type_mismatch"}),
}
"""What is held back, by what is reported at a place that overlaps."""


_TRIED = frozenset(
    {
        "statement_refused",
        "relation_undefined",
        "column_undefined",
        "type_undefined",
        "function_undefined",
        "rows_refused",
    }
)
"""What the trial says of a statement."""
_REFUSED = frozenset(
    {
        "reference_undefined", "undefined_entity", "undefined_field", "undefined_type", "enum_value_undefined",
        "foreign_key_type_mismatch", "foreign_key_to_not_unique", "query_names_unknown", "seed_leaves_out_required",
        "view_repeats_column", "index_method_unfit",
    }
)  # fmt: skip
"""What rules say of a statement that PostgreSQL therefore refuses."""


def hold_back(found: list[Diagnostic]) -> list[Diagnostic]:
    """Return the findings, sorted by place, without those that follow from another at the same place."""
    left: list[Diagnostic] = []
    leaders = deque(sorted((d for d in found if d.code in _FOLLOWERS), key=lambda d: d.span))
    reaching: list[Diagnostic] = []
    for diagnostic in sorted(found, key=lambda d: d.span):
        while leaders and leaders[0].span.start < max(diagnostic.span.end, diagnostic.span.start + 1):
            reaching.append(leaders.popleft())
        reaching = [leader for leader in reaching if leader.span.end >= diagnostic.span.start]
        if not any(_follows(diagnostic, leader) for leader in reaching):
            left.append(diagnostic)
    return left


def _follows(diagnostic: Diagnostic, leader: Diagnostic) -> bool:
    if diagnostic.code not in _FOLLOWERS[leader.code]:
        return False
    return diagnostic.span == leader.span or diagnostic.span.overlaps(leader.span)


def hold_back_tried(found: list[Diagnostic], design: Design) -> list[Diagnostic]:
    """Return the findings without the trial's about a statement of which a rule has said already what is wrong."""
    told = {_statement(design, label.span) for d in found if d.code in _REFUSED for label in d.labels} - {None}
    return [d for d in found if d.code not in _TRIED or _statement(design, d.span) not in told]


def _statement(design: Design, span: Span) -> Span | None:
    statement = design.statement_at(span)
    return statement.span if statement else None
