"""A full-text expression joins a column that may be NULL by `||`.

**Why it matters.** Anything joined to NULL is NULL: a row without a description is not found by its name either.

**Example.** `to_tsvector('english', name || ' ' || description)`, and `description` is nullable.

**What to do.** Write `coalesce(description, '')`, in the index or generated column and in the queries alike; the fix does.
"""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.model.design import Design, Entity
from asbuilt.model.entities import EntityMention, IndexMention
from asbuilt.model.sql import SqlStatement
from asbuilt.rules.sql_text import closing, masked
from asbuilt.text import Span

_CALL = re.compile(r"\bto_tsvector\s*\(", re.IGNORECASE)
_OPERAND = re.compile(r"(?P<before>\|\||[(,])\s*(?P<name>[a-z_]\w*)\s*(?=(?P<after>\|\||[),]))", re.IGNORECASE)
_MAKING = ("create index", "create table", "alter table")


def check(design: Design) -> Iterator[Diagnostic]:
    for statement in design.of(SqlStatement):
        is_searched = statement.kind in _MAKING and _CALL.search(statement.text.text)
        entity = _entity(design, statement) if is_searched else None
        if entity is not None:
            yield from _nullable(design, statement, entity)


def _nullable(design: Design, statement: SqlStatement, entity: Entity) -> Iterator[Diagnostic]:
    for name, span in _operands(statement):
        field = entity.field(name)
        if field is None or field.name in entity.primary_key:
            continue
        if field.is_nullable is None or field.is_nullable.value:
            yield _finding(design, statement, field.subject, name, span)


def _entity(design: Design, statement: SqlStatement) -> Entity | None:
    """Return the table that the statement makes, alters or indexes."""
    facts = (f for f in design.shaping if isinstance(f, IndexMention | EntityMention) and f.span in statement.span)
    fact = next(facts, None)
    name = fact.entity if isinstance(fact, IndexMention) else fact.name if fact else None
    return design.entity(name) if name else None


def _operands(statement: SqlStatement) -> Iterator[tuple[str, Span]]:
    """Yield the bare columns that the statement's full-text calls join by `||`."""
    text = masked(statement.text.text)
    for call in _CALL.finditer(text):
        end = closing(text, call.end() - 1)
        inside = text[: end + 1]
        for found in _OPERAND.finditer(inside, call.end() - 1):
            if "||" in (found["before"], found["after"]):
                yield found["name"], statement.text.span(found.start("name"), found.end("name"))


def _finding(design: Design, statement: SqlStatement, subject: str, name: str, span: Span) -> Diagnostic:
    others = (
        place for s in design.of(SqlStatement) for other, place in _operands(s) if s != statement and other == name
    )
    edits = tuple(Edit(place, f"coalesce({name}, '')") for place in (span, *others))
    return Diagnostic(
        "full_text_emptied_by_null",
        Severity.WARNING,
        f"`{subject}` may be NULL, and empties the whole full-text expression",
        (Label(span),),
        f"write `coalesce({name}, '')`, in the queries that use the expression too",
        (Fix(f"write `coalesce({name}, '')` wherever the expression stands", edits),),
    )
