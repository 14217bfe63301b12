"""Renames: done in an instant, nothing is moved; what asks for the old name finds it no more."""

from collections.abc import Iterable

from asbuilt.engines.changes import Danger, Hazard, Operation
from asbuilt.engines.postgres.quoting import identifier, relation
from asbuilt.engines.state import Item
from asbuilt.model.renames import Rename


def operations(renames: Iterable[Rename]) -> tuple[Operation, ...]:
    """Return an operation for each rename, in their order: tables come first."""
    return tuple(_column(rename) if rename.column else _table(rename) for rename in renames)


def _table(rename: Rename) -> Operation:
    new = rename.table.rpartition(".")[2]
    return Operation(
        f"rename table {rename.old} to {rename.table}",
        (f"ALTER TABLE {relation(rename.old)} RENAME TO {identifier(new)}",),
        (f"ALTER TABLE {relation(rename.table)} RENAME TO {identifier(rename.old.rpartition('.')[2])}",),
        makes=frozenset({Item("table", rename.table)}),
        removes=frozenset({Item("table", rename.old)}),
        dangers=(_breaks(f"table {rename.old}"),),
    )


def _column(rename: Rename) -> Operation:
    words = f"ALTER TABLE {relation(rename.table)} RENAME COLUMN"
    old, new = identifier(rename.old), identifier(rename.column)
    return Operation(
        f"rename column {rename.table}.{rename.old} to {rename.column}",
        (f"{words} {old} TO {new}",),
        (f"{words} {new} TO {old}",),
        makes=frozenset({Item("column", rename.column, rename.table)}),
        removes=frozenset({Item("column", rename.old, rename.table)}),
        dangers=(_breaks(f"column {rename.table}.{rename.old}"),),
    )


def _breaks(what: str) -> Danger:
    return Danger(Hazard.APPLICATION_BREAKS, f"an application that still asks for {what} does not find it")
