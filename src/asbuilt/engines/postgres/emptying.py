"""What lies in the schemas that keep what plans would destroy, and how its room is given back."""

from collections.abc import Iterator, Sequence

from asbuilt.engines.base import Session
from asbuilt.engines.journal import Held
from asbuilt.engines.postgres.quoting import identifier

_HELD = """
SELECT n.nspname, c.relname, CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'table' END,
       CASE WHEN pg_relation_size(c.oid) > 0 THEN pg_total_relation_size(c.oid) ELSE 0 END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname ~ '^asbuilt_kept_' AND c.relkind IN ('r', 'm') ORDER BY 1, 2
"""
_FIRED = """
SELECT t.tgname, CASE t.tgenabled WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE' END
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND t.tgtype & 32 <> 0 AND t.tgenabled <> 'D' AND NOT t.tgisinternal ORDER BY 1
"""
"""The triggers that would fire when a table is truncated."""


def held(session: Session) -> tuple[Held, ...]:
    """Return what lies in the schemas of plans; of a partitioned table its partitions, which have the rows."""
    return tuple(Held(*row) for row in session.rows(_HELD))


def rows_of(session: Session, held: Held) -> int:
    """Return how many rows there are; none in a view that was never filled, or is emptied."""
    if held.kind == "materialized view" and not session.rows(
        "SELECT relispopulated FROM pg_class WHERE oid = %s::regclass", [_place(held)]
    )[0][0]:  # fmt: skip
        return 0
    return int(session.rows(f"SELECT count(*) FROM ONLY {_place(held)}")[0][0])


def emptying(session: Session, held: Sequence[Held]) -> Iterator[str]:
    """Yield the statements that empty all of it at once, no trigger fired."""
    for view in held:
        if view.kind == "materialized view":
            yield f"REFRESH MATERIALIZED VIEW {_place(view)} WITH NO DATA"
    tables = [table for table in held if table.kind == "table"]
    fired = [(_place(t), *row) for t in tables for row in session.rows(_FIRED, [t.schema, t.name])]
    yield from (f"ALTER TABLE {place} DISABLE TRIGGER {identifier(name)}" for place, name, _ in fired)
    if tables:
        yield f"TRUNCATE {', '.join(f'ONLY {_place(table)}' for table in tables)}"
    yield from (f"ALTER TABLE {place} {enable} TRIGGER {identifier(name)}" for place, name, enable in fired)


def _place(held: Held) -> str:
    return f"{identifier(held.schema)}.{identifier(held.name)}"
