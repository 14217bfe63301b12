"""Redis behind the near cache: what is kept there, who may fill it, and what happens when it is gone and comes back.

Invalidations that Redis has not confirmed are owed. A connection is used for reads only once all that was owed has been paid
on it, so that this process never reads what it has made untrue.
"""

import random
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Any

from msgspec import Struct

from asbuilt.cache.address import Address
from asbuilt.cache.aio.link import Command, Link, linked
from asbuilt.cache.aio.waiting import Helper, Signal, Turn
from asbuilt.cache.envelope import FILL, LOOK, STAMP_SECONDS, Kept, Lease, digest, opened, sealed
from asbuilt.cache.lost import Lost
from asbuilt.cache.plan import CachePlan
from asbuilt.cache.resp import Push, Refused
from asbuilt.spans import spans_of

ANSWER_SECONDS = 1.0
"""A server that does not answer a command within this time is taken for lost."""
TRUST_SECONDS = 2.0
"""The near cache is used this long after the server was last heard of."""
BEAT_SECONDS = 0.5
LEASE_SECONDS = 10.0
_MOST_OWED = 100_000
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 1.0
_LOOK, _FILL = digest(LOOK), digest(FILL)


Call = tuple[tuple[str, ...], tuple[bytes | int, ...]]
"""The keys and the arguments of a script."""


class Fill(Struct, frozen=True):
    """What is to be kept under a key for some seconds: `seen` is what was there before it was loaded, in `delta` seconds."""

    key: str
    seen: Kept | Lease
    value: bytes | None
    seconds: float
    delta: float


class Remote:
    """`untrue` is told which keys are gone, None: all of them, and when nothing is known any more because the server is lost."""

    def __init__(self, address: Address, plan: CachePlan, untrue: Callable[[list[str] | None], None]) -> None:
        self.address = address
        self.spans = spans_of(
            "redis", lambda: (address.path or address.host, None if address.path else address.port, str(address.number))
        )
        self._plan = plan
        self._prefix = plan.prefix
        self._untrue = untrue
        self._link: Link | None = None
        self._mark = b""
        self._lock = Lock()
        self._owed: Counter[str] = Counter()
        self._owes_all = False
        self._turn = Turn()
        self._tried_at = 0.0
        self._silent_until = 0.0
        self._helper: Helper | None = None
        self._gone = Signal()
        self._end = Signal()
        self._is_closed = False
        self.reason = "not opened yet"
        self.lost = 0

    @property
    def trusted(self) -> float:
        """Until when the near cache may be believed: what made something of it untrue would have been heard."""
        link = self._link
        return link.heard + TRUST_SECONDS if link is not None else 0.0

    @property
    def is_there(self) -> bool:
        return self._link is not None

    @property
    def owed(self) -> int:
        return len(self._owed) + self._owes_all

    async def open(self) -> None:
        """Connect; where that fails, go on trying."""
        await self._connected()
        self._helper = Helper(self._keep)

    async def close(self) -> None:
        self._is_closed = True
        self._end.set()
        if self._link is not None:
            self._link.abandon("closed")
        if self._helper is not None:
            await self._helper.end()
        self.reason = "closed"

    async def look(self, pattern: str, keys: Sequence[str]) -> list[Kept | Lease | None]:
        """Return for each key what is kept, or the right to fill it; None where another has that, or Redis cannot be used."""
        link = self._link
        if link is None:
            return [None] * len(keys)
        nonces = [secrets.token_bytes(12) for _ in keys]
        lease, stamp = int(LEASE_SECONDS * 1000), self._stamp(pattern)
        answers = await self._run(link, _LOOK, [
            ((stamp, self._prefix + key, self._lease(key)), (self._mark, secrets.token_bytes(8), nonce, lease, STAMP_SECONDS))
            for key, nonce in zip(keys, nonces, strict=True)
        ])  # fmt: skip
        return [_seen(answer, nonce) for answer, nonce in zip(answers, nonces, strict=True)]

    async def fill(self, fills: Sequence[Fill]) -> list[bool]:
        """Keep values in the place of what was seen before they were loaded; return False where that is gone."""
        link = self._link
        if link is None:
            return [False] * len(fills)
        answers = await self._run(link, _FILL, [self._filling(one) for one in fills])
        return [answer == 1 for answer in answers]

    async def _asked(self, link: Link, commands: Sequence[Command], seconds: float | None = None) -> list[Any]:
        """Send commands; each time that is a span."""
        if self.spans is None or not self.spans.is_on:
            return await link.ask(*commands, seconds=seconds)
        with self.spans.asked(str(commands[0][0]), len(commands)):
            return await link.ask(*commands, seconds=seconds)

    def _filling(self, one: Fill) -> Call:
        content = sealed(secrets.token_bytes(12), one.seen.stamp, one.value, one.delta)
        where = self._lease(one.key) if isinstance(one.seen, Lease) else self._prefix + one.key
        return (where, self._prefix + one.key), (one.seen.nonce, content, max(int(one.seconds * 1000), 1))

    async def drop(self, keys: Iterable[str], patterns: Iterable[str]) -> None:
        """Take keys out, and all of some patterns. What Redis does not confirm is made good before it is read again."""
        names = [name for key in keys for name in (self._prefix + key, self._lease(key))]
        names += [self._stamp(pattern) for pattern in patterns]
        began = time.monotonic()
        with self._lock:
            self._owe(names)
            link = self._link
        if link is None:
            await self._connected(began)
        elif await self._deleted(link, names):
            with self._lock:
                self._settle(Counter(names))

    def _stamp(self, pattern: str) -> str:
        return f"{self._prefix}#{pattern}"

    def _lease(self, key: str) -> str:
        return f"lease:{self._prefix}{key}"

    async def _run(self, link: Link, script: str, calls: Sequence[Call]) -> list[Any]:
        """Run a script some times, in one go; return None for each time where the server cannot, for whatever reason."""
        commands = [("EVALSHA", script, len(keys), *keys, *given) for keys, given in calls]
        try:
            answers = await self._asked(link, commands)
        except Lost:
            return [None] * len(calls)
        refused = next((str(a) for a in answers if isinstance(a, Refused) and not _is_full(str(a))), None)
        if refused is not None:
            link.abandon(refused)
        return [None if isinstance(answer, Refused) else answer for answer in answers]

    async def _deleted(self, link: Link, names: list[str], seconds: float | None = None) -> bool:
        """Delete; where the server refuses that, its contents cannot be trusted either."""
        try:
            [answer] = await self._asked(link, [("DEL", *names)], seconds)
        except Lost:
            return False
        if isinstance(answer, Refused):
            link.abandon(str(answer))
            return False
        return True

    def _owe(self, names: Iterable[str]) -> None:
        self._owed.update(names)
        if len(self._owed) > _MOST_OWED:
            self._owed.clear()
            self._owes_all = True

    def _settle(self, paid: Counter[str]) -> None:
        self._owed -= paid

    async def _connected(self, asked: float | None = None) -> None:
        """Connect, unless somebody else has, or has failed to since the time `asked`, or the server has just been silent."""
        async with self._turn:
            now = time.monotonic()
            if self._link is not None or self._is_closed or now < self._silent_until:
                return
            if asked is not None and self._tried_at >= asked:
                return
            self._tried_at = now
            try:
                link = await linked(self.address, ANSWER_SECONDS, self._heard, self._lost)
                await self._greet(link)
            except Lost as error:
                self.reason = f"{self.address}: {error}"
                self._silent_until = time.monotonic() + _LONGEST_PAUSE if error.is_silent else 0.0

    async def _greet(self, link: Link) -> None:
        """Prepare a connection, pay what is owed, and use it from then on."""
        try:
            await self._prepared(link)
            while not await self._paid(link):
                pass
        except Lost as error:
            link.abandon(str(error), is_silent=error.is_silent)
            raise

    async def _prepared(self, link: Link) -> None:
        address = self.address
        auth = ("AUTH", address.user or "default", address.password) if address.password else ()
        commands: list[Command] = [("HELLO", "3", *auth, "SETNAME", "asbuilt")]
        commands += [("SELECT", address.number)] if address.number else []
        commands += [("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", self._prefix), ("SCRIPT", "LOAD", LOOK)]
        commands += [("SCRIPT", "LOAD", FILL), ("INFO", "server")]
        answers = await link.ask(*commands, self._probe(), seconds=ANSWER_SECONDS)
        refused = next((str(answer) for answer in answers if isinstance(answer, Refused)), None)
        if refused is not None and not _is_full(refused):
            raise Lost(_explained(refused))
        if answers[0].get(b"role") != b"master":
            raise Lost("it is a replica: name the primary")
        self._mark = _run_id(answers[-2])

    def _probe(self) -> Command:
        """Return a command that the server refuses where it would refuse the cache's."""
        keys = (self._stamp("probe"), self._prefix + "#probed", self._lease("#probed"))
        return ("EVALSHA", _LOOK, 3, *keys, b"?" * 16, b"?" * 8, secrets.token_bytes(12), 1, 1)

    async def _paid(self, link: Link) -> bool:
        """Pay what is owed; begin to use the connection and return True where nothing is any more."""
        with self._lock:
            owed, owes_all = Counter(self._owed), self._owes_all
            if not owed and not owes_all:
                if link.is_lost:
                    raise Lost("the connection was lost")
                self._link, self._gone, self.reason = link, Signal(), ""
                return True
        names = [self._stamp(key.pattern) for key in self._plan.keys] if owes_all else []
        if not await self._deleted(link, [*owed, *names], ANSWER_SECONDS):
            raise Lost("it does not take invalidations")
        with self._lock:
            self._settle(owed)
            self._owes_all = self._owes_all and not owes_all
        return False

    async def _keep(self) -> None:
        """Look after the connection: beat, notice its loss, connect again."""
        pause = _FIRST_PAUSE
        while not self._is_closed:
            link = self._link
            if link is None:
                await self._connected()
                if self._link is None:
                    await self._end.within(pause * (0.5 + random.random()))
                    pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            pause = _FIRST_PAUSE
            link.beat(ANSWER_SECONDS)
            await self._gone.within(BEAT_SECONDS)

    def _lost(self, link: Link) -> None:
        """Forget everything: what is not told of any more cannot be kept right."""
        with self._lock:
            if self._link is not link:
                return
            self._link = None
            self.lost += 1
        self.reason = f"{self.address}: the connection was lost"
        self._untrue(None)
        self._gone.set()

    def _heard(self, push: Push) -> None:
        if len(push) > 1 and push[0] == b"invalidate":
            keys = push[1]
            length = len(self._prefix)
            self._untrue(None if keys is None else [key.decode(errors="replace")[length:] for key in keys])


def _seen(answer: Any, nonce: bytes) -> Kept | Lease | None:
    if not answer:
        return None
    if answer[0] == b"kept":
        return opened(answer[1], answer[2])
    return Lease(nonce, answer[1]) if answer[0] == b"lease" else None


def _run_id(information: Any) -> bytes:
    """Return the mark of a server between two of its starts."""
    text = information if isinstance(information, bytes) else str(information).encode()
    lines = dict(line.partition(b":")[::2] for line in text.split(b"\r\n") if b":" in line)
    found = lines.get(b"run_id")
    if not found:
        raise Lost("it does not say when it was started (INFO server: run_id)")
    return found[:16]


def _is_full(refusal: str) -> bool:
    """Tell whether a server refuses only to keep more, not to forget."""
    return "OOM command" in refusal


def _explained(refusal: str) -> str:
    if "HELLO" in refusal and "unknown" in refusal:
        return "it is older than Redis 6"
    return refusal
