"""An index, a constraint, a key or a view names a column that its table does not have.

**Why it matters.** The statement fails on the server, or the promise cannot be kept.

**Example.** `CREATE INDEX idx_users_mail ON users (mail)`, and the column is called `email`.

**What to do.** Correct the name, or add the column.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Severity
from asbuilt.model.design import Design, Entity
from asbuilt.model.entities import (
    ConstraintMention,
    DenormalizedMention,
    ForeignKeyMention,
    IndexMention,
    PartitioningMention,
    Store,
)
from asbuilt.model.fact import Fact
from asbuilt.model.sql import Role
from asbuilt.rules.lookup.known import has_column, is_closed, missing_columns
from asbuilt.rules.lookup.wording import field_names, not_found
from asbuilt.text import Span

_ROLES = frozenset({Role.SCHEMA, Role.SEED})
_CODE = "undefined_field"


def check(design: Design) -> Iterator[Diagnostic]:
    seen: set[int] = set()
    for fact in design.facts:
        for entity_name, column, span in _columns(fact):
            entity = design.entity(entity_name)
            if entity and is_closed(entity) and column and not has_column(entity, column):
                finding = _finding(design, entity, column, span)
                seen.add(finding.span.start)
                yield finding
    for finding in missing_columns(_CODE, design, _ROLES):
        if finding.span.start not in seen:
            yield finding


def _columns(fact: Fact) -> Iterator[tuple[str, str, Span]]:
    """Yield what a fact names: the entity, the column, the place."""
    if isinstance(fact, IndexMention | ConstraintMention) and fact.store != Store.RELATIONAL:
        return
    if isinstance(fact, IndexMention):
        yield from ((fact.entity, key.text, key.span) for key in fact.keys if not key.is_expression)
        yield from ((fact.entity, column, fact.span) for column in fact.include)
    elif isinstance(fact, ConstraintMention):
        yield from ((fact.entity, column, fact.span) for column in fact.columns)
        if isinstance(fact, ForeignKeyMention):
            yield from ((fact.target, column, fact.span) for column in fact.target_columns)
    elif isinstance(fact, PartitioningMention):
        yield from ((fact.entity, column, fact.span) for column in fact.columns)
    elif isinstance(fact, DenormalizedMention) and fact.column:
        yield fact.entity, fact.column, fact.span


def _finding(design: Design, entity: Entity, column: str, span: Span) -> Diagnostic:
    message = f"`{entity.name}` has no column `{column}`"
    severity = Severity.ERROR if entity.is_in_sql else Severity.WARNING
    return not_found(_CODE, message, span, column, field_names(entity), design, severity=severity)
