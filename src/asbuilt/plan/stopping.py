"""What is told where a step stops: which, why, what is in its way, and how to go on."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from asbuilt.engines.base import Session
from asbuilt.errors import AsbuiltError, ServerRefused
from asbuilt.plan.comparing import told_key
from asbuilt.plan.steps import Step

_LOOK_SECONDS = 30
"""How long may be looked for the rows that stand in the way of a step."""
_END = "wait until their transactions have ended, or end them: SELECT pg_terminate_backend(their process)"


def in_the_way(session: Session, step: Step) -> Iterator[str]:
    """Yield in words the rows that keep a step from being taken back: how many, and the keys of some."""
    for obstacle in dict.fromkeys(obstacle for operation in step.operations for obstacle in operation.obstacles):
        with suppress(ServerRefused), session.attempt():
            session.execute(f"SET LOCAL statement_timeout = '{_LOOK_SECONDS}s'")
            if rows := int(session.rows(obstacle.count)[0][0]):
                keys = session.rows(obstacle.sample) if obstacle.sample else []
                more = (
                    f", with the keys {', '.join(map(told_key, keys))}{', …' if rows > len(keys) else ''}"
                    if keys
                    else ""
                )
                yield f"{obstacle.text}: {rows:,}{more}"


def stopped(
    refusal: ServerRefused, step: Step, is_back: bool, holders: Sequence[str], in_the_way: Sequence[str]
) -> AsbuiltError:
    """Return the error for a step that was refused; `holders` hold what it waited for, `in_the_way` are rows."""
    held = f"\nheld up by: {'; '.join(holders)}" if holders else ""
    way = "on: `asbuilt rollback`" if is_back else "on: `asbuilt apply`; or back: `asbuilt rollback`"
    found = "".join(f"\nin the way: {line}" for line in in_the_way)
    first = "change or delete what is in the way; " if in_the_way else ""
    first = f"{first}{_END}; " if holders else first
    return ServerRefused(
        f"step {step.number} ({step.title}): {refusal}{held}{found}{_told(refusal.statement)}",
        statement=refusal.statement,
        sqlstate=refusal.sqlstate,
        help=f"{refusal.help + '; ' if refusal.help else ''}{first}what was done before it stays. Go {way}",
        detail=refusal.detail,
        hint=refusal.hint,
    )


def _told(statement: str) -> str:
    """Return a statement as an end of a message, cut where it is long."""
    words = " ".join(statement.split())
    return f"\nin: {words[:199]}{'…' if len(words) > 199 else ''}" if words else ""
