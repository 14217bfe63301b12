"""The pages of findings that are not made by a rule: readers and the trial make them while they work."""

from types import ModuleType

from asbuilt.rules import (
    claim_broken,
    claimed_twice,
    column_undefined,
    elided_sql,
    extension_unavailable,
    function_undefined,
    inline_index,
    mysql_syntax,
    not_immutable,
    not_understood,
    partition_of_unpartitioned,
    primary_key_without_partition_key,
    pseudo_create_migration,
    relation_undefined,
    rows_refused,
    single_dollar_body,
    statement_refused,
    trailing_comma,
    trigger_function_missing,
    type_undefined,
    unquoted_name,
)

_MODULES: tuple[ModuleType, ...] = (
    not_understood,
    claimed_twice,
    elided_sql,
    inline_index,
    mysql_syntax,
    pseudo_create_migration,
    single_dollar_body,
    trailing_comma,
    unquoted_name,
    statement_refused,
    relation_undefined,
    column_undefined,
    type_undefined,
    function_undefined,
    trigger_function_missing,
    not_immutable,
    primary_key_without_partition_key,
    partition_of_unpartitioned,
    extension_unavailable,
    rows_refused,
    claim_broken,
)

PAGES: dict[str, str] = {module.__name__.rpartition(".")[2]: (module.__doc__ or "").strip() for module in _MODULES}
