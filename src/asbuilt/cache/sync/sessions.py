"""Sessions: rows of the document's table, read by way of its cache. The row is the truth: what is revoked is gone with it."""

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

from msgspec import Struct

from asbuilt.cache.session_plan import SessionPlan

Row = Mapping[str, Any]
_SLACK = 0.1
"""A session is written anew when this part of its time has gone by: not with each request."""


class Rows(Protocol):
    """What sessions need of data access. Writes are told to the cache, once they are committed."""

    def add(self, table: str, values: Row) -> Row: ...

    def find(self, table: str, column: str, value: Any) -> Row | None:
        """Return the only row with a value, by way of the cache."""

    def change(self, table: str, column: str, value: Any, changes: Row) -> Row | None:
        """Change the only row with a value and return it, None where there is none."""

    def remove(self, table: str, column: str, value: Any) -> int:
        """Remove all rows with a value; return how many there were."""

    def remove_before(self, table: str, column: str, moment: datetime) -> int:
        """Remove all rows that are older; return how many there were."""


class Session(Struct, frozen=True):
    """A session that has begun. The token is told here and never again: where the document has a hash, only that is kept."""

    token: str
    row: Row


class Sessions:
    """`now` tells the time."""

    def __init__(self, plan: SessionPlan, rows: Rows, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._plan = plan
        self._rows = rows
        self._now = now

    def start(self, user: Any, **values: Any) -> Session:
        """Begin a session of a user; `values` are those of further columns."""
        plan = self._plan
        token = str(UUID(bytes=secrets.token_bytes(16), version=4)) if plan.is_uuid else secrets.token_urlsafe(32)
        kept = {**values, plan.token: self._kept(token), plan.user: user, **self._slid()}
        return Session(token, self._rows.add(plan.table, kept))

    def get(self, token: str) -> Row | None:
        """Return the session of a token; None where there is none, or not any more."""
        plan = self._plan
        kept = self._kept(token)
        if kept is None:
            return None
        row = self._rows.find(plan.table, plan.token, kept)
        return row if row is not None and row[plan.expires] > self._now() else None

    def touch(self, token: str) -> Row | None:
        """Return the session of a token and let it live on from now; None where there is none, or not any more."""
        plan = self._plan
        row = self.get(token)
        if row is None:
            return None
        left = (row[plan.expires] - self._now()).total_seconds()
        if left > plan.seconds * (1 - _SLACK):
            return row
        return self._rows.change(plan.table, plan.token, self._kept(token), self._slid())

    def revoke(self, token: str) -> bool:
        """End the session of a token, everywhere; return whether there was one."""
        kept = self._kept(token)
        return kept is not None and self._rows.remove(self._plan.table, self._plan.token, kept) > 0

    def revoke_all(self, user: Any) -> int:
        """End all sessions of a user, everywhere; return how many there were."""
        return self._rows.remove(self._plan.table, self._plan.user, user)

    def prune(self) -> int:
        """Remove the sessions whose time is up; return how many there were."""
        return self._rows.remove_before(self._plan.table, self._plan.expires, self._now())

    def _slid(self) -> dict[str, Any]:
        """Return what says that a session is used now."""
        now = self._now()
        seen = {self._plan.seen: now} if self._plan.seen is not None else {}
        return {**seen, self._plan.expires: now + timedelta(seconds=self._plan.seconds)}

    def _kept(self, token: str) -> str | UUID | None:
        """Return what the row holds of a token; None where it can hold nothing of it."""
        if self._plan.is_uuid:
            try:
                return UUID(token)
            except ValueError:
                return None
        return sha256(token.encode()).hexdigest()[: self._plan.length] if self._plan.length else token
