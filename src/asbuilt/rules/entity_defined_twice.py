"""Two `CREATE TABLE` statements define the same table.

**Why it matters.** The second fails, or, with `IF NOT EXISTS`, silently does nothing and its columns never exist.

**Example.** `CREATE TABLE users (…)` in the schema, and once more in the chapter on security with other columns.

**What to do.** Keep one definition; add what the other one has with `ALTER TABLE … ADD COLUMN`.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, contradiction
from asbuilt.model.design import Design
from asbuilt.model.entities import EntityMention
from asbuilt.model.fact import Form
from asbuilt.model.names import normal
from asbuilt.rules.lookup.comparing import current
from asbuilt.rules.lookup.wording import listed


def check(design: Design) -> Iterator[Diagnostic]:
    for entity in design.tables():
        found = [m for m in current(entity) if m.form == Form.SQL and m.is_complete and m.fields]
        for again in found[1:]:
            yield contradiction(
                "entity_defined_twice",
                f"`{entity.name}` is defined twice{_difference(again, found[0])}",
                Label(again.name_span, "defined again"),
                Label(found[0].name_span, "defined here"),
                help="keep one definition, and add to it with `ALTER TABLE`",
            )


def _difference(again: EntityMention, first: EntityMention) -> str:
    known = {normal(f.name) for f in first.fields}
    new = [f.name for f in again.fields if normal(f.name) not in known]
    return f", and {listed(new)} only once" if new else ""
