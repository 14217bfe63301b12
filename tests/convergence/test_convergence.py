"""A plan leads where it should, a second one is empty, and its way back leads back, rows included.

`ASBUILT_CASES` names a folder of further cases: YAML with `current` and `desired`, or folders with `old.sql` and `new.sql`.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from asbuilt.engines.postgres.borrowing import borrowing
from convergence.runner import Case, Outcome, cases, run, run_side_by_side
from other_servers import Target, of_version, running

HERE = Path(__file__).parent
SUITE = HERE.parents[1] / "../shared/suites/sqldef"
EVERY = 6
"""One case of the suite in so many is run, the same ones each time."""
OUT_OF_ORDER = frozenset(
    {"constraints-ForeignKeyConstraintsAreEmittedLast", "fk_deps-ForeignKeyDependenciesCircular",
     "views-ViewDDLsAreEmittedLastWithoutChangingDefinition", "views-ViewDDLsAreEmittedLastWithChangingDefinition"}
)  # fmt: skip
"""What these desire cannot be run as it stands: it is put into an order that works, as a document's statements are."""
TEMPORAL = frozenset(
    f"constraints-{name}"
    for name in (
        "PrimaryKeyWithoutOverlaps", "UniqueWithoutOverlaps", "ForeignKeyWithPeriod", "AddPrimaryKeyWithoutOverlaps",
        "AddUniqueWithoutOverlaps", "AddForeignKeyWithPeriod", "DropPrimaryKeyWithoutOverlaps", "DropForeignKeyWithPeriod",
        "ChangePrimaryKeyToWithoutOverlaps",
    )
)  # fmt: skip
"""Temporal keys over plain columns: they need PostgreSQL 18 and `btree_gist`, which the embedded 18 lacks. They run on an 18 of another
make where there is one; `cases.yml` has the same changes over ranges, which need no extension."""


def chosen() -> Iterator[Any]:
    for case in cases(HERE):
        yield pytest.param(case, id=case.name, marks=pytest.mark.xdist_group(f"convergence {len(case.name) % 2}"))
    more = Path(os.environ["ASBUILT_CASES"]) if "ASBUILT_CASES" in os.environ else None
    for case in list(cases(more)) if more else sample():
        yield pytest.param(case, id=f"suite-{case.name}")


def suite() -> list[Case]:
    return list(cases(SUITE)) if SUITE.is_dir() else []


def sample() -> Iterator[Case]:
    for at, case in enumerate(suite()):
        if case.name not in TEMPORAL and (at % EVERY == 0 or case.name in OUT_OF_ORDER):
            yield case


def assert_converges(case: Case, outcome: Outcome) -> None:
    assert outcome.problem == ""
    assert outcome.again is not None
    assert outcome.again.steps == ()
    if outcome.plan and any(
        t in step.title for step in outcome.plan.steps for t in ("change the type of", "make type")
    ):
        beside = run_side_by_side(case)
        assert beside.problem == "" or beside.is_about_rows


@pytest.mark.parametrize("case", list(chosen()))
def test_there_and_back(case: Case) -> None:
    outcome = run(case)
    if outcome.is_unloadable and "ASBUILT_CASES" in os.environ:
        pytest.skip(outcome.problem)
    assert_converges(case, outcome)


@pytest.fixture(scope="module", params=[of_version(18)])
def complete(request: pytest.FixtureRequest, own_cache: Path) -> Iterator[Target]:
    with running(request.param, own_cache) as found:
        if not found.offers("btree_gist"):
            pytest.skip("this PostgreSQL 18 has no btree_gist")
        yield found


@pytest.mark.parametrize("case", [case for case in suite() if case.name in TEMPORAL], ids=lambda case: case.name)
def test_temporal_keys_there_and_back(case: Case, complete: Target) -> None:
    with borrowing(complete.url("postgres")):
        assert_converges(case, run(case))


@pytest.mark.skipif(not SUITE.is_dir(), reason="the suite of schemas is not here")
def test_the_suite_is_read() -> None:
    assert len(list(cases(SUITE))) > 300
