"""How often a program went to its database, and how long it waited there: `data.on_statement(trips.add)`."""

from statistics import median, quantiles

from asbuilt.access import Seen


class Trips:
    """All statements that were run, counted and timed."""

    def __init__(self) -> None:
        self._seconds: list[float] = []
        self.failed = 0

    def add(self, seen: Seen) -> None:
        self._seconds.append(seen.seconds)
        self.failed += bool(seen.error)

    @property
    def count(self) -> int:
        return len(self._seconds)

    @property
    def median(self) -> float:
        """Half of all were answered within these milliseconds."""
        return median(self._seconds) * 1000

    @property
    def p95(self) -> float:
        """95 of 100 were answered within these milliseconds."""
        return quantiles(self._seconds, n=20)[-1] * 1000
