"""Reads by key that wait for a connection: the first who gets one reads for all of them, in one statement.

Nobody waits for others to come: where a connection is free, each reads for itself at once. Connections go to those who have
waited longest, as ever; others only go along. What fails for all is asked again by each alone, so that the key of one is no
business of another. Inside a transaction each read is its own.
"""

from collections.abc import Sequence
from typing import Any

from asbuilt.access.refusals import InvalidRow, QueryRefused
from asbuilt.access.sync.driver import Link
from asbuilt.access.sync.pool import Answer, Line
from asbuilt.access.sync.running import Runner, one

_MOST = 200
"""Keys in one statement."""
Key = tuple[Any, ...]


class Together:
    """Reads rows of a table by key. `sql` reads one; `many` takes an array for each column of the key, and its records end
    with the number of their key, from 1. None: each reads for itself."""

    __slots__ = ("_line", "_many", "_runner", "_sql")

    def __init__(self, runner: Runner, sql: str, many: str | None) -> None:
        self._runner = runner
        self._sql = sql
        self._many = many
        self._line: Line = {}

    def record(self, key: Key) -> Any:
        """Return the record of a key, None where there is none."""
        runner = self._runner
        if self._many is None or runner.current.get() is not None:
            return runner.row(self._sql, key)
        link = runner.pool.at_once()
        if link is None:
            return self._waited(key, self._many)
        if not runner.is_watched:
            return runner.on(link, Link.row, self._sql, key)
        return self._one(link, key)

    def _one(self, link: Link, key: Key) -> Any:
        runner = self._runner
        return runner.told(self._sql, key, lambda: runner.on(link, Link.row, self._sql, key), one)

    def _waited(self, key: Key, many: str) -> Any:
        pool = self._runner.pool
        found = pool.served(self._line, key)
        if isinstance(found, Answer):
            return found.record if found.is_known else self._runner.row(self._sql, key)
        along = pool.along(self._line, _MOST - 1)
        return self._for_all(found, key, many, along) if along else self._one(found, key)

    def _for_all(self, link: Link, key: Key, many: str, along: Line) -> Any:
        """Return the record of a key, and answer those who go along."""
        found = None
        try:
            found = self._found(link, many, [key, *along.values()])
        except (InvalidRow, QueryRefused):
            pass  # whose key it was shows when each asks alone
        finally:
            for number, turn in enumerate(along, 2):
                turn.answer(Answer() if found is None else Answer(found.get(number), is_known=True))
        return self._runner.row(self._sql, key) if found is None else found.get(1)

    def _found(self, link: Link, many: str, keys: Sequence[Key]) -> dict[int, Any]:
        """Return the records of keys by their number."""
        runner = self._runner
        values = [list(column) for column in zip(*keys, strict=True)]
        records = runner.told(many, values, lambda: runner.on(link, Link.rows, many, values), len, len(keys))
        return {record[-1]: record[:-1] for record in records}
