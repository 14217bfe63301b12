"""What there is to say of a live database beside its state: where it is, what is said of it, what the role cannot see."""

from collections.abc import Iterator
from dataclasses import dataclass

from asbuilt.engines.postgres import catalog
from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.engines.postgres.unread import unread

_DATABASE = """
SELECT current_database()::text, current_user::text, current_date::text,
       (SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database())
"""
_LEFT_OUT = f"""
SELECT n.nspname::text FROM pg_namespace n
WHERE n.nspname !~ '^(pg_|asbuilt_kept_)' AND n.nspname NOT IN ('information_schema', 'asbuilt')
  AND pg_get_userbyid(n.nspowner) ~ '{catalog.PLATFORM_OWNERS}'
ORDER BY 1
"""
_UNREADABLE = """
SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'm') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'asbuilt')
  AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Survey:
    """`left_out` are schemas that a platform provides; `unreadable` the tables whose rows the `role` may not read; `unread` is
    what no inspection looks at, in words.
    """

    database: str
    role: str
    date: str
    comment: str
    left_out: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def survey(session: PostgresSession) -> Survey:
    """Return what there is to say of the session's database."""
    database, role, date, comment = session.rows(_DATABASE)[0]
    left_out, unreadable = tuple(_first(session, _LEFT_OUT)), tuple(_first(session, _UNREADABLE))
    return Survey(database, role, date, comment or "", left_out, unreadable, unread(session))


def _first(session: PostgresSession, sql: str) -> Iterator[str]:
    return (str(row[0]) for row in session.rows(sql))
