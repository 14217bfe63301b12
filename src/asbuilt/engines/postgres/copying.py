"""A copy of a live database with some of its rows, where a plan is carried out for real. The live one is only read, in one snapshot."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from asbuilt.engines.base import Contents, Row, Session
from asbuilt.engines.postgres.quoting import identifier, literal, relation
from asbuilt.engines.postgres.session import PostgresSession, connect
from asbuilt.engines.postgres.twin import Twin, twin
from asbuilt.engines.state import DatabaseState, TableState
from asbuilt.errors import ServerRefused

_ROUNDS = 50
"""How often rows that the rows already taken point at are fetched: a chain of references is seldom longer."""
_AT_ONCE = 500
_OURS = "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND (n.nspname = 'asbuilt' OR n.nspname LIKE 'asbuilt\\_kept\\_%') ORDER BY c.oid"


class Copy(Twin):
    """A session in a copy. `url` leads there; `counts` is what was copied of each table, `missing` says why some were not."""

    url: str = ""
    counts: dict[str, int]
    missing: dict[str, str]


@contextmanager
def copied(url: str, most: int | None, *, is_whole: bool = False) -> Iterator[Copy]:
    """Open a session in a copy of the database at `url`, which is gone at the end.

    It has at most `most` rows of each table, None for all, and every row that those point at. `is_whole`: what our plans
    keep in schemas of their own, too.
    """
    with twin(url, is_whole=is_whole) as session, connect(url, read_only=True) as live:
        copy = Copy(session.connection, session.server)
        copy.url, copy.gaps, copy.stubs = session.url, session.gaps, session.stubs
        found = _taken(live, copy.inspect(), most)
        copy.counts, copy.missing = _written(copy, found), found.missing
        if is_whole:
            _copy_ours(live, copy)
        yield copy


@dataclass
class _Taken:
    """Rows of a live database, as text: by table, the names of its columns and its rows by their key."""

    state: DatabaseState
    rows: dict[str, dict[Row, Row]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def _taken(live: PostgresSession, state: DatabaseState, most: int | None) -> _Taken:
    found = _Taken(state)
    for name, table in state.tables.items():
        if _has_own_rows(table):
            limit = "" if most is None else f" LIMIT {most}"
            found.rows[name] = _read(live, found, table, limit)
    for _ in range(_ROUNDS if most is not None else 0):
        if not sum(_complete(live, found, state.tables[name]) for name in list(found.rows)):
            break
    return found


def _has_own_rows(table: TableState) -> bool:
    return table.partition_bound is None and table.kind != "foreign table"


def _read(live: PostgresSession, found: _Taken, table: TableState, rest: str) -> dict[Row, Row]:
    only = "" if table.kind == "partitioned table" else "ONLY "
    listed = ", ".join(f"{identifier(name)}::text" for name in written_columns(table)) or "NULL"
    try:
        with live.attempt():
            rows = live.rows(f"SELECT {listed} FROM {only}{relation(table.name)}{rest}")
    except ServerRefused as refusal:
        found.missing[table.name] = str(refusal)
        return {}
    return dict(zip(_keys(table, written_columns(table), rows), rows, strict=True))


def written_columns(table: TableState) -> list[str]:
    """Return the columns of a table that hold what was written, not what the server makes of it."""
    return [column.name for column in table.columns if column.generated is None]


def _keys(table: TableState, names: Sequence[str], rows: Sequence[Row]) -> Iterator[Row]:
    """Yield what identifies each row: its primary key, or else all of it and how many of that kind came before."""
    key = table.primary_key
    at = [names.index(name) for name in key if name in names]
    seen: dict[Row, int] = {}
    for row in rows:
        if at and len(at) == len(key):
            yield tuple(row[n] for n in at)
        else:
            seen[row] = seen.get(row, 0) + 1
            yield (*row, seen[row])


def _complete(live: PostgresSession, found: _Taken, table: TableState) -> bool:
    """Fetch the rows that those taken of a table point at and that were not taken; tell whether there were any."""
    names = written_columns(table)
    is_new = False
    for key in table.constraints:
        target = found.state.tables.get(key.target or "")
        if key.kind != "foreign key" or target is None or target.name not in found.rows:
            continue
        wanted = _values(found.rows[table.name].values(), names, key.columns)
        wanted -= _values(found.rows[target.name].values(), written_columns(target), key.target_columns)
        for few in _in_parts(sorted(wanted)):
            listed = ", ".join(f"({', '.join(literal(value) for value in values)})" for values in few)
            columns = ", ".join(f"{identifier(name)}::text" for name in key.target_columns)
            rows = _read(live, found, target, f" WHERE ({columns}) IN ({listed})")
            is_new = is_new or bool(rows.keys() - found.rows[target.name].keys())
            found.rows[target.name].update(rows)
    return is_new


def _values(rows: Iterable[Row], names: Sequence[str], wanted: Sequence[str]) -> set[tuple[str, ...]]:
    if not set(wanted) <= set(names):
        return set()
    at = [names.index(name) for name in wanted]
    found = (tuple(row[n] for n in at) for row in rows)
    return {values for values in found if None not in values}


def _in_parts(values: Sequence[tuple[str, ...]]) -> Iterator[Sequence[tuple[str, ...]]]:
    return (values[at : at + _AT_ONCE] for at in range(0, len(values), _AT_ONCE))


def _written(copy: Copy, found: _Taken) -> dict[str, int]:
    """Write the rows; without triggers and in any order where the role may, else one table after the other."""
    with suppress(ServerRefused):
        copy.execute("SET session_replication_role = replica")
    counts = {}
    for name, rows in found.rows.items():
        columns = ", ".join(identifier(column) for column in written_columns(found.state.tables[name]))
        try:
            with copy.transaction():
                if rows and columns:
                    copy.copy(f"COPY {relation(name)} ({columns}) FROM STDIN", rows.values())
            counts[name] = len(rows)
        except ServerRefused as refusal:
            found.missing[name] = str(refusal)
            counts[name] = 0
    with suppress(ServerRefused):
        copy.execute("RESET session_replication_role")
    for table in found.state.tables.values():
        _count_on(copy, table)
    copy.execute("ANALYZE")
    return counts


def _count_on(copy: Copy, table: TableState) -> None:
    """Let sequences go on after the highest number that was copied."""
    for column in table.columns:
        if column.sequence and table.partition_bound is None:
            name = identifier(column.name)
            copy.execute(
                f"SELECT setval(pg_get_serial_sequence({literal(relation(table.name))}, {literal(column.name)}), "
                f"max({name})) FROM {relation(table.name)} HAVING max({name}) IS NOT NULL"
            )


def _copy_ours(live: PostgresSession, copy: Copy) -> None:
    """Copy the journal and what plans keep aside, all of it."""
    copy.execute("SET session_replication_role = replica")
    for (name,) in live.rows(_OURS):
        for (text,) in live.rows(f"SELECT (t.*)::text FROM {name} AS t"):
            copy.execute(f"INSERT INTO {name} OVERRIDING SYSTEM VALUE SELECT ({literal(text)}::{name}).*")
    copy.execute("SELECT setval(pg_get_serial_sequence('asbuilt.plans', 'number'), max(number)) FROM asbuilt.plans")
    copy.execute("RESET session_replication_role")


def contents(session: Session, state: DatabaseState) -> Contents:
    """Return the rows of each table as text, by their keys; a table that is not there under its name is left out.

    Values are read as the types of `state`, whatever type the column of that name has.
    """
    found: Contents = {}
    for name, table in state.tables.items():
        names, types = [column.name for column in table.columns], [column.type for column in table.columns]
        if not _has_own_rows(table) or not names:
            continue
        listed = ", ".join(f"{identifier(column)}::{type}::text" for column, type in zip(names, types, strict=True))
        try:
            with session.transaction():
                rows = session.rows(f"SELECT {listed} FROM {relation(name)}")
        except ServerRefused:
            continue
        keys = _keys(table, names, rows)
        found[name] = {key: dict(zip(names, row, strict=True)) for key, row in zip(keys, rows, strict=True)}
    return found


def touch(session: Session, table: TableState, keys: Sequence[Row]) -> None:
    """Write rows of a table again as they are; nothing where it has no primary key, or they are none."""
    names = [column.name for column in table.columns if column.generated is None and column.identity != "always"]
    if names and table.primary_key and keys:
        sets = ", ".join(f"{identifier(name)} = {identifier(name)}" for name in names)
        key = ", ".join(f"{identifier(name)}::text" for name in table.primary_key)
        listed = ", ".join(f"({', '.join(literal(str(value)) for value in one)})" for one in keys)
        session.execute(f"UPDATE {relation(table.name)} SET {sets} WHERE ({key}) IN ({listed})")


def through(session: Session, value: str, other: str, type: str) -> str | None:
    """Return what a value of a type is after it was of another type; None where that type does not take it."""
    try:
        with session.attempt():
            return str(session.rows(f"SELECT {literal(value)}::{type}::{other}::{type}::text")[0][0])
    except ServerRefused:
        return None
