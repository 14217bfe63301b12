"""A field is unique here, and SQL does not make it so.

**Why it matters.** The promise does not hold: two rows with the same value can be stored.

**Example.** The diagram marks `email` as `UK`, and `CREATE TABLE` has `email VARCHAR(255) NOT NULL`.

**What to do.** Add `UNIQUE` to the column, or take the mark away. A column that is part of a key over several columns
is not reported.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Fix, Label, contradiction
from asbuilt.model.design import Design, Entity, Field
from asbuilt.model.fact import Form
from asbuilt.rules.lookup.comparing import after_type, sayings, sql_definition


def check(design: Design) -> Iterator[Diagnostic]:
    for entity in design.tables():
        for field in entity.fields if entity.is_in_sql else ():
            column = sql_definition(field)
            said = next((s for s in sayings(entity, field, "is_unique") if s.value and s.form != Form.SQL), None)
            if column is None or said is None or _is_unique_in_sql(entity, field):
                continue
            edits = after_type(column, "UNIQUE")
            yield contradiction(
                "uniqueness_contradiction",
                f"`{field.subject}` is unique in the {said.form.value}, and nothing makes it so in SQL",
                Label(said.span, "unique here"),
                Label(column.name_span, "not unique here"),
                help="add `UNIQUE` to the column",
                fixes=(Fix("add `UNIQUE` to the column", edits),) if edits else (),
            )


def _is_unique_in_sql(entity: Entity, field: Field) -> bool:
    """Tell whether SQL has the field in anything unique, alone or with others."""
    declared = any(m.is_unique and m.is_unique.value for m in field.mentions if m.form == Form.SQL)
    in_clause = any(field.name in u.columns for u in entity.uniques if u.form == Form.SQL)
    indexes = [i for i in entity.indexes if i.is_unique and i.form == Form.SQL]
    in_index = any(field.name in key.text for i in indexes for key in i.keys)
    return declared or in_clause or in_index or field.is_primary
