"""The rollbacks that a document states: tried by themselves, and given their place on the way back of a plan."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from asbuilt.engines.base import Engine, Session
from asbuilt.engines.changes import Verb
from asbuilt.engines.state import DatabaseState
from asbuilt.errors import AsbuiltError, ServerRefused
from asbuilt.model.sql import Migration, SqlStatement
from asbuilt.plan.difference import difference
from asbuilt.plan.migrating import chunks
from asbuilt.plan.planning import Side, build
from asbuilt.plan.proving import Fill, run_step
from asbuilt.plan.rows import Rows, rows_of, unlike
from asbuilt.plan.scope import part, scope_of
from asbuilt.plan.steps import PlacedMigration, Plan, Step

_WORDS = {Verb.CREATE: "is missing", Verb.DROP: "is still there"}


def with_rollbacks(
    engine: Engine, plan: Plan, migrations: Sequence[Migration], before: Side, after: Side, fill: Fill | None = None
) -> Plan:
    """Return the plan with what came of trying the rollback of each of its migrations, and with that on its way back.

    A rollback is tried as it is written, right after its migration. Its statements that write rows become a part of the way
    back where they can run first; what takes structure back is the plan's own.
    """
    stated = {migration.name: migration for migration in migrations}
    back = [stated[placed.name] for placed in plan.migrations if stated[placed.name].rollback]
    if not back:
        return plan
    scope = scope_of(plan, before, after)
    for rows in (fill, None):
        try:
            return _tried(engine, plan, {m.name: m for m in back}, part(before, scope), rows)
        except AsbuiltError:
            continue  # rows that do not suit the plan say nothing; whether it works at all, the proof will tell
    return plan


def _tried(engine: Engine, plan: Plan, stated: dict[str, Migration], old: Side, fill: Fill | None) -> Plan:
    with engine.scratch() as session:
        engine.prepare(session)
        build(engine, session, old)
        if fill is not None:
            fill(session, old.state)
        work = _Trial(engine, session, stated)
        for step, following in zip(plan.steps, (*plan.steps[1:], None), strict=True):
            work.up(step, is_last=following is None or following.migration != step.migration)
        for step in reversed(plan.steps):
            work.down(step)
        placed = (work.verdicts.get(m.name, m) for m in plan.migrations)
        verdicts = tuple(replace(v, digest=m.digest) for v, m in zip(placed, plan.migrations, strict=True))
        steps = tuple(replace(step, number=number) for number, step in enumerate(_inserted(plan, work), 1))
        return replace(plan, steps=steps, migrations=verdicts, notes=(*plan.notes, *_unplaced(work)))


def _inserted(plan: Plan, work: "_Trial") -> Iterator[Step]:
    for step in plan.steps:
        yield step
        yield from reversed(work.returns.get(step.number, ()))


@dataclass(slots=True)
class _Trial:
    """A plan tried up and back with the rollbacks that the document states.

    `returns` are the steps to come after a step, in the order in which they run on the way back.
    """

    engine: Engine
    session: Session
    stated: dict[str, Migration]
    verdicts: dict[str, PlacedMigration] = field(default_factory=dict)
    returns: dict[int, list[Step]] = field(default_factory=dict)
    state: DatabaseState | None = None
    rows: Rows = field(default_factory=dict)
    waiting: dict[str, list[SqlStatement]] = field(default_factory=dict)

    def up(self, step: Step, *, is_last: bool) -> None:
        migration = self.stated.get(step.migration)
        if migration and self.state is None:
            self.state = self.session.inspect()
            self.rows = rows_of(self.session, self.state)
        run_step(self.engine, self.session, step)
        if migration and self.state and is_last:
            self._judge(migration, self.state)
            self.state = None

    def _judge(self, migration: Migration, begin: DatabaseState) -> None:
        """Try the rollback; one after which rows are otherwise has no place on the way back, for the plan's own does better."""
        lacking, lost = self._lacking(migration, begin)
        has_rows = any(table.counts for table in self.rows.values())
        told = ", ".join((*lacking, *lost))
        self.verdicts[migration.name] = PlacedMigration(migration.name, "", not told, told, has_rows)
        self.waiting[migration.name] = [s for chunk in chunks(migration.rollback) for s in chunk.writes if not lost]

    def _lacking(self, migration: Migration, begin: DatabaseState) -> tuple[list[str], list[str]]:
        """Return in words which structure, and which rows, the rollback as it is written leaves otherwise; nothing of it stays."""
        with self.session.attempt():
            for chunk in chunks(migration.rollback):
                taken = ((statement, self.engine.take(self.session, statement)) for statement in chunk.structure)
                written = ((statement, self._refusal(statement)) for statement in chunk.writes)
                if failed := next(((s, why) for s, why in (*taken, *written) if why), None):
                    return [f"`{_short(failed[0])}` fails: {failed[1]}"], []
            reached = self.session.inspect()
            lacking = [f"{c.item} {_WORDS.get(c.verb, 'is not as before')}" for c in difference(reached, begin)]
            return lacking, [] if lacking else list(unlike(self.rows, rows_of(self.session, begin)))

    def _refusal(self, statement: SqlStatement) -> str:
        try:
            with self.session.transaction():
                self.session.execute(statement.sql)
        except ServerRefused as refusal:
            return str(refusal)
        return ""

    def down(self, step: Step) -> None:
        """Run what of the rollback can run by now, then take the step back."""
        waiting = self.waiting.get(step.migration, [])
        while waiting and not self._refusal(waiting[0]):
            statement = waiting.pop(0)
            operation = self.engine.return_operation(statement.sql, self.session.inspect())
            added = Step(0, (operation,), step.phase, (statement.span,), migration=step.migration)
            self.returns.setdefault(step.number, []).append(added)
        run_step(self.engine, self.session, step, is_back=True)


def _short(statement: SqlStatement) -> str:
    words = " ".join(statement.sql.split())
    return words if len(words) <= 60 else f"{words[:59]}…"


def _unplaced(work: _Trial) -> Iterator[str]:
    for name, statements in work.waiting.items():
        for statement in statements:
            yield f"`{_short(statement)}` of the rollback of `{name}` can run at no place of the way back: asbuilt's own is used"
