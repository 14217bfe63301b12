"""Query patterns: each runs, and its plan uses the indexes that the document says serve it.

The twin holds a few rows only, so that a sequential scan would always be cheaper: it is discouraged, and the evidence
says so.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from asbuilt.engines.base import Session
from asbuilt.engines.state import DatabaseState, IndexState
from asbuilt.errors import ServerRefused
from asbuilt.evidence import Chapter, Claim, Evidence, Verdict
from asbuilt.model.design import Design
from asbuilt.model.names import normal
from asbuilt.model.sql import QueryPattern
from asbuilt.seed import sql
from asbuilt.verify.parameters import numbered, prepared
from asbuilt.verify.query_plans import explained, nodes, words
from asbuilt.verify.structure import command

_SETTINGS = (
    ("enable_seqscan",),
    ("enable_seqscan", "enable_sort"),
    ("enable_seqscan", "enable_bitmapscan"),
    ("enable_seqscan", "enable_hashjoin", "enable_mergejoin"),
)
_EXPLAINED = frozenset({"select", "update", "delete", "insert", "with"})


def query_claims(design: Design) -> list[Claim]:
    """Return that every query pattern runs, and one claim for each index that is said to serve it."""
    return [claim for _, claims in _patterns(design) for claim in claims]


def subjects(design: Design) -> Iterator[tuple[QueryPattern, str]]:
    """Yield the stated queries, each with a name of its own."""
    seen: dict[str, int] = {}
    for pattern in design.of(QueryPattern):
        title = pattern.title or " ".join(pattern.statement.sql.split())[:60]
        seen[title] = seen.get(title, 0) + 1
        yield pattern, title if seen[title] == 1 else f"{title} ({seen[title]})"


def _patterns(design: Design) -> Iterator[tuple[QueryPattern, list[Claim]]]:
    for pattern, subject in subjects(design):
        spans = (pattern.statement.span,)
        claims = [Claim("query_runs", Chapter.ACCESS, subject, spans, "the query runs", (subject,))]
        for index, span in pattern.served_by:
            expected = f"the plan uses {index}"
            claims.append(
                Claim("query_uses_index", Chapter.VOLUME, subject, (span, *spans), expected, (subject, index))
            )
        yield pattern, claims


def try_queries(design: Design, desired: DatabaseState, twin: Session) -> list[Evidence]:
    """Explain every query pattern in the twin."""
    return [evidence for pattern, claims in _patterns(design) for evidence in _try(pattern, claims, desired, twin)]


def _try(pattern: QueryPattern, claims: list[Claim], desired: DatabaseState, twin: Session) -> Iterator[Evidence]:
    statement = numbered(pattern.statement.sql)
    first = statement.split(None, 1)[0].lower() if statement else ""
    if first not in _EXPLAINED:
        for claim in claims:
            yield Evidence(
                claim, Verdict.UNKNOWN, reason=f"no plan is made for {first or 'nothing'}", statement=statement
            )
        return
    with twin.attempt():
        try:
            execute = prepared(twin, statement, desired, partial(_any_value, twin))
            plan = explained(twin, execute)
        except ServerRefused as refusal:
            yield from _refused(claims, statement, refusal)
            return
        yield _evidence(claims[0], Verdict.HOLDS, f"runs: {words(plan)}", statement)
        for claim in claims[1:]:
            yield _uses(claim, desired, twin, execute, statement)


def _any_value(twin: Session, table: str, column: str) -> str | None:
    name = sql.name(column)
    rows = twin.rows(f"SELECT {name}::text FROM {sql.table_name(table)} WHERE {name} IS NOT NULL LIMIT 1")
    return str(rows[0][0]) if rows else None


def _uses(claim: Claim, desired: DatabaseState, twin: Session, execute: str, statement: str) -> Evidence:
    """Look for the index in the plan, then in the plan that is left when no other index of its table is there."""
    wanted = names_of(twin, claim.key[1])
    plans = [explained(twin, execute, off) for off in _SETTINGS]
    note = "sequential scans discouraged: a few rows only"
    if any(_has(plan, wanted) for plan in plans):
        return _evidence(
            claim, Verdict.HOLDS, f"{words(next(p for p in plans if _has(p, wanted)))} ({note})", statement
        )
    if alone := _without_others(twin, desired, wanted, execute):
        return _evidence(
            claim, Verdict.HOLDS, f"{words(alone)} ({note}, and without the table's other indexes)", statement
        )
    is_there = twin.rows("SELECT 1 FROM pg_class WHERE relname = ANY (%s)", (sorted(wanted),))
    absent = "" if is_there else f"there is no index {claim.key[1]}; the plan is: "
    return _evidence(claim, Verdict.BROKEN, f"{absent}{words(plans[0])} ({note})", statement)


def _without_others(twin: Session, desired: DatabaseState, wanted: frozenset[str], execute: str) -> Any:
    """Return the plan that is made when the table has no index but `wanted`; None where it does not exist."""
    table = next((t for t in desired.tables.values() for i in t.indexes if is_named(i.name, wanted)), None)
    if table is None:
        return None
    with twin.attempt():
        try:
            for index in table.indexes:
                if not is_named(index.name, wanted):
                    twin.execute(_dropping(table.name, index))
            return next((p for off in _SETTINGS if _has(p := explained(twin, execute, off), wanted)), None)
        except ServerRefused:
            return None


def _dropping(table: str, index: IndexState) -> str:
    if index.backs:
        return f"ALTER TABLE {sql.table_name(table)} DROP CONSTRAINT IF EXISTS {sql.name(index.backs)} CASCADE"
    schema = table.split(".", 1)[0] + "." if "." in table else ""
    return f"DROP INDEX IF EXISTS {sql.table_name(schema + index.name)}"


def names_of(session: Session, index: str) -> frozenset[str]:
    """Return the index's name and those that its parts bear on the partitions of its table."""
    parts = session.rows(
        "WITH RECURSIVE part(oid) AS (SELECT oid FROM pg_class WHERE relname = %s AND relkind = 'I' "
        "UNION SELECT inhrelid FROM pg_inherits JOIN part ON inhparent = part.oid) "
        "SELECT relname::text FROM pg_class JOIN part USING (oid)",
        (index,),
    )
    return frozenset({index, *(name for (name,) in parts)})


def is_named(name: str, wanted: frozenset[str]) -> bool:
    """Tell whether an index is one of those, however its name is spelt."""
    return name in wanted or normal(name) in map(normal, wanted)


def _has(plan: Any, index: frozenset[str]) -> bool:
    return any(is_named(node.get("Index Name", ""), index) for node in nodes(plan) if node.get("Index Name"))


def _refused(claims: list[Claim], statement: str, refusal: ServerRefused) -> Iterator[Evidence]:
    """A query that the server does not take is broken; where only a parameter's type is open, nobody can tell."""
    is_open = refusal.sqlstate in ("42P18", "42P08")
    verdict = Verdict.UNKNOWN if is_open else Verdict.BROKEN
    reason = "the type of a parameter cannot be told" if is_open else ""
    yield Evidence(claims[0], verdict, f"refused: {refusal}", reason, statement, command(statement))
    for claim in claims[1:]:
        yield Evidence(claim, Verdict.UNKNOWN, reason=f"the query does not run: {refusal}", statement=statement)


def _evidence(claim: Claim, verdict: Verdict, observed: str, statement: str) -> Evidence:
    shown = f"SET enable_seqscan = off; PREPARE q AS {statement}; EXPLAIN EXECUTE q"
    return Evidence(claim, verdict, observed, statement=statement, reproduce=command(shown))
