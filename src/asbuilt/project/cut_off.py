"""Upkeep that was cut off half done: a plan looks past it, and it is brought to its end before anything is carried out."""

from collections.abc import Iterator

from asbuilt.engines.base import Session
from asbuilt.engines.inherited import apart_from
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.state import DatabaseState
from asbuilt.errors import ServerRefused
from asbuilt.model.design import Design
from asbuilt.plan.planning import Side
from asbuilt.plan.upkeep import maintain
from asbuilt.project.retiring import never_made, to_put_aside, waiting


def in_sight(session: Session, state: DatabaseState) -> DatabaseState:
    """Return the state of the session's database as it is once the upkeep that was cut off there is done."""
    return apart_from(state, dict(_detached(session, state)))


def side_in_sight(session: Session, side: Side) -> Side:
    """Return the same with what needs what."""
    state = in_sight(session, side.state)
    gone = side.state.tables.keys() - state.tables.keys()
    needs = {i: n for i, n in side.needs.items() if i.table not in gone and not (i.kind == "table" and i.name in gone)}
    return Side(state, needs) if gone else side


def told_of_cut_off(session: Session, state: DatabaseState) -> Iterator[str]:
    """Yield in words what upkeep was cut off in."""
    for name, day in _detached(session, state):
        yield (
            f"{name} was detached on {day}, and upkeep was cut off before it moved it out of sight: left as it is here; "
            "`asbuilt maintain` goes on with that, and `asbuilt apply` does before anything else"
        )


def never_made_there(session: Session, wanted: DatabaseState, actual: DatabaseState, design: Design) -> dict[str, str]:
    """Return the partitions that the document writes and that were over before they stood, with why; none where that cannot be told."""
    try:
        return never_made(wanted, actual, design, POSTGRES.journal(session))
    except ServerRefused:
        return {}


def _detached(session: Session, state: DatabaseState) -> Iterator[tuple[str, str]]:
    """Yield the partitions that are detached and in sight still, and since when; none where the role may not read the journal."""
    try:
        found = list(waiting(state, POSTGRES.journal(session)))
    except ServerRefused:
        return
    yield from ((table.name, f"{deed.at:%Y-%m-%d}") for deed, table in found)


def end_upkeep(url: str) -> None:
    """Bring to its end what upkeep was cut off in at `url`; raise `ServerRefused` where that does not work."""
    with POSTGRES.connect(url, read_only=True) as session:
        if not list(_detached(session, session.inspect())):
            return
    for outcome in maintain(POSTGRES, url, (to_put_aside(),)).outcomes:
        if outcome.trouble:
            raise ServerRefused(
                f"{outcome.chore.title}, which upkeep was cut off in: {outcome.trouble}",
                help="nothing was changed; `asbuilt maintain` goes on with it",
            )
