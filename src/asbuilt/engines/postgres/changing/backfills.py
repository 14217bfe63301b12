"""Backfills as operations: the statement that a person would write, done range by range."""

from asbuilt.engines.changes import Backfill, Operation
from asbuilt.engines.postgres.filling import whole
from asbuilt.engines.state import Item


def operation(title: str, backfill: Backfill, refill: Backfill | None = None, *items: Item) -> Operation:
    """Return the operation that does `backfill`, and `refill` on the way back; it comes after what makes `items`."""
    return Operation(
        title,
        (whole(backfill),),
        (whole(refill),) if refill else (),
        touches=frozenset({*items, Item("table", backfill.table)}),
        is_alone=True,
        backfill=backfill,
        refill=refill,
    )
