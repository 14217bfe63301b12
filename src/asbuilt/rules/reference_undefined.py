"""A foreign key points at a table that is nowhere defined.

**Why it matters.** `CREATE TABLE` fails: `relation "roles" does not exist`.

**Example.** `role_id UUID REFERENCES roles(id)` in a document without a table `roles`.

**What to do.** Define the table, or correct the name. The fix adds the smallest table that the key can point at; give
it the columns that it needs.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.model.design import Design
from asbuilt.model.fact import Form
from asbuilt.model.names import did_you_mean, normal
from asbuilt.model.sql import SqlStatement
from asbuilt.rules.lookup.keys import StatedKey, stated_keys, whole_statement
from asbuilt.rules.lookup.wording import table_names, within
from asbuilt.text import Span


def check(design: Design) -> Iterator[Diagnostic]:
    made = {normal(o.name) for s in design.of(SqlStatement) for o in s.creates if o.kind == "table"}
    defining: dict[str, tuple[Edit, ...]] = {}
    for key in sorted(stated_keys(design), key=lambda k: k.target_span):
        target = design.entity(key.target)
        if (target and not target.is_assumed) or normal(key.target) in made or key.entity.is_planned:
            continue
        if not defining.get(normal(key.target)):
            defining[normal(key.target)] = _create(design, key)
        yield _finding(design, key, defining[normal(key.target)])


def _finding(design: Design, key: StatedKey, create: tuple[Edit, ...]) -> Diagnostic:
    """Return what is said of a key; `create` defines its target behind the first statement that names it."""
    meant = did_you_mean(key.target, table_names(design))
    place = within(design.source, key.target_span, key.target)
    fixes = (Fix(f"add a table `{key.target}`", create),) if create and not meant else ()
    if meant and design.source[place] == key.target:
        fixes = (Fix(f"write `{meant}`", (Edit(place, meant),)),)
    return Diagnostic(
        "reference_undefined",
        Severity.ERROR if key.form == Form.SQL else Severity.WARNING,
        f"`{key.entity.name}.{', '.join(key.columns)}` references `{key.target}`, which is nowhere defined",
        (Label(place),),
        f"did you mean `{meant}`?" if meant else f"define `{key.target}`",
        fixes,
    )


def _create(design: Design, key: StatedKey) -> tuple[Edit, ...]:
    """Return the edit that writes the smallest table behind the statement."""
    statement = whole_statement(design, key.span)
    if statement is None or key.form != Form.SQL or len(key.columns) != 1:
        return ()
    field = key.entity.field(key.columns[0])
    type = field.type.value.sql.upper() if field and field.type else "UUID"
    column = key.target_columns[0] if key.target_columns else "id"
    text = f"\nCREATE TABLE {key.target} (\n    {column} {type} PRIMARY KEY\n);\n"
    return (Edit(Span(statement.end, statement.end), text),)
