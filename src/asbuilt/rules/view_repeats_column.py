"""A view gives two columns the same name.

**Why it matters.** `CREATE VIEW` fails: *column "id" specified more than once*.

**Example.** `CREATE VIEW user_orders AS SELECT u.id, o.id FROM users u JOIN orders o ON o.user_id = u.id`

**What to do.** Name one of them differently: `o.id AS order_id`. With `*`, list the columns.
"""

from collections import Counter
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.design import Design
from asbuilt.model.sql import SqlStatement
from asbuilt.reading.sql.shapes import outputs_of_view, sources_of_view
from asbuilt.rules.lookup.known import is_closed
from asbuilt.rules.lookup.sql_text import masked
from asbuilt.text import Span

_KINDS = ("create view", "create materialized view")


def check(design: Design) -> Iterator[Diagnostic]:
    for statement in design.of(SqlStatement):
        if statement.kind in _KINDS and statement.dialect == "postgresql":
            twice = [name for name, count in Counter(_names(design, statement)).items() if count > 1 and name]
            for name in twice:
                message = f"the view has two columns `{name}`"
                place = Label(_place(statement, name))
                help = f"name one of them differently (`AS other_{name}`)"
                yield Diagnostic("view_repeats_column", Severity.ERROR, message, (place,), help)


def _names(design: Design, statement: SqlStatement) -> Iterator[str]:
    sources = sources_of_view(statement.sql)
    for qualifier, name in outputs_of_view(statement.sql) or ():
        if name != "*":
            yield name
            continue
        for alias, table in sources:
            entity = design.entity(table)
            if entity is not None and is_closed(entity) and qualifier in (None, alias):
                yield from (field.name for field in entity.fields)


def _place(statement: SqlStatement, name: str) -> Span:
    """Return where the view names the column the second time, else its `*`."""
    text = masked(statement.text.text)
    head = text[: text.lower().find(" from ") if " from " in text.lower() else len(text)]
    at = head.rfind(name)
    at, end = (at, at + len(name)) if at >= 0 else (head.find("*"), head.find("*") + 1)
    return statement.text.span(at, end) if at >= 0 else statement.span
