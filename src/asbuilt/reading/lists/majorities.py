"""Lists most of whose items state the same kind of thing: asked item by item, until it is sure that they do not."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from asbuilt.document.blocks import Item
from asbuilt.model.fact import Fact
from asbuilt.reading.phrases.placeholders import find_placeholders

F = TypeVar("F", bound=Fact)


def read_most(
    items: Sequence[Item], recognise: Callable[[Item], tuple[F, ...]]
) -> list[tuple[Item, tuple[F, ...]]] | None:
    """Return what `recognise` finds in each item that says anything, or None where it finds too little.

    At least half as many items as hold no placeholder must state something.
    """
    asked = [item for item in items if item.text.text.strip()]
    filled = sum(not find_placeholders(item.raw) for item in asked)
    found: list[tuple[Item, tuple[F, ...]]] = []
    telling = len(asked)
    for item in asked:
        facts = recognise(item)
        telling -= not facts
        if telling * 2 < filled:
            return None
        found.append((item, facts))
    return found if telling else None
