"""The first document: written from a live database, tried out and proved against it before anybody sees it."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from asbuilt.diagnostics import Diagnostic, Severity
from asbuilt.document.blocks import Fence
from asbuilt.engines.base import Progress, Trial, silent
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.diagnosing import REFUSALS
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.engines.postgres.surveying import Survey, survey
from asbuilt.engines.state import DatabaseState, spelled_like
from asbuilt.errors import AlreadyThere, CannotWrite, NothingToDo
from asbuilt.evidence import Chapter
from asbuilt.plan.difference import difference
from asbuilt.plan.steps import fingerprint
from asbuilt.project.collecting import collector_paused
from asbuilt.project.facade import Project
from asbuilt.project.files import new_file
from asbuilt.project.grounds import fit_ground
from asbuilt.project.results import CheckResult
from asbuilt.reading.chapter_names import chapter_named
from asbuilt.text import Source
from asbuilt.verify import Run, verify
from asbuilt.writing import Subject, heading_of, with_allowed, written
from asbuilt.writing.markdown import code, listed

_SHOWN = 10


@dataclass(frozen=True)
class Draft:
    """A document that was written from a database and is nowhere kept yet.

    `allowed` counts the findings about the database as it stands, by code; `unlike` names what the document does not
    make as it is there; `notes` are what could not be seen there.
    """

    project: Project
    check: CheckResult
    run: Run
    allowed: Counter[str]
    unlike: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def text(self) -> str:
        return self.project.source.text

    @property
    def is_fine(self) -> bool:
        """Whether the document makes what stands there, its check is clean and no claim is broken."""
        return self.check.is_clean and self.run.is_fine and not self.unlike

    def save(self, *, force: bool = False) -> Path:
        """Write the document to its path, whole or not at all; raise `AlreadyThere` where a file is and `force` is not given."""
        path = self.project.path
        new_file(path, self.text, force=force)
        return path


def init(url: str, path: str | Path = "design.md", *, progress: Progress = silent) -> Draft:
    """Write a document for the database at `url`, which is only read, and prove it; `save` puts it into its file."""
    progress("init: inspecting the database", 0, 0)
    with POSTGRES.connect(url, read_only=True) as session, collector_paused():
        state = session.inspect()
        subject, notes = _subject(session, survey(session), state)
    used = {name for kind, name in state.objects if kind == "extension"}
    with fit_ground(url, used, progress) as note:
        return _proved(url, Path(path), state, subject, tuple(filter(None, (*notes, note))), progress)


def _proved(
    url: str, path: Path, state: DatabaseState, subject: Subject, notes: tuple[str, ...], progress: Progress
) -> Draft:
    """Write the document, check it, allow what is found of the database, and verify it there."""
    progress("init: writing the document", 0, 0)
    project, check, trial = _checked(_written(subject, state, path), progress)
    found = [
        d for d in check.diagnostics if d.severity in (Severity.ERROR, Severity.WARNING) and d.code not in REFUSALS
    ]
    if found:
        clean = with_allowed(project.source, found)
        project, check, trial = _checked(Project(Source(str(path), clean), path), progress)
    run = verify(project.design, trial.state, POSTGRES, url, progress, trial.failures)
    return Draft(project, check, run, _counted(found), _unlike(state, trial), notes)


def _written(subject: Subject, state: DatabaseState, path: Path) -> Project:
    """Return the document; a comment that states something as soon as it is read as prose stands in its statement only."""
    statements = defining.statements(state)
    project = Project(Source(str(path), written(subject, state, statements)), path)
    telling = frozenset(_telling(project, state))
    if not telling:
        return project
    return Project(Source(str(path), written(subject, state, statements, telling)), path)


def _telling(project: Project, state: DatabaseState) -> Iterator[str]:
    """Yield the tables whose comment, read as prose, states something."""
    sections = {heading_of(name).removeprefix("### "): name for name in state.tables}
    for block in project.reading.document.blocks:
        if isinstance(block, Fence) or not block.path:
            continue
        table = sections.get(block.path[-1].raw.partition(" ")[2])
        if table and any(fact.span.overlaps(block.span) for fact in project.reading.facts):
            yield table


def refuse_to_write(path: Path, *, force: bool) -> None:
    """Raise, before any work is done, for a file that must not be replaced or cannot be written."""
    if not force and os.path.lexists(path):
        raise AlreadyThere(str(path))
    if not path.absolute().parent.is_dir():
        raise CannotWrite(str(path), f"there is no folder {path.parent}")


def _checked(project: Project, progress: Progress) -> tuple[Project, CheckResult, Trial]:
    check = project.check(progress=progress)
    assert check.trial is not None
    return project, check, check.trial


def _counted(found: list[Diagnostic]) -> Counter[str]:
    return Counter(each.code for diagnostic in found for each in diagnostic.each)


def _unlike(state: DatabaseState, trial: Trial) -> tuple[str, ...]:
    """Return what the document leads to otherwise than it stands in the database; what could not be tried is not among it."""
    wanted = spelled_like(state, trial.state)
    if fingerprint(wanted) == fingerprint(trial.state):
        return ()
    lost = {failure.step.subject for failure in trial.failures}
    items = (change.item for change in difference(trial.state, wanted))
    return tuple(dict.fromkeys(str(item) for item in items if str(item) not in lost))


def _subject(session: PostgresSession, seen: Survey, state: DatabaseState) -> tuple[Subject, tuple[str, ...]]:
    if not state.tables and not state.objects:
        raise NothingToDo(
            f"{session.server} is empty: there is nothing to write about",
            help="look at the name of the database in the URL; a new design begins with a document, not with a database",
        )
    notes = tuple(_notes(seen, state))
    place = session.server.partition("(")[2].rstrip(")")
    return Subject(
        _title(seen.database), f"PostgreSQL {state.version[0]}", place, seen.date, seen.comment, notes
    ), notes


def _title(database: str) -> str:
    """Return the database's name as a title; none where its words would open a chapter."""
    title = database.replace("_", " ").strip().capitalize()
    return title if chapter_named(title) in (None, Chapter.OVERVIEW, Chapter.ENTITIES) else ""


def _notes(seen: Survey, state: DatabaseState) -> Iterator[str]:
    """Yield what a reader has to know of how the database was read, a line each."""
    if roles := _roles(state):
        yield f"**Roles**: {_some(roles)} are named; roles are the server's, and have to be there"
    if seen.left_out:
        yield f"**Left out**: the schemas {_some(seen.left_out)}, which the platform provides"
    if seen.unread:
        yield f"**Not written**: {listed(seen.unread)}; no plan compares or changes such things"
    if seen.unreadable:
        what = f"{len(seen.unreadable)} tables" if len(seen.unreadable) > 1 else "a table"
        yield (
            f"**Not seen**: the role {code(seen.role)} may not read the rows of {what} ({_some(seen.unreadable)}): "
            "what these hold, and how they behave, was not proved"
        )


def _roles(state: DatabaseState) -> list[str]:
    """Return the roles that grants, policies and owners name."""
    found: set[str] = set()
    for table in state.tables.values():
        sequences = (column.sequence.grants for column in table.columns if column.sequence)
        found |= _granted(table.grants, *(column.grants for column in table.columns), *sequences) | {table.owner}
        found |= {role for policy in table.policies for role in policy.roles}
    for thing in state.objects.values():
        grants = [value.split("; ") for key, value in thing.properties if key.partition(" of ")[0] == "grants"]
        grants += [thing.definition.split("; ")] if thing.kind == "default privileges" else []
        found |= _granted(*grants) | {dict(thing.properties).get("owner", "")}
    return sorted(found - {"", "PUBLIC", "public", "nobody"})


def _granted(*grants: Sequence[str]) -> set[str]:
    return {line.partition(": ")[0] for lines in grants for line in lines}


def _some(names: Sequence[str]) -> str:
    """Return the first of many names, and how many more there are."""
    more = [f"{len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
    return listed([*map(code, names[:_SHOWN]), *more])
