"""Writes that the server does by itself: rows that go, or change, along with the row that they reference, and what triggers write."""

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from asbuilt.cache.plan import EVENTS, Drop
from asbuilt.engines.state import ConstraintState, DatabaseState

_CHANGING = ("set null", "set default")
_FIRED = re.compile(r"\b(?:BEFORE|AFTER|INSTEAD OF)\b.*?\bON\b", re.DOTALL)
_WRITING = {"insert": r"insert\s+into", "update": r"update|insert\s+into", "delete": r"delete\s+from"}
"""What a write looks like in a function; an INSERT may change the row that stands in its way."""


def followed(state: DatabaseState, drops: Sequence[Drop]) -> tuple[Drop, ...]:
    """Return the drops, and for each those for the writes of other tables that lead to one of its writes."""
    found: dict[Drop, None] = {}
    left = list(drops)
    while left:
        drop = left.pop(0)
        if drop not in found:
            found[drop] = None
            left += _leading_to(state, drop)
            left += _setting_off(state, drop)
    return tuple(drop for drop in found if not _is_within(drop, found))


def _leading_to(state: DatabaseState, drop: Drop) -> Iterator[Drop]:
    table = state.tables.get(drop.table)
    for key in table.constraints if table is not None else ():
        if key.kind != "foreign key" or key.target is None:
            continue
        if _is_reached(key, drop, key.on_delete, on_delete=True):
            yield _of_parent(drop, key, "delete")
        if _is_reached(key, drop, key.on_update, on_delete=False):
            yield replace(_of_parent(drop, key, "update"), changed=key.target_columns)


def _setting_off(state: DatabaseState, drop: Drop) -> Iterator[Drop]:
    """Yield a drop for each table with a trigger whose function does, by its text, one of the writes that a drop is about."""
    for table in state.tables.values():
        for trigger in table.triggers:
            fired = _FIRED.search(trigger.definition)
            if fired is None or trigger.enabled == "disabled" or not _writes(_body(state, trigger.function), drop):
                continue
            events = tuple(event for event in EVENTS if event in fired[0].lower())
            if events:
                yield Drop(table.name, events)


def _writes(body: str, drop: Drop) -> bool:
    name = re.escape(drop.table.rpartition(".")[2])
    words = "|".join(_WRITING[event] for event in drop.events)
    return re.search(rf'\b(?:{words}|merge\s+into)\s+(?:only\s+)?(?:\w+\.)?"?{name}\b', body, re.IGNORECASE) is not None


def _body(state: DatabaseState, function: str) -> str:
    names = {("function", f"{name}()") for name in (function, function.rpartition(".")[2])}
    return next((thing.definition for key, thing in state.objects.items() if key in names), "")


def _is_reached(key: ConstraintState, drop: Drop, action: str | None, *, on_delete: bool) -> bool:
    """Tell whether an action of a foreign key does one of the writes that a drop is about."""
    if on_delete and action == "cascade":
        return "delete" in drop.events
    if action not in (("cascade", *_CHANGING) if not on_delete else _CHANGING):
        return False
    return "update" in drop.events and (not drop.changed or not set(drop.changed).isdisjoint(key.columns))


def _of_parent(drop: Drop, key: ConstraintState, event: str) -> Drop:
    """Return a drop for a write of the row that is referenced: by its key, where that is what fills the holes."""
    pairs = dict(zip(key.columns, key.target_columns, strict=False))
    columns = drop.columns
    known = columns is not None and all(name in pairs for name in columns)
    told = tuple(pairs[name] for name in columns) if columns is not None and known else None
    return Drop(str(key.target), (event,), told)


def _is_within(drop: Drop, others: dict[Drop, None]) -> bool:
    """Tell whether another drop takes out all that this one does, on all of its writes."""
    return any(
        other is not drop
        and other.table == drop.table
        and set(drop.events) <= set(other.events)
        and other.columns in (None, drop.columns)
        and (not other.changed or other.changed == drop.changed)
        for other in others
    )
