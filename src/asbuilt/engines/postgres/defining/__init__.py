"""The SQL that makes what an inspected state describes: statements without semicolons, names exactly as they are.

Definitions are the server's own and mean what they meant under the search path of the inspection.
"""

from asbuilt.engines.postgres.defining.documented import statements, whole_table
from asbuilt.engines.postgres.defining.domains import domain_change, domain_checks
from asbuilt.engines.postgres.defining.foreign import options_change as foreign_options_change
from asbuilt.engines.postgres.defining.marks import MARKS
from asbuilt.engines.postgres.defining.objects import (
    create_object,
    drop_object,
    is_public,
    properties_change,
    replace_object,
)
from asbuilt.engines.postgres.defining.tables import (
    add_column,
    add_constraint,
    column,
    column_settings_change,
    comment_on,
    create_index,
    create_policy,
    create_table,
    create_trigger,
    enable_trigger,
    identity_options,
    index_comment,
    index_name,
    own_columns,
    own_sequence,
    row_security_change,
    sequence_options,
    sequence_settings_change,
    table_settings_change,
)

__all__ = [
    "MARKS",
    "add_column",
    "add_constraint",
    "column",
    "column_settings_change",
    "comment_on",
    "create_index",
    "create_object",
    "create_policy",
    "create_table",
    "create_trigger",
    "domain_change",
    "domain_checks",
    "drop_object",
    "enable_trigger",
    "foreign_options_change",
    "identity_options",
    "index_comment",
    "index_name",
    "is_public",
    "own_columns",
    "own_sequence",
    "properties_change",
    "replace_object",
    "row_security_change",
    "sequence_options",
    "sequence_settings_change",
    "statements",
    "table_settings_change",
    "whole_table",
]
