"""A proof that cannot fail is no proof: every sabotage turns exactly its claims broken, at the right line."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sabotage_list import SABOTAGES, Sabotage

from asbuilt.evidence import Verdict

BY_NAME = {sabotage.name: sabotage for sabotage in SABOTAGES}
THROUGH_A_DUMP = (
    "disable_trigger",
    "check_not_validated",
    "update_no_longer_cascades",
    "domain_without_its_check",
    "rogue_column",
)


def broken(run: Any) -> set[str]:
    return {f"{e.claim.kind} {e.claim.subject}" for e in run.broken}


def test_there_are_enough_ways_to_break_it() -> None:
    assert len(SABOTAGES) >= 40
    assert len(BY_NAME) == len(SABOTAGES)
    assert all(sabotage.broken for sabotage in SABOTAGES)


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda s: s.name)
def test_a_sabotage_breaks_exactly_its_claims(library: Any, own_twin: Any, sabotage: Sabotage) -> None:
    run = library.run(sabotage.sql, own_twin)
    assert broken(run) == sabotage.broken
    assert any(sabotage.line in library.line_of(e.claim) for e in run.broken)
    assert all(e.statement and e.observed for e in run.broken)


@pytest.mark.parametrize("name", THROUGH_A_DUMP)
def test_a_dumped_twin_shows_the_same(library: Any, name: str) -> None:
    assert broken(library.run(BY_NAME[name].sql)) == BY_NAME[name].broken


def test_a_sound_database_never_has_a_broken_claim(library: Any) -> None:
    run = library.run("SELECT 1")
    assert broken(run) == set()
    assert [e.claim.id for e in run.evidence if e.verdict == Verdict.UNKNOWN] == []
    assert [i for i, count in Counter(e.claim.id for e in run.evidence).items() if count > 1] == []
    assert run.notes == ()


def test_every_kind_of_claim_that_the_library_makes_has_a_sabotage(library: Any) -> None:
    run = library.run("SELECT 1")
    claimed = {e.claim.kind for e in run.evidence if e.verdict == Verdict.HOLDS}
    assert claimed - {entry.split()[0] for sabotage in SABOTAGES for entry in sabotage.broken} == set()


def test_what_a_refused_row_hides_is_unknown_and_says_why(library: Any, own_twin: Any) -> None:
    run = library.run(BY_NAME["tighten_check"].sql, own_twin)
    reasons = {
        e.reason for e in run.evidence if e.claim.kind == "not_null_refuses" and e.claim.subject == "books.title"
    }
    assert len(reasons) == 1
    assert "books_price_positive" in reasons.pop()


def test_what_the_document_does_not_know_is_a_note(library: Any, own_twin: Any) -> None:
    run = library.run("CREATE TABLE rogue (id int); CREATE VIEW rogue_view AS SELECT 1 AS one", own_twin)
    assert broken(run) == set()
    assert run.notes == ("undocumented table rogue", "undocumented view rogue_view")


def test_rights_on_tables_of_which_the_document_says_nothing_are_noted_together(library: Any, own_twin: Any) -> None:
    run = library.run("GRANT SELECT ON fines, loans TO PUBLIC", own_twin)
    assert broken(run) == set()
    assert run.notes == ("undocumented grants PUBLIC: SELECT on fines, loans",)


def test_a_verification_leaves_the_target_as_it_was(
    library: Any, changes_of: Callable[[str], list[tuple[object, ...]]]
) -> None:
    with library.copy() as url:
        before = changes_of(url)
        library.verify(url)
        assert changes_of(url) == before


def test_a_role_without_rights_leaves_behaviour_unknown_and_says_why(library: Any) -> None:
    with library.copy() as url, library.reader(url) as reader_url:
        run = library.verify(reader_url)
    assert broken(run) == set()
    assert {e.verdict for e in run.evidence if e.claim.kind == "column_type"} == {Verdict.HOLDS}
    unknown = [e for e in run.evidence if e.claim.kind == "check_refuses"]
    assert {e.verdict for e in unknown} == {Verdict.UNKNOWN}
    assert all("permission denied" in e.reason for e in unknown)
