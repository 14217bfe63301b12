"""Backfills range by range: by the key that tells rows apart, or by the pages in which they lie."""

from dataclasses import dataclass, replace
from functools import cached_property

from asbuilt.engines.base import Lag, Session
from asbuilt.engines.changes import Backfill
from asbuilt.engines.journal import Reach
from asbuilt.engines.postgres.measuring import planned_rows
from asbuilt.engines.postgres.quoting import columns, identifier, literal, relation
from asbuilt.engines.postgres.replicas import lag

_PATIENCE_SECONDS = 3
"""How long a range of one row, which keeps nobody else waiting, waits for the one who holds it."""
_PAGES = """
SELECT coalesce(max(pg_relation_size(relid) / current_setting('block_size')::int), 0)
FROM (SELECT %s::regclass AS relid UNION SELECT relid FROM pg_partition_tree(%s)) AS parts
"""
_WAITING = (
    "SELECT EXISTS (SELECT FROM pg_locks w WHERE NOT w.granted AND pg_backend_pid() = ANY(pg_blocking_pids(w.pid)))"
)
_MAY_SILENCE = {
    True: "SELECT has_parameter_privilege('session_replication_role', 'SET')",
    False: "SELECT current_setting('is_superuser') = 'on'",
}
_WITH_PRIVILEGE = 150_000
"""The server version from which a right on a setting can be granted."""


def may_silence(session: Session) -> bool:
    """Tell whether who is at work may keep a table's own triggers from firing."""
    version = int(session.rows("SHOW server_version_num")[0][0])
    return bool(session.rows(_MAY_SILENCE[version >= _WITH_PRIVILEGE])[0][0])


def whole(backfill: Backfill) -> str:
    """Return the statement that would do all of a backfill in one go."""
    return _statement(backfill, backfill.condition)


def _statement(backfill: Backfill, condition: str) -> str:
    alias = f" AS {identifier(backfill.alias)}" if backfill.alias else ""
    source = f" FROM {backfill.source}" if backfill.source else ""
    where = f" WHERE {condition}" if condition else ""
    if copying := backfill.copying:
        names = columns(tuple(name for name, _ in copying.values))
        values = ", ".join(f"{value} AS {identifier(name)}" for name, value in copying.values)
        rows = f"SELECT {values} FROM {relation(backfill.table)}{alias}{where} FOR SHARE"
        into = f"INSERT INTO {relation(copying.into)} ({names}) OVERRIDING SYSTEM VALUE"
        return f"{into} SELECT * FROM ({rows}) AS held{f' ON CONFLICT {copying.conflict}' if copying.conflict else ''}"
    return f"UPDATE {relation(backfill.table)}{alias} SET {backfill.assignments}{source}{where}"


def noted(name: str) -> str:
    """Return under what name it is kept what was written over a column's value, as text."""
    return identifier(f"asbuilt_{name}"[:63])


def refilled(backfill: Backfill) -> Backfill:
    """Return what gives the values that a backfill kept aside back to the rows that were not written since."""
    match = " AND ".join(f"kept.{identifier(k)} = live.{identifier(k)}" for k in backfill.key)
    unchanged = (f"live.{identifier(n)}::text IS NOT DISTINCT FROM kept.{noted(n)}" for n in backfill.kept)
    given = ", ".join(f"{identifier(n)} = kept.{identifier(n)}" for n in backfill.kept)
    condition = " AND ".join([match, *unchanged])
    return Backfill(backfill.table, given, condition, backfill.key, f"{backfill.aside} AS kept", "live")


@dataclass
class PostgresFiller:
    """The filler as `engines.base.Filler` has it.

    A table without a key is gone through page by page, and once more at the end, as writers move rows between pages;
    where no condition tells what is done, only one statement can do it once.
    """

    session: Session
    backfill: Backfill

    def begin(self) -> Reach:
        table = relation(self.backfill.table)
        total = planned_rows(self.session, f"SELECT count(*) FROM {table}")
        if not self.backfill.key:
            return Reach(until=(str(self.session.rows(_PAGES, [table, table])[0][0]),), total=total)
        highest = f"SELECT {self._texts} FROM {self._named} ORDER BY {self._sorted(' DESC')} LIMIT 1"
        found = self.session.rows(highest)
        return Reach(until=tuple(found[0]), total=total) if found else Reach(is_done=True)

    def fill(self, reach: Reach, size: int, *, seconds: float | None) -> Reach:
        if not self.backfill.key:
            return self._fill_pages(reach, size, seconds)
        end = self._end_of_range(reach, size)
        changed = self._run(self._within(reach), [*reach.last, *end], seconds)
        is_done = end == reach.until
        passed = reach.passed + size if not is_done else max(reach.total, reach.passed + changed)
        total = max(reach.total, passed)
        return replace(
            reach, last=end, passed=passed, changed=reach.changed + changed, total=total, is_done=is_done
        )  # fmt: skip

    def is_in_the_way(self) -> bool:
        return bool(self.session.rows(_WAITING)[0][0])

    def lag(self) -> Lag | None:
        return lag(self.session)

    @property
    def _name(self) -> str:
        return identifier(self.backfill.alias) if self.backfill.alias else relation(self.backfill.table)

    @property
    def _named(self) -> str:
        alias = f" AS {identifier(self.backfill.alias)}" if self.backfill.alias else ""
        return f"{relation(self.backfill.table)}{alias}"

    @property
    def _keys(self) -> list[str]:
        return [f"{self._name}.{identifier(column)}" for column in self.backfill.key]

    @property
    def _texts(self) -> str:
        return ", ".join(f"{key}::text" for key in self._keys)

    def _sorted(self, how: str = "") -> str:
        return ", ".join(f"{key}{how}" for key in self._keys)

    def _compared(self, sign: str) -> str:
        keys = ", ".join(self._keys)
        places = ", ".join("%s" for _ in self._keys)
        return f"({keys}) {sign} ({places})"

    def _within(self, reach: Reach) -> str:
        return f"{self._compared('>')} AND {self._compared('<=')}" if reach.last else self._compared("<=")

    def _end_of_range(self, reach: Reach, size: int) -> tuple[str, ...]:
        """Return the key of the last row of the next range: plain reading, which holds nobody up."""
        found = self.session.rows(
            f"SELECT {self._texts} FROM {self._named} WHERE {self._within(reach)} ORDER BY {self._sorted()} OFFSET %s LIMIT 1",
            [*reach.last, *reach.until, size - 1],
        )
        return tuple(found[0]) if found else reach.until

    def _fill_pages(self, reach: Reach, size: int, seconds: float | None) -> Reach:
        first, end = int(reach.last[0]) if reach.last else 0, int(reach.until[0])
        if not self.backfill.condition or first >= end:
            changed = self._run("true", [], None)
            return replace(reach, passed=reach.total, changed=reach.changed + changed, is_done=True)
        pages = max(1, size * end // max(reach.total, 1))
        last = min(end, first + pages)
        place = f"{self._name}.ctid"
        changed = self._run(f"{place} >= '({first},0)'::tid AND {place} < '({last},0)'::tid", [], seconds)
        passed = min(reach.total, reach.total * last // end)
        return replace(reach, last=(str(last),), passed=passed, changed=reach.changed + changed)

    def _run(self, within: str, parameters: list[str], seconds: float | None) -> int:
        """Update the rows of a range; return how many there were."""
        condition = f" AND ({self.backfill.condition.replace('%', '%%')})" if self.backfill.condition else ""
        doubled = replace(
            self.backfill,
            assignments=self.backfill.assignments.replace("%", "%%"),
            source=self.backfill.source.replace("%", "%%"),
        )
        update = _statement(doubled, within + condition)
        self.session.execute(self._settings(seconds))
        if self.backfill.aside:
            self.session.execute(self._keep(doubled, within + condition), parameters)
            return int(self.session.rows(self._noting(update), parameters)[0][0])
        counted = f"WITH done AS ({update} RETURNING 1) SELECT count(*) FROM done"
        return int(self.session.rows(counted, parameters)[0][0])

    def _keep(self, doubled: Backfill, condition: str) -> str:
        """Return what writes down the values that will be written over; nobody else can change them meanwhile."""
        own = self.backfill
        names = ", ".join(map(identifier, (*own.key, *own.kept)))
        picked = ", ".join([*self._keys, *(f"{self._name}.{identifier(name)}" for name in own.kept)])
        source = f", {doubled.source}" if own.source else ""
        locked = identifier(own.alias) if own.alias else identifier(own.table.rpartition(".")[2])
        rows = f"SELECT {picked} FROM {self._named}{source} WHERE {condition} FOR UPDATE OF {locked}"
        return f"INSERT INTO {own.aside} ({names}) {rows} ON CONFLICT DO NOTHING"

    def _noting(self, update: str) -> str:
        """Return an update that also writes down what it wrote, and counts."""
        own = self.backfill
        returned = ", ".join([*self._keys, *(f"{self._name}.{identifier(name)}" for name in own.kept)])
        given = ", ".join(f"{noted(name)} = done.{identifier(name)}::text" for name in own.kept)
        match = " AND ".join(f"kept.{identifier(k)} = done.{identifier(k)}" for k in own.key)
        note = f"UPDATE {own.aside} AS kept SET {given} FROM done WHERE {match}"
        return f"WITH done AS ({update} RETURNING {returned}), kept AS ({note}) SELECT count(*) FROM done"

    def _settings(self, seconds: float | None) -> str:
        """Return what makes a range give up rather than hold others up, and see every row."""
        wait = f"{seconds * 1000:.0f}ms" if seconds else f"{_PATIENCE_SECONDS}s"
        limit = f"{seconds * 1000:.0f}ms" if seconds else "0"
        silent = (
            "; SET LOCAL session_replication_role = replica" if self.backfill.is_quiet and self._may_silence else ""
        )
        return (
            f"SET LOCAL lock_timeout = {literal(wait)}; SET LOCAL statement_timeout = {literal(limit)}; "
            f"SET LOCAL row_security = off{silent}"
        )

    @cached_property
    def _may_silence(self) -> bool:
        return may_silence(self.session)
