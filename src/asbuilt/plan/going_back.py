"""The rollbacks that a document states, tried from what stands: back, forward again, and back once more with rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from asbuilt.engines.base import Engine, Session
from asbuilt.engines.state import DatabaseState
from asbuilt.evidence import Verdict
from asbuilt.model.sql import Migration, ObjectName, SqlStatement
from asbuilt.plan.difference import difference, things
from asbuilt.plan.planning import Side
from asbuilt.plan.proving import Fill
from asbuilt.plan.reached import Reached, brief, statements
from asbuilt.plan.rows import rows_of, unlike
from asbuilt.plan.scope import around, part
from asbuilt.plan.storing import from_text
from asbuilt.plan.wording import differences, shortened

FillFor = Callable[[Sequence[Migration], DatabaseState], Fill]
"""Gives what puts rows into tables that the migrations will find what they look for in; the state is where they lead."""


@dataclass(frozen=True, slots=True)
class Back:
    """What came of trying a migration's rollback: `told` in words."""

    migration: Migration
    verdict: Verdict
    told: str


def tried_back(engine: Engine, copy: Session, found: Sequence[Reached], fill_for: FillFor) -> dict[str, Back]:
    """Return by the migrations' names what came of their rollbacks; `copy`, a copy of the structure, stays as it is.

    They are gone through backwards from what stands, the last one first, so that each finds what it left. Those that are
    not applied yet are gone through before.
    """
    with copy.attempt():
        return {back.migration.name: back for back in _Trial(engine, copy, fill_for).all(found)}


@dataclass(slots=True)
class _Trial:
    """The way back; `in_the_way` is the last migration that could not be taken back and still stands."""

    engine: Engine
    copy: Session
    fill_for: FillFor
    in_the_way: str = ""

    def all(self, found: Sequence[Reached]) -> Iterator[Back]:
        standing = []
        for reached in found:
            refused = "" if reached.is_applied is not False else self._refusal(reached.migration.forward)
            if refused:
                yield Back(reached.migration, Verdict.UNKNOWN, f"it is not applied, and cannot be in a copy: {refused}")
            else:
                standing.append(reached)
        for reached in reversed(standing):
            yield self._one(reached)

    def _one(self, reached: Reached) -> Back:
        if not reached.migration.rollback:
            self.in_the_way = self.in_the_way or reached.migration.name
            return Back(reached.migration, Verdict.UNKNOWN, _own_way(reached))
        before = self.in_the_way
        back = self._tried(reached.migration)
        if before and back.verdict == Verdict.BROKEN:
            told = f"`{before}`, which came later, still stands in the copy, as it could not be taken back; {back.told}"
            return replace(back, verdict=Verdict.UNKNOWN, told=told)
        return back

    def _tried(self, migration: Migration) -> Back:
        stands = self.copy.inspect()
        if refused := self._refusal(migration.rollback):
            self.in_the_way = self.in_the_way or migration.name
            return Back(migration, Verdict.BROKEN, refused)
        came = self.copy.inspect()
        if left := _left(migration, stands, came):
            return Back(migration, Verdict.BROKEN, left)
        tables = self._touched(came, stands)
        for has_rows in (True, False):
            with self.copy.attempt():
                back = self._up_and_back(migration, came, stands, tables if has_rows else None)
            if back is not None:
                return back
        return Back(migration, Verdict.UNKNOWN, "it could not be gone through again after its rollback")

    def _up_and_back(
        self, migration: Migration, came: DatabaseState, stands: DatabaseState, tables: DatabaseState | None
    ) -> Back | None:
        """Go through the migration from where its rollback came to, and back; None where rows of ours do not suit it."""
        if tables is not None:
            self.fill_for([migration], stands)(self.copy, tables)
        shown = tables or came
        rows = rows_of(self.copy, shown)
        for statement in _ours(migration.forward):
            if why := self.engine.run(self.copy, statement):
                return None if tables is not None else self._stopped(migration, statement, why)
        refused = [(s, why) for s in _ours(migration.rollback) if (why := self.engine.run(self.copy, s))]
        if other := differences(came, self.copy.inspect(), "is there", "is not there"):
            told = f"it leads elsewhere once the migration has run again: {shortened(other)}"
            because = f" (`{brief(refused[0][0])}` fails: {refused[0][1]})" if refused else ""
            return Back(migration, Verdict.BROKEN, told + because)
        after = rows_of(self.copy, shown)
        if lost := [*unlike(rows, after)] or [*unlike(after, rows)]:
            return Back(migration, Verdict.BROKEN, shortened(lost))
        has_rows = any(table.counts for table in rows.values())
        return Back(
            migration, Verdict.HOLDS, f"it leads back{', rows included' if has_rows else '; there were no rows'}"
        )

    def _stopped(self, migration: Migration, statement: SqlStatement, why: str) -> Back:
        """Judge a migration that does not run again after its rollback: what it makes is there still, or something else."""
        is_there = not self.engine.take(self.copy, statement)
        told = f"after it, `{brief(statement)}` of the migration does not run again: {why}"
        return Back(migration, Verdict.BROKEN if is_there else Verdict.UNKNOWN, told)

    def _touched(self, one: DatabaseState, other: DatabaseState) -> DatabaseState:
        """Return the part of `one` that what differs is about: the tables that rows are put into."""
        sides = Side(one, self.engine.needs(self.copy)), Side(other, {})
        items = {change.item for change in difference(one, other)}
        return part(sides[0], around(items, *sides)).state if items else one

    def _refusal(self, chosen: Iterable[SqlStatement]) -> str:
        """Run statements, what is true already passed over; return in words which is refused, with nothing done then."""
        with self.copy.attempt():
            refused = next(self._refused(chosen), "")
        if not refused:
            list(self._refused(chosen))
        return refused

    def _refused(self, chosen: Iterable[SqlStatement]) -> Iterator[str]:
        for statement in _ours(chosen):
            if why := self.engine.take(self.copy, statement):
                yield f"`{brief(statement)}` fails: {why}"


def _ours(chosen: Iterable[SqlStatement]) -> list[SqlStatement]:
    return [statement for statement in chosen if statement.dialect == "postgresql"]


def _left(migration: Migration, stands: DatabaseState, came: DatabaseState) -> str:
    """Return in words what of the migration its rollback leaves standing."""
    there = {_key(item.kind, item.table, item.name) for item in things(came, came)[0]}
    made = {name for s in _ours(migration.forward) if "or replace" not in s.sql.lower() for name in s.creates}
    found = {name for name in made if _key(name.kind, name.table or "", name.name) in there}
    whole = {name.name for name in found if name.kind == "table"}
    still = sorted(_worded(name) for name in found if name.table not in whole)
    if still:
        return f"{shortened(still)} {'is' if len(still) == 1 else 'are'} still there"
    if statements(migration) and not difference(came, stands):
        return "it takes nothing of the structure back"
    return ""


def _key(kind: str, table: str, name: str) -> tuple[str, str, str]:
    """Return what a thing of a state and its name in a statement have in common; what lives in a schema goes by its name."""
    is_inside = bool(table) and kind != "index"
    return (kind, table.rpartition(".")[2], name) if is_inside else ("", "", name.rpartition(".")[2])


def _worded(name: ObjectName) -> str:
    return f"{name.kind} {f'{name.table}.' if name.table else ''}{name.name}"


def _own_way(reached: Reached) -> str:
    """Return in words how a migration without a rollback can be taken back."""
    if reached.entry is None:
        return "it states no rollback, and no plan of asbuilt's went through it, which would have a way back of its own"
    number, proof = reached.entry.number, from_text(reached.entry.plan).proof
    if not proof.is_proved:
        return f"it states no rollback; the way back of plan {number}, which went through it, could not be tried: {proof.reason}"
    return (
        f"it states no rollback; plan {number}, which went through it, was tried up and back before: "
        f"`asbuilt rollback --to {number - 1}` takes it back"
    )
