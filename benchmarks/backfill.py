"""A million rows filled while somebody writes: by ranges, beside one single UPDATE; how long the writer is ever kept waiting."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from asbuilt.engines.changes import Backfill
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.filling import whole
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.plan.backfilling import fill
from benchmarks.measuring import Figure

ROWS = 1_000_000
_PAUSE_SECONDS = 0.002
_RUNS = 3
_BACKFILL = Backfill("orders", "reference = 'order ' || id", "reference IS NULL", ("id",))
_TABLE = f"""
CREATE TABLE orders (id bigint PRIMARY KEY, customer int NOT NULL, total numeric(12,2) NOT NULL, note text, reference text);
INSERT INTO orders SELECT i, i % 5000, i / 7.0, repeat('x', 40) FROM generate_series(1, {ROWS}) AS i;
VACUUM ANALYZE orders
"""


@dataclass
class Writer:
    """Somebody who changes one row every two milliseconds, and how long each change took."""

    url: str
    seconds: list[float] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        chance = random.Random(7)
        with POSTGRES.connect(self.url) as session:
            while not self.is_over.is_set():
                began = time.perf_counter()
                session.execute("UPDATE orders SET note = 'changed' WHERE id = %s", [chance.randint(1, ROWS)])
                self.seconds.append(time.perf_counter() - began)
                time.sleep(_PAUSE_SECONDS)


def run() -> list[Figure]:
    ours = [_measured(lambda session: fill(POSTGRES, session, _BACKFILL)) for _ in range(_RUNS)]
    single = [_measured(lambda session: session.execute(whole(_BACKFILL))) for _ in range(_RUNS)]
    return [*_figures("backfill by ranges", ours, bound=50.0), *_figures("one single UPDATE", single)]


def _figures(what: str, runs: list[tuple[float, float]], bound: float | None = None) -> Iterator[Figure]:
    yield Figure(f"{what}, {ROWS:,} rows", tuple(ROWS / seconds for seconds, _ in runs), "rows/s")
    yield Figure("  the writer's worst stall", tuple(worst * 1000 for _, worst in runs), bound=bound)


def _measured(work: Callable[[PostgresSession], object]) -> tuple[float, float]:
    """Return the seconds that the work takes beside a writer, and the writer's longest wait."""
    with scratch_database() as url, POSTGRES.connect(url) as session:
        for statement in _TABLE.split(";"):
            session.execute(statement)
        session.execute("CHECKPOINT")
        with _writing(url) as writer:
            began = time.perf_counter()
            work(session)
            seconds = time.perf_counter() - began
        return seconds, max(writer.seconds)


@contextmanager
def _writing(url: str) -> Iterator[Writer]:
    writer = Writer(url)
    thread = threading.Thread(target=writer.work)
    thread.start()
    while len(writer.seconds) < 10:
        time.sleep(0.01)
    try:
        yield writer
    finally:
        writer.is_over.set()
        thread.join()
