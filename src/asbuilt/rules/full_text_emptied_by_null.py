"""A full-text expression joins a column that may be NULL by `||`.

**Why it matters.** Anything joined to NULL is NULL: a row without a description is not found by its name either.

**Example.** `to_tsvector('english', name || ' ' || description)`, and `description` is nullable.

**What to do.** Write `coalesce(description, '')`, in the index or generated column and in the queries alike; the fix does.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.model.design import Design, Entity
from asbuilt.model.entities import EntityMention, IndexMention
from asbuilt.model.sql import SqlStatement
from asbuilt.rules.lookup.sql_text import closing, masked
from asbuilt.text import Span

_CALL = re.compile(r"\bto_tsvector\s*\(", re.IGNORECASE)
_OPERAND = re.compile(r"(?P<before>\|\||[(,])\s*(?P<name>[a-z_]\w*)\s*(?=(?P<after>\|\||[),]))", re.IGNORECASE)
_MAKING = ("create index", "create table", "alter table")


class Operand(Struct, frozen=True):
    """A bare column that a full-text call joins by `||`; `call` is the whole call, comparable."""

    name: str
    span: Span
    call: str
    statement: SqlStatement


def check(design: Design) -> Iterator[Diagnostic]:
    operands = [operand for statement in design.of(SqlStatement) for operand in _operands(statement)]
    repeated: dict[tuple[str, str], list[Operand]] = {}
    for operand in operands:
        if operand.statement.kind not in _MAKING:
            repeated.setdefault((operand.call, operand.name), []).append(operand)
    made = _made(design) if operands else {}
    for operand in operands:
        entity = made.get(operand.statement.span) if operand.statement.kind in _MAKING else None
        field = entity.field(operand.name) if entity else None
        if entity is None or field is None or field.name in entity.primary_key:
            continue
        if field.is_nullable is None or field.is_nullable.value:
            queries = (o for o in repeated.get((operand.call, operand.name), ()) if _reads(o.statement, entity))
            yield _finding(field.subject, operand, [operand.span, *(query.span for query in queries)])


def _made(design: Design) -> dict[Span, Entity]:
    """Return the table that each statement makes, alters or indexes."""
    found: dict[Span, Entity] = {}
    for fact in design.shaping:
        name = fact.entity if isinstance(fact, IndexMention) else fact.name if isinstance(fact, EntityMention) else None
        statement = design.statement_at(fact.span) if name else None
        entity = design.entity(name) if name else None
        if statement and entity:
            found.setdefault(statement.span, entity)
    return found


def _reads(statement: SqlStatement, entity: Entity) -> bool:
    return any(need.name.kind == "table" and need.name.name == entity.name for need in statement.needs)


def _operands(statement: SqlStatement) -> Iterator[Operand]:
    """Yield the bare columns that the statement's full-text calls join by `||`."""
    text = masked(statement.text.text) if "to_tsvector" in statement.text.text.lower() else ""
    for call in _CALL.finditer(text):
        end = closing(text, call.end() - 1)
        written = "".join(statement.text.text[call.start() : end + 1].lower().split())
        for found in _OPERAND.finditer(text[: end + 1], call.end() - 1):
            if "||" in (found["before"], found["after"]):
                span = statement.text.span(found.start("name"), found.end("name"))
                yield Operand(found["name"], span, written, statement)


def _finding(subject: str, operand: Operand, places: list[Span]) -> Diagnostic:
    better = f"coalesce({operand.name}, '')"
    return Diagnostic(
        "full_text_emptied_by_null",
        Severity.WARNING,
        f"`{subject}` may be NULL, and empties the whole full-text expression",
        (Label(operand.span),),
        f"write `{better}`, in the queries that use the expression too",
        (Fix(f"write `{better}` wherever the expression stands", tuple(Edit(place, better) for place in places)),),
    )
