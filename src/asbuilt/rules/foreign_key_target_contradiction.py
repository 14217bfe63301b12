"""A field references one entity here and another there.

**Why it matters.** Rows that one place promises to accept are refused.

**Example.** `author_id` references `users` in the field table, and `REFERENCES authors(id)` in SQL.

**What to do.** Write the same target in both places.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, contradiction
from asbuilt.model.design import Design
from asbuilt.model.names import normal
from asbuilt.rules.lookup.comparing import Saying, disputes


def check(design: Design) -> Iterator[Diagnostic]:
    for dispute in disputes(design, "references", _agree):
        here, there = dispute.here, dispute.there
        yield contradiction(
            "foreign_key_target_contradiction",
            f"`{dispute.field.subject}` references `{here.value.entity}` here, and `{there.value.entity}` there",
            Label(here.span, f"`{here.value.entity}` here"),
            Label(there.span, f"`{there.value.entity}` here"),
            help="write the same target in both places",
        )


def _agree(here: Saying, there: Saying) -> bool:
    one, other = here.value, there.value
    columns = (tuple(map(normal, one.columns)), tuple(map(normal, other.columns)))
    same_columns = not all(columns) or columns[0] == columns[1]
    return same_columns and normal(one.entity.rpartition(".")[2]) == normal(other.entity.rpartition(".")[2])
