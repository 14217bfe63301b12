"""What was written so far, so that an interrupted run can go on, or be cleaned away."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from asbuilt.engines.base import Session
from asbuilt.engines.state import DatabaseState
from asbuilt.errors import ServerRefused
from asbuilt.seed import sql
from asbuilt.seed.standing import count, set_back

_TABLE = """
CREATE SCHEMA IF NOT EXISTS asbuilt;
CREATE TABLE asbuilt.seeding (
    name text PRIMARY KEY,
    seed integer NOT NULL,
    wanted bigint NOT NULL,
    stood bigint,
    number bigint,
    written bigint NOT NULL DEFAULT 0,
    transactions text[] NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE asbuilt.seeding IS 'what asbuilt seed has written so far; gone when it is done';
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a table is: `begin` rows stood at first, `number` is the next row to make, `written` rows stand besides."""

    begin: int
    number: int
    written: int


class Journal(Protocol):
    """Keeps marks by table."""

    def mark(self, table: str) -> Mark | None:
        """Return how far a table is; None where it has not been begun."""

    def note(self, table: str, mark: Mark) -> None:
        """Keep a mark, in the transaction that writes what it tells of."""


class Untold:
    """Keeps nothing: all is one transaction."""

    def mark(self, table: str) -> Mark | None:
        return None

    def note(self, table: str, mark: Mark) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A run that was not finished: its seed, and by table how many rows were wanted and how many are written."""

    seed: int
    wanted: dict[str, int]
    written: dict[str, int]


class DatabaseJournal:
    """Marks in the database itself, in `asbuilt.seeding`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def is_there(self) -> bool:
        return bool(self._session.rows("SELECT to_regclass('asbuilt.seeding') IS NOT NULL")[0][0])

    @property
    def can_be_kept(self) -> bool:
        """Tell whether this role may keep a journal here."""
        may = "has_database_privilege(current_database(), 'CREATE')"
        return bool(
            self._session.rows(f"SELECT coalesce(has_schema_privilege(to_regnamespace('asbuilt'), 'CREATE'), {may})")[
                0
            ][0]
        )

    def open(self, seed: int, wanted: Mapping[str, int]) -> None:
        """Begin a run that is to write so many rows of each table."""
        listed = ", ".join(f"({sql.literal(name)}, {seed}, {rows})" for name, rows in wanted.items())
        with self._session.transaction():
            self._session.execute(_TABLE)
            if listed:
                self._session.execute(f"INSERT INTO asbuilt.seeding (name, seed, wanted) VALUES {listed}")

    def interrupted(self) -> Interrupted | None:
        """Return the run that was not finished, if there is one."""
        if not self.is_there:
            return None
        rows = self._session.rows("SELECT name, seed, wanted, written FROM asbuilt.seeding ORDER BY name")
        seed = rows[0][1] if rows else 1
        return Interrupted(seed, {row[0]: row[2] for row in rows}, {row[0]: row[3] for row in rows})

    def mark(self, table: str) -> Mark | None:
        found = self._session.rows(
            "SELECT stood, number, written FROM asbuilt.seeding WHERE name = %s AND stood IS NOT NULL", [table]
        )
        return Mark(*found[0]) if found else None

    def note(self, table: str, mark: Mark) -> None:
        self._session.execute(
            "UPDATE asbuilt.seeding SET stood = %s, number = %s, written = %s, "
            "transactions = transactions || pg_current_xact_id()::xid::text WHERE name = %s",
            [mark.begin, mark.number, mark.written, table],
        )

    def close(self) -> None:
        """Leave nothing of a run that is over."""
        self._session.execute("DROP TABLE IF EXISTS asbuilt.seeding")
        with suppress(ServerRefused), self._session.transaction():
            self._session.execute("DROP SCHEMA asbuilt")

    def clean(self, state: DatabaseState) -> dict[str, int]:
        """Take away what the interrupted run wrote, and nothing else; return how many rows that were, by table."""
        found = self._session.rows("SELECT name, stood, written, transactions FROM asbuilt.seeding WHERE written > 0")
        known = [row for row in found if row[0] in state.tables]
        with self._session.transaction():
            self._session.execute("SET CONSTRAINTS ALL DEFERRED")
            whole = [name for name, stood, written, _ in known if not stood and count(self._session, name) == written]
            if whole and not self._truncated(whole):
                whole = []
            for name, _, _, transactions in known:
                if name not in whole:
                    ids = ", ".join(map(sql.literal, transactions))
                    self._session.execute(f"DELETE FROM {sql.table_name(name)} WHERE xmin::text IN ({ids})")
                    set_back(self._session, state.tables[name])
            self.close()
        return {name: written for name, _, written, _ in known}

    def _truncated(self, names: list[str]) -> bool:
        """Empty tables that hold nothing else; other tables with rows that point at them are in the way."""
        try:
            with self._session.transaction():
                self._session.execute(f"TRUNCATE {', '.join(map(sql.table_name, names))} RESTART IDENTITY")
        except ServerRefused:
            return False
        return True
