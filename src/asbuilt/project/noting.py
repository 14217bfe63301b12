"""What a plan tells beside its steps: what has changed meanwhile, what is not compared, what upkeep has to do with it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from asbuilt.engines.base import Session
from asbuilt.model.design import Design
from asbuilt.plan.drifting import Drift
from asbuilt.plan.keeping import Keeping
from asbuilt.plan.planning import Side
from asbuilt.plan.steps import Plan
from asbuilt.project.cut_off import never_made_there, told_of_cut_off
from asbuilt.project.results import CheckResult


def of_upkeep(session: Session, check: CheckResult, stood: Side, before: Side, design: Design) -> Iterator[str]:
    """Yield in words what upkeep was cut off in, and which partitions it would only take away again."""
    yield from told_of_cut_off(session, stood.state)
    if check.trial:
        yield from never_made_there(session, check.trial.state, before.state, design).values()


def told_of_overdue(plan: Plan, kept: Sequence[Keeping]) -> Plan:
    if not kept:
        return plan
    numbers = ", ".join(str(keeping.number) for keeping in kept)
    note = f"past its time, and can be purged with `asbuilt maintain`: what is kept aside by plan {numbers}"
    return replace(plan, notes=(*plan.notes, note))


def told_of_unread(plan: Plan, there: Sequence[str]) -> Plan:
    """Return the plan with a note on what stands in the target and is never looked at."""
    return replace(plan, notes=(*plan.notes, f"there too, and not compared: {', '.join(there)}")) if there else plan


def told_of_drift(plan: Plan, drifted: Drift | None) -> Plan:
    if drifted is None or not drifted.is_there:
        return plan
    note = f"changed since plan {drifted.last.number}, by no plan: {drifted.told}"
    return replace(plan, notes=(*plan.notes, note))


def noted(plan: Plan, note: str) -> Plan:
    """Return the plan with what keeps it from being tried in full, where it was not."""
    is_tried = plan.proof.is_proved or not plan.steps
    return plan if is_tried or not note else replace(plan, notes=(*plan.notes, note))
