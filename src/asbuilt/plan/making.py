"""Making a plan: the two sides compared, ordered, numbered."""

from asbuilt.engines.base import Engine, Session
from asbuilt.plan.ordering import Group
from asbuilt.plan.planning import Side, groups_of
from asbuilt.plan.steps import Phase, Plan, Step, fingerprint, identity, schema_of


def side(engine: Engine, session: Session) -> Side:
    """Return what stands in the session's database, and what needs what there."""
    return Side(session.inspect(), engine.needs(session))


def make(
    engine: Engine, before: Side, after: Side, *, server: str = "", document: str = "", revision: str = ""
) -> Plan:
    """Return the plan that makes a database like `before` into one like `after`; without steps where they are alike."""
    old, new = fingerprint(before.state), fingerprint(after.state)
    name = identity(old, new)
    changer = engine.changer(before.state, after.state, before.needs, schema_of(name))
    groups = groups_of(before, after, changer)
    steps = tuple(Step(number, group, _phase(group)) for number, group in enumerate(groups, 1))
    return Plan(name, steps, old, new, schema_of(name), server, document, revision)


def _phase(group: Group) -> Phase:
    takes_away = all(operation.removes and not operation.makes for operation in group)
    return Phase.CONTRACT if takes_away else Phase.EXPAND
