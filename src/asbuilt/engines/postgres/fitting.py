"""Whether our own scratch server has what a document or a database uses, and where else that could be tried."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.engines.postgres.scratch import available_extensions
from asbuilt.engines.postgres.server import CLUSTER_NAME
from asbuilt.engines.postgres.session import PostgresSession

ICU = "ICU"
"""What stands for collations of ICU among what a server may lack."""
_ICU_IN_TEXT = re.compile(r"\bprovider\s*=\s*'?icu\b", re.IGNORECASE)
_USED = f"""
SELECT extname::text FROM pg_extension WHERE extname <> 'plpgsql'
UNION ALL SELECT '{ICU}' WHERE EXISTS (SELECT FROM pg_collation WHERE collprovider = 'i' AND oid >= 16384)
"""
_ROLE = "SELECT rolname::text, rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
_HAS = "SELECT name::text FROM pg_available_extensions"
_HAS_ICU = f"SELECT '{ICU}' WHERE EXISTS (SELECT FROM pg_collation WHERE collprovider = 'i')"


@dataclass(frozen=True, slots=True)
class Fit:
    """`lacking` is what our scratch server has not and is used; `is_lent` whether the target's server may be used for it.

    `reason` says why not.
    """

    lacking: tuple[str, ...] = ()
    is_lent: bool = False
    reason: str = ""


def used_in(statements: Iterable[str]) -> set[str]:
    """Return what the statements of a document use beside extensions that they name."""
    return {ICU for sql in statements if _ICU_IN_TEXT.search(sql)}


def fit(session: PostgresSession, used: Iterable[str]) -> Fit:
    """Tell where what is `used` in a document and in the session's database can be tried."""
    if session.rows("SHOW cluster_name")[0][0] == CLUSTER_NAME:
        return Fit()
    wanted = {*used, *(str(row[0]) for row in session.rows(_USED))}
    lacking = tuple(sorted(wanted - available_extensions())) if wanted else ()
    if not lacking:
        return Fit()
    there = {str(row[0]) for sql in (_HAS, _HAS_ICU) for row in session.rows(sql)}
    if not set(lacking) & there:
        return Fit(lacking)
    role, may_make = session.rows(_ROLE)[0]
    if may_make:
        return Fit(lacking, is_lent=True)
    words = ", ".join(lacking)
    reason = (
        f"our scratch server lacks {words}, and the role {role} may not make a temporary database where it is to be had: "
        f"ALTER ROLE {role} CREATEDB lets it, or name another server with --scratch URL"
    )
    return Fit(lacking, reason=reason)
