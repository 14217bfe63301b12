"""Flows drawn with arrows and no boxes: side by side, downwards, branching."""

import pytest
from diagram_reading import Drawn
from hypothesis import given, settings
from hypothesis import strategies as st

from asbuilt.document.parsing import parse
from asbuilt.evidence import Chapter
from asbuilt.model.chapters import Component, Feed
from asbuilt.reading.diagrams.ascii_flows import flow_in
from asbuilt.reading.diagrams.mermaid_text import lines_of
from asbuilt.text import Excerpt, Source


def feeds(*lines: str) -> list[tuple[str, str, str]]:
    drawn = Drawn("```\n" + "\n".join(lines) + "\n```\n", Chapter.FLOW)
    for fact in drawn.facts:
        assert isinstance(fact, Component | Feed)
        if isinstance(fact, Component):
            assert drawn.source[fact.span] == fact.label
    return [(f.origin, f.target, f.label) for f in drawn.facts if isinstance(f, Feed)]


def test_rows_and_what_hangs_below_them() -> None:
    assert feeds("Client → API → PostgreSQL", "          ↓", "        Redis") == [
        ("Client", "API", ""),
        ("API", "PostgreSQL", ""),
        ("API", "Redis", ""),
    ]


def test_a_decision_with_its_answers() -> None:
    assert feeds("Request", "   ↓", "Cache Hit? → Yes → Return", "   ↓ No", "Query Database", "   ↓", "Update Cache") == [
        ("Request", "Cache Hit?", ""),
        ("Cache Hit?", "Return", "Yes"),
        ("Cache Hit?", "Query Database", "No"),
        ("Query Database", "Update Cache", ""),
    ]  # fmt: skip


def test_branches_off_a_row() -> None:
    assert feeds("Created ──> Pending ──> Paid", "              │", "              └──> Cancelled") == [
        ("Created", "Pending", ""),
        ("Pending", "Paid", ""),
        ("Pending", "Cancelled", ""),
    ]


def test_stages_in_brackets_and_a_slanted_branch() -> None:
    assert feeds("[Producer] -> [Queue] -> (Worker) -> DB", "                              \\-> Cache")[-1] == (
        "Worker",
        "Cache",
        "",
    )


def test_down_with_labels_and_branches() -> None:
    drawing = ("Browser", "  |", "  | HTTPS", "  v", "Nginx", "  |", "  +--> App 1", "  |", "  +--> App 2", "        |", "        v", "     PostgreSQL ==> Replica")  # fmt: skip
    assert feeds(*drawing) == [
        ("Browser", "Nginx", "HTTPS"),
        ("Nginx", "App 1", ""),
        ("Nginx", "App 2", ""),
        ("App 2", "PostgreSQL", ""),
        ("PostgreSQL", "Replica", ""),
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ("draft -> review -> published",),
        ("One", "Two", "Three"),
        ("├── src", "│   └── main.py", "└── README.md"),
        ("| a | b |", "|---|---|", "| 1 | 2 |"),
        ("Request", "  ↓", "Response", "A sentence that hangs from nothing."),
    ],
)
def test_what_is_no_flow_is_declined(lines: tuple[str, ...]) -> None:
    assert flow_in([Excerpt.at(line, 0) for line in lines]) == ()


@settings(max_examples=150)
@given(st.text(alphabet="ab |│└├─->→↓v+\\()[]?\n", max_size=120))
def test_no_drawing_breaks_it_and_every_stage_is_where_it_says(text: str) -> None:
    document = parse(Source("design.md", f"```\n{text}\n```\n"))
    for block in document.walk():
        if hasattr(block, "body"):
            for fact in flow_in(lines_of(block.body)):
                if isinstance(fact, Component):
                    assert document.source[fact.span] == fact.label
