"""A copy of a live database with rows of it, where a plan is carried out for real. The live one is only read, in one snapshot."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count, islice

from asbuilt.engines.base import Progress, silent
from asbuilt.engines.postgres.inspecting import SEARCH_PATH, SPELLING
from asbuilt.engines.postgres.measuring import planned_rows
from asbuilt.engines.postgres.quoting import columns, identifier, literal, relation
from asbuilt.engines.postgres.rows import written_columns
from asbuilt.engines.postgres.sampling import sampled, source
from asbuilt.engines.postgres.session import PostgresSession, connect, refused
from asbuilt.engines.postgres.twin import Twin, twin
from asbuilt.engines.state import DatabaseState, TableState
from asbuilt.errors import ServerRefused

_AT_A_TIME = 1000
_OURS = "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND (n.nspname = 'asbuilt' OR n.nspname LIKE 'asbuilt\\_kept\\_%') ORDER BY c.oid"
_WRITTEN = "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"


class Copy(Twin):
    """A session in a copy. `counts` is what was copied of each table, `missing` says why the rows of some were not."""

    counts: dict[str, int]
    missing: dict[str, str]


@contextmanager
def copied(url: str, most: int | None, progress: Progress = silent, *, is_whole: bool = False) -> Iterator[Copy]:
    """Open a session in a copy of the database at `url`, which is gone at the end.

    It has at most `most` rows of each table, None for all, and every row that those point at. `is_whole`: what our plans
    keep in schemas of their own, too.
    """
    with twin(url, is_whole=is_whole) as session, connect(url, read_only=True) as live:
        copy = Copy(session.connection, session.server)
        copy.url, copy.gaps, copy.stubs = session.url, session.gaps, session.stubs
        copy.counts, copy.missing = {}, {}
        state = copy.inspect()
        for one in (copy, live):
            one.execute(f"SET search_path = {SEARCH_PATH}; {SPELLING.replace('LOCAL ', '')}")
        live.execute("SET LOCAL row_security = off")  # who may not see all rows is told so, and gets none
        _fill(copy, live, state, most, progress)
        if is_whole:
            _copy_ours(live, copy)
        yield copy


def _fill(copy: Copy, live: PostgresSession, state: DatabaseState, most: int | None, progress: Progress) -> None:
    """Copy the rows; without triggers and in any order where the role may, else one table after the other."""
    with suppress(ServerRefused):
        copy.execute("SET session_replication_role = replica")
    if most is None:
        _copy_all(copy, live, state, progress)
    else:
        _copy_some(copy, live, state, most)
    with suppress(ServerRefused):
        copy.execute("RESET session_replication_role")
    for table in state.tables.values():
        _count_on(copy, table)
    copy.execute("ANALYZE")


def _copy_some(copy: Copy, live: PostgresSession, state: DatabaseState, most: int) -> None:
    sample = sampled(live, state, most)
    copy.missing.update(sample.missing)
    for name, rows in sample.rows.items():
        written = columns(tuple(written_columns(state.tables[name])))
        copy.counts[name] = 0
        try:
            with copy.transaction():
                if rows and written:
                    copy.copy(f"COPY {relation(name)} ({written}) FROM STDIN", rows.values())
            copy.counts[name] = len(rows)
        except ServerRefused as refusal:
            copy.missing[name] = str(refusal)


def _copy_all(copy: Copy, live: PostgresSession, state: DatabaseState, progress: Progress) -> None:
    live.execute("SET LOCAL statement_timeout = 0")
    tables = [table for table in state.tables.values() if table.has_own_rows]
    for table in tables:
        written = columns(tuple(written_columns(table)))
        copy.counts[table.name] = 0
        try:
            with live.attempt(), copy.transaction():
                if written:
                    tell = _telling(progress, live, table)
                    into = f"{relation(table.name)} ({written})"
                    copy.counts[table.name] = _streamed(
                        live, copy, f"SELECT {written} FROM {source(table)}", into, tell
                    )
        except ServerRefused as refusal:
            copy.missing[table.name] = str(refusal)


def _telling(progress: Progress, live: PostgresSession, table: TableState) -> Callable[[int], None]:
    """Return what tells how many rows of a table are copied, of about how many."""
    total = planned_rows(live, f"SELECT count(*) FROM {source(table)}")
    return lambda rows: progress(f"rehearse: copying {table.name}", min(rows, total), total)


def _streamed(
    live: PostgresSession, copy: Copy, query: str, into: str, tell: Callable[[int], None] = lambda rows: None
) -> int:
    """Copy the rows of a query into a table of the copy as they come; return how many there were."""
    import psycopg

    try:
        with live.connection.cursor() as reading, copy.connection.cursor() as writing:
            with reading.copy(f"COPY ({query}) TO STDOUT") as rows, writing.copy(f"COPY {into} FROM STDIN") as taken:
                for number in count():
                    tell(number * _AT_A_TIME)
                    if not (part := b"".join(islice(rows, _AT_A_TIME))):
                        break
                    taken.write(part)
            return writing.rowcount
    except psycopg.Error as error:
        raise refused(error, query, copy.server) from error


def _count_on(copy: Copy, table: TableState) -> None:
    """Let sequences go on after the highest number that was copied."""
    for column in table.columns:
        if column.sequence and table.partition_bound is None:
            name = identifier(column.name)
            copy.execute(
                f"SELECT setval(pg_get_serial_sequence({literal(relation(table.name))}, {literal(column.name)}), "
                f"max({name})) FROM {relation(table.name)} HAVING max({name}) > 0"
            )


def _copy_ours(live: PostgresSession, copy: Copy) -> None:
    """Copy the journal and what plans keep aside, all of it."""
    copy.execute("SET session_replication_role = replica")
    for (name,) in live.rows(_OURS):
        [(written,)] = live.rows(_WRITTEN, [name])
        if written:
            _streamed(live, copy, f"SELECT {written} FROM {name}", f"{name} ({written})")
    copy.execute("SELECT setval(pg_get_serial_sequence('asbuilt.plans', 'number'), max(number)) FROM asbuilt.plans")
    copy.execute("RESET session_replication_role")
