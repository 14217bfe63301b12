"""Every schema comes back from its document as it was, and the document is clean and holds.

`ASBUILT_SCHEMAS` names a `.sql` file, or a folder of them, that are tried as well.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import asbuilt
from asbuilt.engines.postgres.scratch import scratch_database
from convergence.runner import Case, cases
from round_trip import large
from round_trip.runner import Outcome, round_trip, schemas

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SHARED = ROOT / "../shared"
SUITE = SHARED / "suites/sqldef"
EVERY = 40
"""One schema of the suite in so many is tried, the same ones each time."""
DOCUMENTS = (
    ROOT / "examples/shop.md",
    SHARED / "templates/001_de0830f9360538d0.txt",
)
OF_THE_DATABASE = frozenset(
    {"missing_primary_key", "foreign_key_without_index", "timestamp_without_time_zone", "money_in_float",
     "duplicate_index", "redundant_index", "constraint_stated_twice", "password_not_hashed", "index_on_unique",
     "polymorphic_without_check", "set_null_on_required", "unique_against_life_cycle", "full_text_emptied_by_null",
     "suspicious_pattern", "policy_reads_own_table", "polymorphic_target_unknown"}
)  # fmt: skip
"""Findings that a schema may well have; whatever else is allowed in a document is a fault of the document."""


def wanted() -> Iterator[Any]:
    for path in schemas(HERE / "schemas"):
        yield pytest.param(path.read_text(encoding="utf-8"), id=path.stem)
    more = Path(os.environ["ASBUILT_SCHEMAS"]) if "ASBUILT_SCHEMAS" in os.environ else None
    for path in schemas(more) if more else ():
        yield pytest.param(path.read_text(encoding="utf-8"), id=f"given-{path.stem}")


def suite() -> Iterator[Any]:
    for case in list(cases(SUITE))[::EVERY] if SUITE.is_dir() else []:
        yield pytest.param(case, id=case.name)


def assert_round(outcome: Outcome) -> None:
    assert outcome.problems == []
    assert outcome.draft is not None
    assert set(outcome.draft.allowed) <= OF_THE_DATABASE


@pytest.mark.parametrize("sql", list(wanted()))
def test_a_schema_comes_back_from_its_document(sql: str) -> None:
    outcome = round_trip(sql)
    if outcome.unloadable:
        pytest.skip(outcome.unloadable)
    assert_round(outcome)


@pytest.mark.parametrize("case", list(suite()))
def test_a_schema_of_the_suite_comes_back(case: Case) -> None:
    outcome = round_trip(case.complete(case.desired))
    if outcome.unloadable:
        pytest.skip(outcome.unloadable)
    assert_round(outcome)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_what_a_document_built_is_written_down_again(path: Path, tmp_path: Path) -> None:
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    copy = tmp_path / "design.md"
    shutil.copy(path, copy)
    with scratch_database() as first, scratch_database() as second:
        asbuilt.load(copy).fixed(is_unsafe=SHARED in path.parents).build(first)
        draft = asbuilt.init(first, tmp_path / "again.md")
        assert draft.unlike == ()
        assert draft.is_fine, [(e.claim.id, e.observed) for e in draft.run.broken]
        assert set(draft.allowed) <= OF_THE_DATABASE
        draft.project.build(second)
        assert asbuilt.init(second).unlike == ()


def test_a_schema_of_many_tables_stays_readable() -> None:
    outcome = round_trip(large.schema())
    assert_round(outcome)
    assert outcome.draft is not None
    text = outcome.draft.text
    diagrams = text.split("```mermaid")[1:]
    assert max(len(diagram.partition("\n```")[0].splitlines()) for diagram in diagrams) <= 60
    assert text.count("\n## ") < 30
