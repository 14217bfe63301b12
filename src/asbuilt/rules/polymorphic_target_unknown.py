"""A polymorphic type lists a value that is the name of no entity.

**Why it matters.** Rows of that type point at a table that does not exist.

**Example.** `commentable_type` may be `'Post'`, `'Product'` or `'User'`, and there is no entity `Post`.

**What to do.** Correct the value, or define the entity. Lists of which no value names an entity are other words, and
not reported unless the pair is called `…able`.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Severity
from asbuilt.model.design import Design
from asbuilt.rules.enum_values_contradiction import value_lists
from asbuilt.rules.lookup.wording import not_found, table_names
from asbuilt.rules.polymorphic_without_check import pairs


def check(design: Design) -> Iterator[Diagnostic]:
    for entity in design.tables():
        for kind, _ in pairs(design, entity):
            lists = value_lists(design, entity, kind)
            values = lists[0].values if lists else ()
            is_able = "able" in kind.name
            if not is_able and not any(design.entity(value) for value in values):
                continue
            for value in values:
                if design.entity(value) is None:
                    message = f"`{kind.subject}` may be `{value}`, which is no entity"
                    span, names = lists[0].span, table_names(design)
                    yield not_found(
                        "polymorphic_target_unknown", message, span, value, names, design, severity=Severity.WARNING
                    )
