"""A plan leads where it should, a second one is empty, and its way back leads back, rows included.

`ASBUILT_CASES` names a folder of further cases: YAML with `current` and `desired`, or folders with `old.sql` and `new.sql`.
"""

import os
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from asbuilt.engines.postgres.borrowing import borrowing
from convergence.runner import Case, cases, run, run_side_by_side

HERE = Path(__file__).parent
SUITE = HERE.parents[1] / "../shared/suites/sqldef"
EVERY = 6
"""One case of the suite in so many is run, the same ones each time."""
OUT_OF_ORDER = frozenset(
    {"constraints-ForeignKeyConstraintsAreEmittedLast", "fk_deps-ForeignKeyDependenciesCircular",
     "views-ViewDDLsAreEmittedLastWithoutChangingDefinition", "views-ViewDDLsAreEmittedLastWithChangingDefinition"}
)  # fmt: skip
"""What these desire cannot be run as it stands: it is put into an order that works, as a document's statements are."""
NEEDS_EXTENSION_ON_18 = frozenset(
    f"constraints-{name}"
    for name in (
        "PrimaryKeyWithoutOverlaps", "UniqueWithoutOverlaps", "ForeignKeyWithPeriod", "AddPrimaryKeyWithoutOverlaps",
        "AddUniqueWithoutOverlaps", "AddForeignKeyWithPeriod", "DropPrimaryKeyWithoutOverlaps", "DropForeignKeyWithPeriod",
        "ChangePrimaryKeyToWithoutOverlaps",
    )
)  # fmt: skip
"""Temporal keys over plain columns: they need `btree_gist` on PostgreSQL 18. The embedded 18 has no contrib modules, and servers
before 18 do not know such keys; `cases.yml` has the same changes over ranges, which need no extension. `ASBUILT_SCRATCH` names a server
that has both."""


def chosen() -> Iterator[Any]:
    for case in cases(HERE):
        yield pytest.param(case, id=case.name, marks=pytest.mark.xdist_group(f"convergence {hash(case.name) % 2}"))
    more = Path(os.environ["ASBUILT_CASES"]) if "ASBUILT_CASES" in os.environ else None
    suite = list(cases(SUITE)) if SUITE.is_dir() else []
    sample = [case for at, case in enumerate(suite) if at % EVERY == 0 or case.name in OUT_OF_ORDER]
    for case in list(cases(more)) if more else sample:
        yield pytest.param(case, id=f"suite-{case.name}")


@pytest.mark.parametrize("case", list(chosen()))
def test_there_and_back(case: Case) -> None:
    server = os.environ.get("ASBUILT_SCRATCH")
    with borrowing(server) if server else nullcontext():
        outcome = run(case)
    if outcome.is_unloadable and (case.name in NEEDS_EXTENSION_ON_18 or "ASBUILT_CASES" in os.environ):
        pytest.skip(outcome.problem)
    assert outcome.problem == ""
    assert outcome.again is not None
    assert outcome.again.steps == ()
    if outcome.plan and any("change the type of" in step.title for step in outcome.plan.steps):
        beside = run_side_by_side(case)
        assert beside.problem == "" or beside.is_about_rows


@pytest.mark.skipif(not SUITE.is_dir(), reason="the suite of schemas is not here")
def test_the_suite_is_read() -> None:
    assert len(list(cases(SUITE))) > 300
