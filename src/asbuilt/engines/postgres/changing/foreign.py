"""Foreign tables: their rows are somewhere else, so nothing is kept aside, and they are made again where they cannot be changed."""

from asbuilt.engines.changes import Operation
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.postgres.changing.joining import parts
from asbuilt.engines.postgres.quoting import relation
from asbuilt.engines.state import Item, TableState


def is_foreign(table: TableState) -> bool:
    return table.kind == "foreign table"


def has_moved(name: str, ground: Ground) -> bool:
    """Tell whether the rows of a table are on another server than they were, or here: no statement can change that."""
    one, other = ground.before.tables.get(name), ground.after.tables.get(name)
    return bool(one and other and one.server != other.server)


def drop(table: TableState) -> str:
    return f"DROP FOREIGN TABLE {relation(table.name)}"


def dropped(item: Item, ground: Ground) -> Operation:
    """Return the operation that takes a foreign table away; on the way back it shows the same rows again."""
    table = ground.before.tables[item.name]
    return Operation(
        f"drop foreign table {table.name}",
        (drop(table),),
        defining.whole_table(ground.before, table.name),
        removes=all_of(table),
    )


def moved(item: Item, ground: Ground) -> Operation:
    """Return the operation that makes a foreign table again, on another server, with all that will be on it."""
    before, after = ground.before.tables[item.name], ground.after.tables[item.name]
    return Operation(
        f"make foreign table {item.name} again, on server {after.server}",
        (drop(before), *defining.whole_table(ground.after, item.name)),
        (drop(after), *defining.whole_table(ground.before, item.name)),
        removes=all_of(before),
        makes=all_of(after),
    )


def absorbed(name: str, ground: Ground) -> frozenset[Item]:
    """Return everything that is made again with a foreign table."""
    return all_of(ground.before.tables[name]) | all_of(ground.after.tables[name])


def all_of(table: TableState) -> frozenset[Item]:
    """Return a table with everything that is on it."""
    return frozenset({Item("table", table.name), *parts(table)})
