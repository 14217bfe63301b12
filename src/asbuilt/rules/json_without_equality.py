"""A column is `JSON`, which PostgreSQL cannot compare.

**Why it matters.** `JSON` has no equality: `SELECT DISTINCT`, `GROUP BY` and `UNION` over such a column fail, also those that an application
runs today and that work until it is added. It cannot be indexed either, and is parsed anew at every use.

**Example.** `settings JSON`

**What to do.** Use `JSONB`; `JSON` only where the text has to stay as it came, blanks and doubled keys included.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.model.design import Design, Field
from asbuilt.model.fact import Form


def check(design: Design) -> Iterator[Diagnostic]:
    for entity in design.tables():
        for field in entity.fields:
            yield from _findings(field)


def _findings(field: Field) -> Iterator[Diagnostic]:
    for mention in field.mentions:
        if mention.form == Form.SQL and mention.type and mention.type.value.name == "json":
            raw = mention.type.value.raw
            word = "JSONB" if raw[:1].isupper() else "jsonb"
            fix = Fix("use JSONB", (Edit(mention.type.span, raw.replace(raw[:4], word, 1)),))
            message = f"`{field.subject}` is `JSON`, which cannot be compared"
            label = Label(mention.type.span)
            yield Diagnostic("json_without_equality", Severity.INFO, message, (label,), "use JSONB", (fix,))
