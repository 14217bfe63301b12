"""Steps run under savepoints, so that a failure stops nothing but what needs it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from asbuilt.engines.base import Failure, Progress, Session, Step, silent
from asbuilt.engines.postgres.already import about_no_rows, is_idle
from asbuilt.engines.postgres.borrowing import is_borrowed
from asbuilt.engines.postgres.ordering import Key, Node, keys
from asbuilt.engines.postgres.quoting import identifier
from asbuilt.engines.postgres.server import CLUSTER_NAME
from asbuilt.engines.postgres.shims import missing_extension, platform_stubs, stand_ins
from asbuilt.errors import ServerRefused

NO_ROLE = re.compile(r'role "(.+)" does not exist')
_QUOTED = re.compile(r'"([^"]+)"')
_CALLED = re.compile(r"(?:function|operator) ([\w.]+)\(")
_UNDEFINED = frozenset({"42P01", "42703", "42883", "42704", "3F000", "42P17", "42809", "42830"})


@dataclass(slots=True)
class Run:
    """What came of running steps: what failed, and what was stubbed on the way. `lost` is what failures did not make."""

    failures: list[Failure] = field(default_factory=list)
    stubs: list[str] = field(default_factory=list)
    lost: dict[Key, int] = field(default_factory=dict)
    is_embedded: bool = False


def run(session: Session, nodes: Iterable[Node], progress: Progress = silent) -> Run:
    """Run the nodes' steps in `session`, and go on after failures."""
    found = list(nodes)
    done = Run(is_embedded=is_embedded(session))
    if done.is_embedded or is_borrowed(session.rows("SELECT current_database()")[0][0]):
        _stub_platform(session, found, done)
    run_more(session, done, found, progress)
    progress("done", len(found), len(found))
    if done.is_embedded:
        done.stubs += stand_ins(session)
    return done


def run_more(session: Session, done: Run, nodes: list[Node], progress: Progress = silent) -> None:
    """Run further nodes' steps in `session`, where `done` has been run.

    Several at a time, as a savepoint for each takes longer than most steps; one by one where one of them fails.
    """
    for first in range(0, len(nodes), _AT_A_TIME):
        some = nodes[first : first + _AT_A_TIME]
        progress(some[0].step.subject, first, len(nodes))
        for node in () if _run_together(session, some) else some:
            refusal = _try(session, node.step, done)
            if refusal is not None and (rest := about_no_rows(node, refusal)):
                refusal = _try(session, rest, done)
            if refusal is not None and not is_idle(node, refusal):
                note(done, node, refusal)


_AT_A_TIME = 16


def _run_together(session: Session, nodes: list[Node]) -> bool:
    """Run the nodes' steps, all or none; tell whether they ran."""
    try:
        with session.transaction():
            for node in nodes:
                session.execute(node.step.sql)
    except ServerRefused:
        return False
    return True


def is_embedded(session: Session) -> bool:
    """Tell whether the session's server is one of ours."""
    return bool(session.rows("SHOW cluster_name")[0][0] == CLUSTER_NAME)


def _stub_platform(session: Session, nodes: list[Node], done: Run) -> None:
    own = frozenset(
        name.name if name.kind == "schema" else name.schema or ""
        for node in nodes
        for name in node.creates
        if name.kind in ("schema", "table")
    )
    for stub in platform_stubs((node.step.sql for node in nodes), own):
        for sql in (*stub.sql, *filter(None, [stub.rows])):
            session.execute(sql)
        done.stubs.append(stub.name)


def _try(session: Session, step: Step, done: Run) -> ServerRefused | None:
    """Run a step; a role that the embedded server has not is stubbed, and the step tried again."""
    while True:
        try:
            with session.transaction():
                session.execute(step.sql)
        except ServerRefused as refusal:
            role = NO_ROLE.search(str(refusal)) if done.is_embedded else None
            if role is None or f"role {role[1]}" in done.stubs:
                return refusal
            done.stubs.append(f"role {role[1]}")
            _make_role(session, role[1])
        else:
            return None


def _make_role(session: Session, name: str) -> None:
    """Make a role; roles are the whole server's, so somebody else may just have made it."""
    try:
        with session.transaction():
            session.execute(f"CREATE ROLE {identifier(name)} NOLOGIN")
    except ServerRefused:
        return


def note(done: Run, node: Node, refusal: ServerRefused) -> None:
    """Write down that a node's step was refused, and of which earlier failure that is a consequence."""
    follows = _root(done, node, refusal)
    at = len(done.failures)
    done.failures.append(
        Failure(
            node.step,
            str(refusal),
            refusal.sqlstate,
            offset=refusal.position,
            detail=refusal.detail,
            hint=refusal.hint,
            follows=follows,
        )
    )
    for name in node.creates:
        for key in keys(name):
            done.lost.setdefault(key, at if follows is None else follows)


def _root(done: Run, node: Node, refusal: ServerRefused) -> int | None:
    """Return the failure that this one is a consequence of: what it does not find is what that one did not make."""
    if refusal.sqlstate not in _UNDEFINED or not done.lost:
        return None
    extension = missing_extension(str(refusal))
    if extension and (at := done.lost.get(("extension", None, None, extension))) is not None:
        return at
    named = {part for text in _QUOTED.findall(str(refusal)) for part in text.split(".")}
    named |= {text.rpartition(".")[2] for text in _CALLED.findall(str(refusal))}
    by_name = [at for key, at in done.lost.items() if key[3] in named]
    by_need = [done.lost[key] for name in node.needs for key in keys(name) if key in done.lost]
    return min([*by_name, *by_need], default=None)
