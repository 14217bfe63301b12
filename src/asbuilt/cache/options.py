"""How a cache works, where the document leaves it open."""

import math
import random

from msgspec import Struct


class CacheOptions(Struct, frozen=True):
    """`near_bytes` bound the near cache, `largest` a single value. `negative_seconds` is how long it is kept that there is no
    row. `jitter` is the part of a time to live that is taken off at random, so that what was kept together does not go
    together. `beta` is how eagerly values are made anew before their time is up; 0: never.
    """

    near_bytes: int = 64 * 1024 * 1024
    largest: int = 1024 * 1024
    negative_seconds: float = 30.0
    jitter: float = 0.1
    beta: float = 1.0

    def seconds(self, ttl: int, value: bytes | None) -> float:
        """Return how long a value is kept: at most as long as stated."""
        most = min(ttl, self.negative_seconds) if value is None else ttl
        return most * (1 - self.jitter * random.random())

    def is_due(self, left: float, delta: float) -> bool:
        """Tell whether a value that took `delta` seconds to make is to be made anew with `left` seconds to go.

        Vattani, Chierichetti, Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015: the readers of a key
        come to it one by one, not all at once when its time is up.
        """
        return left <= -delta * self.beta * math.log(1 - random.random())
