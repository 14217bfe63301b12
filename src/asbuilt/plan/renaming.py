"""Renames that keep the data: what is stated and fits is renamed first, everything else is compared afterwards."""

from collections.abc import Iterable

from asbuilt.engines.base import Engine, Session
from asbuilt.engines.changes import Operation
from asbuilt.engines.state import DatabaseState
from asbuilt.model.renames import Rename
from asbuilt.plan.planning import Side


def fitting(renames: Iterable[Rename], before: DatabaseState, after: DatabaseState) -> tuple[Rename, ...]:
    """Return the renames whose old name stands and is not wanted any more, and whose new name is wanted and not there."""
    tables = {rename.table: rename.old for rename in renames if not rename.column and _is_table(rename, before, after)}
    columns = [rename for rename in renames if rename.column and _is_column(rename, tables, before, after)]
    return (*(r for r in renames if not r.column and r.table in tables), *columns)


def _is_table(rename: Rename, before: DatabaseState, after: DatabaseState) -> bool:
    is_free = rename.old not in after.tables and rename.table not in before.tables
    return is_free and rename.old in before.tables and rename.table in after.tables


def _is_column(rename: Rename, tables: dict[str, str], before: DatabaseState, after: DatabaseState) -> bool:
    old, new = before.tables.get(tables.get(rename.table, rename.table)), after.tables.get(rename.table)
    if old is None or new is None:
        return False
    is_free = old.column(rename.column) is None and new.column(rename.old) is None
    return is_free and old.column(rename.old) is not None and new.column(rename.column) is not None


def renamed(engine: Engine, copy: Session, operations: Iterable[Operation]) -> Side:
    """Return what stands in `copy`, a copy of the target's structure, once things have their new names there."""
    for operation in operations:
        for sql in operation.statements:
            copy.execute(sql)
    return Side(copy.inspect(), engine.needs(copy))
