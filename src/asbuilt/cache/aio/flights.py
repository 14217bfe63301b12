"""Loads under way: one for each key. A load that an invalidation overtook is left alone: who comes later begins another."""

from threading import Lock

from asbuilt.cache.aio.waiting import Signal, who
from asbuilt.cache.keys import Untrue


class Flight:
    """A load: `is_stale` when something made untrue what it may have read; `error` why it failed, None too where it was given up."""

    __slots__ = ("error", "is_done", "is_stale", "landed", "owner", "pattern", "value")

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.owner = who()
        self.landed = Signal()
        self.value: bytes | None = None
        self.error: Exception | None = None
        self.is_done = False
        self.is_stale = False


class Flights:
    """All loads under way, by their key. `lock` is held where it must not change whether one is stale."""

    def __init__(self) -> None:
        self.lock = Lock()
        self._by_key: dict[str, Flight] = {}

    def join(self, pattern: str, key: str) -> tuple[Flight, bool]:
        """Return the load of a key, and whether it is the caller's to do."""
        with self.lock:
            flight = self._by_key.get(key)
            if flight is not None:
                return flight, False
            flight = self._by_key[key] = Flight(pattern)
            return flight, True

    def land(self, key: str, flight: Flight) -> None:
        """Let those who wait for a load go on."""
        with self.lock:
            if self._by_key.get(key) is flight:
                del self._by_key[key]
        flight.landed.set()

    def overtake(self, untrue: Untrue | None) -> None:
        """Let nobody keep or join what is loaded for some keys; None: for any. The lock is held by the caller."""
        if untrue is None:
            gone = list(self._by_key)
        else:
            gone = [key for key in untrue.keys if key in self._by_key]
            gone += [key for key, flight in self._by_key.items() if flight.pattern in untrue.groups]
        for key in gone:
            if (flight := self._by_key.pop(key, None)) is not None:
                flight.is_stale = True
