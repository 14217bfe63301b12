"""Two revisions of a document: files, or what git has of one."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from asbuilt.engines.base import Progress, Session, Trial, silent
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.state import DatabaseState
from asbuilt.errors import DocumentUnreadable
from asbuilt.model.renames import Rename
from asbuilt.plan.contrast import Contrast, contrasts
from asbuilt.plan.guessing import with_questions
from asbuilt.plan.making import make, side
from asbuilt.plan.renaming import fitting, renamed
from asbuilt.plan.steps import Plan, PossibleRename
from asbuilt.project.asking import backed, questions_of
from asbuilt.project.changes import with_causes
from asbuilt.project.facade import Project, load
from asbuilt.project.telling import told_of
from asbuilt.text import Source
from asbuilt.verify.places import Places

_SECONDS = 20


def load_revision(name: str) -> Project:
    """Read the document at a path, or at `REVISION:path` as git has it; raise `DocumentUnreadable` where that is impossible."""
    revision, colon, path = name.partition(":")
    if not colon or Path(name).exists():
        return load(name)
    return Project(Source(name, _shown(name, revision, Path(path))), Path(path))


def _shown(name: str, revision: str, path: Path) -> str:
    command = ["git", "-C", str(path.parent), "show", f"{revision}:./{path.name}"]
    help = "write it as REVISION:path, such as HEAD~1:design.md, inside a git repository"
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        raise DocumentUnreadable(name, f"git cannot be asked: {error}", help=help) from error
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().splitlines() or ["git does not know it"]
        raise DocumentUnreadable(name, reason[0], help=help)
    return done.stdout.decode(errors="replace")


@dataclass(frozen=True, slots=True)
class Revisions:
    """Two revisions beside each other: what differs, each with its place (`design.md:12`), and the plan that leads from one to the other."""

    contrasts: tuple[tuple[Contrast, str], ...]
    plan: Plan


def difference_of(old: Project, new: Project, progress: Progress = silent) -> Revisions:
    """Return what differs between the databases that `old` and `new` describe; each is built in a scratch database.

    What PostgreSQL refuses of either is left out of it, as `check` tells.
    """
    wanted = []
    new.check(progress=progress, look=lambda session, trial: wanted.append(side(POSTGRES, session)))
    plans: list[Plan] = []
    found: list[Contrast] = []
    questions: list[PossibleRename] = []

    def compare(session: Session, trial: Trial) -> None:
        told, before = told_of(new.design), side(POSTGRES, session)
        found.extend(_contrasts(session, before.state, wanted[0].state, told.renames))
        plans.append(make(POSTGRES, before, wanted[0], told, lambda: nullcontext(session)))
        pending = [m for m in told.migrations if m.name in {placed.name for placed in plans[0].migrations}]
        questions.extend(questions_of(before.state, wanted[0].state, told, pending))

    old.check(progress=progress, look=compare)
    plan = replace(plans[0], server=old.source.path, document=new.source.path)
    plan = with_causes(with_questions(plan, backed(questions, old.design, new.design, old.source.path)), new.design)
    return Revisions(tuple(_placed(found, old, new)), plan)


def _contrasts(
    session: Session, before: DatabaseState, after: DatabaseState, renames: Sequence[Rename]
) -> tuple[Contrast, ...]:
    fits = fitting(renames, before, after)
    with session.attempt():
        stands = renamed(POSTGRES, session, POSTGRES.rename_operations(fits)).state if fits else before
    return contrasts(stands, after, fits)


def _placed(found: Sequence[Contrast], old: Project, new: Project) -> Iterator[tuple[Contrast, str]]:
    """Yield each difference with the place that states it: in the old revision for what is gone; empty where none does."""
    sides = {True: (old, Places(old.design)), False: (new, Places(new.design))}
    for one in found:
        project, places = sides[one.verb == "dropped"]
        span = next(iter(places.of_thing(one.item)), None)
        yield one, f"{project.source.path}:{project.source.line_at(span.start)}" if span else ""
