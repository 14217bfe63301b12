"""Behaviour of row level security: the rows that a role sees, beside those that the document's policies would show it.

Both are looked at in one transaction of the twin: once as the target has it, once with the policies as written.
"""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace

from asbuilt.engines.base import Session
from asbuilt.engines.state import PolicyState, TableState
from asbuilt.errors import ServerRefused
from asbuilt.evidence import Chapter, Verdict
from asbuilt.seed import sql
from asbuilt.verify.bench import Bench, Outcome
from asbuilt.verify.places import Places
from asbuilt.verify.probes import Finding, Probe, claim, unknown

_ROWS = 8
_MOST_ROLES = 3
_PUBLIC = "public"
_SETTING = re.compile(r"\b(\w+)\"?\)?(?:::\w+)? = [^=]*?current_setting\('([^']+)'")
_USER = re.compile(r"\b(\w+)\"?\)?(?:::\w+)? = [^=]*?\bauth\.uid\(\)|\bauth\.uid\(\)[^=()]*\)? = \(?\"?(\w+)")
_CLAIMS = "request.jwt.claims"


@dataclass(frozen=True, slots=True)
class Look:
    """What a role saw: the places of rows, or why it saw nothing."""

    seen: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def words(self) -> str:
        return f"refused: {self.refusal}" if self.refusal else f"{len(self.seen)}"


def probes(table: TableState, places: Places) -> Iterator[Probe]:
    """Yield that a role sees just what the policies of a table with row level security let through."""
    if table.has_row_security:
        expected = "a role sees the rows that the policies let through, and no others"
        stated = claim("row_security_filters", table, "", places, "row_security", expected)
        yield Probe(replace(stated, chapter=Chapter.SECURITY), table.name, lambda bench: _tried(bench, table))


def _tried(bench: Bench, table: TableState) -> Finding:
    findings = [_with_role(bench, table, role) for role in _roles(table)]
    return next((f for f in findings if f.verdict != Verdict.HOLDS), findings[0])


def _roles(table: TableState) -> list[str]:
    """Return the roles that the document's policies for reading name; anybody where they name none."""
    reading = [p for p in table.policies if p.command in ("select", "all")]
    named = dict.fromkeys(role for policy in reading for role in policy.roles or (_PUBLIC,))
    return list(named)[:_MOST_ROLES] or [_PUBLIC]


def _with_role(bench: Bench, table: TableState, role: str) -> Finding:
    looks: list[Look] = []
    steps: list[str] = []

    def both(session: Session) -> Outcome:
        _fill(bench, session, table)
        total = int(session.rows(f"SELECT count(*) FROM {sql.table_name(table.name)}")[0][0])
        settings = _settings(session, table)
        looks.append(_look(session, table, role, settings, steps))
        for statement in _as_written(bench):
            session.execute(statement)
        looks.append(_look(session, table, role, settings, []))
        return Outcome("", (total,))

    outcome = bench.trying(both)
    statement = ";\n".join(steps)
    if outcome.is_refused or outcome.answer is None:
        return unknown(f"the policies could not be tried: {outcome.message}", outcome.statement or statement)
    return _compared(looks[0], looks[1], int(outcome.answer[0]), role, statement)


def _compared(here: Look, wanted: Look, total: int, role: str, statement: str) -> Finding:
    who = "a role without rights of its own" if role == _PUBLIC else f"a role in {role}"
    if wanted.refusal:
        return unknown(f"what the policies read cannot be told: {wanted.refusal}", statement)
    if here == wanted:
        return Finding(Verdict.HOLDS, f"{who} sees {here.words} of {total} rows", statement=statement)
    observed = f"{who} sees {here.words} of {total} rows, not the {wanted.words} that the policies as written show"
    return Finding(Verdict.BROKEN, observed, statement=statement)


def _fill(bench: Bench, session: Session, table: TableState) -> None:
    """Write some rows more, as far as they go."""
    for number in range(_ROWS):
        row = bench.spare(table.name, number)
        try:
            with session.transaction():
                session.execute(bench.insertion(table.name, row or {}))
        except ServerRefused:
            continue


def _settings(session: Session, table: TableState) -> dict[str, str]:
    """Return a value for every setting that the policies compare a column with: one that stands in the column."""
    found: dict[str, str] = {}
    for text in (text for policy in table.policies for text in (policy.using, policy.check) if text):
        for column, setting in _SETTING.findall(text):
            found.setdefault(setting, _value(session, table, column))
        for columns in _USER.findall(text):
            value = _value(session, table, next(filter(None, columns)))
            found.setdefault(_CLAIMS, f'{{"sub": "{value}", "role": "authenticated"}}')
    return found


def _value(session: Session, table: TableState, column: str) -> str:
    if table.column(column) is None:
        return ""
    name = sql.name(column)
    where = f"FROM {sql.table_name(table.name)} WHERE {name} IS NOT NULL ORDER BY {name} LIMIT 1"
    rows = session.rows(f"SELECT {name}::text {where}")
    return str(rows[0][0]) if rows else ""


def _look(session: Session, table: TableState, role: str, settings: dict[str, str], steps: list[str]) -> Look:
    """Return what a new role in `role` sees; it is gone afterwards."""
    query = f"SELECT ctid::text FROM {sql.table_name(table.name)} ORDER BY tableoid, ctid"
    try:
        with session.attempt():
            for statement in (*_reader(session, role), *_setting(settings)):
                steps.append(statement)
                session.execute(statement)
            steps.append(query)
            return Look(tuple(row[0] for row in session.rows(query)))
    except ServerRefused as refusal:
        return Look(refusal=str(refusal))


def _reader(session: Session, role: str) -> Iterator[str]:
    """Yield what makes a role that may read everything but for the policies, and becomes it."""
    reader = f"asbuilt_reader_{secrets.token_hex(4)}"
    yield f"CREATE ROLE {reader}"
    schemas = session.rows(
        "SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
    )
    for (schema,) in schemas:
        yield f"GRANT USAGE ON SCHEMA {sql.name(schema)} TO {reader}"
        yield f"GRANT SELECT ON ALL TABLES IN SCHEMA {sql.name(schema)} TO {reader}"
    if role != _PUBLIC:
        yield f"GRANT {sql.name(role)} TO {reader}"
    yield f"SET LOCAL ROLE {reader}"


def _setting(settings: dict[str, str]) -> Iterator[str]:
    for name, value in settings.items():
        yield f"SELECT set_config({sql.literal(name)}, {sql.literal(value)}, true)"


def _as_written(bench: Bench) -> Iterator[str]:
    """Yield what brings row level security to where the document has it, for every table that differs."""
    for name, wanted in bench.desired.tables.items():
        there = bench.actual.tables.get(name)
        if there is None or (there.policies, there.has_row_security) == (wanted.policies, wanted.has_row_security):
            continue
        table = sql.table_name(name)
        yield from (f"DROP POLICY {sql.name(policy.name)} ON {table}" for policy in there.policies)
        yield f"ALTER TABLE {table} {'ENABLE' if wanted.has_row_security else 'DISABLE'} ROW LEVEL SECURITY"
        yield from (_create(table, policy) for policy in wanted.policies)


def _create(table: str, policy: PolicyState) -> str:
    roles = ", ".join(r if r == _PUBLIC else sql.name(r) for r in policy.roles) or _PUBLIC
    parts = [
        f"CREATE POLICY {sql.name(policy.name)} ON {table}",
        f"AS {'PERMISSIVE' if policy.is_permissive else 'RESTRICTIVE'} FOR {policy.command} TO {roles}",
        f"USING ({policy.using})" if policy.using else "",
        f"WITH CHECK ({policy.check})" if policy.check else "",
    ]
    return " ".join(filter(None, parts))
