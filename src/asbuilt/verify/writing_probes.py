"""Behaviour of triggers that write elsewhere: what happens to a row leaves one in another table, as an audit does."""

import re
from collections.abc import Iterator

from asbuilt.engines.base import Session
from asbuilt.engines.state import DatabaseState, TableState, TriggerState
from asbuilt.evidence import Verdict
from asbuilt.seed import sql
from asbuilt.verify.bench import Bench, Outcome
from asbuilt.verify.places import Places
from asbuilt.verify.probes import Finding, Probe, claim, unknown
from asbuilt.verify.trigger_probes import free_change

_WRITES = re.compile(r"INSERT\s+INTO\s+([\w.\"]+)", re.IGNORECASE)
_EVENTS = re.compile(r"\b(?:BEFORE|AFTER) (.+?) ON ")
_EVENT = re.compile(r"\b(INSERT|UPDATE|DELETE)\b")


def probes(table: TableState, places: Places) -> Iterator[Probe]:
    """Yield for every trigger that it writes where its function says; whether it says so, the function tells."""
    for trigger in table.triggers:
        if trigger.enabled != "disabled" and _events(trigger):
            yield _writes(table, trigger, places)


def written_table(desired: DatabaseState, trigger: TriggerState) -> str | None:
    """Return the table of the document that the trigger's function, as the document has it, inserts into."""
    for _, body in _functions(desired, trigger):
        for name in _WRITES.findall(body):
            bare = name.replace('"', "").removeprefix("public.")
            if bare in desired.tables:
                return str(bare)
    return None


def _functions(state: DatabaseState, trigger: TriggerState) -> list[tuple[str, str]]:
    name = trigger.function.split("(")[0]
    return [
        (k, o.definition) for (kind, k), o in state.objects.items() if kind == "function" and k.split("(")[0] == name
    ]


def _events(trigger: TriggerState) -> list[str]:
    found = _EVENTS.search(trigger.definition)
    return _EVENT.findall(found[1]) if found else []


def _writes(table: TableState, trigger: TriggerState, places: Places) -> Probe:
    events = _events(trigger)
    words = ", ".join(event.lower() for event in events)
    expected = f"each {words} writes a row where its function says"

    def attempt(bench: Bench) -> Finding:
        target = written_table(bench.desired, trigger) or ""
        if target not in bench.actual.tables:
            return unknown(f"table {target} is missing")
        findings = [_after(bench, table, trigger, target, event) for event in events]
        for verdict in (Verdict.BROKEN, Verdict.UNKNOWN):
            if found := next((f for f in findings if f.verdict == verdict), None):
                return found
        statement = ";\n".join(f.statement for f in findings)
        return Finding(Verdict.HOLDS, f"after {words} there is a row more in {target}", statement=statement)

    return Probe(claim("trigger_writes", table, trigger.name, places, "trigger", expected), table.name, attempt)


def _after(bench: Bench, table: TableState, trigger: TriggerState, target: str, event: str) -> Finding:
    """Let the event happen to a row, and see whether the table that is written into has grown."""
    row = bench.spare(table.name) or {}
    insert = bench.insertion(table.name, row, "ctid::text")
    changed = free_change(bench, table, trigger, row) if event == "UPDATE" else None
    if event == "UPDATE" and changed is None:
        return unknown("no column was found that may change freely")
    steps = [insert]

    def happens(session: Session) -> Outcome:
        session.execute("SET CONSTRAINTS ALL IMMEDIATE")
        before = _count(session, target)
        place = session.rows(insert)[0][0]
        if event != "INSERT":
            before = _count(session, target)
            steps.append(_statement(table, event, changed) + f" WHERE ctid = {sql.literal(place)}")
            session.execute(steps[-1])
        return Outcome(steps[-1], (_count(session, target) - before,))

    outcome = bench.trying(happens)
    if outcome.is_refused or outcome.answer is None:
        return unknown(f"refused for another reason: {outcome.message}", ";\n".join(steps))
    if outcome.answer[0] > 0:
        return Finding(Verdict.HOLDS, "", statement=";\n".join(steps))
    if _is_as_written(bench, table, trigger):
        return unknown(
            f"its function, just as the document has it, writes nothing after this {event.lower()}", steps[-1]
        )
    observed = f"after {event.lower()} there is no row more in {target}"
    return Finding(Verdict.BROKEN, observed, statement=";\n".join(steps))


def _statement(table: TableState, event: str, changed: tuple[str, str | None] | None) -> str:
    if event == "DELETE" or changed is None:
        return f"DELETE FROM {sql.table_name(table.name)}"
    return f"UPDATE {sql.table_name(table.name)} SET {sql.name(changed[0])} = {sql.literal(changed[1])}"


def _count(session: Session, table: str) -> int:
    return int(session.rows(f"SELECT count(*) FROM {sql.table_name(table)}")[0][0])


def _is_as_written(bench: Bench, table: TableState, trigger: TriggerState) -> bool:
    """Tell whether trigger and function stand in the twin as the document has them."""
    there = bench.actual.tables[table.name].triggers
    return trigger in there and _functions(bench.actual, trigger) == _functions(bench.desired, trigger)
