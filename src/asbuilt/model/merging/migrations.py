"""Migrations whose way back stands in another block."""

from collections.abc import Sequence

from asbuilt.model.fact import Fact
from asbuilt.model.names import normal
from asbuilt.model.revising import revised
from asbuilt.model.sql import Migration


def join_rollbacks(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Give each migration the way back that another block states.

    A migration with nothing forward is such a way back. It belongs to the migration of its name, else to the last one
    before it that has none.
    """
    forward = [f for f in facts if isinstance(f, Migration) and f.forward]
    joined: dict[int, Migration] = {}
    gone: set[int] = set()
    for fact in facts:
        if isinstance(fact, Migration) and not fact.forward and fact.rollback:
            open_ones = [m for m in forward if not m.rollback and id(m) not in joined]
            owner = _owner(fact, open_ones)
            if owner:
                joined[id(owner)] = revised(
                    owner, rollback=fact.rollback, rollback_span=fact.rollback_span or fact.span
                )
                gone.add(id(fact))
    return tuple(joined.get(id(f), f) if isinstance(f, Migration) else f for f in facts if id(f) not in gone)


def _owner(rollback: Migration, open_ones: list[Migration]) -> Migration | None:
    named = [m for m in open_ones if normal(m.name) == normal(rollback.name)]
    before = [m for m in open_ones if m.span.start < rollback.span.start]
    return next(iter(named or before[-1:]), None)
