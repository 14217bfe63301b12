"""A column is listed in one place and missing from another that lists the same entity.

**Why it matters.** It was renamed, added or dropped in one place only; code written after the other fails.

**Example.** `balance` is in the field table of `users`, and not in `CREATE TABLE users`.

**What to do.** Add it where it is missing, or remove it. A diagram may show fewer fields, and so may a class or an
interface; a cut name in an ASCII drawing belongs to the field that it begins.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity, contradiction
from asbuilt.model.design import Design, Entity
from asbuilt.model.entities import EntityMention, FieldMention, UniversalRule
from asbuilt.model.fact import Form
from asbuilt.model.names import did_you_mean, normal
from asbuilt.model.types import Family
from asbuilt.rules.lookup.comparing import current
from asbuilt.rules.lookup.definitions import added_column, removed_line
from asbuilt.text import Span

_LISTS = frozenset({Form.SQL, Form.TABLE, Form.LISTING, Form.LABEL})
_SKETCHES = frozenset({Form.BOX, Form.EXAMPLE})


def check(design: Design) -> Iterator[Diagnostic]:
    shared = {normal(c) for rule in design.of(UniversalRule) for c in rule.columns}
    for entity in design.tables():
        by_form = _by_form(entity)
        for form, known in by_form.items():
            if form in _LISTS and any(m.is_complete and m.form == form for m in current(entity)):
                yield from _missing(design, entity, form, by_form, shared if form != Form.SQL else set(), known)


def _by_form(entity: Entity) -> dict[Form, dict[str, FieldMention]]:
    """Return the fields by form and normal name; sketches are left out."""
    found: dict[Form, dict[str, FieldMention]] = {}
    for mention in current(entity):
        if mention.form not in _SKETCHES and mention.fields:
            fields = found.setdefault(mention.form, {})
            for field in mention.fields:
                fields.setdefault(normal(field.name), field)
    return found


def _missing(
    design: Design,
    entity: Entity,
    form: Form,
    by_form: dict[Form, dict[str, FieldMention]],
    shared: set[str],
    known: dict[str, FieldMention],
) -> Iterator[Diagnostic]:
    """Yield a finding for each field that another form has and the complete list in `form` has not."""
    list_ = next(m for m in current(entity) if m.form == form and m.is_complete)
    others = {key: field for other, fields in by_form.items() if other != form for key, field in fields.items()}
    for key, field in others.items():
        if key in known or key in shared or _is_relation(design, field) or _is_reported(by_form, form, key, field):
            continue
        yield _finding(design, entity, field, list_, [f.name for k, f in known.items() if k not in others])


def _is_relation(design: Design, field: FieldMention) -> bool:
    type = field.type.value if field.type else None
    return type is not None and type.family == Family.OTHER and design.entity(type.name) is not None


def _is_reported(by_form: dict[Form, dict[str, FieldMention]], form: Form, key: str, field: FieldMention) -> bool:
    """Report a field once: against SQL where there is some, else against the list itself."""
    return form != Form.SQL and Form.SQL in by_form and key not in by_form[Form.SQL]


def _finding(
    design: Design, entity: Entity, field: FieldMention, list_: EntityMention, candidates: list[str]
) -> Diagnostic:
    meant = did_you_mean(field.name, candidates)
    place = "SQL" if list_.form == Form.SQL else f"the {list_.form.value}"
    return contradiction(
        "column_only_in_one_form",
        f"`{entity.name}.{field.name}` is in {'SQL' if field.form == Form.SQL else f'the {field.form.value}'}, "
        f"and not in {place}",
        Label(field.name_span, "listed here"),
        Label(list_.name_span, "not listed here"),
        severity=Severity.INFO if field.form in (Form.INTERFACE, Form.CLASS) else Severity.WARNING,
        help=f"is it `{meant}` there?" if meant else f"add `{field.name}` to {place}, or remove it here",
        fixes=_fixes(design, entity, field, list_),
    )


def _fixes(design: Design, entity: Entity, field: FieldMention, list_: EntityMention) -> tuple[Fix, ...]:
    """Offer to add the column to SQL or to the table, or to remove the line that only a table or a diagram has."""
    type = field.type.value.sql.upper() if field.type else "TEXT"
    add = added_column(entity, field.name, type) if list_.form == Form.SQL else ()
    remove = removed_line(design.source, field.span) if field.form in (Form.TABLE, Form.DIAGRAM) else ()
    row = _added_row(design, field, list_) if list_.form == Form.TABLE else ()
    fixes = (
        Fix("add the column to SQL", add),
        Fix("add a row to the field table", row),
        Fix(f"remove it from the {field.form.value}", remove),
    )
    return tuple(fix for fix in fixes if fix.edits)


def _added_row(design: Design, field: FieldMention, list_: EntityMention) -> tuple[Edit, ...]:
    """Return the edit that writes a row with the field's name and type below the table's last one."""
    last = list_.fields[-1]
    line = design.source.line_span(design.source.line_at(last.name_span.start))
    text = design.source[line]
    if last.type is None or last.type.span not in line or "|" not in text or "\\|" in text:
        return ()
    written = {
        text.count("|", 0, last.name_span.start - line.start): field.name,
        text.count("|", 0, last.type.span.start - line.start): field.type.value.raw.strip("` ") if field.type else "",
    }
    cells = [f" {written.get(at, '')} " for at in range(text.count("|") + 1)]
    first = 1 if text.lstrip().startswith("|") else 0
    row = ("|" if first else "") + "|".join(cells[first : len(cells) - first]) + ("|" if first else "")
    return (Edit(Span(line.end, line.end), f"\n{row}"),)
