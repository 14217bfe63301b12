"""Input that nobody writes on purpose, and that must not stop a check: deep, long and never closed."""

import pytest

from asbuilt.diagnostics import Diagnostic
from asbuilt.document import parse
from asbuilt.model.entities import EntityMention
from asbuilt.model.merging import merge
from asbuilt.model.sql import SqlStatement
from asbuilt.reading import DocumentReading, read
from asbuilt.rules import check
from asbuilt.text import Source

LONG = 20_000


def reading_of(text: str) -> DocumentReading:
    return read(parse(Source("hostile.md", text)))


def findings_of(text: str) -> tuple[Diagnostic, ...]:
    reading = reading_of(text)
    return check(merge(reading.document.source, reading.facts), reading.diagnostics)


@pytest.mark.parametrize(
    "mark", ["(", ")", "-", "|", " ", "`", "[", "]", "*", "_ ", "<", "{", "'", "~", ":", "\\", "a "]
)
def test_a_long_run_of_one_mark_is_accounted_for_line_by_line(mark: str) -> None:
    run = mark * (LONG // len(mark))
    text = (
        f"## Users\n\n| Field | Type |\n| --- | --- |\n| name | varchar(10) {run} |\n\n- name: {run}\n- x{run}y\n\n"
        f"**{run}**\n\n```\n{run}\n```\n\n```sql\nCREATE TABLE a (x text DEFAULT {run});\n```\n"
    )
    reading = reading_of(text)
    assert len(reading.coverage.lines) == reading.document.source.line_count
    findings_of(text)


def test_a_relationship_behind_a_long_run_of_brackets_is_still_none() -> None:
    assert not merge_names(f"## Users\n\n- {'[' * LONG} with\n") - {"users"}


def test_stages_behind_a_long_indent_are_read() -> None:
    reading = reading_of(f"# Data flow\n\n```\n{' ' * LONG}\n{' ' * LONG}Orders → Report\n```\n")
    assert [getattr(fact, "text", "") for fact in reading.facts] == ["Orders", "Report"]


def test_lists_and_quotes_nested_a_thousand_deep_are_accounted_for() -> None:
    for text in ("\n".join("  " * i + "- x" for i in range(1000)), "\n".join(">" * i + " x" for i in range(1000))):
        reading = reading_of(text)
        assert len(reading.coverage.lines) == 1000


def test_every_row_of_a_very_long_table_is_a_field() -> None:
    rows = "\n".join(f"| field_{i} | varchar(20) | yes |" for i in range(5000))
    reading = reading_of(f"## users\n\n| Field | Type | Required |\n| --- | --- | --- |\n{rows}\n")
    entity = next(fact for fact in reading.facts if isinstance(fact, EntityMention))
    assert len(entity.fields) == 5000


def test_every_statement_of_a_very_long_fence_is_read() -> None:
    lines = "\n".join(f"SELECT {i};" for i in range(3000))
    reading = reading_of(f"```sql\n{lines}\n```\n")
    assert sum(isinstance(fact, SqlStatement) for fact in reading.facts) == 3000


def test_an_expression_nested_too_deeply_for_any_parser_stops_nothing() -> None:
    text = f"```sql\nSELECT {'(' * 3000}1{')' * 3000};\nCREATE TABLE users (id int PRIMARY KEY);\n```\n"
    assert "users" in merge_names(text)


def merge_names(text: str) -> set[str]:
    reading = reading_of(text)
    return {entity.name for entity in merge(reading.document.source, reading.facts).entities}
