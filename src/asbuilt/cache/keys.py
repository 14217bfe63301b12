"""Keys made from values, and those that a write makes untrue."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from asbuilt.cache.plan import CachePlan, Drop, Key
from asbuilt.cache.spelling import spelled
from asbuilt.errors import AsbuiltError
from asbuilt.model.names import did_you_mean

Row = Mapping[str, Any]
"""A row's values by the names of its columns."""


class Written(Struct, frozen=True):
    """What a write did to one row of `table`: as it was (None: it was not there) and as it is (None: it is gone).

    Both None: it is not known which rows were written. A column that is left out makes all keys go that it fills.
    """

    table: str
    before: Row | None = None
    after: Row | None = None


class Untrue:
    """What is to be taken out: single keys, and all keys of some patterns."""

    __slots__ = ("groups", "keys")

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.groups: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self.keys or self.groups)


def key_of(key: Key, values: Sequence[Any]) -> str | None:
    """Return the key for some values of its holes; None where one is null, or nothing that its column holds."""
    holes = key.holes
    if len(values) != len(holes) or any(value is None for value in values):
        return None
    try:
        texts = [spelled(value, hole.kind) for value, hole in zip(values, holes, strict=True)]
    except (TypeError, ValueError, AttributeError):
        return None
    return key.parts[0] + "".join(text + part for text, part in zip(texts, key.parts[1:], strict=True))


def stated(plan: CachePlan, pattern: str) -> Key:
    """Return the key that a document states by a pattern; raise `AsbuiltError` where it states none."""
    key = plan.by_pattern.get(pattern)
    if key is None:
        near = did_you_mean(pattern, plan.by_pattern)
        raise AsbuiltError(
            f"the document has no cache key `{pattern}`" + (f"; did you mean `{near}`?" if near else ""),
            help=f"it has {', '.join(f'`{one}`' for one in plan.by_pattern) or 'none'}",
        )
    return key


def ordered(key: Key, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the values of a key's holes in their order; raise `AsbuiltError` where others are given."""
    names = [hole.name for hole in key.holes]
    if set(names) != set(values):
        told = ", ".join(values) or "none"
        raise AsbuiltError(f"`{key.pattern}` is filled by {', '.join(names) or 'no values'}; given were {told}")
    return tuple(values[name] for name in names)


def untrue_after(plan: CachePlan, changes: Iterable[Written]) -> Untrue:
    """Return what some writes make untrue, from the rows as they were and as they are."""
    found = Untrue()
    for change in changes:
        before, after = change.before, change.after
        for key, drop in plan.drops_of.get(change.table, ()):
            if before is None and after is None:
                found.groups.add(key.pattern)
            elif _is_meant(drop, before, after):
                _add(found, key, drop, [row for row in (before, after) if row is not None])
    return found


def _is_meant(drop: Drop, before: Row | None, after: Row | None) -> bool:
    if before is None or after is None:
        return ("insert" if before is None else "delete") in drop.events
    if "update" not in drop.events:
        return False
    if not drop.changed:
        return True
    missing = object()
    return any(
        (old := before.get(name, missing)) is missing or old != after.get(name, missing) for name in drop.changed
    )


def _add(found: Untrue, key: Key, drop: Drop, rows: Iterable[Row]) -> None:
    for row in rows:
        if drop.columns is None or any(name not in row for name in drop.columns):
            found.groups.add(key.pattern)
            continue
        values = [row[name] for name in drop.columns]
        made = key_of(key, values)
        if made is not None:
            found.keys.add(made)
        elif None not in values:
            found.groups.add(key.pattern)
