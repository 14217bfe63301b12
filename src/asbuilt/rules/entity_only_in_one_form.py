"""A table of the schema is missing from the document's diagram, or stands in the diagram only.

**Why it matters.** Whoever trusts the diagram does not know that the table exists.

**Example.** `CREATE TABLE audit_log`, and no `AuditLog` in an `erDiagram` that shows the other tables.

**What to do.** Add it to the diagram, or leave it out on purpose: this is information only. Nothing is reported where
the diagram shows less than three quarters of the tables, for then it is a part of the picture by intent, nor for
a table without any foreign key: it has no place among relationships.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.design import Design, Entity
from asbuilt.model.entities import RelationshipMention
from asbuilt.model.fact import Form
from asbuilt.model.names import normal


def check(design: Design) -> Iterator[Diagnostic]:
    drawn = {normal(n) for r in design.of(RelationshipMention) if r.form == Form.DIAGRAM for n in (r.left, r.right)}
    tables = [e for e in design.tables() if not e.is_assumed]
    shown = [e for e in tables if _is_drawn(e, drawn)]
    written = [e for e in tables if any(m.form != Form.DIAGRAM for m in e.mentions)]
    if len(shown) < 3 or len(shown) * 4 < len(tables) * 3:
        return
    targets = {normal(key.target) for entity in tables for key in entity.foreign_keys}
    in_diagram, in_words = {id(entity) for entity in shown}, {id(entity) for entity in written}
    for entity in written:
        if id(entity) not in in_diagram and (entity.foreign_keys or normal(entity.name) in targets):
            message = f"`{entity.name}` is in no diagram"
            yield _finding(entity, message, "add it to the diagram")
    for entity in shown:
        if len(written) * 2 >= len(tables) and id(entity) not in in_words:
            yield _finding(entity, f"`{entity.name}` is in the diagram only", "describe its fields, or remove it")


def _is_drawn(entity: Entity, drawn: set[str]) -> bool:
    names = {normal(name) for name in (*entity.names, entity.name)}
    return bool(names & drawn) or any(m.form == Form.DIAGRAM for m in entity.mentions)


def _finding(entity: Entity, message: str, help: str) -> Diagnostic:
    return Diagnostic("entity_only_in_one_form", Severity.INFO, message, (Label(entity.span),), help)
