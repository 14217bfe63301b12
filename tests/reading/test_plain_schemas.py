"""Schemas in plain text, the corpus read as a whole, and that nothing breaks the readers."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from schema_reading import facts, readings, said

from asbuilt.model.entities import EntityMention, EnumMention, ForeignKeyMention, IndexMention, UniqueMention
from asbuilt.text import Source

SHARED = Path(__file__).parents[3] / "shared"


def entities(text: str) -> list[EntityMention]:
    return [f for f in facts(text) if isinstance(f, EntityMention)]


def fenced(body: str, language: str = "") -> str:
    return f"## Data Model\n\n```{language}\n{body}\n```\n"


@pytest.mark.parametrize(
    "line",
    [
        "Users: id, email(unique), name?",
        "users(id, email unique, name?)",
        "users { id, email unique, name? }",
        "Users  id, email(unique), name?",
        "users\n  id\n  email unique\n  name?",
        "users:\n  - id\n  - email (unique)\n  - name?",
        "users {\n  id\n  email unique\n  name?\n}",
    ],
)
def test_an_entity_in_plain_text(line: str) -> None:
    (found,) = entities(fenced(line))
    assert found.name.lower() == "users"
    assert [(f.name, said(f)) for f in found.fields] == [
        ("id", {}),
        ("email", {"is_unique": True}),
        ("name", {"is_nullable": True}),
    ]


def test_types_and_keys_in_plain_text() -> None:
    (found,) = entities(
        fenced(
            "users {\n  id integer pk\n  org_id uuid -> orgs.id\n  created_at timestamptz not null  -- when\n}", "text"
        )
    )
    assert [said(f)["type"] for f in found.fields] == ["integer", "uuid", "timestamp with time zone"]
    assert found.fields[0].is_primary
    assert found.fields[1].references is not None
    assert found.fields[1].references.value.entity == "orgs"


def test_dbml() -> None:
    body = (
        "Table users as U {\n  id int [pk, increment]\n  email varchar(255) [unique, not null, note: 'login']\n  org_id int [ref: > orgs.id]\n"
        "  status status [default: 'a']\n  indexes {\n    (org_id, email) [unique]\n  }\n}\nEnum status {\n  a\n  b\n}\n"
        "Ref: posts.user_id > users.id [delete: cascade]"
    )
    found = facts(fenced(body, "dbml"))
    (users,) = (f for f in found if isinstance(f, EntityMention))
    assert [f.name for f in users.fields] == ["id", "email", "org_id", "status"]
    assert users.fields[0].type is not None
    assert users.fields[0].type.value.is_serial
    assert said(users.fields[1]) == {"type": "character varying(255)", "is_unique": True, "is_nullable": False}
    assert users.fields[2].references is not None
    assert [(i.entity, i.is_unique) for i in found if isinstance(i, IndexMention)] == [("users", True)]
    assert [[v.value for v in e.values] for e in found if isinstance(e, EnumMention)] == [["a", "b"]]
    (key,) = (f for f in found if isinstance(f, ForeignKeyMention))
    assert (key.entity, key.columns, key.target, key.on_delete and key.on_delete.value) == (
        "posts",
        ("user_id",),
        "users",
        "CASCADE",
    )


def test_placeholder_lines_are_skipped_and_the_concrete_ones_read() -> None:
    found = entities(fenced("[e.g., for e-commerce:]\nProducts: id, name, price\nOrders: id, total"))
    assert [e.name for e in found] == ["Products", "Orders"]


def test_compact_lists_in_a_paragraph() -> None:
    text = "## Core Entities\n\nUsers: id, email, name\nOrders: id, user_id, total\n"
    assert [e.name for e in entities(text)] == ["Users", "Orders"]


@pytest.mark.parametrize(
    "body",
    [
        "src/\n  main.py\n  db/",
        "Raw Data → Validation → Transformation → Storage",
        "Business Rules:\n- Rule 1: pay first\n- Rule 2: ship then",
        "┌──────┐\n│ User │\n└──────┘",
        '{ "id": 1, "name": "x" }',
        "npm run migrate\nnpm run seed",
        "CREATE TABLE users (id int);",
        "erDiagram\n  USER ||--o{ POST : writes",
        "host: localhost\nport: 5432",
    ],
)
def test_fences_of_something_else_are_declined(body: str) -> None:
    assert readings(fenced(body)) == []


CELLS = st.sampled_from(
    ["", "-", "id", "users.id", "uuid", "varchar(255)", "PK, NOT NULL", "FK → users(id)", "unique with x", "✓", "X", "否", "`a`, `b`", "[e.g., x]", "((", "a|b", "'", "default", "enum(", "\\_", "→", "1:N", "> 0", "Имя", "𝔘", "**b**", "<br>"]
) | st.text(max_size=12)  # fmt: skip
HEADERS = st.sampled_from(
    ["Field", "Type", "字段", "约束/默认值", "Table", "Column", "References", "On Delete", "From", "To", "Cardinality", "Index Type", "Columns", "Value", "Description", "Required", "Key", "", "Default"]
)  # fmt: skip
HEADINGS = st.sampled_from(
    [
        "### users",
        "## Relationships",
        "## Indexes",
        "## Enums",
        "## Constraints",
        "# x",
        "## Partitioning",
        "## Entities",
    ]
)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


@settings(max_examples=150)
@given(HEADINGS, st.lists(HEADERS, min_size=1, max_size=5), st.lists(st.lists(CELLS, max_size=6), max_size=4))
def test_no_table_breaks_the_readers(heading: str, header: list[str], rows: list[list[str]]) -> None:
    lines = ["| " + " | ".join(map(_cell, row)) + " |" for row in ([*header], ["---"] * len(header), *rows)]
    _sound(f"{heading}\n\n" + "\n".join(lines) + "\n")


@settings(max_examples=150)
@given(
    HEADINGS,
    st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=4),
    st.sampled_from([" ", ": ", " + ", ", ", " → "]),
)
def test_no_list_and_no_fence_breaks_the_readers(heading: str, items: list[list[str]], joint: str) -> None:
    lines = [joint.join(" ".join(word.split()) for word in item) for item in items]
    _sound(f"{heading}\n\n" + "\n".join(f"{'  ' * (i % 2)}- {line}" for i, line in enumerate(lines)) + "\n")
    _sound(f"{heading}\n\n```\n" + "\n".join(lines) + "\n```\n\n" + "\n".join(lines) + "\n")


def _sound(text: str) -> None:
    """Every fact lies within the document, and an entity's and a field's name is what its place says."""
    source = Source("design.md", text)
    for _, reading in readings(text):
        for fact in reading.facts:
            assert 0 <= fact.span.start <= fact.span.end <= len(text)
            for field in fact.fields if isinstance(fact, EntityMention) else ():
                assert source[field.name_span].replace("\\_", "_") == field.name


@pytest.mark.skipif(not SHARED.exists(), reason="the reference documents lie beside the repository")
def test_the_reference_document_in_chinese() -> None:
    text = (SHARED / "corpus" / "momei-database.md").read_text(encoding="utf-8")
    found = facts(text)
    named = {f.name: f for f in found if isinstance(f, EntityMention) and f.is_complete}
    assert {name: len(e.fields) for name, e in named.items()} == {"User": 8, "Post": 13, "PostVersion": 11, "AITask": 7}
    uniques = {(f.entity, f.columns) for f in found if isinstance(f, UniqueMention)}
    assert {
        ("user", ("email",)),
        ("category", ("name", "language")),
        ("notification_settings", ("user_id", "type", "channel")),
    } <= uniques
    indexes = [f for f in found if isinstance(f, IndexMention)]
    assert len(indexes) == 36
    assert [k.text for k in indexes[16].keys] == ["post_id", "created_at"]


@pytest.mark.skipif(not SHARED.exists(), reason="the reference documents lie beside the repository")
def test_the_templates_state_no_entity_that_is_a_placeholder() -> None:
    for path in sorted((SHARED / "templates").glob("*.txt")):
        for fact in facts(path.read_text(encoding="utf-8")):
            for field in fact.fields if isinstance(fact, EntityMention) else ():
                assert "[" not in field.name
            assert "[" not in str(getattr(fact, "entity", ""))
