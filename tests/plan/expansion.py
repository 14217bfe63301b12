"""Runs expansions on a real server: from one schema with rows to another, stopped wherever a test wants to look."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from asbuilt import seed
from asbuilt.engines.base import Row, Session
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.engines.state import DatabaseState
from asbuilt.model.renames import Rename
from asbuilt.plan.making import Told, make, side
from asbuilt.plan.proving import proved
from asbuilt.plan.running import apply
from asbuilt.plan.steps import Plan
from asbuilt.text import Span


@dataclass(frozen=True)
class Scenario:
    """A schema with rows, what is wanted, and the renames: `t.new old` for a column, `new old` for a table."""

    old: str
    new: str
    rows: str
    renames: tuple[str, ...] = ()


def rename(words: str) -> Rename:
    new, old = words.split()
    table, dot, column = new.rpartition(".")
    return Rename(table if dot else column, column if dot else "", old, Span(0, 0))


@contextmanager
def ground(scenario: Scenario) -> Iterator[tuple[str, Session]]:
    """Give a database with the old schema and its rows: its URL, and a session there."""
    with scratch_database() as url, POSTGRES.connect(url) as live:
        live.execute(scenario.old)
        live.execute(scenario.rows)
        yield url, live


def planned(scenario: Scenario, *, is_tried: bool = True) -> tuple[Plan, DatabaseState]:
    """Return the plan for a scenario, tried up and back, and what is wanted."""
    with ground(scenario) as (url, live), POSTGRES.scratch() as goal:
        goal.execute(scenario.new)
        before, after = side(POSTGRES, live), side(POSTGRES, goal)
        renames = [rename(words) for words in scenario.renames]
        plan = make(
            POSTGRES,
            before,
            after,
            Told(tuple(renames)),
            lambda: POSTGRES.twin(url),
            lambda t: POSTGRES.has_rows(live, t),
        )
        return (proved(POSTGRES, plan, before, after, fill) if is_tried else plan), after.state


def fill(session: Session, state: DatabaseState) -> None:
    seed.run(session, seed.plan(state, dict.fromkeys(state.tables, 3)))


def carry_out(url: str, plan: Plan, count: int) -> None:
    """Carry out so many steps of a plan, and leave it there."""
    apply(POSTGRES, url, replace(plan, contract=count + 1))


def contents(session: Session, queries: Sequence[str]) -> list[list[Row]]:
    return [session.rows(query) for query in queries]
