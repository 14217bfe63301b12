"""A design tried out: built statement by statement in a scratch database, and what PostgreSQL says of it.

Once it stands, the document's own seeds are sown, its queries prepared and its routine deletions and looks planned;
nothing of that stays, so that the state that is inspected is what the schema leads to.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.base import Progress, Session, Step, Trial, silent
from asbuilt.engines.postgres.building import nodes, step_of
from asbuilt.engines.postgres.ordering import Node
from asbuilt.engines.postgres.running import Run, note, run, run_more
from asbuilt.errors import ServerRefused
from asbuilt.model.design import Design
from asbuilt.model.sql import QueryPattern, Role, SqlStatement

_PREPARING = "PREPARE asbuilt_trial AS "
_PREPARED = frozenset({"select", "insert", "update", "delete"})
_ROUTINE = (Role.PURGE, Role.HEALTH)
_UNDECIDED = frozenset({"42P18", "42P08", "42725", "57014"})
"""The type of a parameter cannot be told without the values, or time ran out: no fault of the statement."""
_SYSTEM = re.compile(r'"?pg_')
_SECONDS = 5


def trial(design: Design, session: Session, progress: Progress = silent) -> Trial:
    """Run the design's steps in `session`, each on its own, and go on after a failure; then try what works on it."""
    with session.transaction():
        done = run(session, nodes(design), progress)
        state = session.inspect()
        with session.attempt():
            session.execute(f"SET LOCAL statement_timeout = '{_SECONDS}s'")
            _sow(session, done, design)
            _prepare(session, done, design)
    return Trial(state, tuple(done.failures), tuple(done.stubs))


def _sow(session: Session, done: Run, design: Design) -> None:
    """Run the document's own seed statements; what fails for want of rows follows from the first that failed."""
    first = len(done.failures)
    seeds = (s for s in design.of(SqlStatement) if s.role == Role.SEED and s.dialect == "postgresql")
    run_more(session, done, [Node(step_of(s), (), tuple(need.name for need in s.needs)) for s in seeds])
    sown = done.failures[first:]
    del done.failures[first:]
    for failure in sown:
        lacks_rows = failure.sqlstate[:2] == "23" and len(done.failures) > first
        if failure.sqlstate not in _UNDECIDED:
            done.failures.append(replace(failure, follows=first) if lacks_rows else failure)


def _prepare(session: Session, done: Run, design: Design) -> None:
    """Prepare the queries and the routine statements: PostgreSQL looks up every name, and runs nothing."""
    for statement in _prepared(design):
        step = replace(step_of(statement), subject=f"query {statement.kind}")
        refusal = _refusal(session, step)
        if refusal is not None and refusal.sqlstate not in _UNDECIDED and not _is_elsewhere(refusal):
            note(done, Node(step, (), tuple(need.name for need in statement.needs)), refusal)


def _prepared(design: Design) -> Iterator[SqlStatement]:
    queries = {id(p.statement): p.statement for p in design.of(QueryPattern)}
    routine = {id(s): s for s in design.of(SqlStatement) if s.role in _ROUTINE}
    seen: set[int] = set()
    for statement in {**queries, **routine}.values():
        is_new = statement.span.start not in seen
        seen.add(statement.span.start)
        if is_new and statement.kind in _PREPARED and statement.dialect == "postgresql":
            yield statement


def _refusal(session: Session, step: Step) -> ServerRefused | None:
    try:
        with session.attempt():
            session.execute(_PREPARING + step.sql)
            session.execute("DEALLOCATE asbuilt_trial")
    except ServerRefused as refusal:
        if refusal.position is not None:
            refusal.position = max(refusal.position - len(_PREPARING), 0)
        return refusal
    return None


def _is_elsewhere(refusal: ServerRefused) -> bool:
    """Tell whether the statement is about what another server has: a view of an extension or of a newer release."""
    return refusal.sqlstate in ("42P01", "42883") and bool(_SYSTEM.search(str(refusal)))
