"""What is at stake on the target itself: rows counted there, and how long what was seen in the trial takes there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from asbuilt.engines.base import Engine, Progress, Session, silent
from asbuilt.engines.changes import Danger, Hazard, Lock
from asbuilt.engines.state import DatabaseState
from asbuilt.errors import ServerRefused
from asbuilt.plan.steps import Plan, Risk, Step

COUNT_SECONDS = 5
"""How long a count may take before the planner's estimate has to do."""
REWRITTEN_PER_SECOND, SCANNED_PER_SECOND = 50_000_000, 500_000_000
"""Bytes a second that a modest server writes anew with its indexes, and reads through."""
FILLED_PER_SECOND = 50_000
"""Rows a second that a backfill does on a modest server, range by range."""
LONG_SECONDS = 0.2
"""How long readers or writers may wait before it is called long."""
MANY_ROWS = 10_000
"""Rows that are written anew, or all in one statement, before it is worth a word."""
BLOCKING = ("SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE")
"""The locks that keep writers out; the last one keeps readers out, too."""
MASKED = "(personal data or a secret, not shown)"
_SECRET = re.compile(
    r"(?:^|_)(?:passwords?|passwd|pwd|passphrase|pin|otp|secrets?|tokens?|api_?keys?|private_?keys?|access_?keys?|credentials?"
    r"|salt|hash|hashes|digest|signature|cvv|cvc)(?:_|$)"
)
"""Names of columns whose values are nobody's business, whatever the document says of them."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SHOWN = 5
_NOT_THERE_YET = ("42703", "42P01")
"""The column or table is made by the plan itself, so no row stands against anything."""
_TOOK_TOO_LONG = ("57014", "55P03")


def assessed(
    engine: Engine,
    session: Session,
    plan: Plan,
    before: DatabaseState,
    personal: frozenset[str] = frozenset(),
    progress: Progress = silent,
) -> Plan:
    """Return the plan with the dangers of each step counted on the target, which is only read.

    `personal` names columns (`users.email`, `users.*`) whose values are never shown, as those are not that look secret.
    """
    target = _Target(engine, session, personal | _secret(before), frozenset(before.tables))
    steps = []
    for step in plan.steps:
        progress("plan: counting the rows at stake", step.number, len(plan.steps))
        timed = replace(step, locks=tuple(_timed(target, step)))
        hidden = [danger for operation in step.operations for danger in engine.hidden_dangers(operation, before)]
        timed = _with_rows(target, timed)
        fired = (_risk(target, danger) for danger in _fired(target, step, before))
        risks = [*_stated(target, step, plan.proof.is_proved), *_seen(target, step), *fired, *map(Risk, hidden)]
        steps.append(replace(timed, risks=tuple(dict.fromkeys(risks))))
    return replace(plan, steps=tuple(steps))


def _secret(state: DatabaseState) -> frozenset[str]:
    names = ((table.name, column.name) for table in state.tables.values() for column in table.columns)
    return frozenset(f"{table}.{name}" for table, name in names if _SECRET.search(_HUMP.sub("_", name).lower()))


@dataclass(slots=True)
class _Target:
    """The database that the plan is for, its tables measured once."""

    engine: Engine
    session: Session
    personal: frozenset[str]
    tables: frozenset[str]
    bytes: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def size(self, table: str) -> int:
        if table not in self.bytes:
            self.bytes[table] = self.engine.table_bytes(self.session, table)
        return self.bytes[table]

    def planned(self, table: str) -> int:
        """Return about how many rows a table has, without reading it; one without room has none."""
        if table not in self.rows:
            query = f"SELECT count(*) FROM {'.'.join(map(_quoted, table.split('.', 1)))}"
            self.rows[table] = self.engine.planned_rows(self.session, query) if self.size(table) else 0
        return self.rows[table]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _stated(target: _Target, step: Step, was_seen: bool) -> Iterator[Risk]:
    """Yield the dangers that the operations tell of; what was seen in the trial counts more than what was feared."""
    for operation in step.operations:
        for danger in operation.dangers:
            if danger.hazard == Hazard.TABLE_REWRITTEN:
                if not was_seen and (risk := _risk(target, danger)).rows is not None and risk.rows >= MANY_ROWS:
                    yield risk
                continue
            risk = _risk(target, danger)
            if danger.hazard != Hazard.LONG_EXCLUSIVE_LOCK or risk.rows is None or risk.rows >= MANY_ROWS:
                yield risk


def _risk(target: _Target, danger: Danger) -> Risk:
    if not danger.count:
        return Risk(danger)
    session = target.session
    try:
        with session.attempt():
            session.execute(f"SET LOCAL statement_timeout = '{COUNT_SECONDS}s'")
            rows = int(session.rows(danger.count)[0][0])
            samples = tuple(_samples(target, danger)) if rows and danger.sample else ()
    except ServerRefused as refusal:
        if refusal.sqlstate in _NOT_THERE_YET:
            return Risk(danger, 0)
        if refusal.sqlstate in _TOOK_TOO_LONG:
            return _estimated(target, danger)
        return Risk(danger, reason=f"could not be counted: {refusal}")
    return Risk(danger, rows, samples)


def _with_rows(target: _Target, step: Step) -> Step:
    """Return the step with how many rows a backfill has to do, and about how long that takes."""
    if not (backfill := step.filling()) or backfill.table not in target.tables:
        return step
    rows = target.planned(backfill.table)
    return replace(step, rows=rows, seconds=round(rows / FILLED_PER_SECOND, 1))


def _fired(target: _Target, step: Step, before: DatabaseState) -> tuple[Danger, ...]:
    """Return the dangers of triggers that a backfill fires; who plans is taken for who carries it out."""
    backfill = step.filling() or step.filling(is_back=True)
    return target.engine.fired_dangers(target.session, backfill, before) if backfill else ()


def _estimated(target: _Target, danger: Danger) -> Risk:
    rows = target.engine.planned_rows(target.session, danger.count)
    return Risk(danger, rows, reason=f"estimated: counting takes more than {COUNT_SECONDS} s")


def _samples(target: _Target, danger: Danger) -> Iterator[str]:
    if any(_is_about(danger, name) for name in target.personal):
        yield MASKED
        return
    for row in target.session.rows(danger.sample)[:_SHOWN]:
        yield ", ".join("NULL" if value is None else str(value) for value in row)


def _is_about(danger: Danger, personal: str) -> bool:
    """Tell whether a sample shows a column with personal data; `users.*` is all of a table."""
    table, _, column = personal.rpartition(".")
    words = set(danger.sample.replace('"', " ").replace("(", " ").replace(")", " ").replace(",", " ").split())
    return table in words and (column == "*" or column in words or "*" in words)


def _timed(target: _Target, step: Step) -> Iterator[Lock]:
    """Yield the locks with the time that they are held for on this server: what was measured, and its size."""
    work = _seconds(target, step)
    for lock in step.locks:
        yield replace(lock, seconds=round(lock.seconds + work, 3))


def _seconds(target: _Target, step: Step) -> float:
    written = sum(target.size(table) for table in step.rewrites) / REWRITTEN_PER_SECOND
    return written + sum(target.size(table) for table in step.scans) / SCANNED_PER_SECOND


def _seen(target: _Target, step: Step) -> Iterator[Risk]:
    """Yield what the trial showed and this server's sizes make matter: tables written anew, others kept waiting."""
    work = _seconds(target, step)
    for table in step.rewrites:
        rows = target.planned(table)
        if rows >= MANY_ROWS or (rows and work >= LONG_SECONDS):
            told = f"every row of {table} is written anew, which takes about {_duration(work)}"
            yield Risk(Danger(Hazard.TABLE_REWRITTEN, told), rows, reason="estimated by the planner")
    tables = [lock for lock in step.locks if lock.relation in target.tables]
    for lock in tables if work >= LONG_SECONDS else ():
        if lock.mode in BLOCKING and (rows := target.planned(lock.relation)):
            who = "nobody may read or write" if lock.mode == BLOCKING[-1] else "nobody may write to"
            told = f"{who} {lock.relation} for about {_duration(work)} ({lock.mode})"
            yield Risk(Danger(Hazard.LONG_EXCLUSIVE_LOCK, told), rows, reason="estimated by the planner")


def _duration(seconds: float) -> str:
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
