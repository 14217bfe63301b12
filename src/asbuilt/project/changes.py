"""Planning, applying and taking back: from what stands in a database to what the document says."""

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2s
from typing import TYPE_CHECKING

from asbuilt.diagnostics import Severity
from asbuilt.engines.base import Progress, Session, Trial, silent
from asbuilt.engines.changes import Hazard, Operation
from asbuilt.engines.journal import Entry, Origin
from asbuilt.engines.postgres.dumping import back_up
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.places import make_folder
from asbuilt.engines.postgres.public import left_alone
from asbuilt.engines.postgres.unread import unread
from asbuilt.errors import CannotWrite, GroundMoved, HazardsNotAllowed, NothingToDo, PlanDoesNotWork, ServerRefused
from asbuilt.model.chapters import PersonalField
from asbuilt.model.design import Design
from asbuilt.plan.backfilling import LAG_SECONDS
from asbuilt.plan.choosing import IsUsed, nothing_used
from asbuilt.plan.drifting import drift
from asbuilt.plan.guessing import with_questions
from asbuilt.plan.keeping import overdue
from asbuilt.plan.making import Told, make, side
from asbuilt.plan.planning import Side
from asbuilt.plan.proving import proved
from asbuilt.plan.returning import with_rollbacks
from asbuilt.plan.risks import assessed
from asbuilt.plan.running import apply, contract, half_taken_back, roll_back
from asbuilt.plan.steps import KEPT_SECONDS, Plan, Step, fingerprint, hazards_of, tables_of
from asbuilt.plan.storing import from_text
from asbuilt.project.asking import NOTHING_ANSWERED, Answers, backed_by_journal, questions_of, with_answers
from asbuilt.project.collecting import collector_paused
from asbuilt.project.cut_off import end_upkeep, side_in_sight
from asbuilt.project.files import writing
from asbuilt.project.grounds import fit_ground, used_by
from asbuilt.project.in_time import in_time
from asbuilt.project.moving import told_of as told_of_errand
from asbuilt.project.noting import noted, of_upkeep, told_of_drift, told_of_overdue, told_of_unread
from asbuilt.project.results import BuildRefused, CheckResult
from asbuilt.project.suiting import fill_for
from asbuilt.project.telling import entries_for_plan, kept_seconds, told_of, told_of_owners, told_of_replicas
from asbuilt.text import Span
from asbuilt.verify.places import Places

if TYPE_CHECKING:
    from asbuilt.project.facade import Project

ALL = "all"


@dataclass(frozen=True)
class PlanResult:
    """A plan for a target, and what the check of the document found on the way."""

    plan: Plan
    check: CheckResult


def plan_for(
    project: "Project",
    url: str,
    progress: Progress = silent,
    *,
    is_at_once: bool = False,
    answers: Answers = NOTHING_ANSWERED,
) -> PlanResult:
    """Return the plan that makes the database at `url` what the document says; nothing is changed there.

    `answers` are those to the questions of an earlier plan.
    What is in use changes while its old shape is kept beside the new one, unless it has to be `is_at_once`. Where that
    was done and the old waits to be taken away, that is the plan.
    Raises `BuildRefused` where PostgreSQL refuses something of the document, `GroundMoved` where another plan waits.
    """
    with fit_ground(url, used_by(project.design), progress) as note:
        made = _planned(project, url, answers, is_at_once, progress)
    return replace(made, plan=noted(made.plan, note))


def _planned(project: "Project", url: str, answers: Answers, is_at_once: bool, progress: Progress) -> PlanResult:
    check, after = _wanted(project, url, progress)
    progress("plan: inspecting the target", 0, 0)
    with POSTGRES.connect(url, read_only=True) as session, collector_paused():
        stood = side(POSTGRES, session)
        before = side_in_sight(session, stood)
        after = replace(after, state=left_alone(after.state, before.state))
        progress("plan: comparing", 0, 0)
        entries = entries_for_plan(session)
        drifted = drift(POSTGRES.journal(session), entries, before.state)
        if waiting := waiting_plan(session, _personal(project.design), progress):
            return PlanResult(told_of_drift(_if_wanted(waiting, fingerprint(after.state)), drifted), check)
        told = with_answers(told_of(project.design, entries), answers, before.state, after.state)
        plan = _made(project, url, session, before, after, told, is_at_once, progress)
        plan = assessed(POSTGRES, session, plan, before.state, _personal(project.design), progress)
        plan = told_of_owners(told_of_replicas(told_of_unread(plan, unread(session)), session), session)
        plan = replace(plan, notes=(*plan.notes, *of_upkeep(session, check, stood, before, project.design)))
        plan = told_of_overdue(plan, overdue(POSTGRES.journal(session), entries, kept_seconds(project.design)))
    pending = [m for m in told.migrations if m.name in {placed.name for placed in plan.migrations}]
    questions = questions_of(before.state, after.state, told, pending, answers)
    questions = backed_by_journal(questions, entries, project.path, project.design)
    plan = with_causes(with_questions(plan, questions), project.design)
    return PlanResult(told_of_drift(plan, drifted), check)


def waiting_plan(session: Session, personal: frozenset[str] = frozenset(), progress: Progress = silent) -> Plan | None:
    """Return what waits of a plan until nobody uses the old names any more, with what is at stake there; None where none does."""
    entry = next((entry for entry in entries_for_plan(session) if entry.state == "expanded"), None)
    if entry is None:
        return None
    stored = from_text(entry.plan)
    return assessed(POSTGRES, session, replace(stored, steps=stored.later), session.inspect(), personal, progress)


def _if_wanted(waiting: Plan, wanted: str) -> Plan:
    """Return the plan that waits, if the document still says what it was made for."""
    if waiting.after != wanted:
        raise GroundMoved(
            f"plan {waiting.id} waits for its contract, and the document has changed since",
            help="carry the contract out, with `asbuilt apply --contract`, or take the plan back, with `asbuilt rollback`; "
            "then plan again",
        )
    return waiting


def _made(
    project: "Project",
    url: str,
    session: Session,
    before: Side,
    after: Side,
    told: Told,
    is_at_once: bool,
    progress: Progress,
) -> Plan:
    """Return the plan, tried; one that keeps old and new side by side unless that does not work or is not wanted."""

    def tried(is_used: IsUsed) -> Plan:
        plan = make(POSTGRES, before, after, told, lambda: POSTGRES.twin(url), is_used)
        plan = replace(plan, server=session.server, document=str(project.path), revision=_revision(project))
        plan = replace(plan, kept_seconds=kept_seconds(project.design) or KEPT_SECONDS)
        fill = fill_for(told.migrations, after.state)
        plan = with_rollbacks(POSTGRES, plan, told.migrations, before, after, fill)
        return proved(POSTGRES, plan, before, after, fill, progress)

    if not is_at_once:
        try:
            return tried(lambda table: POSTGRES.has_rows(session, table))
        except (PlanDoesNotWork, ServerRefused) as trouble:
            plan = tried(nothing_used)
            return replace(plan, notes=(*plan.notes, f"changed at once, as side by side does not work: {trouble}"))
    return tried(nothing_used)


def sync_plan(origin: str, url: str, progress: Progress = silent) -> Plan:
    """Return the plan that makes the database at `url` like the one at `origin`; both are only read."""
    progress("plan: inspecting both", 0, 0)
    with POSTGRES.connect(origin, read_only=True) as session, collector_paused():
        after, name = side(POSTGRES, session), session.server
    used = {name for kind, name in after.state.objects if kind == "extension"}
    with fit_ground(url, used, progress) as note, POSTGRES.connect(url, read_only=True) as session, collector_paused():
        before = side(POSTGRES, session)
        plan = replace(make(POSTGRES, before, after), server=session.server, document=name)
        plan = noted(proved(POSTGRES, plan, before, after, fill_for((), after.state), progress), note)
        plan = told_of_unread(plan, unread(session))
        return assessed(POSTGRES, session, plan, before.state, progress=progress)


def _wanted(project: "Project", url: str, progress: Progress) -> tuple[CheckResult, Side]:
    """Return what the document asks for, and what follows from it at `url` with time, built in a scratch database."""
    sides: list[Side] = []

    def look(session: Session, trial: Trial) -> None:
        sides.append(in_time(session, Side(trial.state, POSTGRES.needs(session)), url, project.design))

    check = project.check(progress=progress, look=look)
    refused = check.trial.failures if check.trial else ()
    if refused and check.count(Severity.ERROR):
        first = refused[0]
        help = f"make the document right first: `asbuilt check {project.shown_path}`"
        raise BuildRefused(ServerRefused(f"{first.step.subject}: {first.message}", help=help), check)
    return check, sides[0]


def apply_plan(
    url: str,
    plan: Plan,
    allowed: tuple[str, ...] = (),
    progress: Progress = silent,
    *,
    project: "Project | None" = None,
    is_backed_up: bool = True,
    lag_limit: float = LAG_SECONDS,
) -> Entry:
    """Carry a plan out; raise `HazardsNotAllowed` where it has hazards that are not among `allowed`.

    The tables that are at stake are dumped first, into the folder of the plan's `project`.
    """
    _refuse(plan.now, allowed, project)
    end_upkeep(url)
    if project is None:
        return apply(POSTGRES, url, plan, progress, lag_limit=lag_limit)
    digest = blake2s(project.source.text.encode(errors="surrogatepass"), digest_size=8).hexdigest()

    def origin() -> Origin:
        backup = _backed_up(url, plan, project, progress) if is_backed_up else ""
        return Origin(plan.document, plan.revision, digest, backup)

    return apply(POSTGRES, url, plan, progress, origin, lag_limit)


def _refuse(
    steps: Sequence[Step], allowed: tuple[str, ...], project: "Project | None", *, is_contract: bool = False
) -> None:
    missing = tuple(hazard for hazard in hazards_of(steps) if hazard not in allowed and ALL not in allowed)
    if missing:
        raise HazardsNotAllowed(missing, tuple(_told(steps, missing, project)), is_contract=is_contract)


def _told(steps: Sequence[Step], hazards: tuple[str, ...], project: "Project | None") -> Iterator[str]:
    """Yield a line for each thing that is at stake: its step, the document's line, the hazard, how many rows."""
    for step in steps:
        at = f", line {project.source.line_at(step.causes[0].start)}" if project and step.causes else ""
        for risk in step.risks:
            if risk.is_real and risk.danger.hazard in hazards:
                rows = f"{risk.rows:,} row{'' if risk.rows == 1 else 's'}" if risk.rows is not None else risk.reason
                count = f" ({rows})" if rows else ""
                yield f"step {step.number}{at}: {risk.danger.hazard}: {risk.danger.text}{count}"


def _backed_up(url: str, plan: Plan, project: "Project", progress: Progress) -> str:
    """Dump the tables that a plan may harm; return the file, empty where there is nothing to harm."""
    tables = sorted(tables_of(step for step in plan.steps if any(risk.is_real for risk in step.risks)))
    if not tables:
        return ""
    progress("backup: dumping what is at stake", 0, 0)
    path = project.home / "backups" / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{plan.id}.sql.gz"
    try:
        with writing(path):
            make_folder(path.parent)
            return str(path) if back_up(url, tables, path) else ""
    except CannotWrite as error:
        error.help = f"nothing was changed; {error.help}, or go without a dump: --no-backup"
        raise


def contract_plan(
    project: "Project",
    url: str,
    allowed: tuple[str, ...] = (),
    progress: Progress = silent,
    lag_limit: float = LAG_SECONDS,
) -> Entry:
    """Carry out what waits of a plan; raise `HazardsNotAllowed` where that has hazards that are not among `allowed`."""
    with POSTGRES.connect(url, read_only=True) as session:
        waiting = waiting_plan(session, _personal(project.design), progress)
    _refuse(waiting.later if waiting else (), allowed, project, is_contract=True)
    end_upkeep(url)
    return contract(POSTGRES, url, progress, lag_limit)


def go_on(
    url: str, begun: Entry, asked: str | None = None, progress: Progress = silent, lag_limit: float = LAG_SECONDS
) -> Entry:
    """Carry out what is left of a plan that `may_go_on`; raise `GroundMoved` where it may not."""
    may_go_on(begun, asked)
    return apply(POSTGRES, url, None, progress, lag_limit=lag_limit)


def may_go_on(begun: Entry, asked: str | None = None) -> None:
    """Raise `GroundMoved` where a plan that was begun is half taken back, or another one is `asked` for."""
    if begun.state == "rolling back":
        raise half_taken_back(begun)
    if asked and asked != begun.plan_id:
        raise _unfinished(begun)


def _unfinished(begun: Entry) -> GroundMoved:
    errand = from_text(begun.plan).errand
    what = f"upkeep ({told_of_errand(errand)})" if errand else f"plan {begun.plan_id}"
    end = "`asbuilt maintain`" if errand else "`asbuilt apply`"
    return GroundMoved(
        f"{what} was begun there on {begun.started_at:%Y-%m-%d %H:%M} and is not finished",
        help=f"finish it first, with {end}, or take it back, with `asbuilt rollback`",
    )


def take_back(
    url: str,
    to: int | None = None,
    progress: Progress = silent,
    allowed: tuple[str, ...] = (),
    lag_limit: float = LAG_SECONDS,
) -> list[Entry]:
    """Take back the last plan, or all after number `to`; raise `DataGone` where rows were purged and that is not `allowed`."""
    is_loss_allowed = Hazard.DATA_LOST in allowed or ALL in allowed
    end_upkeep(url)
    return roll_back(POSTGRES, url, to, progress, is_loss_allowed=is_loss_allowed, lag_limit=lag_limit)


def hazards_named(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the hazards that a user allows; raise `NothingToDo` for a word that names none."""
    known = {str(hazard) for hazard in Hazard} | {ALL}
    for word in words:
        if word not in known:
            raise NothingToDo(f"there is no hazard `{word}`", help=f"one of: {', '.join(sorted(known))}")
    return words


def hazards_allowed(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of all hazards that a user allows; raise `NothingToDo` for a word that names none."""
    return tuple(str(hazard) for hazard in Hazard) if ALL in hazards_named(words) else words


def moved(asked: str, made: Plan) -> GroundMoved:
    """Return the error for a plan that was asked for by an id that it has no more."""
    return GroundMoved(
        f"there is no plan {asked} now: the target or the document has changed since",
        help=f"nothing was changed; look at the plan as it is now, {made.id}: `asbuilt plan`",
    )


def _personal(design: Design) -> frozenset[str]:
    return frozenset(f"{fact.entity}.{fact.field}" for fact in design.of(PersonalField))


def _revision(project: "Project") -> str:
    """Return the revision of the document in git, with a mark where it was edited since; empty outside git."""
    folder = project.path.resolve().parent
    try:
        found = _git(folder, "rev-parse", "--short", "HEAD")
        return found + ("+" if _git(folder, "status", "--porcelain", "--", project.path.resolve().name) else "")
    except (OSError, subprocess.SubprocessError):
        return ""


def _git(folder: object, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=True, timeout=10)
    return done.stdout.strip()


def with_causes(plan: Plan, design: Design) -> Plan:
    """Return the plan with the places of the document that ask for each step."""
    places = Places(design)
    steps = tuple(replace(step, causes=step.causes or _causes(step, places)) for step in plan.steps)
    return replace(plan, steps=steps)


def _causes(step: Step, places: Places) -> tuple[Span, ...]:
    """Return the places of the document that ask for a step, the most telling first; none for what it no longer has."""
    found = [span for operation in step.operations for span in _asked_for(operation, places)]
    return tuple(dict.fromkeys(found))


def _asked_for(operation: Operation, places: Places) -> list[Span]:
    items = sorted(operation.makes | operation.touches, key=lambda item: (item.kind != "table", item))
    return [span for item in items for span in places.of_thing(item)[:1]]
