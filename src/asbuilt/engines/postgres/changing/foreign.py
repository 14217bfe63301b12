"""Foreign tables: their rows are somewhere else, so nothing is kept aside, and they are made again where they cannot be changed."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.changes import Danger, Hazard, Operation
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.changing import constraints
from asbuilt.engines.postgres.quoting import relation
from asbuilt.engines.state import Item, TableState
from asbuilt.errors import CannotBePlanned


def is_foreign(table: TableState) -> bool:
    return table.kind == "foreign table"


def drop(table: TableState) -> str:
    return f"DROP FOREIGN TABLE {relation(table.name)}"


def dropped(item: Item, table: TableState, removes: frozenset[Item]) -> Operation:
    """Return the operation that takes a foreign table away; on the way back it shows the same rows again."""
    gone = Danger(
        Hazard.APPLICATION_BREAKS, f"an application that still asks for foreign table {table.name} does not find it"
    )
    return Operation(
        f"drop foreign table {table.name}", (drop(table),), tuple(_whole(table)), removes=removes, dangers=(gone,)
    )


def moved(item: Item, before: TableState, after: TableState) -> Operation:
    """Return the operation that lets a foreign table show the rows of another server, all that is on it staying."""
    if before.kind != after.kind:
        raise CannotBePlanned(f"{before.kind} {before.name} into a {after.kind} of the same name")
    there = replace(before, server=after.server, options=after.options)
    return Operation(
        f"make foreign table {item.name} on server {after.server}",
        (drop(before), *_whole(there)),
        (drop(before), *_whole(before)),
        touches=frozenset({item}),
    )


def _whole(table: TableState) -> Iterator[str]:
    """Yield the statements that make a foreign table with all that can be on it."""
    yield from defining.create_table(table)
    for constraint in table.constraints:
        if constraint.kind == "check":
            yield defining.add_constraint(table.name, constraint)
            yield from constraints.comment(table.name, constraint)
    for trigger in table.triggers:
        yield from defining.create_trigger(table.name, trigger)
