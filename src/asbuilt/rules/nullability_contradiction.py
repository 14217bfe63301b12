"""A field is required here and may be empty there.

**Why it matters.** Code that trusts the stricter place meets a null; code that trusts the other has its rows refused.

**Example.** The field table says `NOT NULL`, the column in `CREATE TABLE` has no `NOT NULL`.

**What to do.** Add `NOT NULL` to the column, or let the field table say that it may be empty. `Required: no` beside a
column with a default is no contradiction: the default fills it in.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity, contradiction
from asbuilt.model.design import Design, Entity, Field
from asbuilt.model.fact import Form
from asbuilt.rules.lookup.comparing import Saying, after_type, sayings, sql_definition

_SILENT = frozenset({Form.INTERFACE, Form.EXAMPLE, Form.BOX})
_OPPOSITE = {
    "not null": "NULL", "null": "NOT NULL", "nullable": "not null", "required": "optional", "optional": "required",
    "yes": "No", "no": "Yes", "y": "N", "n": "Y", "true": "false", "false": "true", "✓": "-", "✅": "-",
}  # fmt: skip


def check(design: Design) -> Iterator[Diagnostic]:
    for entity in design.tables():
        for field in entity.fields:
            yield from _compare(design, entity, field)


def _compare(design: Design, entity: Entity, field: Field) -> Iterator[Diagnostic]:
    found = [s for s in sayings(entity, field, "is_nullable") if s.form not in _SILENT]
    leading = field.is_nullable
    if leading is None or field.is_primary or field.generated:
        return
    in_sql = sql_definition(field)
    for here in found:
        if here.form == Form.SQL or here.value == leading.value or here.span == leading.span:
            continue
        if (here.value and field.default is not None) or (in_sql and any(s.value == here.value for s in _sql(found))):
            continue
        yield contradiction(
            "nullability_contradiction",
            f"`{field.subject}` {_words(here.value)} here, and {_words(leading.value)} "
            f"{'in SQL' if in_sql else 'there'}",
            Label(here.span, _words(here.value)),
            Label(leading.span, _words(leading.value)),
            severity=Severity.INFO if field.default else Severity.WARNING,
            help="add `NOT NULL` to the column" if leading.value and in_sql else "write the same in both places",
            fixes=_fixes(design, field, here),
        )


def _sql(found: list[Saying]) -> list[Saying]:
    return [s for s in found if s.form == Form.SQL]


def _words(is_nullable: bool) -> str:
    return "may be null" if is_nullable else "is not null"


def _fixes(design: Design, field: Field, here: Saying) -> tuple[Fix, ...]:
    fixes = []
    column = sql_definition(field)
    if column and not here.value and after_type(column, "NOT NULL"):
        fixes.append(Fix("add `NOT NULL` to the column", after_type(column, "NOT NULL")))
    opposite = _OPPOSITE.get(" ".join(design.source[here.span].replace("\xa0", " ").lower().split()))
    if opposite:
        fixes.append(Fix(f"write `{opposite}` in the {here.form.value}", (Edit(here.span, opposite),)))
    return tuple(fixes)
