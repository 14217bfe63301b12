"""Runs are stored as they were, found again, and compared."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from asbuilt.errors import NothingToDo
from asbuilt.evidence import Chapter, Claim, Evidence, Verdict
from asbuilt.model.design import Design
from asbuilt.text import Source, Span
from asbuilt.verify import Run, compare, list_runs, load_last_run, load_run, save_run
from asbuilt.verify.runs import KEPT, digest_of

CLAIM = Claim("check", Chapter.INTEGRITY, "users.ok", (Span(3, 9),), "a > 0", ("users", "ok"))
NOW = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
DESIGN = Design(Source("d.md", "text"), ())


def a_run(verdict: Verdict, second: int = 5, *more: Evidence) -> Run:
    evidence = Evidence(CLAIM, verdict, "é", statement="SELECT 1", taken_at=NOW, rows=("a", "b"))
    return Run(
        NOW.replace(second=second), 1.5, "PostgreSQL 18", "d.md", digest_of("text"), (evidence, *more), ("note",)
    )


def test_a_run_comes_back_as_it_was(tmp_path: Path) -> None:
    run = a_run(Verdict.HOLDS)
    assert load_run(save_run(run, tmp_path / "runs")) == run
    assert load_last_run(tmp_path / "runs", DESIGN) == run


def test_the_last_run_is_the_latest_and_old_ones_go(tmp_path: Path) -> None:
    for second in range(KEPT + 5):
        save_run(replace(a_run(Verdict.HOLDS), started=NOW.replace(microsecond=second)), tmp_path)
    save_run(a_run(Verdict.BROKEN, 59), tmp_path)
    found = load_last_run(tmp_path, DESIGN)
    assert found is not None
    assert not found.is_fine
    assert len(list_runs(tmp_path)) == KEPT


def test_there_may_be_none(tmp_path: Path) -> None:
    assert load_last_run(tmp_path / "nowhere", DESIGN) is None


def test_a_changed_document_is_told(tmp_path: Path) -> None:
    save_run(a_run(Verdict.HOLDS), tmp_path)
    found = load_last_run(tmp_path, Design(Source("d.md", "other text"), ()))
    assert found is not None
    assert "changed" in found.notes[-1]


def test_what_is_no_run_says_so(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"version": 1}')
    with pytest.raises(NothingToDo):
        load_run(path)


def test_comparing_tells_what_turned_broken_first() -> None:
    other = Evidence(replace(CLAIM, subject="users.new"), Verdict.HOLDS)
    changes = compare(a_run(Verdict.HOLDS), a_run(Verdict.BROKEN, 6, other))
    assert [(c.before, c.after) for c in changes] == [(Verdict.HOLDS, Verdict.BROKEN), (None, Verdict.HOLDS)]
    assert compare(a_run(Verdict.HOLDS), a_run(Verdict.HOLDS, 7)) == []
