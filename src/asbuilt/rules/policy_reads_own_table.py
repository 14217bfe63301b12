"""A row policy for reading queries the table that it protects.

**Why it matters.** To read the table PostgreSQL asks the policy, which reads the table: *infinite recursion detected in
policy*. Every query of the table fails.

**Example.** `CREATE POLICY own ON members USING (team_id IN (SELECT team_id FROM members WHERE user_id = …))`

**What to do.** Put the query into a `SECURITY DEFINER` function, and call that in the policy.
"""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.design import Design
from asbuilt.model.sql import SqlStatement
from asbuilt.rules.lookup.sql_text import masked

_USING = re.compile(r"\bUSING\s*\(", re.IGNORECASE)
_FOR = re.compile(r"\bFOR\s+(ALL|SELECT|INSERT|UPDATE|DELETE)\b", re.IGNORECASE)


def check(design: Design) -> Iterator[Diagnostic]:
    for statement in design.of(SqlStatement):
        made = statement.creates[0] if statement.kind == "create policy" and statement.creates else None
        if made and made.table:
            yield from _recursion(statement, made.table)


def _recursion(statement: SqlStatement, table: str) -> Iterator[Diagnostic]:
    text = masked(statement.text.text)
    using, command = _USING.search(text), _FOR.search(text)
    if using is None or (command and command[1].upper() not in ("ALL", "SELECT")):
        return
    own = re.compile(rf'\b(?:FROM|JOIN)\s+(?:\w+\.)?(?P<table>"?{re.escape(table)}"?)(?![\w.])', re.IGNORECASE)
    found = own.search(text, using.end())
    if found:
        message = f"the policy on `{table}` reads `{table}`: infinite recursion"
        place = Label(statement.text.span(found.start("table"), found.end("table")))
        help = "put the query into a SECURITY DEFINER function"
        yield Diagnostic("policy_reads_own_table", Severity.ERROR, message, (place,), help)
