"""A rollback drops something that what came before it, or the migration itself, still uses.

**Why it matters.** `DROP` fails while anything depends on the object, and the way back is blocked half-way.

**Example.** `DROP FUNCTION touch()`, while the migration's trigger still calls it.

**What to do.** Drop what uses it first, in reverse order.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity, contradiction
from asbuilt.model.design import Design
from asbuilt.model.sql import Migration, ObjectName, SqlStatement
from asbuilt.text import Span

_DROPPED = frozenset({"table", "type", "function", "domain", "sequence"})
_BINDING = ("create table", "create view", "create materialized view", "create trigger", "create index", "alter table")


def check(design: Design) -> Iterator[Diagnostic]:
    for migration in design.of(Migration):
        gone: set[tuple[str, str]] = set()
        for statement in migration.rollback:
            if statement.kind.startswith("drop ") and "cascade" not in statement.sql.lower():
                yield from _used(migration, statement, gone)
            gone |= set(_gone(statement))


def _gone(statement: SqlStatement) -> Iterator[tuple[str, str]]:
    """Yield what a rollback statement takes away; of an altered table nobody knows, so all that its statements made."""
    for need in statement.needs:
        if statement.kind.startswith(("drop ", "alter table")):
            yield need.name.kind, need.name.name


def _used(migration: Migration, drop: SqlStatement, gone: set[tuple[str, str]]) -> Iterator[Diagnostic]:
    dropped = {(need.name.kind, need.name.name): need.span for need in drop.needs if need.name.kind in _DROPPED}
    for (kind, name), span in dropped.items():
        user = next((s for s in migration.forward if _uses(s, kind, name) and not _is_gone(s, {*gone, *dropped})), None)
        if user is not None:
            yield _finding(name, span, user, kind)


def _uses(statement: SqlStatement, kind: str, name: str) -> bool:
    """Tell whether a statement makes something that depends on the object for as long as it lives."""
    if statement.kind not in _BINDING or any((o.kind, o.name) == (kind, name) for o in statement.creates):
        return False
    return statement.kind != "alter table" and any((n.name.kind, n.name.name) == (kind, name) for n in statement.needs)


def _is_gone(statement: SqlStatement, gone: set[tuple[str, str]]) -> bool:
    """Tell whether what the statement made has been dropped, alone or with its table."""
    return any(pair in gone for made in statement.creates for pair in _with_owner(made))


def _with_owner(made: ObjectName) -> Iterator[tuple[str, str]]:
    kind = "table" if made.kind in ("view", "materialized view") else made.kind
    yield kind, made.name
    if made.table:
        yield "table", made.table


def _finding(name: str, span: Span, user: SqlStatement, kind: str) -> Diagnostic:
    made = user.creates[0] if user.creates else None
    what = f"{made.kind} `{made.name}`" if made else "another statement"
    return contradiction(
        "rollback_drops_used",
        f"the rollback drops the {kind} `{name}`, which the {what} still uses",
        Label(span),
        Label(user.span, "uses it"),
        severity=Severity.WARNING,
        help=f"drop the {what} first",
    )
