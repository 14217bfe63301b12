"""What is at stake on the target itself: the rows that each danger is about, counted there."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.base import Progress, Session, silent
from asbuilt.engines.changes import Danger
from asbuilt.errors import ServerRefused
from asbuilt.plan.steps import Plan, Risk

_SHOWN = 5
_NOT_THERE_YET = ("42703", "42P01")
"""The column or table is made by the plan itself, so no row stands against anything."""


def assessed(session: Session, plan: Plan, personal: frozenset[str], progress: Progress = silent) -> Plan:
    """Return the plan with the dangers of each step counted on the target, which is only read.

    `personal` names columns (`users.email`) whose values are never shown.
    """
    steps = []
    for step in plan.steps:
        progress("plan: counting the rows at stake", step.number, len(plan.steps))
        dangers = [danger for operation in step.operations for danger in operation.dangers]
        steps.append(replace(step, risks=tuple(_risk(session, danger, personal) for danger in dangers)))
    return replace(plan, steps=tuple(steps))


def _risk(session: Session, danger: Danger, personal: frozenset[str]) -> Risk:
    if not danger.count:
        return Risk(danger)
    try:
        with session.attempt():
            rows = int(session.rows(danger.count)[0][0])
            shown = danger.sample if rows and not any(name in danger.text for name in personal) else ""
            samples = tuple(_samples(session, shown)) if shown else ()
    except ServerRefused as refusal:
        if refusal.sqlstate in _NOT_THERE_YET:
            return Risk(danger, 0)
        return Risk(danger, reason=f"could not be counted: {refusal}")
    return Risk(danger, rows, samples)


def _samples(session: Session, query: str) -> Iterator[str]:
    for row in session.rows(query)[:_SHOWN]:
        yield ", ".join("NULL" if value is None else str(value) for value in row)
