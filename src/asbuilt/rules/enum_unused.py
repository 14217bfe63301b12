"""An enumeration in SQL is the type of no column.

**Why it matters.** Its values protect nothing; mostly a column has a plain text type by mistake.

**Example.** `CREATE TYPE order_status AS ENUM (…)`, and `orders.status` is `VARCHAR(20)`.

**What to do.** Give the column the type, or drop it.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.design import Design
from asbuilt.model.fact import Form
from asbuilt.model.names import normal
from asbuilt.model.sql import SqlStatement


def check(design: Design) -> Iterator[Diagnostic]:
    used = {normal(m.type.value.name) for e in design.entities for f in e.fields for m in f.mentions if m.type}
    used |= {normal(n.name.name) for s in design.of(SqlStatement) for n in s.needs if n.name.kind == "type"}
    text = [s.sql.lower() for s in design.of(SqlStatement) if s.kind != "create type"]
    for enum in design.enums:
        if enum.form != Form.SQL or normal(enum.name) in used or any(enum.name.lower() in sql for sql in text):
            continue
        message = f"no column has the type `{enum.name}`"
        label = Label(enum.name_span, "defined here")
        yield Diagnostic("enum_unused", Severity.INFO, message, (label,), "give a column this type, or drop it")
