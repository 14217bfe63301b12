"""From two states to the operations that lead from one to the other, in an order that works."""

from collections.abc import Sequence
from dataclasses import dataclass

from asbuilt.engines.base import Engine, Session
from asbuilt.engines.changers import Changer
from asbuilt.engines.changes import Change, Needs
from asbuilt.engines.state import DatabaseState, Item
from asbuilt.plan.closure import grouped
from asbuilt.plan.difference import compared, things
from asbuilt.plan.ordering import Group, in_order, ordered


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a plan: what stands there, and what needs what."""

    state: DatabaseState
    needs: Needs


def groups_of(before: Side, after: Side, changer: Changer) -> tuple[Group, ...]:
    """Return groups of operations, each one transaction (or one operation alone), from `before` to `after`."""
    old, new = things(before.state, after.state)
    changes = compared(old, new)
    together = list(grouped(changes, old, new, before.needs, changer.disturbs))
    while True:
        known = {change.item: change for group in together for change in group}
        groups, homes = _rendered(together, known, changer)
        order = ordered(groups, before.needs, after.needs)
        circles = [{homes[at] for at in places} for places in order if len({homes[at] for at in places}) > 1]
        if not circles:
            return tuple(
                in_order([o for at in places for o in groups[at]], before.needs, after.needs) for places in order
            )
        together = _joined(together, circles)


def build(engine: Engine, session: Session, side: Side) -> None:
    """Make what a side describes in an empty database."""
    empty = Side(session.inspect(), engine.needs(session))
    for group in groups_of(empty, side, engine.changer(empty.state, side.state, empty.needs, "")):
        with session.transaction():
            for operation in group:
                for sql in operation.statements:
                    session.execute(sql)


def _rendered(
    together: Sequence[tuple[Change, ...]], known: dict[Item, Change], changer: Changer
) -> tuple[list[Group], list[int]]:
    """Return the groups of operations, and for each the place of the changes that it comes from."""
    groups: list[Group] = []
    homes: list[int] = []
    for home, changes in enumerate(together):
        is_shared = len(changes) > 1
        operations = [
            operation for change in changes for operation in changer.operations(change, known, is_direct=is_shared)
        ]
        made: list[Group] = [tuple(operations)] if is_shared else [(operation,) for operation in operations]
        groups += made
        homes += [home] * len(made)
    return [group for group in groups if group], [home for group, home in zip(groups, homes, strict=True) if group]


def _joined(together: list[tuple[Change, ...]], circles: list[set[int]]) -> list[tuple[Change, ...]]:
    """Return the groups of changes, those that wait for each other as one."""
    in_circle = {home for circle in circles for home in circle}
    rest = [group for home, group in enumerate(together) if home not in in_circle]
    return rest + [tuple(change for home in sorted(circle) for change in together[home]) for circle in circles]
