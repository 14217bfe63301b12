"""The findings of all rules together: order, what is held back, what a comment allows."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asbuilt.diagnostics import Diagnostic, Label, Severity, apply_edits
from asbuilt.document import parse
from asbuilt.model.design import Design
from asbuilt.model.merging import merge
from asbuilt.reading import read
from asbuilt.rules import check
from asbuilt.rules.following import hold_back
from asbuilt.rules.suppression import suppressions
from asbuilt.text import Source, Span

_PIECES = sorted(Path(__file__).parent.glob("*.md"))


def design(text: str) -> Design:
    source = Source("design.md", text)
    return merge(source, read(parse(source)).facts)


def codes(text: str) -> list[str]:
    return [d.code for d in check(design(text))]


def finding(code: str, start: int, end: int) -> Diagnostic:
    return Diagnostic(code, Severity.WARNING, code, (Label(Span(start, end)),))


def logs(comment: str = "", name: str = "logs") -> str:
    return f"```sql\n{comment}CREATE TABLE {name} (at TIMESTAMPTZ);\n```\n"


def test_findings_are_sorted_by_place_and_come_once() -> None:
    found = check(design(logs() + "\n" + logs(name="events") + "\n" + "# Personal data\n\n- `orders.email`\n"))
    assert [d.code for d in found] == ["missing_primary_key", "missing_primary_key", "personal_data_unknown"]
    assert list(found) == sorted(set(found), key=lambda d: d.span)


@pytest.mark.parametrize(
    "text",
    [
        "<!-- asbuilt: allow missing_primary_key: append only -->\n" + logs(),
        "<!-- asbuilt: allow missing_primary_key: append only -->\n\n" + logs(),
        logs("-- asbuilt: allow missing_primary_key: append only\n"),
        "```sql\nCREATE TABLE logs (at TIMESTAMPTZ); -- asbuilt: allow missing-primary-key: append only\n```\n",
    ],
)
def test_a_comment_allows_one_finding(text: str) -> None:
    assert codes(text) == []


def test_one_comment_allows_no_second_finding() -> None:
    comment = "<!-- asbuilt: allow missing_primary_key: append only -->\n"
    assert codes(comment + "```sql\nCREATE TABLE a (at DATE);\nCREATE TABLE b (at DATE);\n```\n") == [
        "missing_primary_key"
    ]


def test_a_comment_reaches_no_further_than_the_next_block() -> None:
    comment = "<!-- asbuilt: allow missing_primary_key: append only -->\n"
    assert codes(comment + "A sentence.\n\n" + logs()) == ["unused_suppression", "missing_primary_key"]


def test_a_comment_is_found_with_its_reason() -> None:
    found = list(suppressions(Source("d", "x\n<!-- asbuilt: allow duplicate_index: kept\nfor now -->\ny\n")))
    assert [(s.code, s.reason, list(s.reach)) for s in found] == [("duplicate_index", "kept\nfor now", [4])]


def test_what_only_follows_at_the_same_place_is_held_back() -> None:
    leader, follower = finding("reference_undefined", 10, 20), finding("undefined_entity", 12, 18)
    elsewhere = finding("undefined_entity", 30, 40)
    assert hold_back([follower, elsewhere, leader]) == [leader, elsewhere]
    assert hold_back([follower, elsewhere]) == [follower, elsewhere]


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(_PIECES), st.randoms(use_true_random=False))
def test_no_document_breaks_the_rules(path: Path, dice) -> None:
    lines = path.read_text().replace("````", "").splitlines()
    kept = [
        line[: dice.randint(0, len(line))] if dice.random() < 0.2 else line for line in lines if dice.random() > 0.1
    ]
    text = "\n".join(kept)
    assert check(design(text)) == check(design(text))
    assert all(label.span.end <= len(text) for d in check(design(text)) for label in d.labels)


def test_dropping_an_index_renames_it_where_a_query_is_said_to_be_served_by_it() -> None:
    text = (
        "## Query Patterns\n\n```sql\nCREATE TABLE users (id UUID PRIMARY KEY, email TEXT UNIQUE);\n"
        "CREATE INDEX idx_email ON users (email);\n```\n\n```sql\n"
        "SELECT * FROM users WHERE email = ?;\n-- Optimized by: idx_email\n```\n"
    )
    found = next(d for d in check(design(text)) if d.code == "index_on_unique")
    fixed = apply_edits(Source("design.md", text), found.fixes[0].edits)
    assert "idx_email" not in fixed
    assert "-- Optimized by: users_email_key" in fixed
