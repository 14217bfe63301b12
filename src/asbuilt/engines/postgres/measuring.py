"""How much there is in a table, without reading it, and how long a statement takes."""

import json
from time import perf_counter

from asbuilt.engines.base import Session
from asbuilt.engines.postgres.quoting import relation
from asbuilt.engines.postgres.session import PostgresSession, refused
from asbuilt.errors import ServerRefused


def planned_rows(session: Session, query: str) -> int:
    """Return how many rows the planner expects a counting query to count, from the statistics of `pg_class`.

    It plans for one process: what workers shall share is expected of each, and what they hand on is a row apiece.
    """
    with session.attempt():
        session.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        found = session.rows(f"EXPLAIN (FORMAT JSON) {query}")[0][0]
    top = (found if isinstance(found, list) else json.loads(found))[0]["Plan"]
    below = [plan for plan in top.get("Plans", ()) if plan["Parent Relationship"] == "Outer"]
    return int((below or [top])[0]["Plan Rows"])


def counted_rows(session: Session) -> dict[str, int]:
    """Return how many rows the server thinks that each table has of its own; no right on them is needed, and no lock is waited for."""
    found = session.rows(
        "SELECT CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END, "
        "CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint ELSE pg_stat_get_live_tuples(c.oid) END "
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm')"
    )
    return {name: int(rows) for name, rows in found}


def has_rows(session: Session, table: str) -> bool:
    """Tell whether there are rows in a table; one that may not be read has some if it takes any room."""
    if session.rows("SELECT to_regclass(%s)", [relation(table)])[0][0] is None:
        return False
    try:
        return bool(session.rows(f"SELECT EXISTS (SELECT FROM {relation(table)})")[0][0])
    except ServerRefused:
        return table_bytes(session, table) > 0


def table_bytes(session: Session, table: str) -> int:
    """Return how many bytes a table takes with its indexes, its partitions counted in; 0 where it is not there."""
    tree = "SELECT %s::regclass AS relid UNION SELECT relid FROM pg_partition_tree(%s)"
    name = relation(table)
    if session.rows("SELECT to_regclass(%s)", [name])[0][0] is None:
        return 0
    sizes = f"SELECT coalesce(sum(pg_total_relation_size(relid)), 0) FROM ({tree}) AS parts"
    return int(session.rows(sizes, [name, name])[0][0])


def timed(session: PostgresSession, statement: str) -> float:
    """Run a statement, fetch all of it, and return how many milliseconds that took, the way there and back included."""
    import psycopg

    began = perf_counter()
    try:
        session.connection.execute(statement).fetchall()
    except psycopg.Error as error:
        raise refused(error, statement, session.server) from error
    return (perf_counter() - began) * 1000
