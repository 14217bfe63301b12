"""Sessions: rows of the document's table, read by way of its cache. The row is the truth: what is revoked is gone with it."""

import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Generic, TypeVar
from uuid import UUID

from msgspec import Struct

from asbuilt.access.aio.entities import Entity
from asbuilt.access.schema import Table
from asbuilt.cache.plan import SessionPlan

R = TypeVar("R", covariant=True)
U = TypeVar("U", contravariant=True)
_SLACK = 0.1
"""A session is written anew when this part of its time has gone by: not with each request."""


class Session(Struct, Generic[R], frozen=True):
    """A session that has begun. The token is told here and never again: where the document has a hash, only that is kept."""

    token: str
    row: R


class SessionStore(Generic[R, U]):
    """The sessions of a document: rows of its table, of users by their key. `now` tells the time."""

    def __init__(
        self,
        plan: SessionPlan,
        entity: Entity[R],
        table: Table,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        truth: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._truth = truth
        self._plan = plan
        self._entity = entity
        self._now = now
        self._token = table.by_name[plan.token].attribute
        self._user = table.by_name[plan.user].attribute
        self._expires = table.by_name[plan.expires].attribute
        self._seen = table.by_name[plan.seen].attribute if plan.seen is not None else None

    async def start(self, user: U, **values: Any) -> Session[R]:
        """Begin a session of a user; `values` are those of further fields."""
        token = str(UUID(bytes=secrets.token_bytes(16), version=4)) if self._plan.is_uuid else secrets.token_urlsafe(32)
        named = {**values, self._token: self._kept(token), self._user: user, **self._slid()}
        return Session(token, await self._entity.create(**named))

    async def get(self, token: str | None) -> R | None:
        """Return the row of a token's session; None where there is none, or not any more."""
        named = self._named(token)
        with self._truth():
            row = await self._entity.find(**named) if named else None
        return row if row is not None and getattr(row, self._expires) > self._now() else None

    async def touch(self, token: str | None) -> R | None:
        """Return the row of a token's session and let it live on from now; None where there is none, or not any more."""
        row = await self.get(token)
        if row is None:
            return None
        left = (getattr(row, self._expires) - self._now()).total_seconds()
        if left > self._plan.seconds * (1 - _SLACK):
            return row
        named = self._named(token)
        await self._entity.where(**named).update(**self._slid())
        with self._truth():
            return await self._entity.find(**named)

    async def revoke(self, token: str | None) -> bool:
        """End the session of a token, everywhere; return whether there was one."""
        named = self._named(token)
        return bool(named) and await self._entity.where(**named).delete(for_good=True) > 0

    async def revoke_all(self, user: U) -> int:
        """End all sessions of a user, everywhere; return how many there were."""
        return await self._entity.where(**{self._user: user}).delete(for_good=True)

    async def prune(self) -> int:
        """Remove the sessions whose time is up; return how many there were."""
        expires = getattr(self._entity.fields, self._expires)
        return await self._entity.where(expires < self._now()).delete(for_good=True)

    def _slid(self) -> dict[str, Any]:
        """Return what says that a session is used now."""
        now = self._now()
        seen = {self._seen: now} if self._seen is not None else {}
        return {**seen, self._expires: now + timedelta(seconds=self._plan.seconds)}

    def _named(self, token: str | None) -> Mapping[str, Any]:
        """Return the condition that finds a token's row; nothing where it can have none."""
        kept = self._kept(token) if token else None
        return {self._token: kept} if kept is not None else {}

    def _kept(self, token: str) -> str | UUID | None:
        """Return what the row holds of a token; None where it can hold nothing of it."""
        if self._plan.is_uuid:
            try:
                return UUID(token)
            except ValueError:
                return None
        return sha256(token.encode()).hexdigest()[: self._plan.length] if self._plan.length else token
