"""Renames that may be meant: recognised, backed by what the document said before, answered by its user."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from asbuilt.engines.journal import Entry
from asbuilt.engines.state import DatabaseState
from asbuilt.errors import AsbuiltError, NothingToDo
from asbuilt.model.design import Design
from asbuilt.model.renames import Rename
from asbuilt.model.sql import Migration
from asbuilt.plan.guessing import answered, possible
from asbuilt.plan.making import Told
from asbuilt.plan.renaming import fitting
from asbuilt.plan.steps import PossibleRename


@dataclass(frozen=True)
class Answers:
    """What a user says of renames that nobody states: those that are, and whether all others are none."""

    renames: tuple[Rename, ...] = ()
    are_others_none: bool = False


NOTHING_ANSWERED = Answers()


def answers_of(words: Sequence[str], *, are_others_none: bool = False) -> Answers:
    """Return the answers that `table.old=new` and `old=new` give; raise `NothingToDo` for words of another form."""
    try:
        return Answers(answered(words), are_others_none)
    except ValueError as error:
        help = "write --rename TABLE.OLD=NEW for a column, --rename OLD=NEW for a table"
        raise NothingToDo(f"`{error}` states no rename", help=help) from error


def with_answers(told: Told, answers: Answers, before: DatabaseState, after: DatabaseState) -> Told:
    """Return what is told, with the renames that a user states; raise `NothingToDo` for one that does not fit."""
    every = (*told.renames, *answers.renames)
    fits = fitting(every, before, after)
    for rename in answers.renames:
        if rename not in fits:
            raise NothingToDo(
                f"{_shown(rename)} does not fit: {_misfit(rename, before, after)}", help="see `asbuilt plan`"
            )
    return replace(told, renames=every)


def _shown(rename: Rename) -> str:
    return (
        f"--rename {rename.table}.{rename.old}={rename.column}"
        if rename.column
        else f"--rename {rename.old}={rename.table}"
    )


def _misfit(rename: Rename, before: DatabaseState, after: DatabaseState) -> str:
    if not rename.column:
        return "the first has to be a table that stands and is not wanted any more, the second one that is wanted and not there"
    if rename.table not in after.tables:
        return f"the document has no table `{rename.table}`"
    return "the first has to be a column that stands and is not wanted any more, the second one that is wanted and not there"


def questions_of(
    before: DatabaseState,
    after: DatabaseState,
    told: Told,
    pending: Sequence[Migration],
    answers: Answers = NOTHING_ANSWERED,
) -> tuple[PossibleRename, ...]:
    """Return what has to be asked; what a migration writes or makes has its own story."""
    if answers.are_others_none:
        return ()
    named = set(_named(pending))
    found = possible(before, after, told.renames)
    return tuple(q for q in found if (q.table, q.new) not in named and (q.table, q.old) not in named)


def _named(migrations: Sequence[Migration]) -> Iterator[tuple[str, str]]:
    for migration in migrations:
        for statement in migration.forward:
            names = (*statement.creates, *(need.name for need in statement.needs))
            yield from ((name.table, name.name) for name in names if name.kind == "column" and name.table)


def backed(questions: Sequence[PossibleRename], old: Design, new: Design, where: str) -> tuple[PossibleRename, ...]:
    """Return the questions with what the document as it was, `where`, says of the same field."""
    return tuple(_backed(question, old, new, where) for question in questions)


def _backed(question: PossibleRename, old: Design, new: Design, where: str) -> PossibleRename:
    one, other = old.entity(question.old if not question.new else question.table), new.entity(question.table)
    before = one.field(question.old) if one and question.new else None
    after = other.field(question.new) if other and question.new else None
    if before is None or after is None:
        return question
    was, now = old.source[before.span].replace(question.old, question.new), new.source[after.span]
    if was.split() != now.split():
        return question
    told = f"the line reads as in {where} but for the name"
    return replace(question, evidence=(*question.evidence, told))


def backed_by_journal(
    questions: Sequence[PossibleRename], entries: Sequence[Entry], path: Path, new: Design
) -> tuple[PossibleRename, ...]:
    """Return the questions with what the revision of the document that was applied last says, where git still has it."""
    from asbuilt.project.revisions import load_revision

    last = next((e for e in reversed(entries) if e.state == "applied" and e.revision.rstrip("+")), None)
    if last is None or not questions:
        return tuple(questions)
    revision = last.revision.rstrip("+")
    try:
        old = load_revision(f"{revision}:{path}").design
    except AsbuiltError:
        return tuple(questions)
    return backed(questions, old, new, f"revision {revision}")
