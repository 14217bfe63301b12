"""A plan tried before it is trusted: up and back in a scratch database, with some rows, and watched meanwhile."""

from collections.abc import Callable
from dataclasses import replace

from asbuilt.engines.base import Engine, Progress, Session, Watcher, silent
from asbuilt.engines.changes import Observation
from asbuilt.engines.state import DatabaseState
from asbuilt.errors import AsbuiltError, PlanDoesNotWork, ServerRefused
from asbuilt.plan.backfilling import fill
from asbuilt.plan.difference import difference
from asbuilt.plan.planning import Side, build
from asbuilt.plan.scope import part, scope_of
from asbuilt.plan.steps import Plan, Proof, Step, fingerprint

Fill = Callable[[Session, DatabaseState], object]
"""Puts a few rows into every table."""


def proved(
    engine: Engine, plan: Plan, before: Side, after: Side, fill: Fill | None = None, progress: Progress = silent
) -> Plan:
    """Return the plan with what was seen of each step, tried up and back in a copy of what it touches.

    Raises `PlanDoesNotWork` where a step fails, leads elsewhere, or does not come back. Rows that `fill` makes and that
    do not suit the plan say nothing about it: then it is tried without.
    """
    if not plan.steps:
        return plan
    scope = scope_of(plan, before, after)
    old, new = part(before, scope), part(after, scope)
    try:
        return _tried(engine, plan, old, new, fill, progress)
    except PlanDoesNotWork:
        if fill is None:
            raise
        return _tried(engine, plan, old, new, None, progress)


def _tried(engine: Engine, plan: Plan, old: Side, new: Side, fill: Fill | None, progress: Progress) -> Plan:
    with engine.scratch() as session:
        engine.prepare(session)
        try:
            build(engine, session, old)
        except AsbuiltError as error:
            reason = f"no copy of the target could be made: {error}"
            return replace(plan, proof=Proof(reason=reason))
        if fill is not None:
            fill(session, old.state)
        return _up_and_back(engine, session, plan, new, progress)


def run_step(engine: Engine, session: Session, step: Step, *, is_back: bool = False) -> None:
    """Do what a step does, there or back."""
    statements = step.reverse if is_back else step.statements
    if backfill := step.filling(is_back=is_back):
        fill(engine, session, backfill)
    elif step.is_alone:
        for sql in statements:
            session.execute(sql)
    else:
        with session.transaction():
            for sql in statements:
                session.execute(sql)


def _up_and_back(engine: Engine, session: Session, plan: Plan, new: Side, progress: Progress) -> Plan:
    begin = session.inspect()
    watcher = engine.watch(session)
    steps = []
    for step in plan.steps:
        progress("plan: trying it in a scratch database", step.number - 1, 2 * len(plan.steps))
        try:
            seen = _seen(engine, session, watcher, step)
        except ServerRefused as refusal:
            if refusal.lacks_extension:  # that says nothing about the plan
                return replace(plan, proof=Proof(reason=f"step {step.number} cannot be tried here: {refusal}"))
            raise _failed(step, "fails", refusal) from refusal
        steps.append(_with(step, seen))
    _compare(session.inspect(), new.state, "leads elsewhere than the document says")
    for step in reversed(plan.steps):
        progress("plan: trying the way back", 2 * len(plan.steps) - step.number, 2 * len(plan.steps))
        try:
            run_step(engine, session, step, is_back=True)
        except ServerRefused as refusal:
            raise _failed(step, "cannot be taken back", refusal) from refusal
    _compare(session.inspect(), begin, "does not come back to where it began")
    return replace(plan, steps=tuple(steps), proof=Proof(is_proved=True))


def _seen(engine: Engine, session: Session, watcher: Watcher, step: Step) -> Observation:
    """Run a step and look at what it costs; a backfill costs nobody more than one of its ranges."""
    if step.filling():
        run_step(engine, session, step)
        return Observation()
    return watcher.run(step.statements, is_alone=step.is_alone)


def _with(step: Step, seen: Observation) -> Step:
    return replace(step, locks=seen.locks, rewrites=seen.rewrites, scans=seen.scans)


def _failed(step: Step, how: str, refusal: ServerRefused) -> PlanDoesNotWork:
    return PlanDoesNotWork(
        f"step {step.number} ({step.title}) {how} in the scratch database: {refusal}",
        help=f"nothing was changed; the statement is: {refusal.statement}",
    )


def _compare(reached: DatabaseState, wanted: DatabaseState, how: str) -> None:
    if fingerprint(reached) == fingerprint(wanted):
        return
    found = ", ".join(str(change.item) for change in difference(reached, wanted))
    raise PlanDoesNotWork(
        f"the plan {how}: {found or 'the order of things'}", help="nothing was changed there; please report this plan"
    )
