"""Figures: medians over several runs, and the ratio to a peer measured in turn in the same run."""

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A measured thing. `values` in `unit`; the median may be `bound` at most; `ratio` is to `peer`, pair by pair, and may
    be `ratio_bound` at most."""

    what: str
    values: tuple[float, ...]
    unit: str = "ms"
    bound: float | None = None
    peer: str = ""
    ratio: float | None = None
    ratio_bound: float | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def as_row(self) -> tuple[str, ...]:
        bounds = [f"≤ {self.bound:,.0f}"] if self.bound is not None else []
        bounds += [f"≤ {self.ratio_bound:.2f} ×"] if self.ratio_bound is not None else []
        beside = f"{self.ratio:.2f} × {self.peer}" if self.ratio is not None else self.peer
        numbers = (self.median, min(self.values), max(self.values))
        return (self.what, *(f"{n:,.1f} {self.unit}".rstrip() for n in numbers), ", ".join(bounds), beside)

    def as_data(self) -> dict[str, Any]:
        return {**asdict(self), "median": self.median}


def time_of(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the milliseconds that one call takes by `clock`."""
    began = clock()
    work()
    return (clock() - began) * 1000


def measure(
    what: str,
    work: Callable[[], object],
    *,
    runs: int = 7,
    warmup: int = 1,
    bound: float | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Figure:
    for _ in range(warmup):
        work()
    return Figure(what, tuple(time_of(work, clock) for _ in range(runs)), bound=bound)


def compare(
    what: str,
    work: Callable[[], object],
    peer: str,
    other: Callable[[], object],
    *,
    runs: int = 7,
    bound: float | None = None,
) -> Figure:
    """Measure `work` and `other` in turn; the ratio is the median of the pairs' ratios."""
    work(), other()
    pairs = [(time_of(work), time_of(other)) for _ in range(runs)]
    ratio = statistics.median(mine / theirs for mine, theirs in pairs)
    return Figure(what, tuple(mine for mine, _ in pairs), bound=bound, peer=peer, ratio=ratio)
