"""Statements of migrations that change a table of which the document says that it is large."""

import re
from collections.abc import Iterator

from msgspec import Struct

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.chapters import Volume
from asbuilt.model.design import Design
from asbuilt.model.sql import Migration, SqlStatement

MANY_ROWS = 100_000
"""Rows of a table, as the document states them, from which on a change of it has to be made with care."""
_NAME = r'(?:"?\w+"?\.)?"?(?P<table>\w+)"?'
_ON_TABLE = re.compile(
    rf"\s*(?:ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?|UPDATE\s+(?:ONLY\s+)?|CREATE\s+(?:UNIQUE\s+)?INDEX\b.*?\sON\s+(?:ONLY\s+)?"
    rf"|VACUUM\s[^;]*?\bFULL\b[^\w;]*(?:\w+\)\s*)?|CLUSTER\s+)(?!CONCURRENTLY){_NAME}",
    re.IGNORECASE | re.DOTALL,
)


class LargeChange(Struct, frozen=True):
    """A statement of a migration on a table of `rows` rows; `sql` is its text with comments and long blanks left out."""

    statement: SqlStatement
    table: str
    rows: int
    sql: str

    def finding(self, code: str, what: str, help: str) -> Diagnostic:
        message = f"{what} `{self.table}`, which has {self.rows:,} rows"
        return Diagnostic(code, Severity.WARNING, message, (Label(self.statement.span),), help)


def large_changes(design: Design) -> Iterator[LargeChange]:
    """Yield the forward statements of migrations on tables with a large stated volume that were there before."""
    volumes = _volumes(design)
    for migration in design.of(Migration) if volumes else ():
        made = {name.name for s in migration.forward for name in s.creates if name.kind == "table"}
        for statement in migration.forward:
            sql = " ".join(re.sub(r"--[^\n]*|/\*.*?\*/", " ", statement.sql, flags=re.DOTALL).split())
            found = _ON_TABLE.match(sql)
            entity = design.entity(found["table"]) if found else None
            if entity and entity.name in volumes and entity.name not in made:
                yield LargeChange(statement, entity.name, volumes[entity.name], sql)


def _volumes(design: Design) -> dict[str, int]:
    """Return the most rows that are stated for each table, where these are many."""
    found: dict[str, int] = {}
    for fact in design.of(Volume):
        entity = design.entity(fact.entity)
        if entity and fact.rows and fact.rows >= MANY_ROWS:
            found[entity.name] = max(fact.rows, found.get(entity.name, 0))
    return found
