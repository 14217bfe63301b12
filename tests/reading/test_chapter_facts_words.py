"""Keys and values, boxes, promises in words, front matter; what stays prose; every line of the reference documents."""

from pathlib import Path

import pytest
from chapter_reading import facts, reading_of, texts
from hypothesis import given, settings
from hypothesis import strategies as st

from asbuilt.model.chapters import ChecklistItem, Property, RecoveryObjective
from asbuilt.model.entities import UniversalRule
from asbuilt.model.fact import Placeholder, Statement
from asbuilt.reading.coverage import LineKind
from asbuilt.text import Source

SHARED = Path(__file__).parents[2] / "../shared"
DOCUMENTS = sorted(SHARED.glob("templates/*.txt")) + sorted(SHARED.glob("corpus/*-*.md"))


def properties(markdown: str) -> list[tuple[str, str]]:
    return [(p.key, p.value) for p in facts(markdown, Property)]


def kinds(markdown: str) -> list[LineKind]:
    return list(reading_of(markdown).coverage.lines)


def test_label_lines() -> None:
    text = "# Shop\n\n**Primary Database**: PostgreSQL 15.4\n**Owner:** Data team\n**Host**: [e.g., AWS RDS]\n"
    assert properties(text) == [("Primary Database", "PostgreSQL 15.4"), ("Owner", "Data team")]
    assert texts(text, Property) == ["**Primary Database**: PostgreSQL 15.4", "**Owner:** Data team"]
    assert kinds(text)[2:] == [LineKind.FACT, LineKind.FACT, LineKind.PLACEHOLDER]


def test_several_labels_on_a_line() -> None:
    assert properties("# A\n\n**Purpose:** orders **Scope:** one shop\n") == [
        ("Purpose", "orders"),
        ("Scope", "one shop"),
    ]


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("*Version: 1.0.0*", "Version", "1.0.0"),
        ("说明：当前脚本已与实体同步。", "说明", "当前脚本已与实体同步。"),
        ("- Database: PostgreSQL 15", "Database", "PostgreSQL 15"),
        ("- **项目名称**: 认证系统", "项目名称", "认证系统"),
        ("- `pool_size` – 20", "pool_size", "20"),
        ("- Listens on: `db.example.org:5432`", "Listens on", "db.example.org:5432"),
    ],
)
def test_a_key_and_its_value(line: str, key: str, value: str) -> None:
    assert properties(f"# Overview\n\n{line}\n") == [(key, value)]


@pytest.mark.parametrize(
    "line",
    [
        "This document tells of the shop. It has two parts: orders and goods.",
        "- see `user:{id}` for more",
        "- https://example.org/a",
        "- at 10:30",
        "**Schema**:",
    ],
)
def test_what_is_no_key(line: str) -> None:
    assert properties(f"# Overview\n\n{line}\n") == []


def test_the_value_has_its_own_place() -> None:
    text = "# A\n\n- **Engine**: `PostgreSQL 16`\n"
    assert [Source("a", text)[p.value_span] for p in facts(text, Property)] == ["PostgreSQL 16"]


def test_front_matter() -> None:
    text = "---\ntitle: Shop\ndb:\n  engine: PostgreSQL 16\nowner: <your-team>\n---\n# Shop\n"
    assert properties(text) == [("title", "Shop"), ("db.engine", "PostgreSQL 16")]


def test_broken_front_matter_is_read_line_by_line() -> None:
    assert properties("---\ntitle: Shop: the design\nversion: 2\n---\n# Shop\n")[-1] == ("version", "2")


def test_a_table_of_technologies() -> None:
    text = "| 层级 | 技术选择 | 理由 |\n|---|---|---|\n| **主数据库** | PostgreSQL 15 | 成熟 |\n| 缓存 | [e.g., Redis] | |\n"
    assert properties(text) == [("主数据库", "PostgreSQL 15")]


def test_boxes() -> None:
    text = "## Checklist\n\n- [ ] Create the tables\n- [x] Load the data\n"
    assert [(i.text, i.is_checked, i.subject) for i in facts(text, ChecklistItem)] == [
        ("Create the tables", False, "Checklist"),
        ("Load the data", True, "Checklist"),
    ]


def statements(markdown: str) -> list[tuple[str, str]]:
    return [(s.subject, s.text) for s in facts(markdown, Statement)]


def test_a_promise_stands_under_its_label() -> None:
    text = "## Data Integrity\n\nRules that hold:\n\n- Orphan records are prevented\n  - by foreign keys\n"
    assert statements(text) == [
        ("Rules that hold", "Orphan records are prevented"),
        ("Orphan records are prevented", "by foreign keys"),
    ]


def test_an_overview_is_prose_but_for_its_rules() -> None:
    text = (
        "## Overview\n\n- A shop for books\n- Prices must never be negative\n\nWe sell. Every order is kept, always.\n"
    )
    assert [t for _, t in statements(text)] == ["Prices must never be negative", "Every order is kept, always."]
    assert kinds(text)[2] == LineKind.PROSE


@pytest.mark.parametrize(
    "rule",
    [
        "必须同步更新三套脚本。",
        "반드시 암호화해야 한다",
        "Поле должно быть уникальным",
        "必ず暗号化する",
        "Debe ser único",
        "Deve ser único",
    ],
)
def test_a_rule_in_any_language_is_a_statement(rule: str) -> None:
    assert [t for _, t in statements(f"## Overview\n\n- {rule}\n")] == [rule]


def test_a_note_with_a_rule_is_a_statement() -> None:
    assert statements("## Backup\n\n**Note**: backups must be tested.\n") == [("Note", "Note: backups must be tested.")]


def test_a_rule_about_all_tables_in_a_list() -> None:
    found = facts("## Conventions\n\n- All tables have `id` and `created_at`\n", UniversalRule)
    assert [r.columns for r in found] == [("id", "created_at")]


def test_sentences_of_a_chapter_of_promises() -> None:
    text = "## Migration\n\nThe steps are as follows:\n\nThe old column stays for one release. Then it goes.\n"
    assert [t for _, t in statements(text)] == ["The old column stays for one release.", "Then it goes."]


def test_links_are_prose() -> None:
    text = "## Documentation Links\n\n- [Migration History]()\n- [Models](models.md) - all of them\n- https://example.org\n"
    assert reading_of(text).facts == ()
    assert set(kinds(text)) == {LineKind.PROSE}


def test_any_other_table_is_read_row_by_row() -> None:
    text = (
        "## Decisions\n\n| Decision | Reason |\n|---|---|\n| UUID keys | no guessing |\n| | |\n| [Decision] | why |\n"
    )
    assert statements(text) == [("UUID keys", "Decision: UUID keys; Reason: no guessing")]
    assert [p.wanted for p in facts(text, Placeholder)] == ["a row: Decision, Reason", "Decision"]


def test_a_table_of_files_is_prose() -> None:
    assert reading_of("| File | Purpose |\n|---|---|\n| schema.sql | DDL |\n").facts == ()


def test_a_fence_that_holds_a_list() -> None:
    text = (
        "## Integrity\n\n```\nBusiness Rules:\n- Rule 1: [Description and implementation]\n- Totals are positive\n```\n"
    )
    assert statements(text) == [("Business Rules", "Totals are positive")]
    assert LineKind.NOT_UNDERSTOOD not in kinds(text)


@pytest.mark.parametrize("body", ["users(id, email)", "const a = 1", "users {\n  id integer\n}"])
def test_a_fence_of_something_else_is_declined(body: str) -> None:
    assert LineKind.NOT_UNDERSTOOD in kinds(f"```\n{body}\n```\n")


@pytest.mark.skipif(not DOCUMENTS, reason="the reference documents are not here")
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_lists_and_tables_of_the_reference_documents_are_understood(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    reading = reading_of(text)
    inside_fences = [
        span for span in reading.coverage.not_understood if not text[span.start :].lstrip().startswith("```")
    ]
    assert inside_fences == []
    for fact in reading.facts:
        assert 0 <= fact.span.start < fact.span.end <= len(text)


LINES = st.sampled_from(
    ["# Backup", "## PII", "### Alerts", "## Roles", "- **RTO**: 4 hours", "- [ ] box", "- a: b", "  - nested: > 5 ms", "1. step", "", " A ", " B ", "", "---", "---", "", "", " x ", " 7 days ", "", "", "**Key**: value **Other:** 3", "`a.b` - c", "[e.g., x]", "*Version: 1*", "---", "title: x", "```", "→ a → b", "> quoted: text", "PII (a, b)", "每天：备份", "- 99.9% p95 < 1s"]
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(st.one_of(LINES, st.text(alphabet="-*|#`[]():：>_ \ta1%é表→", max_size=30)), max_size=14))
def test_no_document_crashes_the_readers(lines: list[str]) -> None:
    text = "\n".join(lines)
    for fact in reading_of(text).facts:
        assert 0 <= fact.span.start <= fact.span.end <= len(text)


@given(st.integers(1, 999), st.sampled_from(["minutes", "hours", "days", "小时", "часов"]))
def test_what_is_written_is_what_is_read(number: int, unit: str) -> None:
    text = f"## Recovery\n\n- **RPO**: {number} {unit}\n"
    assert texts(text, RecoveryObjective) == [f"**RPO**: {number} {unit}"]


def test_a_wrapped_sentence_is_one_statement() -> None:
    text = "## Migration\n\nThe old column stays\nfor one release. Then\nit goes.\n\n- Every step is\n  reversible\n"
    assert [t for _, t in statements(text)] == [
        "The old column stays for one release.",
        "Then it goes.",
        "Every step is reversible",
    ]
    assert texts(text, Statement)[0] == "The old column stays\nfor one release."


@pytest.mark.parametrize("sentence", ["This section lists the steps.", "本文档说明迁移步骤。", "В этом разделе: шаги:"])
def test_what_speaks_of_the_document_itself_promises_nothing(sentence: str) -> None:
    assert statements(f"## Migration\n\n{sentence}\n") == []


def test_an_empty_item_states_nothing() -> None:
    assert reading_of("## Migration\n\n1.\n2. x\n-\n").facts[0].span.start > 17
