"""A table of a document, as a program uses it: rows by key, and writes of one statement each."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from asbuilt.access.compiled import Compiled
from asbuilt.access.compiling.writing import deleted, inserted, inserted_many, marked, restored, updated, upserted
from asbuilt.access.conditions import Condition
from asbuilt.access.fields import Fields
from asbuilt.access.misfits import of_key
from asbuilt.access.queries import asking
from asbuilt.access.refusals import Conflict, DataError, InvalidRow, QueryRefused, RowNotFound
from asbuilt.access.schema import Table
from asbuilt.access.sync.asking import Reading
from asbuilt.access.sync.gathering import Together
from asbuilt.access.sync.keeping import Rows
from asbuilt.access.sync.loading import Many
from asbuilt.access.valuing import arrays, keyed, parted

if TYPE_CHECKING:
    from asbuilt.access.sync.data import Data

R = TypeVar("R", covariant=True)


class Entity(Reading[R], Generic[R]):
    """All rows of a table, and the writes."""

    __slots__ = ("_get", "_kept", "_kept_by", "_many", "_together", "fields")

    def __init__(self, data: "Data", table: Table) -> None:
        super().__init__(data, table, asking(table))
        self.fields: Any = Fields(data.schema, table)
        self._get: Compiled | None = None
        self._together: Together | None = None
        self._many: dict[tuple[str, ...], Many[R]] = {}
        self._kept_by: dict[frozenset[str], Rows[R]] = data.kept_rows(table)
        self._kept = self._kept_by.get(frozenset(table.by_name[name].attribute for name in table.primary_key))

    def get(self, *key: Any) -> R:
        """The row with this primary key; raises `RowNotFound` where there is none."""
        if self._kept is not None and (near := self._kept.at_hand(key)) is not None:
            return near
        row = self.get_or_none(*key)
        if row is None:
            raise self._missing(key, "`get_or_none` returns None where there is none")
        return row

    def get_or_none(self, *key: Any) -> R | None:
        """The row with this primary key, None where there is none."""
        compiled = self._get or self._by_key()
        if len(key) != len(self._table.primary_key):
            raise self._wrong_key(key)
        try:
            if self._kept is not None:
                return self._kept.row(key)
            return self._read(compiled, key)
        except (InvalidRow, QueryRefused) as refused:
            raise self._misfit_key(refused, self._table.primary_key, key) from refused.__cause__

    def _misfit_key(self, refused: DataError, columns: Sequence[str], *keys: tuple[Any, ...]) -> DataError:
        """Return what is wrong with a value of keys, where it is seen; else what was refused."""
        found = (of_key(self._data.schema, self._table, columns, key) for key in keys)
        return next((misfit for misfit in found if misfit), refused)

    def _read(self, compiled: Compiled, key: tuple[Any, ...]) -> R | None:
        """Return a row as it stands in the database."""
        if self._data.reader is not self._data.runner:
            record = self._data.reader.row(compiled.sql, key)
            return None if record is None else compiled.decode(record)
        together = self._together or self._reading_together(compiled)
        record = together.record(key)
        return None if record is None else compiled.decode(record)

    def find(self, *conditions: Condition, **equal: Any) -> R | None:
        """The first row that fulfils the conditions, None where there is none."""
        if self._kept_by and not conditions and (kept := self._kept_by.get(frozenset(equal))) is not None:
            values = tuple([equal[name] for name in kept.attributes])
            if (near := kept.at_hand(values)) is not None:
                return near
            if None not in values:
                try:
                    return kept.row(values)
                except (InvalidRow, QueryRefused) as refused:
                    columns = [self._table.by_attribute[name].name for name in kept.attributes]
                    raise self._misfit_key(refused, columns, values) from refused.__cause__
        return self.where(*conditions, **equal).first()

    def get_many(self, keys: Iterable[Any]) -> list[R | None]:
        """The rows with these primary keys, in their order; None where there is none."""
        wanted = [keyed(self._table, key) for key in keys]
        many = self._many_by(self._table.primary_key)
        try:
            return many.rows(wanted) if wanted else []
        except (InvalidRow, QueryRefused) as refused:
            raise self._misfit_key(refused, many.columns, *wanted) from refused.__cause__

    def load(self, *key: Any, **unique: Any) -> R | None:
        """The row with this primary key, or these values of a unique one (`email="…"`); None where there is none.

        What tasks load within one turn of the loop is one statement.
        """
        table = self._table
        if unique and key:
            raise QueryRefused(f"{table.accessor}: a primary key was given, and other values", help="give either")
        columns = self._unique(tuple(unique), ()) if unique else table.primary_key
        values = tuple([unique[table.by_name[name].attribute] for name in columns]) if unique else key
        if len(values) != len(columns):
            raise self._wrong_key(key)
        try:
            return self._data.loader.load(self._many_by(columns), values)  # type: ignore[no-any-return]
        except (InvalidRow, QueryRefused) as refused:
            raise self._misfit_key(refused, columns, values) from refused.__cause__

    def create(self, **values: Any) -> R:
        """A new row; what is not given the server fills in. Returns it as it is then."""
        table = self._table
        names = tuple(values)
        self._data.validate(table, values)
        compiled = self._data.compiler.insert(
            ("create", table.name, names), table, lambda: inserted(table, self._columns(values))
        )
        [row] = self._data.write(compiled, parted(table, values)[1])
        return row  # type: ignore[no-any-return]

    def create_many(self, rows: Sequence[Mapping[str, Any]]) -> int:
        """New rows, copied in: all or none. Returns how many; `create_all` returns the rows."""
        if not rows:
            return 0
        self._data.validate_all(self._table, rows)
        return self._data.copy(self._table, rows)

    def create_all(self, rows: Sequence[Mapping[str, Any]]) -> list[R]:
        """New rows in one statement, all or none, and returned as they are then."""
        if not rows:
            return []
        table = self._table
        self._data.validate_all(table, rows)
        names = self._columns(rows[0])
        compiled = self._data.compiler.insert(
            ("create all", table.name, tuple(names)), table, lambda: inserted_many(table, names)
        )
        return self._data.write(compiled, arrays(table, tuple(rows[0]), rows))

    def update(self, *key: Any, **changes: Any) -> R:
        """Change the row with this primary key and return it.

        Raises `RowNotFound`, or `Conflict` where it has another `version` than the one given.
        """
        table = self._table
        version = self._expected(changes)
        if len(key) != len(table.primary_key):
            raise self._wrong_key(key)
        self._data.validate(table, changes, is_change=True)
        sets, given = parted(table, changes)
        if not sets:
            return self.get(*key)
        is_versioned = version is not None
        compiled = self._data.compiler.change(
            ("update one", table.name, *sets.items(), is_versioned), table, sets,
            lambda former: updated(table, sets, self._data.schema, is_versioned=is_versioned, former=former),
        )  # fmt: skip
        values = (*given, *key, version) if is_versioned else (*given, *key)
        rows = self._data.write(compiled, values)
        if rows:
            return rows[0]  # type: ignore[no-any-return]
        current = self._read(self._get or self._by_key(), key)
        if current is None:
            raise self._missing(key)
        raise Conflict(table.entity, key[0] if len(key) == 1 else key, current)

    def upsert(self, *, on: Sequence[str] | str | None = None, **values: Any) -> R:
        """A new row, or the one changed that has the unique key `on` already (the primary key, where nothing is said)."""
        table = self._table
        self._data.validate(table, values)
        sets, given = parted(table, values)
        names = list(sets)
        key = self._unique((on,) if isinstance(on, str) else on, names)
        compiled = self._data.compiler.put(
            ("upsert", table.name, tuple(names), key),
            table,
            [name for name in names if name not in key],
            lambda: upserted(table, names, key),
        )
        [row] = self._data.write(compiled, given)
        return row  # type: ignore[no-any-return]

    def delete(self, *key: Any, for_good: bool = False) -> R:
        """Delete the row with this primary key, or mark it where the document says so; return it as it was, or is then."""
        table = self._table
        if len(key) != len(table.primary_key):
            raise self._wrong_key(key)
        compiler, schema = self._data.compiler, self._data.schema
        if table.deleted is None or for_good:
            compiled = compiler.delete(("delete one", table.name), table, lambda: deleted(table, schema))
        else:
            sets, shape = (table.deleted,), ("mark one", table.name)
            compiled = compiler.change(shape, table, sets, lambda former: marked(table, schema, former))
        rows = self._data.write(compiled, key)
        if not rows:
            raise self._missing(key)
        return rows[0]  # type: ignore[no-any-return]

    def restore(self, *key: Any) -> R:
        """Take the mark of a deleted row away, and return it."""
        table = self._table
        if table.deleted is None:
            raise QueryRefused(f"{table.accessor} are deleted for good", help="the document gives them no mark for it")
        compiled = self._data.compiler.change(
            ("restore", table.name),
            table,
            (table.deleted,),
            lambda former: restored(table, self._data.schema, former),
        )
        rows = self._data.write(compiled, key)
        if not rows:
            raise self._missing(key)
        return rows[0]  # type: ignore[no-any-return]

    def _expected(self, changes: dict[str, Any]) -> Any:
        """Take the version that a row is expected to have out of its changes; None where none is given."""
        table = self._table
        if table.version is not None:
            return changes.pop("version", None)
        if "version" in changes and "version" not in table.by_attribute:
            raise QueryRefused(f"{table.accessor} has no version", help="leave version out, or give the entity one")
        return None

    def _by_key(self) -> Compiled:
        self._get = self._data.compiler.by_key(self._table)
        return self._get

    def _reading_together(self, compiled: Compiled) -> Together:
        self._together = Together(self._data.runner, compiled.sql, self._data.compiler.by_each_key(self._table))
        return self._together

    def _many_by(self, columns: tuple[str, ...]) -> Many[R]:
        """Return what reads many rows at once by these columns."""
        if columns not in self._many:
            table, data = self._table, self._data
            if not columns:
                raise QueryRefused(f"{table.accessor} has no primary key", help="ask by where(…)")
            if any(table.by_name[name].type.endswith("[]") for name in columns):
                raise QueryRefused(
                    f"{table.accessor}: an array is no key that many rows are read by", help="ask by where(…)"
                )
            kept = self._kept_by.get(frozenset(table.by_name[name].attribute for name in columns))
            self._many[columns] = Many(data.runner, data.reader, data.compiler, table, columns, kept)
        return self._many[columns]

    def _missing(self, key: tuple[Any, ...], help: str = "") -> RowNotFound:
        return RowNotFound(self._table.entity, key[0] if len(key) == 1 else key, help=help)

    def _wrong_key(self, key: tuple[Any, ...]) -> QueryRefused:
        names, name = ", ".join(self._table.primary_key), self._table.accessor
        help = f"one row is named by its key; of many say which: `data.{name}.where(…)`" if not key else ""
        return QueryRefused(f"the key of {name} is ({names}); {len(key)} values were given", help=help)

    def _columns(self, values: Mapping[str, Any]) -> list[str]:
        return list(parted(self._table, values)[0])

    def _unique(self, on: Sequence[str] | None, names: Sequence[str]) -> tuple[str, ...]:
        table = self._table
        if on is None:
            wanted = next((key for key in table.uniques if set(key) <= set(names)), table.primary_key)
        else:
            wanted = tuple(parted(table, dict.fromkeys(on))[0])
        if not any(set(key) == set(wanted) for key in table.uniques):
            raise QueryRefused(f"{table.accessor} has no unique key ({', '.join(wanted)})", help=_known(table))
        return wanted


def _known(table: Table) -> str:
    keys = ("({})".format(", ".join(key)) for key in table.uniques)
    return f"it has {', '.join(keys) or 'none'}"
