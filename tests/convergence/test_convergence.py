"""A plan leads where it should, a second one is empty, and its way back leads back, rows included.

`ASBUILT_CASES` names a folder of further cases: YAML with `current` and `desired`, or folders with `old.sql` and `new.sql`.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from convergence.runner import Case, cases, run

HERE = Path(__file__).parent
SUITE = HERE.parents[1] / "../shared/suites/sqldef"
EVERY = 6
"""One case of the suite in so many is run, the same ones each time."""


def chosen() -> Iterator[Any]:
    for case in cases(HERE):
        yield pytest.param(case, id=case.name, marks=pytest.mark.xdist_group(f"convergence {hash(case.name) % 2}"))
    more = Path(os.environ["ASBUILT_CASES"]) if "ASBUILT_CASES" in os.environ else None
    found = list(cases(more)) if more else list(cases(SUITE))[::EVERY] if SUITE.is_dir() else []
    for case in found:
        yield pytest.param(case, id=f"suite-{case.name}")


@pytest.mark.parametrize("case", list(chosen()))
def test_there_and_back(case: Case) -> None:
    outcome = run(case)
    if outcome.is_unloadable:
        pytest.skip(outcome.problem)
    assert outcome.problem == ""
    assert outcome.again is not None
    assert outcome.again.steps == ()


@pytest.mark.skipif(not SUITE.is_dir(), reason="the suite of schemas is not here")
def test_the_suite_is_read() -> None:
    assert len(list(cases(SUITE))) > 300
