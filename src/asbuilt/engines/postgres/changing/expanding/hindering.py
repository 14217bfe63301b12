"""What keeps a column from changing beside its writers, in words: shown with the step that changes it at once."""

import re

from asbuilt.engines.changes import Expansion, Needs
from asbuilt.engines.inherited import heirs, shape
from asbuilt.engines.postgres.changing.in_step import Flow
from asbuilt.engines.postgres.changing.joining import below
from asbuilt.engines.postgres.quoting import identifier
from asbuilt.engines.state import ColumnState, ConstraintState, DatabaseState, Item, TableState

INHERITS = "{} inherits, or is inherited from: its rows are also those of another table"


def of_copy(e: Expansion, table: TableState, state: DatabaseState) -> str:
    """Return why no copy of the column can answer to its old name."""
    name = e.before.name
    if table.kind == "foreign table":
        return f"the rows of {table.name} lie elsewhere"
    if table.partition_bound is not None or any(_has(state, parent, name) for parent in table.parents):
        return f"{table.name} has the column from {table.parents[0]}, and changes with it"
    if any(_divides(name, part) for part in (table, *below(table, state))):
        return f"PostgreSQL chooses a row's partition by its {name} before a trigger can give it what was written under the old name"
    several = [heir.name for heir in heirs(state, table.name) if len(heir.parents) > 1]
    return f"{several[0]} inherits from several tables, which PostgreSQL cannot rename at once" if several else ""


def _has(state: DatabaseState, table: str, column: str) -> bool:
    return table in state.tables and state.tables[table].column(column) is not None


def _divides(column: str, table: TableState) -> bool:
    """Tell whether a partition key names the column, and be it as a function."""
    return identifier(column) in re.findall(r'"(?:[^"]|"")*"|\w+', table.partition_key or "")


def of_exchange(e: Expansion, table: TableState, state: DatabaseState, needs: Needs) -> str:
    """Return why no new column can take over from the old one."""
    item = Item("column", e.before.name, table.name)
    excluded = {Item("constraint", k.name, table.name) for k in table.constraints if k.kind == "exclusion"}
    users = sorted(other for other, needed in needs.items() if item in needed)
    if e.before.generated is not None or e.after.generated is not None:
        return "PostgreSQL computes the values of a generated column only by writing the whole table anew"
    for user in users:
        if user.kind == "column":
            return f"{user} is generated from it, and PostgreSQL computes that only by writing the whole table anew"
        if user in excluded:
            return f"PostgreSQL builds the exclusion {user} only while nobody reads or writes"
    if _numbers(e.before) != _numbers(e.after):
        return "its numbers are counted in another way"
    return _of_table(e, table, state)


def of_remaking(before: TableState, after: TableState, state: DatabaseState) -> str:
    """Return why the table cannot be made anew beside its writers."""
    if before.kind == "foreign table":
        return f"{before.name} is a foreign table"
    if before.partition_bound is not None:
        return f"{before.name} is a partition: it changes with its parent"
    heirs = [other for other in state.tables.values() if before.name in other.parents]
    if before.parents or any(heir.partition_bound is None for heir in heirs):
        return INHERITS.format(before.name)
    if not (_flow(before, after).key and _flow(after, before).key):
        return f"no key that stays as it is tells the rows of {before.name} apart"
    return ""


def _flow(origin: TableState, goal: TableState) -> Flow:
    return Flow(origin, goal, origin.name, goal.name, "")


def _of_table(e: Expansion, table: TableState, state: DatabaseState) -> str:
    if table.kind != "table":
        return f"{table.name} is a {table.kind}"
    if any(_has(state, parent, e.before.name) for parent in table.parents):
        return f"{table.name} has the column from {table.parents[0]}, and changes with it"
    found = (_of_heir(e.before, heir, state) for heir in heirs(state, table.name))
    return next(filter(None, found), "")


def _of_heir(column: ColumnState, heir: TableState, state: DatabaseState) -> str:
    """Return why a table that inherits the column keeps it from changing beside the writers."""
    mine = heir.column(column.name)
    if heir.kind != "table" or len(heir.parents) > 1:
        return INHERITS.format(heir.name)
    if mine is None or (mine.default, mine.is_nullable, mine.identity) != (column.default, column.is_nullable, ""):
        return f"{heir.name} inherits {column.name}, and has another default or NOT NULL"
    held = [k for k in heir.constraints if column.name in k.columns and not _is_inherited(k, heir, state)]
    return f"{heir.name} inherits {column.name}, and has {held[0].kind} {held[0].name} on it" if held else ""


def _is_inherited(constraint: ConstraintState, heir: TableState, state: DatabaseState) -> bool:
    """Tell whether a constraint is there because the table above has it: checks are, keys never."""
    above = [shape(k, state.tables[p]) for p in heir.parents if p in state.tables for k in state.tables[p].constraints]
    return constraint.kind == "check" and shape(constraint, heir) in above


def _numbers(column: ColumnState) -> tuple[bool, str]:
    return column.sequence is not None, column.identity
