"""What PostgreSQL does when statements run: the locks that it takes, the tables that it writes anew or reads through."""

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asbuilt.engines.base import Session
from asbuilt.engines.changes import Lock, Observation
from asbuilt.engines.postgres.session import PostgresSession

if TYPE_CHECKING:
    import psycopg

MODES = (
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)
"""PostgreSQL's table locks, the weakest first."""
_POLL_SECONDS = 0.002
_RELATIONS = """
SELECT c.oid, CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname, c.relfilenode, c.relkind IN ('r', 'm')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f', 'i', 'I', 'S')
  AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'asbuilt')
"""
_LOCKS = """
SELECT relation, mode FROM pg_locks
WHERE pid = %s AND locktype = 'relation' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_FILES = "SELECT oid, relfilenode FROM pg_class WHERE oid = ANY(%s)"
_READ_NOW = "SELECT relid, seq_scan FROM pg_stat_xact_user_tables WHERE seq_scan > 0"
_READ_EVER = "SELECT relid, seq_scan FROM pg_stat_user_tables"


@dataclass(frozen=True, slots=True)
class _Relation:
    name: str
    file: int
    has_rows: bool


@dataclass(slots=True)
class _Seen:
    """The strongest lock on each relation so far, and since when it is held."""

    modes: dict[int, str] = field(default_factory=dict)
    since: dict[int, float] = field(default_factory=dict)

    def add(self, rows: Iterable[tuple[int, str]], since: float) -> None:
        for oid, word in rows:
            mode = mode_of(word)
            known = self.modes.get(oid)
            if known is None or MODES.index(mode) > MODES.index(known):
                self.modes[oid], self.since[oid] = mode, since


def mode_of(word: str) -> str:
    """Return a mode as the documentation writes it (`ACCESS SHARE`) for one as `pg_locks` does (`AccessShareLock`)."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word.removesuffix("Lock")).upper()


def watch(session: Session) -> "PostgresWatcher":
    """Return who looks at what happens to the relations that stand now; what is made later holds nobody up."""
    assert isinstance(session, PostgresSession)
    known = {oid: _Relation(name, file, has_rows) for oid, name, file, has_rows in session.rows(_RELATIONS)}
    return PostgresWatcher(session, known)


@dataclass(slots=True)
class PostgresWatcher:
    """The watcher as `engines.base.Watcher` has it."""

    session: PostgresSession
    known: dict[int, _Relation]

    def run(self, statements: Sequence[str], *, is_alone: bool) -> Observation:
        return self._run_beside(statements) if is_alone else self._run_inside(statements)

    def _run_inside(self, statements: Sequence[str]) -> Observation:
        """Run the statements in one transaction, and ask it for its locks before it ends."""
        pid = self.session.connection.info.backend_pid
        seen = _Seen()
        with self.session.transaction():
            before: dict[int, int] = dict(self.session.rows(_READ_NOW))
            for sql in statements:
                began = time.monotonic()
                self.session.execute(sql)
                seen.add(self._of_known(self.session.rows(_LOCKS, [pid])), began)
            now = self.session.rows(_READ_NOW) if seen.modes else []
        read = {oid for oid, count in now if count > before.get(oid, 0)}
        return self._observation(seen, read)

    def _run_beside(self, statements: Sequence[str]) -> Observation:
        """Run each statement on its own; a writer who is in the way lets another session look at its locks."""
        before = self._read_so_far()
        seen = _Seen()
        for sql in statements:
            began = time.monotonic()
            seen.add(self._of_known(self._locks_beside(sql)), began)
        now = self._read_so_far()
        return self._observation(seen, {oid for oid, count in now.items() if count > before.get(oid, 0)})

    def _read_so_far(self) -> dict[int, int]:
        self.session.execute("SELECT pg_stat_force_next_flush()")
        return dict(self.session.rows(_READ_EVER))

    def _locks_beside(self, sql: str) -> list[tuple[int, str]]:
        pid = self.session.connection.info.backend_pid
        found: list[tuple[int, str]] = []
        with _writer(self.session.connection, self._tables()) as writer, _started(self.session, sql) as is_running:
            while is_running():
                found += writer.execute(_LOCKS, [pid]).fetchall()
                row = writer.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [pid]).fetchone()
                if row and row[0]:
                    found += writer.execute(_LOCKS, [pid]).fetchall()
                    writer.rollback()
                    break
                time.sleep(_POLL_SECONDS)
        return found

    def _tables(self) -> list[str]:
        standing = "SELECT oid::regclass::text FROM pg_class WHERE oid = ANY(%s) AND relkind = 'r'"
        return [name for (name,) in self.session.rows(standing, [list(self.known)])]

    def _of_known(self, rows: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
        return ((oid, mode) for oid, mode in rows if oid in self.known)

    def _observation(self, seen: _Seen, read: set[int]) -> Observation:
        now = time.monotonic()
        locks = tuple(
            Lock(self.known[oid].name, mode, now - seen.since[oid])
            for oid, mode in sorted(seen.modes.items(), key=lambda pair: self.known[pair[0]].name)
        )
        written = self._rewritten(seen)
        scanned = {oid for oid in read if oid in self.known} - written
        return Observation(locks, self._names(written), self._names(scanned))

    def _rewritten(self, seen: _Seen) -> set[int]:
        """Return the tables that have another file now, which is theirs from here on."""
        if not seen.modes:
            return set()
        found = set()
        for oid, file in self.session.rows(_FILES, [list(seen.modes)]):
            old = self.known[oid]
            if old.has_rows and old.file != file:
                found.add(oid)
                self.known[oid] = _Relation(old.name, file, old.has_rows)
        return found

    def _names(self, oids: set[int]) -> tuple[str, ...]:
        return tuple(sorted(self.known[oid].name for oid in oids))


@contextmanager
def _writer(connection: "psycopg.Connection", tables: Sequence[str]) -> Iterator["psycopg.Connection"]:
    """Give a session of its own that is in the midst of writing to the tables."""
    import psycopg

    with psycopg.connect(connection.info.dsn, password=connection.info.password) as writer:
        for table in tables:
            writer.execute(f"LOCK TABLE ONLY {table} IN ROW EXCLUSIVE MODE")
        yield writer
        writer.rollback()


@contextmanager
def _started(session: PostgresSession, sql: str) -> Iterator[Callable[[], bool]]:
    """Run a statement meanwhile; give the question whether it still runs. What goes wrong with it is raised at the end."""
    failures: list[BaseException] = []

    def work() -> None:
        try:
            session.execute(sql)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield thread.is_alive
    thread.join()
    if failures:
        raise failures[0]
