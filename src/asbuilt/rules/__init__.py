"""What can be wrong with a design: a module each.

A rule's file name is its code, its docstring its page, and its line in `_MODULES` the whole of its registration.
"""

from collections.abc import Iterable
from types import ModuleType

from asbuilt.diagnostics import Diagnostic
from asbuilt.model.design import Design
from asbuilt.rules import (
    cache_key_unknown_parameter,
    cache_key_without_invalidation,
    cache_key_without_ttl,
    cardinality_contradiction,
    cardinality_not_held_by_keys,
    character_padded,
    column_only_in_one_form,
    constraint_stated_twice,
    default_contradiction,
    denormalized_without_keeper,
    duplicate_index,
    entity_defined_twice,
    entity_only_in_one_form,
    enum_unused,
    enum_value_undefined,
    enum_value_used_at_once,
    enum_values_contradiction,
    field_length_contradiction,
    field_type_contradiction,
    foreign_key_action_contradiction,
    foreign_key_target_contradiction,
    foreign_key_to_not_unique,
    foreign_key_type_mismatch,
    foreign_key_without_index,
    found_elsewhere,
    full_text_emptied_by_null,
    identifier_too_long,
    index_method_unfit,
    index_on_unique,
    index_stated_twice,
    index_too_wide,
    json_without_equality,
    key_may_run_out,
    migration_checks_at_once,
    migration_index_blocks_writers,
    migration_renames_schema,
    migration_rewrites_table,
    migration_truncates_cascade,
    migration_unknown,
    migration_updates_at_once,
    migration_waits_without_end,
    migration_without_rollback,
    missing_primary_key,
    money_in_float,
    no_schema,
    nullability_contradiction,
    password_not_hashed,
    personal_data_unknown,
    policy_reads_own_table,
    polymorphic_target_unknown,
    polymorphic_without_check,
    primary_key_contradiction,
    purge_unknown,
    query_index_cannot_serve,
    query_index_unknown,
    query_names_unknown,
    redundant_index,
    reference_undefined,
    relationship_without_key,
    reserved_identifier,
    rollback_drops_used,
    rule_against_rule,
    seed_leaves_out_required,
    set_null_on_required,
    suppression_without_reason,
    suspicious_pattern,
    timestamp_without_time_zone,
    undefined_entity,
    undefined_field,
    undefined_type,
    unique_against_life_cycle,
    uniqueness_contradiction,
    universal_rule_not_kept,
    unreadable_sql,
    unused_suppression,
    view_repeats_column,
    volume_unknown_entity,
)
from asbuilt.rules.following import hold_back, hold_back_tried
from asbuilt.rules.rule import Rule
from asbuilt.rules.suppression import apply, suppressions

_MODULES: tuple[ModuleType, ...] = (
    no_schema,
    undefined_entity,
    undefined_field,
    undefined_type,
    reference_undefined,
    entity_defined_twice,
    field_type_contradiction,
    field_length_contradiction,
    nullability_contradiction,
    uniqueness_contradiction,
    default_contradiction,
    primary_key_contradiction,
    column_only_in_one_form,
    entity_only_in_one_form,
    enum_values_contradiction,
    enum_value_undefined,
    enum_unused,
    foreign_key_target_contradiction,
    foreign_key_action_contradiction,
    foreign_key_type_mismatch,
    foreign_key_to_not_unique,
    foreign_key_without_index,
    set_null_on_required,
    cardinality_contradiction,
    cardinality_not_held_by_keys,
    relationship_without_key,
    missing_primary_key,
    unique_against_life_cycle,
    index_stated_twice,
    duplicate_index,
    index_on_unique,
    redundant_index,
    index_too_wide,
    constraint_stated_twice,
    universal_rule_not_kept,
    rule_against_rule,
    polymorphic_without_check,
    polymorphic_target_unknown,
    denormalized_without_keeper,
    personal_data_unknown,
    volume_unknown_entity,
    cache_key_unknown_parameter,
    cache_key_without_ttl,
    cache_key_without_invalidation,
    purge_unknown,
    migration_unknown,
    migration_without_rollback,
    migration_checks_at_once,
    migration_index_blocks_writers,
    migration_rewrites_table,
    migration_truncates_cascade,
    migration_updates_at_once,
    migration_waits_without_end,
    migration_renames_schema,
    enum_value_used_at_once,
    unreadable_sql,
    reserved_identifier,
    identifier_too_long,
    suspicious_pattern,
    full_text_emptied_by_null,
    timestamp_without_time_zone,
    money_in_float,
    character_padded,
    json_without_equality,
    key_may_run_out,
    password_not_hashed,
    query_names_unknown,
    query_index_unknown,
    query_index_cannot_serve,
    seed_leaves_out_required,
    policy_reads_own_table,
    view_repeats_column,
    rollback_drops_used,
    index_method_unfit,
    suppression_without_reason,
    unused_suppression,
)

RULES: tuple[Rule, ...] = tuple(
    Rule(module.__name__.rpartition(".")[2], module.check, (module.__doc__ or "").strip()) for module in _MODULES
)
"""All rules, in the order in which they are asked; findings are sorted by place."""


PAGES: dict[str, str] = {rule.code: rule.page for rule in RULES} | found_elsewhere.PAGES
"""The page of every code, those included that readers and the trial find."""


def check(design: Design, found: Iterable[Diagnostic] = ()) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a design, sorted by place; what a comment allows and what only follows is left out.

    `found` are findings made elsewhere, by readers and by the trial, that are to be treated alike.
    """
    made = hold_back([*found, *(diagnostic for rule in RULES for diagnostic in rule.check(design))])
    made = hold_back_tried(made, design)
    left, unused = apply(design.source, made, list(suppressions(design.source)))
    left += unused_suppression.findings(unused, frozenset(PAGES))
    return tuple(sorted(dict.fromkeys(left), key=lambda d: (d.span, d.code, d.message)))


__all__ = ["PAGES", "RULES", "Rule", "check"]
