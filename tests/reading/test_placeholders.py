"""What a document leaves to fill in is found, and what only looks like it is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.document import parse
from asbuilt.document.blocks import Table
from asbuilt.reading.phrases.placeholders import find_empty_row, find_placeholders, is_placeholder
from asbuilt.text import Excerpt, Source


@pytest.mark.parametrize("text", ["`@@unique([ownerId, name])` holds", "`@@index([parentId])`", "*`[FK/UK]`*"])
def test_an_attribute_and_a_mark_leave_nothing_to_fill_in(text: str) -> None:
    assert wanted(text) == []


def wanted(text: str, *, is_code: bool = False) -> list[str]:
    return [p.wanted for p in find_placeholders(Excerpt.at(text, 0), is_code=is_code)]


@pytest.mark.parametrize(
    "text",
    [
        "[e.g., Daily backups]",
        "[Entity Name]",
        "[X]",
        "[DRAFT | UNDER_REVIEW | APPROVED]",
        "[Range, Hash, List partitioning]",
        "[Description]",
        "[field1]",
        "YYYY-MM-DD",
        "DD/MM/YYYY",
        "SEV-X",
        "vX.Y.Z",
        "<your-db>",
        "<table_name>",
        "{{name}}",
        "TODO",
        "TBD",
        "待定",
        "[项目名称]",
        "[parent]([pk])",
        "[entity].([field1], [field2])",
        "idx_[table]_[column]",
    ],
)
def test_a_whole_text_is_a_placeholder(text: str) -> None:
    assert is_placeholder(text)


@pytest.mark.parametrize(
    "text",
    [
        "[ ] create the tables",
        "[x] create the tables",
        "- [X] done",
        "[the guide](https://example.org/a)",
        "[Database Documentation]()",
        "[the guide][guide]",
        "see [^1]",
        "[guide]: https://example.org",
        "string[]",
        "items[0]",
        "RC[Redis Cache]",
        "[A-Z|a-z]",
        "[A-Za-z0-9._%+-]+",
        "[user_id, created_at]",
        '["active", "deleted"]',
        "['a', 'b']",
        "[PK]",
        "[NOT NULL]",
        "[RFC 7519] says so",
        "/posts/[id]",
        "user:<id>",
        "user:{{id}}:session",
        "Array<string>",
        "<br>",
        "the date has the format YYYY-MM-DD",
        "the TODO application",
        "Name",
        "[name for name in names]",
        "",
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert wanted(text) == []
    assert not is_placeholder(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[e.g., Daily backups]", ["e.g. Daily backups"]),
        ("**Purpose**: [What this entity represents]", ["Purpose: What this entity represents"]),
        (
            "Purpose: [What it supports] Scope: [Bounded context]",
            ["Purpose: What it supports", "Scope: Bounded context"],
        ),
        ("**Created**: YYYY-MM-DD", ["Created: YYYY-MM-DD"]),
        ("Retention period: [X] days", ["Retention period: [X] days"]),
        ("Database: PostgreSQL | MySQL | MongoDB", ["Database: PostgreSQL | MySQL | MongoDB"]),
        ("[Description]", ["Description"]),
        ("- Slow query alerts (> [X] ms)", ["Slow query alerts (> [X] ms)"]),
        ("TODO: document the procedure", ["document the procedure"]),
        ("**Owner**: TBD", ["Owner: TBD"]),
    ],
)
def test_it_says_what_is_wanted(text: str, expected: list[str]) -> None:
    assert wanted(text) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("CREATE INDEX idx_[table]_[column] ON [table]([column]);", ["table", "column", "table", "column"]),
        ("USING GIN(to_tsvector('english', [column]))", ["column"]),
        ("interface [EntityName] {\n  [field1]?: Date;", ["EntityName", "field1"]),
        ("[e.g., for e-commerce:]", ["e.g. for e-commerce:"]),
        ("- Rule 1: [Description and implementation]", ["Rule 1: Description and implementation"]),
        ("-- TODO(ann): add the index", ["add the index"]),
        ("[ASCII ERD or description of main entities]", ["ASCII ERD or description of main entities"]),
    ],
)
def test_code_holds_plain_placeholders(code: str, expected: list[str]) -> None:
    assert wanted(code, is_code=True) == expected


@pytest.mark.parametrize(
    "code",
    [
        "RC[Redis Cache] --> Users[(Users)]",
        "CREATE TABLE [dbo].[Users] ([Id] INT)",
        "[key: string]: unknown",
        "row[column] = {[field]: 1}",
        "CHECK (code ~ '^[A-Z]{2,}$')",
        "TO_CHAR(now(), 'YYYY-MM-DD')",
        "return [secrets.token_hex(8) for _ in range(10)]",
        "tags TEXT[] DEFAULT ARRAY['a']",
        "matrix = [[1, 2], [3, 4]]",
    ],
)
def test_code_is_left_alone(code: str) -> None:
    assert wanted(code, is_code=True) == []


def test_the_span_is_the_placeholder() -> None:
    source = Source("a.md", "**Owner**: [Name of the team], since YYYY-MM-DD")
    found = find_placeholders(Excerpt.at(source.text, 0))
    assert [source[p.span] for p in found] == ["[Name of the team]", "YYYY-MM-DD"]


def test_an_empty_row_is_to_be_filled() -> None:
    table = parse(Source("a.md", "| Attribute | Type |\n|---|---|\n| | |\n| id | UUID |\n")).blocks[0]
    assert isinstance(table, Table)
    empty = find_empty_row(table.rows[0], table.header)
    assert empty is not None
    assert empty.wanted == "a row: Attribute, Type"
    assert find_empty_row(table.rows[1], table.header) is None


@given(st.text(alphabet="[]()<>{}|_-*`:.,Xx YMDeg1aé表\n\\"), st.booleans())
def test_any_text_has_placeholders_at_their_places(text: str, is_code: bool) -> None:
    source = Source("a.md", text)
    for placeholder in find_placeholders(Excerpt.at(text, 0), is_code=is_code):
        assert source[placeholder.span] == placeholder.text
        assert placeholder.text
