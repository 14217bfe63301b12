"""Whose tables they are: who does not own one may not change it."""

from collections.abc import Iterable

from asbuilt.engines.base import Session
from asbuilt.engines.postgres.quoting import relation

_OTHERS = """
SELECT t.name FROM unnest(%s::text[], %s::text[]) AS t(name, quoted) JOIN pg_class c ON c.oid = to_regclass(t.quoted)
WHERE NOT pg_has_role(c.relowner, 'USAGE') ORDER BY t.name
"""


def not_owned(session: Session, tables: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """Return the session's role, and those of the tables that stand and neither it nor a role that it is a member of owns."""
    names = sorted(tables)
    [(role,)] = session.rows("SELECT current_user")
    return str(role), tuple(name for (name,) in session.rows(_OTHERS, [names, [relation(name) for name in names]]))
