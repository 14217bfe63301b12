"""What a cache has done so far, in numbers."""

from msgspec import Struct


class Latency:
    """How long something took: counted by powers of two of a microsecond, so that it costs next to nothing."""

    __slots__ = ("_counts", "count", "seconds")

    def __init__(self) -> None:
        self._counts = [0] * 40
        self.count = 0
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        self._counts[min(int(seconds * 1_000_000).bit_length(), 39)] += 1
        self.count += 1
        self.seconds += seconds

    def within(self, part: float) -> float:
        """Return the seconds within which this part of all took place, to a factor of two."""
        left = part * self.count
        for bits, count in enumerate(self._counts):
            left -= count
            if left <= 0 and self.count:
                return float(1 << bits) / 1_000_000
        return 0.0

    @property
    def mean(self) -> float:
        return self.seconds / self.count if self.count else 0.0


class Counts:
    """Counters, counted up as things happen."""

    __slots__ = (
        "dropped_fills",
        "early",
        "fills",
        "invalidations",
        "load",
        "lost",
        "misses",
        "near_hits",
        "redis",
        "redis_hits",
    )

    def __init__(self) -> None:
        self.near_hits = self.redis_hits = self.misses = 0
        self.fills = self.dropped_fills = self.early = self.invalidations = self.lost = 0
        self.redis = Latency()
        self.load = Latency()


class CacheState(Struct, frozen=True):
    """How a cache stands. Times are in seconds; `reason` says why Redis is not used, empty where it is.

    `dropped_fills` were begun before an invalidation, or refused, and not kept; `early` were made anew before their time was
    up; `owed` are invalidations that Redis has not been told of yet.
    """

    near_hits: int
    redis_hits: int
    misses: int
    fills: int
    dropped_fills: int
    early: int
    invalidations: int
    evictions: int
    entries: int
    bytes: int
    has_redis: bool
    reason: str
    lost: int
    owed: int
    redis_mean: float
    redis_p99: float
    load_mean: float
    load_p99: float

    @property
    def hit_ratio(self) -> float:
        """The part of all reads that needed no load."""
        hits = self.near_hits + self.redis_hits
        return hits / (hits + self.misses) if hits + self.misses else 0.0
