"""The table of a document's sessions: which column holds what a session needs."""

import re
from collections.abc import Callable, Iterable

from asbuilt.cache.plan import CachePlan, SessionPlan
from asbuilt.engines.state import ColumnState, DatabaseState, TableState
from asbuilt.model.design import Design
from asbuilt.model.names import normal, words

ASSUMED_SECONDS = 1800
_TOKENS = (
    "token_hash",
    "token_digest",
    "session_token_hash",
    "refresh_token_hash",
    "session_token",
    "token",
    "session_key",
    "sid",
)
_EXPIRIES = ("expires_at", "expire_at", "expiry", "expires", "expires_on", "valid_until", "expiration", "expired_at")
_SEEN = ("last_seen_at", "last_activity_at", "last_activity", "last_accessed_at", "last_used_at", "last_access_at")  # fmt: skip
_DIGEST_LENGTH = 64


def session_plan(state: DatabaseState, design: Design, plan: CachePlan) -> SessionPlan | None:
    """Return how the document's sessions are kept; None where no table has a token, a user and a time to expire."""
    found = (_of_table(table, design, plan) for table in state.tables.values() if _is_named_so(table))
    return next((one for one in found if one is not None), None)


def _is_named_so(table: TableState) -> bool:
    return normal(table.name).split("_")[-1] == "session"


def _of_table(table: TableState, design: Design, plan: CachePlan) -> SessionPlan | None:
    token = _column(table, _TOKENS, lambda c: c.type == "uuid" or c.type.startswith(("text", "character")))
    expires = _column(table, _EXPIRIES, lambda c: c.type.startswith("timestamp with time zone"))
    user = _user(table)
    if token is None or expires is None or user is None:
        return None
    seen = _column(table, _SEEN, lambda c: c.type.startswith("timestamp with time zone"))
    key = plan.by_columns.get((table.name, (token.name,)))
    entity = design.entity(table.name)
    is_hashed = {"hash", "digest"} & set(words(token.name))
    return SessionPlan(
        table.name,
        token.name,
        user,
        expires.name,
        seen.name if seen is not None else None,
        min(_DIGEST_LENGTH, _length(token.type)) if is_hashed else 0,
        token.type == "uuid",
        key.ttl if key is not None else ASSUMED_SECONDS,
        design.source.line_at(entity.span.start) if entity is not None else 0,
    )


def _column(table: TableState, names: Iterable[str], suits: Callable[[ColumnState], bool]) -> ColumnState | None:
    by_name = {normal(column.name): column for column in table.columns if suits(column)}
    return next((by_name[name] for name in map(normal, names) if name in by_name), None)


def _user(table: TableState) -> str | None:
    """Return the column of whom a session is: `user_id`, else the only single foreign key."""
    keys = [c.columns[0] for c in table.constraints if c.kind == "foreign key" and len(c.columns) == 1]
    named = [c.name for c in table.columns if normal(c.name) in ("user_id", "account_id", "member_id", "customer_id")]
    return next(iter(named or (keys if len(keys) == 1 else [])), None)


def _length(type: str) -> int:
    found = re.search(r"\((\d+)\)", type)
    return int(found[1]) if found else _DIGEST_LENGTH
