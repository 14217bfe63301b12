"""Writes in a copy of a database by data access itself, taken back: what they tell a cache is what is tried."""

from collections.abc import Callable
from typing import Any, NamedTuple, Self

from asbuilt.access.compiling.scopes import quoted
from asbuilt.access.schema import Column, Schema, Table
from asbuilt.access.sync.asking import Query
from asbuilt.access.sync.data import AnyData
from asbuilt.access.sync.entities import Entity
from asbuilt.access.types import JSON
from asbuilt.cache.keys import Written
from asbuilt.cache.plan import CachePlan, Drop
from asbuilt.engines.base import Session


class Ground(NamedTuple):
    """A copy of a database, where it is, and its tables as data access has them."""

    session: Session
    url: str
    schema: Schema


class Done(NamedTuple):
    """A write that was done and taken back: its statement, and what the cache is told of it."""

    table: str
    statement: str
    changes: list[Written]


class _TakenBack(Exception):
    """A write is not to stay."""


class Writing:
    """Data of a copy, with a cache of its own that nobody reads."""

    def __init__(self, ground: Ground, plan: CachePlan) -> None:
        self._data = AnyData(ground.schema, ground.url, plan=plan, cache="near", size=1)
        self._statements: list[str] = []

    def __enter__(self) -> Self:
        self._data.__enter__()
        self._data.on_statement(lambda seen: self._statements.append(seen.sql))
        return self

    def __exit__(self, *failure: object) -> None:
        self._data.__exit__(*failure)

    def write(self, name: str, place: str, event: str, drop: Drop | None = None) -> Done | None:
        """Write the row of a table at a place (its `ctid`); None where it cannot be written so."""
        table = self._data.schema.by_name[name]
        entity: Entity[Any] = getattr(self._data, table.accessor)
        changes: list[Written] = []
        try:
            with self._data.transaction():
                row = self._row(entity, table, place)
                work = {"insert": _inserted, "update": _updated, "delete": _deleted}[event](entity, table, row, drop)
                if work is None:
                    return None
                self._without_keys(work.before)
                current = self._data.runner.current.get()
                told = current.written if current is not None else []
                told.clear()
                work.write()
                changes += told
                raise _TakenBack
        except _TakenBack:
            return Done(name, self._statements[-1], changes)

    def _row(self, entity: Entity[Any], table: Table, place: str) -> Any:
        names = ", ".join(quoted(name) for name in _named(table))
        [found] = self._data.sql(f"SELECT {names} FROM {quoted(table.name)} WHERE ctid = $1::text::tid", place)
        equal = {table.by_name[name].attribute: value for name, value in found.items()}
        return entity.with_deleted().where(**equal).one()

    def _without_keys(self, write: Callable[[], object] | None) -> None:
        """Do what only prepares a write, with foreign keys out of force."""
        if write is not None:
            self._data.sql("SET LOCAL session_replication_role = replica")
            write()
            self._data.sql("SET LOCAL session_replication_role = origin")


class _Work(NamedTuple):
    write: Callable[[], object]
    before: Callable[[], object] | None = None


def _named(table: Table) -> list[str]:
    """Return the columns by which a row is found: its key, else all that can be compared."""
    every = [column.name for column in table.columns if column.type not in JSON]
    return list(table.primary_key) or every


def _chosen(entity: Entity[Any], table: Table, row: Any) -> Query[Any]:
    attributes = [table.by_name[name].attribute for name in _named(table)]
    return entity.with_deleted().where(**{name: getattr(row, name) for name in attributes})


def _deleted(entity: Entity[Any], table: Table, row: Any, drop: Drop | None) -> _Work:
    return _Work(lambda: _chosen(entity, table, row).delete(for_good=True))


def _inserted(entity: Entity[Any], table: Table, row: Any, drop: Drop | None) -> _Work | None:
    """Insert a row that was there: it goes first. Not where the server would give it another key."""
    told = drop.columns if drop is not None and drop.columns is not None else ()
    if not all(table.by_name[name].is_written for name in told):
        return None
    values = {column.attribute: getattr(row, column.attribute) for column in table.columns if column.is_written}
    return _Work(lambda: entity.create(**values), lambda: _chosen(entity, table, row).delete(for_good=True))


def _updated(entity: Entity[Any], table: Table, row: Any, drop: Drop | None) -> _Work | None:
    """Change what a drop is about to what another row has there; where it is about any change, write a value as it is."""
    name = drop.changed[0] if drop is not None and drop.changed else None
    if name is not None and name == table.deleted:
        return _Work(lambda: _chosen(entity, table, row).delete())
    column = table.by_name[name] if name is not None else _free(table)
    own = getattr(row, column.attribute)
    value = own if name is None else _another(entity, column, own)
    if name is not None and value is None:
        return None
    return _Work(lambda: _chosen(entity, table, row).update(**{column.attribute: value}))


def _another(entity: Entity[Any], column: Column, own: Any) -> Any:
    """Return a value that another row has; None where all have the same."""
    field = getattr(entity.fields, column.attribute)
    found = entity.with_deleted().where(field != own).select(field).limit(1).all()
    return found[0][0] if found else None


def _free(table: Table) -> Column:
    """Return a column that may be written without making the row another one."""
    fixed = {*table.primary_key, table.version}
    written = [column for column in table.columns if column.is_written]
    return next((column for column in written if column.name not in fixed), written[0])
