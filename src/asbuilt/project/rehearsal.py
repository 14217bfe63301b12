"""Rehearsing: the plan of a document carried out on a copy of its target, with the target's own rows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from asbuilt import seed
from asbuilt.engines.base import Copy, Progress, Session, silent
from asbuilt.engines.journal import Entry
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.state import DatabaseState
from asbuilt.plan.rehearsal import Begun, Rehearsal
from asbuilt.plan.rehearsing import begun_with, rehearse
from asbuilt.plan.steps import Plan, fingerprint, tables_of
from asbuilt.plan.storing import from_text, state_to_bytes
from asbuilt.project.asking import NOTHING_ANSWERED, Answers
from asbuilt.project.changes import plan_for
from asbuilt.project.grounds import fit_ground, used_by
from asbuilt.project.telling import entries_of

if TYPE_CHECKING:
    from asbuilt.project.facade import Project

ROWS = 1_000
"""Rows of a table that are copied where nothing else is said; those that they point at come with them."""
_MADE_UP = 20
_WRITTEN = 3


def rehearsed(
    project: "Project",
    url: str,
    most: int | None = ROWS,
    progress: Progress = silent,
    *,
    is_at_once: bool = False,
    answers: Answers = NOTHING_ANSWERED,
) -> Rehearsal:
    """Return what came of carrying out the plan for the database at `url` on a copy of it, which is gone afterwards.

    The database is only read: at most `most` rows of each table, None for all, and those that they point at. A plan that
    waits for its contract is rehearsed from there. Raises what `plan_for` raises.
    """
    with fit_ground(url, used_by(project.design), progress) as note:
        plan = plan_for(project, url, progress, is_at_once=is_at_once, answers=answers).plan
        if not plan.steps:
            return Rehearsal(plan, {}, (), ())
        waiting = _waiting(url)
        begun = _begun(url, most, waiting) if waiting else None
        with _copy(url, most, waiting, progress) as copy:
            made_up = () if waiting else _made_up(copy, plan)
            whole = from_text(waiting.plan) if waiting else plan
            known = _with_rows(begun, copy) if begun else begun_with(POSTGRES, copy, plan, Writing())
            done = rehearse(POSTGRES, copy, whole, Writing(), known, progress)
        notes = (*([note] if note else ()), *made_up, *done.notes)
        return Rehearsal(plan, done.counts, done.steps, done.checks, notes)


@contextmanager
def _copy(url: str, most: int | None, waiting: Entry | None, progress: Progress = silent) -> Iterator[Copy]:
    """Open a copy; where a plan waits in it, its journal knows the structure as the copy's server spells it."""
    progress("rehearse: copying", 0, 0)
    with POSTGRES.copied(url, most, progress, is_whole=waiting is not None) as copy:
        if waiting and _stands(url, waiting):
            state = copy.inspect()
            POSTGRES.journal(copy).move_on(waiting.number, fingerprint(state), state_to_bytes(state))
        yield copy


def _stands(url: str, waiting: Entry) -> bool:
    with POSTGRES.connect(url, read_only=True) as session:
        return fingerprint(session.inspect()) == waiting.after


def _waiting(url: str) -> Entry | None:
    with POSTGRES.connect(url, read_only=True) as session:
        return next((entry for entry in entries_of(session) if entry.state == "expanded"), None)


def _begun(url: str, most: int | None, waiting: Entry) -> Begun:
    """Return what a plan that waits began with: it is taken back in a copy of its own, of which nothing but that is used."""
    with _copy(url, min(most or ROWS, ROWS), waiting) as copy:
        return begun_with(POSTGRES, copy, from_text(waiting.plan), Writing(), waiting.number)


def _with_rows(begun: Begun, copy: Copy) -> Begun:
    """Return the same with the rows that yesterday's application reads in the copy."""
    return replace(begun, rows=POSTGRES.contents(copy, begun.state))


def _made_up(copy: Copy, plan: Plan) -> tuple[str, ...]:
    """Make rows up for the tables that the plan touches and that are empty; return in words which these are."""
    state = copy.inspect()
    empty = sorted(name for name in tables_of(plan.steps) if name in state.tables and not copy.counts.get(name, 1))
    made = seed.run(copy, seed.plan(state, dict.fromkeys(empty, _MADE_UP)))
    return tuple(
        f"{table} {'is empty' if table not in copy.missing else 'was not copied'}: {rows} rows were made up for it"
        for table, rows in made.rows.items()
        if rows
    )


class Writing:
    """Writes new rows, other ones each time."""

    def __init__(self) -> None:
        self._seeds = count(7)

    def __call__(self, session: Session, state: DatabaseState, tables: Sequence[str]) -> tuple[str, ...]:
        made = seed.run(session, seed.plan(state, dict.fromkeys(tables, _WRITTEN), next(self._seeds)))
        return made.problems
