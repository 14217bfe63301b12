"""An application at work in a database that has one of its shapes: rows put in, changed and deleted, and what it has to read then."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial

from asbuilt.engines.base import Contents, Engine, Row, Session
from asbuilt.engines.state import DatabaseState, TableState
from asbuilt.errors import ServerRefused
from asbuilt.plan.comparing import Difference, compared

Write = Callable[[Session, DatabaseState, Sequence[str]], tuple[str, ...]]
"""Writes a few new rows into tables as they are in a state; returns what was refused."""
_AGAIN = 20
"""Rows of a table that are written again as they are."""
_CHANGED = 3
"""Rows of a table that get the values of others."""
_POINTED_AT = ("23001", "23503")


class Deed(StrEnum):
    """What an application does with the rows of a table."""

    INSERT = "inserts"
    UPDATE = "updates"
    DELETE = "deletes"


Deeds = Mapping[str, Collection[Deed]]
"""What is done in which table."""
Keys = Mapping[str, Collection[Row]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that the database did not take of an application."""

    table: str
    deed: Deed
    reason: str

    @property
    def told(self) -> str:
        return f"{self.deed} in {self.table}: {self.reason}"


@dataclass(slots=True)
class Work:
    """What an application did, by table: rows that are `new` or `gone`, what it `changed` in others, those written `again` as they are.

    `before` and `after` are what it read; `generated` columns follow from others.
    """

    before: Contents
    after: Contents = field(default_factory=dict)
    new: dict[str, set[Row]] = field(default_factory=dict)
    gone: dict[str, set[Row]] = field(default_factory=dict)
    changed: dict[str, dict[Row, dict[str, str | None]]] = field(default_factory=dict)
    again: dict[str, set[Row]] = field(default_factory=dict)
    generated: dict[str, set[str]] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)

    def touched(self, table: str) -> set[Row]:
        """Return the keys of the rows of a table that are another way since."""
        return self.new.get(table, set()) | self.gone.get(table, set()) | self.changed.get(table, {}).keys()

    def misread(self) -> list[Difference]:
        """Return where what is read afterwards is not what was written, or what was not written is not as it was."""
        found = [d for d in compared(self.before, self.after) if d.key not in self.changed.get(d.table, {})]
        found += compared({table: self._written(table) for table in self.changed}, self.after)
        there = (
            Difference(table, key, is_extra=True)
            for table, keys in self.gone.items()
            for key in keys & self.after.get(table, {}).keys()
        )
        return [*found, *there]

    def _written(self, table: str) -> dict[Row, dict[str, str | None]]:
        """Return the rows of a table that have other values since, as they have to be now."""
        stood, made = self.before.get(table, {}), self.generated.get(table, ())
        return {
            key: {**{n: v for n, v in stood.get(key, {}).items() if n not in made}, **values}
            for key, values in self.changed[table].items()
            if key not in self.gone.get(table, set())
        }


def at_work(
    engine: Engine, session: Session, state: DatabaseState, write: Write, deeds: Deeds, spared: Keys, before: Contents
) -> Work:
    """Do the deeds as an application that knows the tables as they are in `state`, in rows that are not `spared`."""
    work = Work(before)
    user = _User(engine, session, state, work)
    for table, chosen in deeds.items():
        if Deed.INSERT in chosen:
            work.refusals += [Refusal(table, Deed.INSERT, why) for why in write(session, state, [table])]
    between = user.read(deeds)
    for table, chosen in deeds.items():
        work.new[table] = between.get(table, {}).keys() - before.get(table, {}).keys()
        user.miss(table, chosen)
        if Deed.UPDATE in chosen:
            user.update(state.tables[table], between.get(table, {}), set(spared.get(table, ())))
    for table, chosen in deeds.items():
        if Deed.DELETE in chosen:
            user.delete(state.tables[table])
    work.after = engine.contents(session, state, before)
    for table in work.new:
        work.new[table] &= work.after.get(table, {}).keys()
    return work


@dataclass(slots=True)
class _User:
    engine: Engine
    session: Session
    state: DatabaseState
    work: Work

    def read(self, tables: Iterable[str]) -> Contents:
        shown = {name: self.state.tables[name] for name in tables}
        return self.engine.contents(self.session, replace(self.state, tables=shown), self.work.before)

    def miss(self, table: str, chosen: Collection[Deed]) -> None:
        """Note where rows were put in and none is there."""
        is_refused = any(refusal.table == table for refusal in self.work.refusals)
        if Deed.INSERT in chosen and not is_refused and not self.work.new[table]:
            self.work.refusals.append(Refusal(table, Deed.INSERT, "what was put in is not there"))

    def update(self, table: TableState, rows: Mapping[Row, Mapping[str, str | None]], spared: set[Row]) -> None:
        """Give some rows the values of others, and write some again as they are."""
        if not table.primary_key:
            return
        keys = sorted(rows)  # the server gives what was written last as the last
        free = [key for key in keys if key not in spared and key not in self.work.new[table.name]] or keys
        columns = list(_free_columns(table))
        changed = self.work.changed.setdefault(table.name, {})
        self.work.generated[table.name] = {c.name for c in table.columns if c.generated is not None}
        others = [rows[key] for key in keys[:_CHANGED]]
        for key, values in _exchanged(rows, others, free, columns):
            if not self._done(table, Deed.UPDATE, partial(self.engine.change, self.session, table, key, values)):
                break
            changed[key] = values
        again = [key for key in free if key not in changed][:_AGAIN]
        if again and self._done(table, Deed.UPDATE, partial(self.engine.touch, self.session, table, again)):
            self.work.again[table.name] = set(again)

    def delete(self, table: TableState) -> None:
        """Delete a row that is new and that nothing points at."""
        for key in sorted(self.work.new[table.name], reverse=True) if table.primary_key else ():
            try:
                with self.session.transaction():
                    self.engine.delete(self.session, table, key)
            except ServerRefused as refusal:
                if refusal.sqlstate in _POINTED_AT:
                    continue
                self.work.refusals.append(Refusal(table.name, Deed.DELETE, str(refusal)))
                return
            self.work.gone[table.name] = {key}
            return

    def _done(self, table: TableState, deed: Deed, act: Callable[[], None]) -> bool:
        try:
            with self.session.transaction():
                act()
        except ServerRefused as refusal:
            self.work.refusals.append(Refusal(table.name, deed, str(refusal)))
            return False
        return True


def _free_columns(table: TableState) -> Iterator[str]:
    """Yield the columns that may have the same value in two rows, and that the database does not give itself."""
    tied = " ".join([*(k for i in table.indexes if i.is_unique for k in i.keys), table.partition_key or ""])
    held = set(re.findall(r"\w+", tied))
    for constraint in table.constraints:
        if constraint.kind in ("primary key", "unique", "exclusion"):
            held |= set(constraint.columns)
    for column in table.columns:
        if column.name not in held and column.generated is None and column.identity != "always":
            yield column.name


def _exchanged(
    rows: Mapping[Row, Mapping[str, str | None]],
    others: Sequence[Mapping[str, str | None]],
    free: Sequence[Row],
    columns: Sequence[str],
) -> Iterator[tuple[Row, dict[str, str | None]]]:
    """Yield keys of some of the last rows that are free, with the values of other rows: what stands together there suits the checks."""
    for number, key in enumerate(reversed(free[-_CHANGED:])):
        values = {column: others[number][column] for column in columns}
        if any(rows[key][column] != value for column, value in values.items()):
            yield key, values
