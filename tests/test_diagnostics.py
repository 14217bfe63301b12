"""Findings are values: they have places, contradictions have two, edits apply cleanly."""

import pytest

from asbuilt.diagnostics import Diagnostic, Edit, Label, Severity, apply_edits, contradiction
from asbuilt.text import Source, Span


def test_a_diagnostic_has_a_place() -> None:
    with pytest.raises(ValueError, match="needs a place"):
        Diagnostic("x", Severity.ERROR, "nowhere", ())


def test_a_contradiction_has_two_places() -> None:
    here = Label(Span(0, 3))
    with pytest.raises(ValueError, match="two places"):
        contradiction("x", "says twice", here, here)
    found = contradiction("x", "disagree", here, Label(Span(9, 12)))
    assert [label.span for label in found.labels] == [Span(0, 3), Span(9, 12)]
    assert found.severity is Severity.ERROR


def test_edits_apply_from_front_to_back_whatever_their_order() -> None:
    source = Source("x.md", "abcdef")
    edits = (Edit(Span(4, 5), "E"), Edit(Span(0, 1), "A"), Edit(Span(2, 2), "-"))
    assert apply_edits(source, edits) == "Ab-cdEf"


def test_of_overlapping_edits_the_first_wins() -> None:
    source = Source("x.md", "abcdef")
    assert apply_edits(source, (Edit(Span(0, 3), "X"), Edit(Span(2, 4), "Y"))) == "Xdef"


def test_a_removal_that_empties_its_lines_takes_them_along() -> None:
    source = Source("x.md", "| a |\r\n|---|\r\n| 1 |\r\n| 2 |\r\n")
    at = source.text.index("| 1 |")
    assert apply_edits(source, (Edit(Span(at, at + 5), ""),)) == "| a |\r\n|---|\r\n| 2 |\r\n"
    assert apply_edits(source, (Edit(Span(at, at + 2), ""),)) == "| a |\r\n|---|\r\n1 |\r\n| 2 |\r\n"
    assert apply_edits(Source("x.md", "a\n  b"), (Edit(Span(4, 5), ""),)) == "a\n"
    assert apply_edits(source, (Edit(Span(0, len(source.text)), ""),)) == ""
