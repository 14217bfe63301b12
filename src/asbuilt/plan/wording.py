"""What differs between two states, in words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields

from asbuilt.engines.changes import Change, Thing, Verb
from asbuilt.engines.state import DatabaseState, spelled_like
from asbuilt.plan.difference import difference

MOST_SHOWN = 5
_LONGEST = 80
_WHOLE = "definition"


def differences(
    before: DatabaseState, after: DatabaseState, come: str = "added", gone: str = "dropped"
) -> tuple[str, ...]:
    """Return in words what `after` has otherwise than `before`, in the order of names; how versions spell views does not count."""
    changes = difference(spelled_like(before, after), after)
    return tuple(_told(change, come, gone) for change in sorted(changes, key=lambda c: (c.item, c.verb)))


def shortened(words: Sequence[str], most: int = MOST_SHOWN) -> str:
    """Return the first of what differs, and how many more there are."""
    more = f" and {len(words) - most:,} more" if len(words) > most else ""
    return "; ".join(words[:most]) + more


def _told(change: Change, come: str, gone: str) -> str:
    if change.before is None or change.verb is Verb.CREATE:
        return f"{change.item} {come}"
    if change.after is None or change.verb is Verb.DROP:
        return f"{change.item} {gone}"
    told = (f"{worded(name)} {old} → {new}" for name, old, new in unlike(change.before, change.after))
    return f"{change.item} changed ({', '.join(told)})"


def unlike(one: Thing, other: Thing) -> Iterator[tuple[str, str, str]]:
    """Yield what is otherwise, by name and as it is in both: the whole definition where there is one and it is, else part by part."""
    names = [f.name for f in fields(one) if getattr(one, f.name) != getattr(other, f.name)]
    for name in [_WHOLE] if _WHOLE in names else names:
        yield name, _shown(getattr(one, name)), _shown(getattr(other, name))


def worded(name: str) -> str:
    """Return the name of a part of a state in words."""
    return name.removeprefix("is_").removeprefix("has_").replace("_", " ")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return _cut(", ".join(_flat(value))) or "none"
    return _cut(" ".join(str(value).split())) if value not in (None, "") else "none"


def _flat(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        yield " ".join(_flat(value)) if isinstance(value, tuple) else " ".join(str(value).split())


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
