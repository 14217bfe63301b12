"""Statistics of a size that a database does not have: read, restored, and files as long as they would be, with nothing in them.

PostgreSQL plans by the length of a relation's file and the density that `pg_class` remembers. A file made longer by
`truncate` takes no room on disk, so that a database of a thousand rows is planned for as one of fifty millions.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from asbuilt.engines.base import Session
from asbuilt.engines.statistics import ColumnStatistics, RelationStatistics

PAGE = 8192
_IN_A_FILE = 131_072
"""Pages of a file; what is longer goes on in the next."""
_KEPT = {
    "correlation": "real",
    "most_common_elems": "text",
    "most_common_elem_freqs": "real[]",
    "elem_count_histogram": "real[]",
    "range_length_histogram": "text",
    "range_empty_frac": "real",
    "range_bounds_histogram": "text",
}
_KEPT_SINCE_17 = frozenset({"range_length_histogram", "range_empty_frac", "range_bounds_histogram"})
_OURS = r"n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'asbuilt')"
_NAME = "CASE n.nspname WHEN 'public' THEN {0} ELSE n.nspname || '.' || {0} END"
_RELATIONS = f"""
SELECT {_NAME.format("c.relname")}, greatest(c.relpages, 0), c.relallvisible, greatest(c.reltuples, 0),
       coalesce({_NAME.format("t.relname")}, ''), c.relkind IN ('p', 'I'), coalesce(l.relpages, 0)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_class t ON t.oid = i.indrelid
LEFT JOIN pg_class l ON l.oid = c.reltoastrelid
WHERE c.relkind IN ('r', 'm', 'i', 'p', 'I') AND {_OURS} ORDER BY 1
"""
_COLUMNS = f"""
SELECT {_NAME.format("n.tablename")}, n.attname, n.null_frac, n.avg_width, n.n_distinct, n.most_common_vals::text::text[],
       n.most_common_freqs, n.histogram_bounds::text::text[], n.inherited, {{kept}}
FROM (SELECT schemaname AS nspname, * FROM pg_stats) n WHERE {_OURS} ORDER BY 1, 2
"""
_RESTORED_RELATION = """
SELECT pg_restore_relation_stats('schemaname', %s::text, 'relname', %s::text, 'relpages', %s::integer,
                                 'reltuples', %s::real, 'relallvisible', %s::integer)
"""


def statistics(session: Session) -> tuple[RelationStatistics, ...]:
    """Return what the planner of any supported version knows of each relation; nothing is read of the rows themselves."""
    columns: dict[str, list[ColumnStatistics]] = {}
    kept = [name for name in _KEPT if name not in _KEPT_SINCE_17 or _version(session) >= 17]
    for name, *values in session.rows(_COLUMNS.format(kept=", ".join(f"n.{name}::text" for name in kept))):
        columns.setdefault(name, []).append(_column(values[:8], dict(zip(kept, values[8:], strict=True))))
    return tuple(
        RelationStatistics(name, pages, visible, rows, tuple(columns.get(name, ())), table, is_parent, toast)
        for name, pages, visible, rows, table, is_parent, toast in session.rows(_RELATIONS)
    )


def _version(session: Session) -> int:
    return int(session.rows("SELECT current_setting('server_version_num')::int / 10000")[0][0])


def _column(values: Sequence[Any], kept: dict[str, str | None]) -> ColumnStatistics:
    name, nulls, width, distinct, common, shares, histogram, is_inherited = values
    others = tuple((key, value) for key, value in kept.items() if value is not None)
    return ColumnStatistics(
        name, nulls, width, distinct, tuple(common or ()), tuple(shares or ()), tuple(histogram or ()), others, is_inherited
    )  # fmt: skip


def restore(session: Session, known: Iterable[RelationStatistics]) -> tuple[str, ...]:
    """Let the planner of a scratch database believe all of it, and return what it does not take, in words.

    The files become as long as the pages say; they are never made shorter. What is planned afterwards must not be run.
    """
    folder = Path(session.rows("SELECT current_setting('data_directory')")[0][0])
    problems = []
    for one in known:
        schema, _, bare = one.name.rpartition(".")
        session.execute(
            _RESTORED_RELATION, (schema or "public", bare, one.pages, one.rows, min(one.visible, one.pages))
        )
        for column in one.columns:
            if not _restored(session, schema or "public", bare, column):
                problems.append(f"{one.name}.{column.name}")
        if not one.is_parent:
            _lengthen(session, folder, one)
    return tuple(problems)


def _restored(session: Session, schema: str, relation: str, column: ColumnStatistics) -> bool:
    arguments = list(_arguments(column))
    listed = "".join(f", '{name}', %s::{type}" for name, _, type in arguments)
    sql = (
        "SELECT pg_restore_attribute_stats('schemaname', %s::text, 'relname', %s::text, 'attname', %s::text, "
        f"'inherited', %s::boolean{listed})"
    )
    values = [value for _, value, _ in arguments]
    return bool(session.rows(sql, (schema, relation, column.name, column.is_inherited, *values))[0][0])


def _arguments(column: ColumnStatistics) -> Iterator[tuple[str, object, str]]:
    yield from (("null_frac", column.nulls, "real"), ("avg_width", column.width, "integer"))
    yield "n_distinct", column.distinct, "real"
    if column.common:
        yield "most_common_vals", list(column.common), "text[]::text"
        yield "most_common_freqs", list(column.shares), "real[]"
    if column.histogram:
        yield "histogram_bounds", list(column.histogram), "text[]::text"
    yield from ((name, value, _KEPT[name]) for name, value in column.kept)


def _lengthen(session: Session, folder: Path, one: RelationStatistics) -> None:
    """Make the files of a relation as long as its pages are, without filling them."""
    schema, _, bare = one.name.rpartition(".")
    found = session.rows(
        "SELECT pg_relation_filepath(format('%%I.%%I', %s::text, %s::text))", (schema or "public", bare)
    )
    first = folder / found[0][0]
    left = one.pages
    for number in range(-(-one.pages // _IN_A_FILE)):
        path = first if number == 0 else first.with_name(f"{first.name}.{number}")
        _make_at_least(path, first, min(left, _IN_A_FILE) * PAGE)
        left -= _IN_A_FILE


def _make_at_least(path: Path, like: Path, size: int) -> None:
    if not path.exists():
        path.touch(mode=0o600)
        owner = like.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
    if path.stat().st_size < size:
        os.truncate(path, size)


def counted(session: Session) -> dict[tuple[str, str], int]:
    """Return how far the counters of columns have counted, by table and column; those that the role may not read are left out."""
    found = session.rows(
        f"SELECT {_NAME.format('c.relname')}, a.attname, s.last_value FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_depend d ON d.refobjid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid "
        "JOIN pg_class q ON q.oid = d.objid AND q.relkind = 'S' JOIN pg_namespace m ON m.oid = q.relnamespace "
        "JOIN pg_sequences s ON s.schemaname = m.nspname AND s.sequencename = q.relname "
        f"WHERE s.last_value IS NOT NULL AND {_OURS}"
    )
    return {(table, column): last for table, column, last in found}
