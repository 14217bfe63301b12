"""A live table renamed: a view answers to its old name, and takes what is written there."""

from asbuilt.engines.changes import Danger, Expanded, Hazard, Operation
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.defining import rights
from asbuilt.engines.postgres.quoting import identifier, relation
from asbuilt.engines.state import DatabaseState, Item
from asbuilt.model.renames import Rename

_INVOKER = (15, 0)
"""The version from which a view looks with the rights of who asks, so that policies hold through it."""


def viewed(rename: Rename, state: DatabaseState) -> Expanded:
    """Return what renames a table while a view bears the old name."""
    table = state.tables[rename.old]
    old, new = relation(rename.old), relation(rename.table)
    options = " WITH (security_invoker = true)" if state.version >= _INVOKER else ""
    view = (
        f"CREATE VIEW {old}{options} AS SELECT * FROM {new}",
        *rights.changes((), table.grants, f"TABLE {old}"),
    )
    switch = Operation(
        f"rename table {rename.old} to {rename.table}, and let a view answer to the old name",
        (f"ALTER TABLE {old} RENAME TO {identifier(rename.table.rpartition('.')[2])}", *view),
        (f"DROP VIEW {old}", f"ALTER TABLE {new} RENAME TO {identifier(rename.old.rpartition('.')[2])}"),
        touches=_items(rename),
    )
    return Expanded((switch,), (), frozenset({Item("view", rename.old)}))


def unviewed(rename: Rename, state: DatabaseState) -> Operation:
    """Return what takes the view away, as it stands in `state`."""
    view = state.objects["view", rename.old]
    told = f"an application that still asks for table {rename.old} does not find it"
    return Operation(
        f"drop the view {rename.old}",
        (defining.drop_object(view),),
        defining.create_object(view),
        touches=_items(rename),
        removes=frozenset({Item("table", rename.old)}),
        dangers=(Danger(Hazard.APPLICATION_BREAKS, told),),
    )


def _items(rename: Rename) -> frozenset[Item]:
    return frozenset({Item("table", rename.table), Item("table", rename.old)})
