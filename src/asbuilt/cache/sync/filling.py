"""Keeping what was loaded: near, and in Redis where that is there, unless something has made it untrue meanwhile."""

import time
from collections.abc import Sequence

from asbuilt.cache.envelope import Kept, Lease
from asbuilt.cache.keys import Untrue
from asbuilt.cache.metrics import Counts
from asbuilt.cache.near import Near
from asbuilt.cache.options import CacheOptions
from asbuilt.cache.plan import Key
from asbuilt.cache.sync.flights import Flight, Flights
from asbuilt.cache.sync.remote import Fill, Remote
from asbuilt.spans import spans_of


class Loading:
    """A load of one key under way: its text, the values of its holes, and the flight that others wait for."""

    __slots__ = ("flight", "key", "text", "values")

    def __init__(self, flight: Flight, key: Key, text: str, values: tuple[object, ...]) -> None:
        self.flight = flight
        self.key = key
        self.text = text
        self.values = values


class Filling:
    """What all loads share. `near` may be believed until `trusted`, in seconds of the monotonic clock."""

    def __init__(self, options: CacheOptions, remote: Remote | None) -> None:
        self.options = options
        self.near = Near(options.near_bytes)
        self.flights = Flights()
        self.counts = Counts()
        self.remote = remote
        self.spans = remote.spans if remote is not None else spans_of("near", lambda: ("", None, ""))

    def note(self, result: str) -> None:
        """Tell the span of a read where its answer came from."""
        if self.spans is not None and self.spans.is_on:
            self.spans.note(result)

    @property
    def trusted(self) -> float:
        return self.remote.trusted if self.remote is not None else float("inf")

    def put(self, load: Loading, value: bytes | None, expires: float, delta: float) -> bool:
        """Keep a value near, unless something has made it untrue since its read began."""
        with self.flights.lock:
            if load.flight.is_stale:
                return False
            alias = (load.key.pattern, load.values)
            return self.near.put(load.key.pattern, load.text, value, expires, alias=alias, delta=delta)

    def put_loaded(self, load: Loading, value: bytes | None, took: float) -> None:
        """Keep near, where there is nothing behind it, what it took some seconds to load."""
        if value is None or len(value) <= self.options.largest:
            expires = time.monotonic() - took + self.options.seconds(load.key.ttl, value)
            self._filled(self.put(load, value, expires, took))

    def fill(self, remote: Remote, loads: Sequence[tuple[Loading, Kept | Lease, bytes | None]], took: float) -> None:
        """Keep in Redis what was loaded, each in the place of what was seen there before."""
        fills = []
        for load, seen, value in loads:
            if value is not None and len(value) > self.options.largest:
                continue
            seconds = self.options.seconds(load.key.ttl, value) - took
            if seconds > 0:
                fills.append(Fill(load.text, seen, value, seconds, took))
            else:
                self._filled(False)
        for is_kept in remote.fill(fills) if fills else ():
            self._filled(is_kept)

    def _filled(self, is_kept: bool) -> None:
        self.counts.fills += is_kept
        self.counts.dropped_fills += not is_kept

    def forget(self, untrue: Untrue) -> None:
        """Take out near what is untrue, and let nobody keep what is being loaded of it."""
        with self.flights.lock:
            self.flights.overtake(untrue)
            for key in untrue.keys:
                self.near.drop(key)
            for pattern in untrue.groups:
                self.near.drop_group(pattern)

    def forget_all(self) -> None:
        with self.flights.lock:
            self.flights.overtake(None)
            self.near.clear()
