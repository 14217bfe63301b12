"""A foreign key references columns that are neither a primary key nor unique.

**Why it matters.** PostgreSQL refuses it: `there is no unique constraint matching given keys for referenced table`.

**Example.** `country TEXT REFERENCES countries(name)`, and `countries.name` is not unique.

**What to do.** Reference the primary key, or make the referenced columns unique.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.design import Design, Entity
from asbuilt.rules.lookup.keys import StatedKey, stated_keys


def check(design: Design) -> Iterator[Diagnostic]:
    for key in stated_keys(design):
        target = design.entity(key.target)
        if target is None or target.is_external or target.is_assumed or not target.is_in_sql:
            continue
        columns = tuple(f.name for c in key.target_columns if (f := target.field(c)))
        if len(columns) == len(key.target_columns) and columns and not _is_key(target, columns):
            yield _finding(
                key, target, f"`{target.name} ({', '.join(columns)})` is not unique, so no key can lead there"
            )
        elif not key.target_columns and not target.primary_key:
            yield _finding(key, target, f"`{target.name}` has no primary key that a reference could mean")


def _is_key(target: Entity, columns: tuple[str, ...]) -> bool:
    """Tell whether exactly these columns are unique together: a part of them is not enough for PostgreSQL."""
    keys = [set(target.primary_key), *(set(u.columns) for u in target.uniques if not u.predicate)]
    keys += [{f.name} for f in target.fields if f.is_unique]
    keys += [{k.text for k in i.keys} for i in target.indexes if i.is_unique and not i.predicate]
    return set(columns) in keys


def _finding(key: StatedKey, target: Entity, message: str) -> Diagnostic:
    labels = (Label(key.span, "references it here"), Label(target.span, "the referenced table"))
    help = "reference the primary key, or make the columns unique"
    return Diagnostic("foreign_key_to_not_unique", Severity.ERROR, message, labels, help)
