"""A connection to one PostgreSQL database, 14 to 18."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from asbuilt.engines.base import Row
from asbuilt.engines.postgres.inspecting import inspect
from asbuilt.engines.state import DatabaseState
from asbuilt.errors import AsbuiltError, ServerRefused, ServerUnavailable
from asbuilt.server_url import first_line, place, why_not

if TYPE_CHECKING:
    import psycopg

CONNECT_SECONDS = 10
STATEMENT_SECONDS = 60
LOCK_SECONDS = 5
OLDEST, NEWEST = 14, 18
_CUT_OFF = re.compile(r"08|57P0[1-5]")
_OWNER = "connect as its owner, or have the owner's role granted to yours"
_HELP = {
    "42501": "grant the role what it needs, or connect as another role",
    "25006": "nothing is written here: this session only reads",
    "57014": "it took too long: try it when the server is less busy",
    "55P03": "something else holds a lock: try it again later",
    "53100": "free some space on the server's disk",
}


class PostgresSession:
    """A session, as `engines.base.Session` has it. Every statement commits on its own outside `transaction` and `attempt`."""

    def __init__(self, connection: "psycopg.Connection[Row]", where: str, is_read_only: bool = False) -> None:
        self._connection = connection
        self._where = where
        self.is_read_only = is_read_only

    @property
    def connection(self) -> "psycopg.Connection[Row]":
        """The driver's connection, for what no protocol covers."""
        return self._connection

    @property
    def server(self) -> str:
        major, minor = self.version
        return f"PostgreSQL {major}.{minor} ({self._where})"

    @property
    def version(self) -> tuple[int, int]:
        number = self._connection.info.server_version
        return number // 10000, number % 10000

    @property
    def database(self) -> str:
        return self._connection.info.dbname

    def execute(self, sql: str, parameters: Sequence[object] | None = None) -> None:
        self._run(sql, parameters)

    def rows(self, sql: str, parameters: Sequence[object] | None = None) -> list[Row]:
        return self._run(sql, parameters)

    def _run(self, sql: str, parameters: Sequence[object] | None) -> list[Row]:
        import psycopg

        try:
            if self.is_read_only:
                with self._connection.transaction():
                    return self._fetch(sql, parameters)
            return self._fetch(sql, parameters)
        except psycopg.Error as error:
            raise refused(error, sql, self._where) from error

    def _fetch(self, sql: str, parameters: Sequence[object] | None) -> list[Row]:
        cursor = self._connection.execute(sql, parameters)
        while cursor.nextset():
            pass
        return cursor.fetchall() if cursor.description else []

    def copy(self, statement: str, rows: Iterable[Sequence[str | None]]) -> None:
        import psycopg

        try:
            with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
        except psycopg.Error as error:
            raise refused(error, statement, self._where) from error

    def copy_text(self, statement: str, parts: Iterable[str]) -> None:
        import psycopg
        from psycopg.copy import QueuedLibpqWriter

        try:
            with self._connection.cursor() as cursor:
                writer = QueuedLibpqWriter(cursor)
                with cursor.copy(statement, writer=writer) as copy:
                    for part in parts:
                        copy.write(part)
        except psycopg.Error as error:
            raise refused(error, statement, self._where) from error

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A savepoint that is always rolled back at its end, however it ends."""
        import psycopg

        try:
            with self._connection.transaction(force_rollback=True):
                yield
        except psycopg.Error as error:
            raise refused(error, "ROLLBACK", self._where) from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction, or a savepoint inside one: kept at its end, rolled back by an exception."""
        import psycopg

        try:
            with self._connection.transaction():
                yield
        except psycopg.Error as error:
            raise refused(error, "COMMIT", self._where) from error

    def inspect(self) -> DatabaseState:
        return inspect(self)


def refused(error: "psycopg.Error", sql: str, where: str) -> AsbuiltError:
    """Return our error for the driver's."""
    import psycopg

    state = error.sqlstate
    if (state is None and isinstance(error, psycopg.OperationalError)) or _CUT_OFF.match(state or ""):
        return ServerUnavailable(where, first_line(str(error)), help="the connection was lost: try again")
    diag = error.diag
    position = int(diag.statement_position) - 1 if diag.statement_position else None
    return ServerRefused(
        diag.message_primary or first_line(str(error)),
        statement=sql,
        sqlstate=error.sqlstate or "",
        help=_OWNER
        if (diag.message_primary or "").startswith("must be owner")
        else _HELP.get(error.sqlstate or "", ""),
        position=position,
        detail=diag.message_detail or "",
        hint=diag.message_hint or "",
        context=diag.context or "",
    )


@contextmanager
def connect(url: str, *, read_only: bool = False, where: str = "") -> Iterator[PostgresSession]:
    """Open a session at `url`, known as `where`. A read-only one is a single read-only transaction with time limits."""
    with _open(url) as connection:
        session = PostgresSession(connection, where or place(url), read_only)
        if not session.version[0] >= OLDEST:
            raise ServerRefused(f"{session.server} is too old", help=f"use PostgreSQL {OLDEST} to {NEWEST}")
        if not read_only:
            yield session
            return
        with connection.transaction(force_rollback=True):
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            connection.execute(f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'")
            connection.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            yield session


def _open(url: str) -> "psycopg.Connection[Row]":
    import psycopg

    try:
        connection = psycopg.connect(
            url, autocommit=True, connect_timeout=CONNECT_SECONDS, application_name="asbuilt", prepare_threshold=None
        )
        if not (connection.info.parameter_status("DateStyle") or "ISO").startswith("ISO"):
            connection.execute("SET DateStyle = 'ISO'")  # the driver reads times in no other style
        return connection
    except psycopg.Error as error:
        reason, help = why_not(url, str(error))
        raise ServerUnavailable(place(url), reason, help=help) from None
