"""Everybody does the same works, in turn, a few at a time; what counts is the ratio to asyncpg alone in the same round."""

import asyncio
import gc
import statistics
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

from benchmarks.access import blog
from benchmarks.access.peers import (
    COPY,
    GET,
    INSERT,
    ONE,
    PAGE,
    TWENTY,
    Opening,
    Works,
    bare,
    django_orm,
    ours,
    piccolo_orm,
    psycopg_bare,
    sqlalchemy_orm,
    sqlmodel_orm,
)  # fmt: skip
from benchmarks.measuring import Figure

ASBUILT, BARE = "asbuilt", "asyncpg alone"
PEERS: dict[str, Opening] = {
    ASBUILT: ours.works,
    BARE: bare.works,
    "psycopg 3 alone": psycopg_bare.works,
    "Django": django_orm.works,
    "Piccolo": piccolo_orm.works,
    "SQLAlchemy ORM": sqlalchemy_orm.works,
    "SQLModel": sqlmodel_orm.works,
}


@dataclass(frozen=True)
class Task:
    """A work, the turns of one chunk, the rounds, and what asbuilt may take, as a ratio: wall time and processor time.

    Chunks are small, so that what else the machine does touches all alike.
    """

    work: str
    title: str
    turns: int
    rounds: int
    bound: float
    processor_bound: float | None = None


TASKS = (
    Task(GET, "get by id", 20, 100, 1.15, 1.3),
    Task(PAGE, "page of 50", 10, 80, 1.2),
    Task(ONE, "post, author, tags, 10 comments", 8, 80, 0.5),
    Task(TWENTY, "twenty such posts", 3, 60, 1.2, 0.6),
    Task(INSERT, "insert, the row returned", 20, 60, 1.15),
    Task(COPY, "create 50,000 rows", 1, 7, 1.3),
)


@dataclass(frozen=True)
class Measured:
    """The microseconds that one turn of a task took a peer, round by round."""

    task: Task
    peer: str
    wall: tuple[float, ...]
    processor: tuple[float, ...]


def measured(url: str) -> list[Measured]:
    return asyncio.run(_measured(url))


async def _measured(url: str) -> list[Measured]:
    async with AsyncExitStack() as stack:
        peers = {name: await stack.enter_async_context(opening(url)) for name, opening in PEERS.items()}
        return [found for task in TASKS for found in await _in_turn(url, task, peers)]


async def _in_turn(url: str, task: Task, peers: dict[str, Works]) -> list[Measured]:
    await _agreed(url, task, peers)
    gc.collect()
    gc.freeze()  # else each collection before a chunk would look through all that is loaded, and leave cold caches to it
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in peers}
    for number in range(task.rounds):
        first = 1 + number * task.turns
        for name, works in peers.items():
            if task.work in (INSERT, COPY):
                blog.cleaned(url)
            times[name].append(await _timed(task, works, range(first, first + task.turns)))
    return [Measured(task, name, *(tuple(kind) for kind in zip(*told, strict=True))) for name, told in times.items()]


async def _agreed(url: str, task: Task, peers: dict[str, Works]) -> None:
    """See to it that all give the same answer in the first turn; that turn also warms them up."""
    answers = {}
    for name, works in peers.items():
        blog.cleaned(url)
        answers[name] = works[task.work].told(await works[task.work].do(0))
    other = [name for name, told in answers.items() if told != answers[BARE]]
    if other:
        raise AssertionError(f"{task.title}: {', '.join(other)} answer something else than {BARE}")


async def _timed(task: Task, works: Works, turns: range) -> tuple[float, float]:
    do = works[task.work].do
    gc.collect()
    wall, processor = time.perf_counter(), time.process_time()
    for turn in turns:
        await do(turn)
    done = time.perf_counter() - wall, time.process_time() - processor
    return done[0] / len(turns) * 1e6, done[1] / len(turns) * 1e6


def figures(found: list[Measured]) -> Iterator[Figure]:
    bare = {one.task: one for one in found if one.peer == BARE}
    for one in found:
        task, beside, is_ours = one.task, bare[one.task], one.peer == ASBUILT
        yield Figure(
            f"{task.title}: {one.peer}", one.wall, "µs", peer=BARE,
            ratio=ratio(one.wall, beside.wall), ratio_bound=task.bound if is_ours else None,
        )  # fmt: skip
        yield Figure(
            "  processor time", one.processor, "µs", peer=BARE,
            ratio=ratio(one.processor, beside.processor), ratio_bound=task.processor_bound if is_ours else None,
        )  # fmt: skip


def ratio(mine: tuple[float, ...], theirs: tuple[float, ...]) -> float:
    """Return the median of the rounds' ratios."""
    return statistics.median(a / b for a, b in zip(mine, theirs, strict=True))
