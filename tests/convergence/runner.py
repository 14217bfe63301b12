"""Runs a case of a differ's suite: from `current` to `desired`, once more, and back, with rows in the tables.

A case is a YAML mapping with `current` and `desired`, or a folder with `old.sql` and `new.sql`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from asbuilt import seed
from asbuilt.document import parse
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.inspecting import SEARCH_PATH
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.errors import AsbuiltError, ServerRefused
from asbuilt.model.merging import merge
from asbuilt.plan.making import make, side
from asbuilt.plan.planning import Side
from asbuilt.plan.steps import Plan, fingerprint
from asbuilt.reading import read
from asbuilt.seed.sql import table_name
from asbuilt.text import Source

ROWS = 3
_NOT_THERE_YET = "42P01"
_MAKES = "CREATE SCHEMA {}"
_SCHEMA = re.compile(r"CREATE (?:TABLE|TYPE|VIEW|MATERIALIZED VIEW|DOMAIN) (?:IF NOT EXISTS )?(\w+)\.\w+")


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    current: str
    desired: str
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def schemas(self) -> list[str]:
        """The schemas that the case uses and leaves to whoever runs it."""
        return sorted(set(_SCHEMA.findall(f"{self.current};{self.desired}")) - {"public"})

    def complete(self, sql: str) -> str:
        """Return one side of the case with the schemas that it leaves to whoever runs it."""
        made = [f"CREATE SCHEMA {name};" for name in self.schemas if _MAKES.format(name) not in sql]
        return "".join(made) + (sql or "SELECT 1")


@dataclass(slots=True)
class Outcome:
    """What came of a case; `problem` says in which act it failed and how, empty where all went well."""

    plan: Plan | None = None
    again: Plan | None = None
    rows: dict[str, int] = field(default_factory=dict)
    problem: str = ""
    is_unloadable: bool = False
    is_about_rows: bool = False
    refused: str = ""


def cases(folder: Path) -> Iterator[Case]:
    """Yield the cases in a folder: those of its YAML files, and its folders with `old.sql` and `new.sql`."""
    for path in sorted(folder.glob("psqldef_*.yml")) or sorted(folder.glob("*.yml")):
        for name, case in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            if isinstance(case, dict) and "desired" in case:
                rest = {k: v for k, v in case.items() if k not in ("current", "desired", "up", "down")}
                stem = path.stem.removeprefix("psqldef_tests_")
                yield Case(f"{stem}-{name}", case.get("current") or "", case["desired"] or "", rest)
    for path in sorted(folder.rglob("new.sql")):
        old = path.with_name("old.sql")
        current = old.read_text(encoding="utf-8") if old.exists() else ""
        yield Case(str(path.parent.relative_to(folder)), current, path.read_text(encoding="utf-8"))


def run(case: Case) -> Outcome:
    """Run a case with rows in its tables; where these rows do not fit what is desired, without."""
    outcome = attempt(case, ROWS)
    if outcome.is_about_rows:
        refused = outcome.problem
        outcome = attempt(case, 0)
        outcome.refused = refused
    return outcome


def run_side_by_side(case: Case) -> Outcome:
    """Run a case as on a database in use: what has rows changes side by side, then its contract, and back."""
    return attempt(case, ROWS, is_in_use=True)


def attempt(case: Case, rows: int, *, is_in_use: bool = False) -> Outcome:
    """Load `current`, put rows in, go to `desired`, plan again, go back, and compare at each turn."""
    outcome = Outcome()
    with scratch_database() as url, POSTGRES.connect(url) as live, POSTGRES.scratch() as wanted:
        try:
            load(live, case.complete(case.current))
            load(wanted, case.complete(case.desired))
        except AsbuiltError as error:
            outcome.is_unloadable, outcome.problem = True, f"load: {error}"
            return outcome
        _there_and_back(live, wanted, rows, outcome, url if is_in_use else "")
    return outcome


def load(session: PostgresSession, sql: str) -> None:
    """Run a schema as it stands or, where it names what it makes only later, in the order in which it works."""
    try:
        session.execute(sql)
    except ServerRefused as refusal:
        if refusal.sqlstate != _NOT_THERE_YET:
            raise
        source = Source("schema.md", f"# Database design\n\n## Schema\n\n```sql\n{sql}\n```\n")
        POSTGRES.build(session, merge(source, read(parse(source)).facts))


def _there_and_back(
    live: PostgresSession, wanted: PostgresSession, count: int, outcome: Outcome, url_in_use: str
) -> None:
    for session in (live, wanted):
        session.execute("RESET ALL")
    state = live.inspect()
    seed.run(live, seed.plan(state, dict.fromkeys(state.tables, count)))
    before, after = side(POSTGRES, live), side(POSTGRES, wanted)
    here = [name for name, table in before.state.tables.items() if not table.server]
    rows = contents(live, here)
    outcome.rows = {name: len(found) for name, found in rows.items()}
    act = "plan"
    try:
        outcome.plan = _made(live, before, after, url_in_use)
        act = "apply"
        with prepared(live):
            apply(live, outcome.plan)
        act = "again"
        reached = side(POSTGRES, live)
        outcome.again = make(POSTGRES, reached, after)
        if fingerprint(reached.state) != fingerprint(after.state):
            outcome.problem = "apply: not equal: " + "; ".join(
                o.title for s in outcome.again.steps for o in s.operations
            )
            return
        act = "back"
        with prepared(live):
            back(live, outcome.plan)
        returned = side(POSTGRES, live)
        if fingerprint(returned.state) != fingerprint(before.state):
            rest = make(POSTGRES, returned, before)
            outcome.problem = "back: not equal: " + "; ".join(o.title for s in rest.steps for o in s.operations)
        elif contents(live, here) != rows:
            outcome.problem = "back: rows differ"
    except AsbuiltError as error:
        outcome.problem = f"{act}: {error} :: {getattr(error, 'statement', '')}"
        outcome.is_about_rows = getattr(error, "sqlstate", "")[:2] in ("22", "23")


def _made(live: PostgresSession, before: Side, after: Side, url_in_use: str) -> Plan:
    if not url_in_use:
        return make(POSTGRES, before, after)
    return make(
        POSTGRES,
        before,
        after,
        copy=lambda: POSTGRES.twin(url_in_use),
        is_used=lambda table: POSTGRES.has_rows(live, table),
    )


def contents(session: PostgresSession, tables: list[str]) -> dict[str, list[str]]:
    """Return the rows of each table as text by column, in no order."""
    found = {}
    for table in tables:
        rows = session.rows(f"SELECT to_jsonb(t)::text FROM ONLY {table_name(table)} AS t")
        found[table] = sorted(str(row[0]) for row in rows)
    return found


@contextmanager
def prepared(session: PostgresSession) -> Iterator[None]:
    """Let definitions mean what they meant when they were inspected."""
    session.execute(f"SET search_path = {SEARCH_PATH}")
    session.execute("SET check_function_bodies = off")
    yield
    session.execute("RESET ALL")


def apply(session: PostgresSession, plan: Plan) -> None:
    for step in plan.steps:
        if step.is_alone:
            for sql in step.statements:
                session.execute(sql)
        else:
            with session.transaction():
                for sql in step.statements:
                    session.execute(sql)


def back(session: PostgresSession, plan: Plan) -> None:
    for step in reversed(plan.steps):
        if step.is_alone:
            for sql in step.reverse:
                session.execute(sql)
        else:
            with session.transaction():
                for sql in step.reverse:
                    session.execute(sql)
