"""Partitions whose time is over: which they are, and the statements that detach them, put them aside and drop them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from asbuilt.engines.base import Session
from asbuilt.engines.inherited import partitions
from asbuilt.engines.postgres.changing.bounds import DEFAULT, elements, strategy
from asbuilt.engines.postgres.changing.joining import below, detaching
from asbuilt.engines.postgres.changing.partitions import finalized, hangs
from asbuilt.engines.postgres.periods import days_on, kept_until, oldest_kept
from asbuilt.engines.postgres.quoting import identifier, literal, relation
from asbuilt.engines.state import DatabaseState, TableState

PLACE = "asbuilt_kept_partitions"
"""The schema in which partitions are kept that are detached and not dropped."""
_UPPER = re.compile(r"FOR VALUES FROM \([^,]*\) TO \('(\d{4}-\d\d-\d\d)(?:[ '].*)?\)\Z")
_DAY = timedelta(days=1)
_ASIDE = """
SELECT c.relname, c.reltuples::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Aging:
    """A partition and the day up to which its rows go: none of them is of that day or a later one."""

    table: TableState
    until: date

    def is_past(self, today: date, seconds: int) -> bool:
        """Tell whether all its rows are older than that, in every time zone."""
        return self.until <= oldest_kept(today - _DAY, seconds)

    def due(self, seconds: int) -> date:
        """Return the first day on which it is past, or one close before it."""
        return days_on(kept_until(self.until, seconds), 1)


def aging(actual: DatabaseState, parent: str) -> Iterator[Aging]:
    """Yield the partitions of a table that is divided by one day or time, the oldest first, the default one left out."""
    above = actual.tables.get(parent)
    key = above.partition_key or "" if above else ""
    if strategy(key) != "RANGE" or len(elements(key)) != 1:
        return
    bounds = [(table, _UPPER.match(table.partition_bound or "")) for table in partitions(actual, parent)]
    found = [Aging(table, _rounded(bound[1], bound[0])) for table, bound in bounds if bound]
    yield from sorted(found, key=lambda one: (one.until, one.table.name))


def _rounded(day: str, bound: str) -> date:
    """Return the first day of which no row is, where the bound lies within a day the one after."""
    whole = re.search(r"'\d{4}-\d\d-\d\d(?: 00:00:00(?:\+00)?)?'\)\Z", bound)
    return date.fromisoformat(day) + (timedelta() if whole else _DAY)


def has_default(actual: DatabaseState, parent: str) -> bool:
    """Tell whether there is a default partition, beside which no other can be detached concurrently."""
    return any(table.partition_bound == DEFAULT for table in partitions(actual, parent))


@dataclass(frozen=True, slots=True)
class Detaching:
    """The statements that detach a partition: alone and beside readers and writers, or in a transaction, with a short lock."""

    statements: tuple[str, ...]
    clean: tuple[str, ...] = ()
    is_done: str = ""


def detaching_of(table: TableState, actual: DatabaseState) -> Detaching:
    """Return what detaches a partition; what an earlier try left half done is brought to its end first."""
    if has_default(actual, table.parents[0]):
        return Detaching((detaching(table),))
    done = f"SELECT NOT EXISTS (SELECT FROM {hangs(table)})"
    return Detaching((f"{detaching(table)} CONCURRENTLY",), (finalized(table),), done)


def putting_aside(table: TableState, actual: DatabaseState) -> tuple[str, ...]:
    """Return the statements that move a detached partition out of sight with its rows: it holds up no row of other tables any more."""
    tree = [table, *below(table, actual)]
    untie = "EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', hung, name)"
    keys = (
        "SELECT conrelid::regclass AS hung, conname AS name FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 "
        f"AND conrelid = {literal(relation(table.name))}::regclass"
    )
    return (
        f"CREATE SCHEMA IF NOT EXISTS {PLACE}",
        f"DO $do$ DECLARE hung text; name name; BEGIN FOR hung, name IN {keys} LOOP {untie}; END LOOP; END $do$",
        *(f"ALTER TABLE {relation(member.name)} SET SCHEMA {PLACE}" for member in tree),
    )


def dropping(name: str) -> str:
    return f"DROP TABLE {aside(name)}"


def aside(name: str) -> str:
    """Return where a partition lies that was put aside."""
    return f"{PLACE}.{identifier(name.rpartition('.')[2])}"


def put_aside(session: Session) -> dict[str, int]:
    """Return the partitions that lie aside, and about how many rows each has, -1 where nobody counted."""
    return dict(session.rows(_ASIDE, [PLACE]))


def is_empty(session: Session, place: str) -> bool:
    """Tell whether there is no row in a table, given as it is written in SQL."""
    return not session.rows(f"SELECT EXISTS (SELECT FROM {place})")[0][0]
