"""How much there is in a table, without reading it."""

import json

from asbuilt.engines.base import Session
from asbuilt.engines.postgres.quoting import relation


def planned_rows(session: Session, query: str) -> int:
    """Return how many rows the planner expects a counting query to count, from the statistics of `pg_class`."""
    found = session.rows(f"EXPLAIN (FORMAT JSON) {query}")[0][0]
    top = (found if isinstance(found, list) else json.loads(found))[0]["Plan"]
    return int(top.get("Plans", [top])[0]["Plan Rows"])


def table_bytes(session: Session, table: str) -> int:
    """Return how many bytes a table takes with its indexes, its partitions counted in; 0 where it is not there."""
    tree = "SELECT %s::regclass AS relid UNION SELECT relid FROM pg_partition_tree(%s)"
    name = relation(table)
    if session.rows("SELECT to_regclass(%s)", [name])[0][0] is None:
        return 0
    sizes = f"SELECT coalesce(sum(pg_total_relation_size(relid)), 0) FROM ({tree}) AS parts"
    return int(session.rows(sizes, [name, name])[0][0])
