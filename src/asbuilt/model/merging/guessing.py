"""What must be assumed because the document does not say: types of fields, and the reason for each."""

import re
from collections import Counter

from asbuilt.model.design import Field
from asbuilt.model.entities import Store
from asbuilt.model.fact import Form, Stated
from asbuilt.model.merging.drafts import Draft, Drafts
from asbuilt.model.names import words
from asbuilt.model.revising import revised
from asbuilt.model.types import Family, TypeName, type_name

_BY_NAME: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), type)
    for pattern, type in (
        (r"(^|_)(is|has|can|should|was)_|_?enabled$|^(active|verified|deleted|archived)$", "boolean"),
        (r"_at$|^(timestamp|created|updated|expires|last_login|last_seen)$", "timestamptz"),
        (r"(^|_)(date|birthday|dob)$", "date"),
        (r"(^|_)(price|amount|total|subtotal|balance|cost|fee|tax|discount|salary)$", "numeric(12,2)"),
        (r"(^|_)(quantity|qty|count|position|sort_order|age|stock|version|priority|rating|views|attempts)$", "integer"),
        (r"(^|_)(metadata|meta|settings|preferences|json|payload|config|attributes|options|data|tags)$", "jsonb"),
        (r"(^|_)(url|description|content|body|notes|bio|comment|message|summary)$", "text"),
        (r"(^|_)(email|name|title|slug|username|phone|sku|code|status|type|role)$", "varchar(255)"),
    )
)
_KEY_FAMILIES = frozenset({Family.UUID, Family.INTEGER, Family.STRING})


def key_habit(drafts: Drafts) -> str:
    """Return the type that keys have in this document, most of the time; a UUID where none shows."""
    types = Counter(
        revised(field.type.value, is_serial=False).sql
        for draft in drafts.relational()
        for field in draft.fields.values()
        if field.type and (field.name.lower() == "id" or field.is_primary) and field.type.value.family in _KEY_FAMILIES
    )
    return max(types, key=lambda written: types[written]) if types else "uuid"


def assume_types(drafts: Drafts) -> None:
    """Give every field of a table that has no usable type one, by its key, its values or its name; keys first."""
    habit, referencing = key_habit(drafts), _types_of_references(drafts)
    fields = [(draft, key) for draft in drafts.relational() if not draft.is_external for key in draft.fields]
    for draft, key in sorted(fields, key=lambda pair: not _is_key(pair[0], pair[0].fields[pair[1]])):
        field = draft.fields[key]
        if not _is_usable(drafts, field):
            wanted = referencing.get((draft.name, field.name)) if _is_key(draft, field) else None
            draft.fields[key] = _typed(drafts, draft, field, wanted or habit)


def _types_of_references(drafts: Drafts) -> dict[tuple[str, str], str]:
    """Return, by table and column, the type of the first column that references it."""
    found: dict[tuple[str, str], str] = {}
    for draft in drafts.relational():
        for key in draft.foreign_keys:
            column = draft.column(key.columns[0]) if len(key.columns) == 1 else None
            if column and column.type and column.type.value.family != Family.OTHER:
                target = key.target_columns[0] if key.target_columns else "id"
                found.setdefault((key.target, target), revised(column.type.value, is_serial=False).sql)
    return found


def _is_key(draft: Draft, field: Field) -> bool:
    return field.name in draft.primary_key or field.name.lower() == "id"


def _is_usable(drafts: Drafts, field: Field) -> bool:
    """A word that is no type of PostgreSQL is one where SQL writes it or an enumeration has that name."""
    if field.type is None or field.type.value.family != Family.OTHER or field.type.value.is_native:
        return field.type is not None
    is_in_sql = any(m.type == field.type and m.form == Form.SQL for m in field.mentions)
    return is_in_sql or field.type.value.name in drafts.enum_names


def _typed(drafts: Drafts, draft: Draft, field: Field, habit: str) -> Field:
    written, reason = _guess(drafts, draft, field, habit)
    if field.type is not None:
        reason = f"`{field.type.value.raw}` is no known type; {reason}"
    span = field.type.span if field.type else field.mentions[0].name_span
    drafts.assume(span, f"{draft.name}.{field.name}", f"type {written}", reason)
    type = type_name(written)
    return revised(field, type=Stated(type, span) if type else None)


def _guess(drafts: Drafts, draft: Draft, field: Field, habit: str) -> tuple[str, str]:
    referenced = key_type(drafts, draft, field)
    if referenced:
        return referenced.sql, "the type of the key that it references"
    if field.values:
        return "varchar(50)", "its values are listed"
    name = "_".join(words(field.name))
    if _is_key(draft, field) or name.endswith("_id"):
        return habit, "keys have this type here"
    written = next((type for pattern, type in _BY_NAME if pattern.search(name)), None)
    return (written, "no type is stated; by its name") if written else ("text", "no type is stated")


def key_type(drafts: Drafts, draft: Draft, field: Field, depth: int = 0) -> TypeName | None:
    """Return the type of what `field` references, through keys that are references themselves."""
    key = next((k for k in draft.foreign_keys if k.columns == (field.name,)), None)
    target = drafts.find(key.target, Store.RELATIONAL) if key else None
    if key is None or target is None or depth > 8:
        return None
    column = target.column(key.target_columns[0] if key.target_columns else "id")
    if column is None:
        return None
    if column.type is None:
        return key_type(drafts, target, column, depth + 1)
    return revised(column.type.value, is_serial=False)
