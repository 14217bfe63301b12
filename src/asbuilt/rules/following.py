"""Findings that are only a consequence of another one at the same place."""

from collections import deque

from asbuilt.diagnostics import Diagnostic

_FOLLOWERS: dict[str, frozenset[str]] = {
    "reference_undefined": frozenset({"undefined_entity", "undefined_field", "foreign_key_without_index"}),
    "undefined_entity": frozenset({"undefined_field"}),
    "undefined_field": frozenset({"constraint_stated_twice", "foreign_key_to_not_unique"}),
    "migration_unknown": frozenset({"undefined_entity", "undefined_field"}),
    "entity_defined_twice": frozenset({"constraint_stated_twice", "index_stated_twice"}),
    "index_stated_twice": frozenset({"duplicate_index", "redundant_index", "index_on_unique"}),
    "duplicate_index": frozenset({"redundant_index"}),
    "index_on_unique": frozenset({"redundant_index", "duplicate_index"}),
    "foreign_key_target_contradiction": frozenset({"foreign_key_type_mismatch"}),
}
"""What is held back, by what is reported at a place that overlaps."""


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
