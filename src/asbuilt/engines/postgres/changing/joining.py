"""What ties a table to others, and a partition to its parent: how it is cut and tied again."""

from collections.abc import Iterator

from asbuilt.engines.inherited import partitions
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.quoting import identifier, relation
from asbuilt.engines.state import DatabaseState, Item, TableState

_LIKE = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION"


def parts(table: TableState) -> Iterator[Item]:
    """Yield what goes with a table."""
    yield from (Item("column", c.name, table.name) for c in table.columns)
    yield from (Item("constraint", c.name, table.name) for c in table.constraints)
    yield from (Item("index", i.name, table.name) for i in table.indexes)
    yield from (Item("trigger", g.name, table.name) for g in table.triggers)
    yield from (Item("policy", p.name, table.name) for p in table.policies)


def ties(table: TableState) -> tuple[list[str], list[str]]:
    """Return what cuts a table from those that it names, and what ties it to them again, in that order."""
    cut: list[str] = []
    tie: list[str] = []
    for key in table.constraints:
        if key.kind == "foreign key" and key.target != table.name:
            cut.append(f"ALTER TABLE {relation(table.name)} DROP CONSTRAINT {identifier(key.name)}")
            tie.append(defining.add_constraint(table.name, key))
    for trigger in table.triggers:
        cut.append(f"DROP TRIGGER {identifier(trigger.name)} ON {relation(table.name)}")
        tie += defining.create_trigger(table.name, trigger)
    for policy in table.policies:
        cut.append(f"DROP POLICY {identifier(policy.name)} ON {relation(table.name)}")
        tie += defining.create_policy(table.name, policy)
    return cut, tie


def attaching(table: TableState) -> str:
    return f"ALTER TABLE {relation(table.parents[0])} ATTACH PARTITION {relation(table.name)} {table.partition_bound}"


def detaching(table: TableState) -> str:
    return f"ALTER TABLE {relation(table.parents[0])} DETACH PARTITION {relation(table.name)}"


def made(table: TableState, state: DatabaseState) -> tuple[str, ...]:
    """Return the statements that make a partition, and those below it: beside its parent first, which holds up nobody."""
    words = "UNLOGGED TABLE" if table.persistence == "unlogged" else "TABLE"
    divided = f" PARTITION BY {table.partition_key}" if table.partition_key else ""
    options = f" WITH ({', '.join(table.options)})" if table.options else ""
    create = f"CREATE {words} {relation(table.name)} (LIKE {relation(table.parents[0])} {_LIKE}){divided}{options}"
    settings = (*own_of_partition(table, state), *defining.create_table(table)[1:])
    lower = [
        sql
        for member in below(table, state)
        for sql in (*defining.create_table(member), *own_of_partition(member, state))
    ]
    return (create, attaching(table), *settings, *lower)


def own_of_partition(table: TableState, state: DatabaseState) -> tuple[str, ...]:
    """Return the statements for what a partition says of its columns otherwise than its parent; none for any other table."""
    return defining.own_columns(table, state.tables.get(table.parents[0])) if table.partition_bound is not None else ()


def below(table: TableState, state: DatabaseState) -> list[TableState]:
    """Return the partitions below a partition, each after its parent."""
    found = []
    for child in partitions(state, table.name):
        found += [child, *below(child, state)]
    return found
