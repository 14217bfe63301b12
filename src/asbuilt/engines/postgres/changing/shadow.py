"""A table and its partitions as they are to be, made in a schema of their own beside those that stand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from asbuilt.engines.inherited import own, partitions
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.changing.building import on_table
from asbuilt.engines.postgres.changing.joining import below
from asbuilt.engines.postgres.quoting import identifier, literal, relation
from asbuilt.engines.state import ConstraintState, DatabaseState, TableState


@dataclass(frozen=True, slots=True)
class Family:
    """A table with the partitions below it, in one state."""

    state: DatabaseState
    name: str

    @property
    def table(self) -> TableState:
        return self.state.tables[self.name]

    @property
    def members(self) -> list[TableState]:
        """The table and its partitions, each after its parent."""
        return [self.table, *below(self.table, self.state)]

    @property
    def own(self) -> list[TableState]:
        """The members, each with what is its own."""
        return [own(member, self.state) for member in self.members]

    @property
    def keys(self) -> list[tuple[str, ConstraintState]]:
        """The foreign keys from and to the family, with their tables, those within it included."""
        names = {member.name for member in self.members}
        mine = [(m.name, c) for m in self.own for c in m.constraints if c.kind == "foreign key"]
        others = [
            (table.name, key)
            for table in self.state.tables.values()
            for key in table.constraints
            if table.name not in names and key.target in names
        ]
        return [*mine, *others]

    @property
    def bounds(self) -> list[str]:
        return [child.partition_bound or "" for child in partitions(self.state, self.name)]


def place(name: str, schema: str) -> str:
    """Return what a table is called while it lies in another schema."""
    return f"{schema}.{name.rpartition('.')[2]}"


def made(family: Family, schema: str) -> Iterator[str]:
    """Yield the statements that make the family in `schema`: columns, keys, checks, indexes, comments, grants."""
    yield f"CREATE SCHEMA IF NOT EXISTS {identifier(schema)}"
    for whole, table in zip(family.members, family.own, strict=True):
        there = place(table.name, schema)
        yield from defining.create_table(_moved(whole, schema))
        if whole.partition_bound is not None:
            yield from defining.own_columns(replace(whole, name=there), family.state.tables.get(whole.parents[0]))
        for constraint in table.constraints:
            if constraint.kind != "foreign key":
                yield defining.add_constraint(there, constraint)
        for index in table.indexes:
            if index.backs is None:
                yield defining.create_index(on_table(index, there, index.name))


def _moved(table: TableState, schema: str) -> TableState:
    """Return a table as it is made in another schema: nothing guards its rows yet, its numbers come from where they do now."""
    parents = tuple(place(parent, schema) for parent in table.parents)
    columns = tuple(c if c.identity else replace(c, sequence=None) for c in table.columns)
    return replace(
        table,
        name=place(table.name, schema),
        parents=parents,
        columns=columns,
        has_row_security=False,
        forces_row_security=False,
    )


def finished(family: Family) -> Iterator[str]:
    """Yield what the family gets once it stands in its place: comments on what has names there, triggers, policies."""
    for table in family.own:
        for index in table.indexes:
            if index.backs is None:
                yield from defining.index_comment(index)
        for constraint in table.constraints:
            if constraint.comment and constraint.kind != "foreign key":
                on = f"{identifier(constraint.name)} ON {relation(table.name)}"
                yield f"COMMENT ON CONSTRAINT {on} IS {literal(constraint.comment)}"
        for trigger in table.triggers:
            yield from defining.create_trigger(table.name, trigger)
        for policy in table.policies:
            yield from defining.create_policy(table.name, policy)
        bare = replace(table, has_row_security=False, forces_row_security=False)
        yield from defining.table_settings_change(bare, table)


def moved(tables: Sequence[TableState], origin: str | None, goal: str | None) -> Iterator[str]:
    """Yield what moves tables between their own schema (None) and another one; a partition may be gone since, its time over."""
    for table in tables:
        home = table.name.rpartition(".")[0] or "public"
        bare = identifier(table.name.rpartition(".")[2])
        there = "" if table.partition_bound is None else "IF EXISTS "
        yield f"ALTER TABLE {there}{identifier(origin or home)}.{bare} SET SCHEMA {identifier(goal or home)}"


def numbers_taken_along(before: Family, after: Family, schema: str) -> Iterator[str]:
    """Yield what lets the identities of the new table go on where those of the old one are."""
    for column in after.table.columns:
        old = before.table.column(column.name)
        if column.identity and old and old.sequence and column.sequence:
            new = relation(place(column.sequence.name, schema))
            yield f"SELECT setval('{new}', last_value, is_called) FROM {relation(old.sequence.name)}"


def sequences(before: Family, after: Family) -> list[tuple[str, str]]:
    """Return the sequences of serial columns that stay, with their columns."""
    found = []
    for column in before.table.columns:
        new = after.table.column(column.name)
        if column.sequence and not column.identity and new and new.sequence and not new.identity:
            found.append((column.sequence.name, column.name))
    return found
