"""A field has one default here and another, or none, there.

**Why it matters.** Rows get a value that half of the readers do not expect.

**Example.** `'active'` in the field table, `DEFAULT 'pending'` in SQL.

**What to do.** Write the same default in both places. `now()`, `CURRENT_TIMESTAMP` and the like are one thing, and so
is everything that generates a key.
"""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Fix, Label, Severity, contradiction
from asbuilt.model.design import Design, Entity, Field
from asbuilt.model.fact import Form
from asbuilt.rules.lookup.comparing import Saying, after_type, both_ways, described, disputes, sayings, sql_definition

_CODE = "default_contradiction"
_SILENT = frozenset({Form.EXAMPLE, Form.BOX})
_NOW = re.compile(
    r"^(now|current_timestamp|current_date|localtimestamp|getdate|transaction_timestamp|sysdate|today|当前时间)\b"
)
_MADE = re.compile(r"^(auto|gen_random|uuid|nextval|generated|serial|identity|newid|cuid|increment)|generat|increment")


def check(design: Design) -> Iterator[Diagnostic]:
    for dispute in disputes(design, "default", _agree, leaving_out=_SILENT):
        here, there = dispute.here, dispute.there
        yield contradiction(
            _CODE,
            f"`{dispute.field.subject}` defaults to `{here.value}` here, and to `{there.value}` there",
            described(here, f"`{here.value}`"),
            described(there, f"`{there.value}`"),
            help="write the same default in both places",
            fixes=both_ways(dispute, there.value, _literal(here.value) if there.form == Form.SQL else here.value),
        )
    for entity in design.tables():
        for field in entity.fields if entity.is_in_sql else ():
            yield from _missing(entity, field)


def _missing(entity: Entity, field: Field) -> Iterator[Diagnostic]:
    """Find a default that a field table states and SQL leaves out."""
    column = sql_definition(field)
    said = next((s for s in sayings(entity, field, "default") if s.form not in (_SILENT | {Form.SQL})), None)
    if column is None or said is None or field.default or field.generated or meaning(said.value) in _UNTOLD:
        return
    if field.is_primary or (field.type and field.type.value.is_serial):
        return
    literal = _literal(said.value)
    edits = after_type(column, f"DEFAULT {literal}") if literal else ()
    yield contradiction(
        _CODE,
        f"`{field.subject}` defaults to `{said.value}` in the {said.form.value}, and has no default in SQL",
        Label(said.span, f"`{said.value}` here"),
        Label(column.name_span, "no default here"),
        severity=Severity.WARNING,
        help=f"add `DEFAULT {literal or said.value}` to the column",
        fixes=(Fix("add the default to the column", edits),) if edits else (),
    )


def _literal(text: str) -> str | None:
    """Return a default's text as a SQL literal; None where it is no plain value."""
    if re.fullmatch(r"'[^']*'|-?\d+(\.\d+)?|true|false", text, re.IGNORECASE):
        return text
    return f"'{text}'" if re.fullmatch(r"\w+|\{\}|\[\]", text) else None


_UNTOLD = frozenset({"", "null", "none", "-", "made"})


def _agree(here: Saying, there: Saying) -> bool:
    return meaning(here.value) == meaning(there.value)


def meaning(default: str) -> str:
    """Return what a default comes to, whatever its quotes, casts, case and brackets."""
    text = re.sub(r"::[\w\s\[\]]+$", "", default.strip().strip("`")).strip().strip("()'\"").lower()
    if _NOW.search(text):
        return "now"
    if _MADE.search(text):
        return "made"
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return str(float(text))
    return text.removesuffix("(")
