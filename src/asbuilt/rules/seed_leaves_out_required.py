"""A seed statement leaves out a column that must be given.

**Why it matters.** PostgreSQL refuses the row: *null value in column … violates not-null constraint*.

**Example.** `INSERT INTO users (email, name) …`, and `password_hash` is `NOT NULL` without a default.

**What to do.** Give the column a value. The fix adds one that fits its type; a migration that makes a column required
is easily forgotten here.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.model.design import Design, Entity, Field
from asbuilt.model.fact import Form
from asbuilt.model.names import normal
from asbuilt.model.sql import Role, SqlStatement
from asbuilt.rules.lookup.fitting_values import fitting_value
from asbuilt.rules.lookup.sql_text import closing, masked
from asbuilt.rules.lookup.wording import listed
from asbuilt.text import Span

_INTO = re.compile(r'\bINSERT\s+INTO\s+(?P<table>[\w."]+)(?:\s+AS\s+\w+)?\s*\(', re.IGNORECASE)
_VALUES = re.compile(r"\s*VALUES\s*", re.IGNORECASE)
_FROM = re.compile(r"\bFROM\b|\bON\s+CONFLICT\b|\bRETURNING\b|;|$", re.IGNORECASE)


class Insert(Struct, frozen=True):
    """The parts of an `INSERT`: its columns, where their list ends, and where each row's values end."""

    table: str
    table_span: tuple[int, int]
    columns: tuple[str, ...]
    columns_end: int
    rows: tuple[int, ...]


def check(design: Design) -> Iterator[Diagnostic]:
    for statement in design.of(SqlStatement):
        insert = _insert(statement) if statement.role == Role.SEED and statement.kind == "insert" else None
        entity = design.entity(insert.table) if insert and statement.dialect == "postgresql" else None
        if insert and entity and not entity.is_external:
            missing = [f for f in entity.fields if _is_required(f, entity) and not _is_given(f, insert)]
            if missing:
                yield _finding(design, statement, insert, missing)


def _insert(statement: SqlStatement) -> Insert | None:
    text = masked(statement.text.text)
    into = _INTO.search(text)
    if into is None:
        return None
    end = closing(text, into.end() - 1)
    columns = tuple(part.strip().strip('"') for part in text[into.end() : end].split(","))
    return Insert(into["table"].strip('"'), into.span("table"), columns, end, tuple(_row_ends(text, end + 1)))


def _row_ends(text: str, at: int) -> Iterator[int]:
    """Yield the offset behind the last value of each row, or of the select's list."""
    values = _VALUES.match(text, at)
    if values is None:
        yield from _select_end(text, at)
        return
    at = values.end()
    while text[at : at + 1] == "(":
        at = closing(text, at)
        yield at
        rest = re.compile(r"\s*,?\s*").match(text, at + 1)
        at = rest.end() if rest else len(text)


def _select_end(text: str, at: int) -> Iterator[int]:
    depth = 0
    for index in range(at, len(text) + 1):
        character = text[index : index + 1]
        depth += (character == "(") - (character == ")")
        if not depth and (not character or not text[index - 1].isalnum()) and _FROM.match(text, index):
            yield at + len(text[at:index].rstrip())
            return


def _is_required(field: Field, entity: Entity) -> bool:
    """Tell whether the column must be given: by SQL where SQL defines it, else by what the other forms say."""
    mentions = [m for m in field.mentions if m.form == Form.SQL] or list(field.mentions)
    is_filled = any(m.default or m.generated or (m.type and m.type.value.is_serial) for m in mentions)
    is_needed = field.is_nullable is not None and not field.is_nullable.value
    return is_needed and not is_filled and not field.is_assumed and entity.is_in_sql and mentions[0].form == Form.SQL


def _is_given(field: Field, insert: Insert) -> bool:
    return normal(field.name) in {normal(column) for column in insert.columns}


def _finding(design: Design, statement: SqlStatement, insert: Insert, missing: list[Field]) -> Diagnostic:
    names = [field.name for field in missing]
    place = Label(statement.text.span(*insert.table_span))
    message = f"the rows leave out {listed(names)}, which `{missing[0].entity}` requires"
    fixes = (_fix(design, statement, insert, missing),) if insert.rows else ()
    return Diagnostic(
        "seed_leaves_out_required", Severity.ERROR, message, (place,), f"give {listed(names)} a value", fixes
    )


def _fix(design: Design, statement: SqlStatement, insert: Insert, missing: list[Field]) -> Fix:
    names = ", ".join(field.name for field in missing)
    values = ", ".join(fitting_value(design, field) for field in missing)
    places = [(insert.columns_end, names), *((end, values) for end in insert.rows)]
    edits = tuple(Edit(_empty(statement, at), f", {text}") for at, text in places)
    return Fix(f"add {listed(field.name for field in missing)}", edits)


def _empty(statement: SqlStatement, at: int) -> Span:
    start = statement.text.span(at - 1, at).end
    return Span(start, start)
