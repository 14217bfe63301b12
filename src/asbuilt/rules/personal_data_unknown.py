"""A list of personal data names a table or a column that the document does not have.

**Why it matters.** Export, erasure and masking follow this list: what it misses is never masked.

**Example.** `users.phone_number` among the PII fields, and the column is called `phone`.

**What to do.** Correct the name, or define the column.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Severity
from asbuilt.model.chapters import PersonalField
from asbuilt.model.design import Design, Entity
from asbuilt.model.entities import Store
from asbuilt.rules.lookup.known import has_column, is_closed
from asbuilt.rules.lookup.wording import field_names, not_found, table_names

_CODE = "personal_data_unknown"


def check(design: Design) -> Iterator[Diagnostic]:
    for fact in design.of(PersonalField):
        found = [e for store in Store if fact.entity and (e := design.entity(fact.entity, store))]
        if fact.entity and not found:
            message = f"`{fact.entity}` holds personal data, and is nowhere defined"
            yield not_found(
                _CODE, message, fact.span, fact.entity, table_names(design), design, severity=Severity.WARNING
            )
        elif fact.entity and fact.field != "*" and not any(_has(entity, fact.field) for entity in found):
            message = f"`{found[0].name}` has no field `{fact.field}` that could hold personal data"
            known = field_names(found[0])
            yield not_found(_CODE, message, fact.span, fact.field, known, design, severity=Severity.WARNING)


def _has(entity: Entity, field: str) -> bool:
    return not is_closed(entity) or has_column(entity, field.split(".")[0])
