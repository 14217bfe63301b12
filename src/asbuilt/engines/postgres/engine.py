"""PostgreSQL as an engine: what the rest of asbuilt calls."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from asbuilt.engines.base import Blockers, Contents, Failure, Progress, Row, Session, Step, Trial, silent
from asbuilt.engines.changes import Backfill, Danger, Needs, Operation
from asbuilt.engines.postgres import building, rows, trying
from asbuilt.engines.postgres.already import refusal_of, take
from asbuilt.engines.postgres.dependencies import needs
from asbuilt.engines.postgres.inspecting import SEARCH_PATH, SPELLING
from asbuilt.engines.postgres.journal import PostgresJournal
from asbuilt.engines.postgres.measuring import has_rows, planned_rows, table_bytes
from asbuilt.engines.postgres.quoting import identifier
from asbuilt.engines.postgres.running import NO_ROLE, is_embedded, run
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.engines.postgres.session import PostgresSession, connect
from asbuilt.engines.postgres.twin import Twin, twin
from asbuilt.engines.state import DatabaseState, Item, TableState
from asbuilt.errors import ServerRefused, TargetNotEmpty
from asbuilt.model.design import Design
from asbuilt.model.renames import Rename
from asbuilt.model.sql import Role, SqlStatement

if TYPE_CHECKING:
    from asbuilt.engines.postgres.changing import PostgresChanger
    from asbuilt.engines.postgres.changing.expanding import PostgresExpander
    from asbuilt.engines.postgres.copying import Copy
    from asbuilt.engines.postgres.filling import PostgresFiller
    from asbuilt.engines.postgres.tracing import PostgresWatcher

_NO_RIGHT = "42501"


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What was built: the statements in order with their causes, the state that they led to, what stands in for what.

    `skipped` are the statements that the embedded server cannot run for want of an extension, and what follows from them.
    """

    steps: tuple[Step, ...]
    state: DatabaseState
    stubs: tuple[str, ...] = ()
    skipped: tuple[Failure, ...] = ()


def build(session: PostgresSession, design: Design, progress: Progress = silent) -> BuildResult:
    """Build the design into an empty database, in one transaction: all of it or nothing."""
    state = session.inspect()
    if not state.is_empty:
        raise TargetNotEmpty(
            session.server,
            _names(state),
            help="name an empty database, or see what would change in this one: `asbuilt plan`; nothing was changed",
        )
    nodes = building.nodes(design)
    with session.transaction():
        session.execute(SPELLING)
        done = run(session, nodes, progress)
        may_lack = is_embedded(session)
        for failure in done.failures:
            if not (may_lack and is_for_want_of_extension(failure, done.failures)):
                raise _refused(failure, design)
    failed = {id(failure.step) for failure in done.failures}
    built = tuple(node.step for node in nodes if id(node.step) not in failed)
    return BuildResult(built, session.inspect(), tuple(done.stubs), tuple(done.failures))


def _names(state: DatabaseState) -> tuple[str, ...]:
    objects = (f"{kind} {name}" for kind, name in state.objects if kind not in ("schema", "extension"))
    return (*(f"table {name}" for name in state.tables), *objects)


def is_for_want_of_extension(failure: Failure, failures: list[Failure]) -> bool:
    """Tell whether a statement failed because the embedded server lacks an extension, or because such a one failed."""
    if failure.follows is not None:
        return is_for_want_of_extension(failures[failure.follows], failures)
    return failure.message.startswith("extension ") and "is not available" in failure.message


def _refused(failure: Failure, design: Design) -> ServerRefused:
    line = design.source.line_at(failure.step.causes[0].start) if failure.step.causes else 0
    return ServerRefused(
        f"{failure.step.subject} (line {line}): {failure.message}",
        statement=failure.step.sql,
        sqlstate=failure.sqlstate,
        help=_help(failure),
        position=failure.offset,
        detail=failure.detail,
        hint=failure.hint,
    )


def _help(failure: Failure) -> str:
    if missing := NO_ROLE.search(failure.message):
        return f"create the role first: CREATE ROLE {identifier(missing[1])}; nothing was changed"
    if failure.sqlstate == _NO_RIGHT:
        return "grant the role what it needs, or connect as another role; nothing was changed"
    return failure.hint or "run `asbuilt check` for all that PostgreSQL refuses; nothing was changed"


class PostgresEngine:
    """The engine as `engines.base.Engine` has it."""

    name = "PostgreSQL"

    def steps(self, design: Design) -> tuple[Step, ...]:
        return building.steps(design)

    def connect(self, url: str, *, read_only: bool = False) -> AbstractContextManager[PostgresSession]:
        return connect(url, read_only=read_only)

    @contextmanager
    def scratch(self) -> Iterator[PostgresSession]:
        with scratch_database() as url, connect(url, where="scratch server") as session:
            yield session

    def twin(self, url: str) -> AbstractContextManager[Twin]:
        return twin(url)

    def copied(
        self, url: str, most: int | None, progress: Progress = silent, *, is_whole: bool = False
    ) -> AbstractContextManager["Copy"]:
        from asbuilt.engines.postgres.copying import copied

        return copied(url, most, progress, is_whole=is_whole)

    def contents(self, session: Session, state: DatabaseState, known: Contents | None = None) -> Contents:
        return rows.contents(session, state, known)

    def touch(self, session: Session, table: TableState, keys: Sequence[Row]) -> None:
        rows.touch(session, table, keys)

    def change(self, session: Session, table: TableState, key: Row, values: Mapping[str, str | None]) -> None:
        rows.change(session, table, key, values)

    def delete(self, session: Session, table: TableState, key: Row) -> None:
        rows.delete(session, table, key)

    def through(self, session: Session, values: Sequence[str], types: Sequence[str]) -> dict[str, str | None]:
        return rows.through(session, values, types)

    def trial(self, design: Design, session: Session, progress: Progress = silent) -> Trial:
        return trying.trial(design, session, progress)

    def build(self, session: PostgresSession, design: Design, progress: Progress = silent) -> BuildResult:
        return build(session, design, progress)

    def needs(self, session: Session) -> Needs:
        return needs(session)

    def journal(self, session: Session) -> PostgresJournal:
        return PostgresJournal(session)

    def prepare(self, session: Session) -> None:
        session.execute(f"SET search_path = {SEARCH_PATH}; SET check_function_bodies = off; SET statement_timeout = 0")
        with suppress(ServerRefused):  # not every platform lets the server notice that we are gone
            session.execute("SET client_connection_check_interval = '2s'")

    def rename_operations(self, renames: Sequence[Rename]) -> tuple[Operation, ...]:
        from asbuilt.engines.postgres.changing.renames import operations

        return operations(renames)

    def run(self, session: Session, statement: SqlStatement) -> str:
        return str(refusal_of(session, statement) or "")

    def take(self, session: Session, statement: SqlStatement) -> str:
        return take(session, statement)

    def write_operations(
        self, sql: str, state: DatabaseState, made: frozenset[Item], kept: str, number: int
    ) -> tuple[Operation, ...]:
        from asbuilt.engines.postgres.changing.writing import operations

        return operations(sql, state, made, f"{identifier(kept)}.written_{number}")

    def return_operation(self, sql: str, state: DatabaseState) -> Operation:
        from asbuilt.engines.postgres.changing.writing import returning

        return returning(sql, state)

    def foreseen(self, danger: Danger, writes: Sequence[str], before: DatabaseState, now: DatabaseState) -> Danger:
        from asbuilt.engines.postgres.changing.written import foreseen

        count, sample = (foreseen(query, writes, before, now) for query in (danger.count, danger.sample))
        return replace(danger, count=count, sample=sample)

    def changer(
        self,
        before: DatabaseState,
        after: DatabaseState,
        needs: Needs,
        kept: str,
        remade: frozenset[str] = frozenset(),
        crowded: frozenset[str] = frozenset(),
    ) -> "PostgresChanger":
        from asbuilt.engines.postgres.changing import PostgresChanger

        return PostgresChanger(before, after, needs, kept, remade, crowded)

    def expander(self, kept: str) -> "PostgresExpander":
        from asbuilt.engines.postgres.changing.expanding import PostgresExpander

        return PostgresExpander(kept)

    def has_rows(self, session: Session, table: str) -> bool:
        return has_rows(session, table)

    def settings(self, session: Session) -> dict[str, str]:
        from asbuilt.engines.postgres.settings import settings

        return settings(session)

    def filler(self, session: Session, backfill: Backfill) -> "PostgresFiller":
        from asbuilt.engines.postgres.filling import PostgresFiller

        return PostgresFiller(session, backfill)

    def watch(self, session: Session) -> "PostgresWatcher":
        from asbuilt.engines.postgres.tracing import watch

        return watch(session)

    def blockers(
        self, session: Session, tell: Callable[[str], None], patience: int
    ) -> AbstractContextManager[Blockers]:
        from asbuilt.engines.postgres.blocking import blockers

        assert isinstance(session, PostgresSession)
        return blockers(session, tell, patience)

    def hidden_dangers(self, operation: Operation, before: DatabaseState) -> tuple[Danger, ...]:
        from asbuilt.engines.postgres.changing.hidden import dangers

        return tuple(dangers(operation, before))

    def fired_dangers(self, session: Session, backfill: Backfill, before: DatabaseState) -> tuple[Danger, ...]:
        from asbuilt.engines.postgres.firing import dangers

        return tuple(dangers(session, backfill, before))

    def planned_rows(self, session: Session, query: str) -> int:
        return planned_rows(session, query)

    def table_bytes(self, session: Session, table: str) -> int:
        return table_bytes(session, table)

    def seed_steps(self, design: Design) -> Iterator[Step]:
        for statement in design.of(SqlStatement):
            if statement.role == Role.SEED and statement.dialect == "postgresql":
                yield building.step_of(statement)


POSTGRES = PostgresEngine()
