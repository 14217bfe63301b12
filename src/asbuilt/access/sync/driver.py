"""One connection, through psycopg: statements prepared at their first use, values and rows as they come."""

import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from asbuilt.access.compiling.scopes import quoted
from asbuilt.access.copying.writing import Copying
from asbuilt.access.refusals import unreachable

_MOVED = frozenset({"0A000", "26000"})
"""A prepared statement whose tables have changed since, or that the server has not: it is prepared anew."""


class Link:
    """A connection. Whoever holds one is alone with it. `is_endless`: the first and the last day are those without end.

    `pid` is the server's process, None behind a pooler, which would name itself.
    """

    __slots__ = ("_cursor", "_keeps", "born", "connection", "pid", "used")
    is_endless = False

    def __init__(self, connection: Any, *, keeps_statements: bool = True) -> None:
        self.connection = connection
        self._keeps = keeps_statements
        self._cursor = connection.cursor(binary=True)
        self.pid: int | None = connection.info.backend_pid if keeps_statements else None
        self.born = self.used = time.monotonic()

    def rows(self, sql: str, values: Sequence[Any]) -> list[Any]:
        """Return the rows that a statement gives."""
        cursor = self._done(sql, values)
        return cursor.fetchall() if cursor.description else []

    def row(self, sql: str, values: Sequence[Any]) -> Any:
        """Return the first row that a statement gives, or None."""
        cursor = self._done(sql, values)
        return cursor.fetchone() if cursor.description else None

    def _done(self, sql: str, values: Sequence[Any]) -> Any:
        try:
            return self._cursor.execute(sql, values, prepare=self._keeps)
        except errors() as error:
            is_in_transaction = self.connection.info.transaction_status
            if getattr(error, "sqlstate", None) not in _MOVED or is_in_transaction:
                raise
            self.connection.execute("DEALLOCATE ALL")
            self.connection._prepared.clear()
            return self._cursor.execute(sql, values, prepare=self._keeps)

    def named(self, sql: str, values: Sequence[Any]) -> list[dict[str, Any]]:
        """Return the rows that a statement gives, by the names of their columns."""
        cursor = self._done(sql, values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()] if names else []

    def run(self, sql: str) -> str:
        """Run statements without values that give nothing; return what the server says that it did."""
        return str(self.connection.execute(sql, prepare=False).statusmessage)

    def copy(self, copying: Copying, rows: Sequence[Mapping[str, Any]]) -> int:
        """Copy rows into a table; return how many."""
        names = ", ".join(quoted(name) for name in copying.columns)
        sql = f"COPY {quoted(copying.table)} ({names}) FROM STDIN (FORMAT {copying.format})"
        with self._cursor.copy(sql) as copy:
            for chunk in copying.chunks(rows):
                copy.write(chunk)
        return int(self._cursor.rowcount)

    def stream(self, sql: str, values: Sequence[Any], size: int) -> Iterator[list[Any]]:
        """Yield the rows that a statement gives, `size` at a time, inside a transaction."""
        from psycopg import RawServerCursor

        with RawServerCursor(self.connection, "asbuilt") as cursor:
            cursor.execute(sql, values)
            while rows := cursor.fetchmany(size):
                yield rows

    def close(self) -> None:
        with suppress(*errors(), OSError):
            self.connection.close()

    def cut(self) -> None:
        """Break the connection off, whoever waits for an answer there."""
        with suppress(*errors(), OSError), socket.socket(fileno=os.dup(self.connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)

    def abandon(self) -> None:
        """Give the connection up at once."""
        self.connection.close()

    @property
    def is_lost(self) -> bool:
        return bool(self.connection.closed)


def connected(url: str, *, seconds: float, statement_seconds: float | None, has_pooler: bool = False) -> Link:
    """Return a new connection; raise `Unanswered` where there is none.

    A pooler in between, `has_pooler`, knows neither settings at the start nor statements that are kept.
    """
    import psycopg
    from psycopg.types.json import set_json_loads
    from psycopg.types.string import TextBinaryLoader

    settings = "" if has_pooler else "-c timezone=UTC"
    limit = "" if statement_seconds is None else f" -c statement_timeout={statement_seconds * 1000:.0f}"
    try:
        connection = psycopg.connect(
            url, autocommit=True, connect_timeout=max(1, round(seconds)), application_name="asbuilt",
            client_encoding="UTF8", cursor_factory=psycopg.RawCursor, options=settings + limit,
        )  # fmt: skip
    except psycopg.Error as error:
        raise unreachable(url, str(error)) from error
    connection.adapters.register_loader(0, TextBinaryLoader)  # an enumeration's value is text in either format
    set_json_loads(msgspec.json.decode, connection)
    connection.adapters.register_dumper(msgspec.Raw, _written())
    return Link(connection, keeps_statements=not has_pooler)


def _written() -> type[Any]:
    """Return what gives JSON that is written already to the server, which knows the type."""
    from psycopg.adapt import Dumper

    class Written(Dumper):
        def dump(self, obj: Any) -> bytes:
            return bytes(obj)

    return Written


def errors() -> tuple[type[Exception], ...]:
    """Return what the driver raises."""
    import psycopg

    return (psycopg.Error,)
