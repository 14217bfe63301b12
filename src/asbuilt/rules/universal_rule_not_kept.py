"""A sentence about all tables does not hold for one of them.

**Why it matters.** Code written for every table (a base class, a trigger) fails on that one.

**Example.** "All tables have `created_at` and `updated_at`", and `audit_log` has only `created_at`.

**What to do.** Add the column, or name the exception in the sentence.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, contradiction
from asbuilt.model.design import Design, Entity
from asbuilt.model.entities import UniversalRule
from asbuilt.model.names import normal
from asbuilt.rules.lookup.definitions import added_column
from asbuilt.rules.lookup.known import has_column, is_closed
from asbuilt.rules.lookup.wording import listed


def check(design: Design) -> Iterator[Diagnostic]:
    for rule in design.of(UniversalRule):
        exceptions = {normal(name) for name in rule.exceptions}
        for entity in design.tables():
            if is_closed(entity) and not _names(entity) & exceptions:
                yield from _missing(design, entity, rule)


def _names(entity: Entity) -> set[str]:
    return {normal(name) for name in (*entity.names, entity.name)}


def _missing(design: Design, entity: Entity, rule: UniversalRule) -> Iterator[Diagnostic]:
    absent = [column for column in rule.columns if not has_column(entity, column)]
    if absent and entity.span != rule.span:
        yield contradiction(
            "universal_rule_not_kept",
            f"`{entity.name}` has no {listed(absent)}, which all tables are said to have",
            Label(entity.span, "not here"),
            Label(rule.span, "said here"),
            help="add the column, or name the exception",
            fixes=_fixes(design, entity, absent),
        )


def _fixes(design: Design, entity: Entity, absent: list[str]) -> tuple[Fix, ...]:
    """Offer to add the columns, each with the type that it has in other tables."""
    edits: list[Edit] = []
    for column in absent:
        type = next((f.type.value for e in design.tables() if (f := e.field(column)) and f.type), None)
        edits += added_column(entity, column, type.sql.upper()) if type else ()
    if len(edits) != len(absent):
        return ()
    joined = "".join(edit.text for edit in edits)
    return (Fix(f"add {listed(absent)}", (Edit(edits[0].span, joined),)),)
