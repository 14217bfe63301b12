"""Making a plan: the two sides compared, ordered, numbered."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from asbuilt.engines.base import Engine, Session
from asbuilt.engines.state import spelled_like
from asbuilt.model.renames import Rename
from asbuilt.plan.ordering import Group
from asbuilt.plan.planning import Side, groups_of
from asbuilt.plan.renaming import fitting, renamed
from asbuilt.plan.steps import Phase, Plan, Step, fingerprint, identity, schema_of

Copy = Callable[[], AbstractContextManager[Session]]
"""Opens a session in a copy of the target's structure, where things may be tried."""


def side(engine: Engine, session: Session) -> Side:
    """Return what stands in the session's database, and what needs what there."""
    return Side(session.inspect(), engine.needs(session))


def make(engine: Engine, before: Side, after: Side, renames: Sequence[Rename] = (), copy: Copy | None = None) -> Plan:
    """Return the plan that makes a database like `before` into one like `after`; without steps where they are alike.

    Of `renames` those that fit are made first; how the database deparses its definitions then is seen in `copy`.
    """
    old, new = fingerprint(before.state), fingerprint(after.state)
    fits = fitting(renames, before.state, after.state) if copy else ()
    named = engine.rename_operations(fits)
    if named and copy:
        with copy() as session:
            before = renamed(engine, session, named)
    before = Side(spelled_like(before.state, after.state), before.needs)
    name = identity(old, new, *(f"{r.table}.{r.column} {r.old}" for r in fits))
    changer = engine.changer(before.state, after.state, before.needs, schema_of(name))
    groups = (*((operation,) for operation in named), *groups_of(before, after, changer))
    steps = tuple(Step(number, group, _phase(group)) for number, group in enumerate(groups, 1))
    return Plan(name, steps, old, new, schema_of(name))


def _phase(group: Group) -> Phase:
    if any(operation.backfill for operation in group):
        return Phase.BACKFILL
    takes_away = all(operation.removes and not operation.makes for operation in group)
    return Phase.CONTRACT if takes_away else Phase.EXPAND
