"""Drawings made of characters: boxes, the lines between them, flows downwards, trees."""

import pytest
from diagram_reading import Drawn
from hypothesis import given, settings
from hypothesis import strategies as st

from asbuilt.evidence import Chapter
from asbuilt.model.chapters import Component, Feed
from asbuilt.model.entities import Cardinality
from asbuilt.model.fact import Form

C = Cardinality


def draw(body: str, chapter: Chapter = Chapter.ENTITIES) -> Drawn:
    return Drawn(f"```\n{body}\n```\n", chapter)


UNICODE = """
┌──────────────────┐          ┌─────────────────┐
│      users       │          │     posts       │
├──────────────────┤          ├─────────────────┤
│ id (PK)          │1────────*│ PK id: uuid     │
│ email: string UK │          │ FK user_id      │
│ password         │          │ duration_sec    │
│ ...              │          │ ???             │
└──────────────────┘          └─────────────────┘
"""
ASCII = """
+------------------+     +-----------+
|      User        |     |  Post     |
+------------------+     +-----------+
| id UUID PK       |---< | id PK     |
| email VARCHAR UK |     | user_id FK|
+------------------+     +-----------+
"""


def test_boxes_list_the_fields_of_entities() -> None:
    drawn = draw(UNICODE)
    users, posts = drawn.entities["users"], drawn.entities["posts"]
    assert [f.name for f in users.fields] == ["id", "email", "password"]
    assert [f.name for f in posts.fields] == ["id", "user_id", "duration_sec"]
    assert (users.form, users.is_complete) == (Form.BOX, False)
    assert users.fields[0].is_primary is not None
    assert users.fields[1].is_unique is not None
    assert posts.fields[0].type is not None
    assert posts.fields[1].is_foreign_key is not None
    (joined,) = drawn.relationships
    assert (joined.left, joined.left_count, joined.right_count, joined.right) == (
        "users",
        C.ONE,
        C.ZERO_OR_MORE,
        "posts",
    )
    drawn.check_spans()


def test_boxes_in_plain_ascii() -> None:
    drawn = draw(ASCII)
    assert {name: [f.name for f in e.fields] for name, e in drawn.entities.items()} == {
        "User": ["id", "email"],
        "Post": ["id", "user_id"],
    }
    assert [(r.left, r.right) for r in drawn.relationships] == [("User", "Post")]
    drawn.check_spans()


def test_wide_characters_shift_nothing() -> None:
    drawn = draw(
        "┌──────────┐  ┌────────┐\n│ 用户 user │  │ post   │\n├──────────┤  ├────────┤\n│ id  主键  │  │ id PK  │\n└──────────┘  └────────┘"
    )
    assert set(drawn.entities) == {"user", "post"}


def test_a_bare_box_is_a_component_outside_the_schema() -> None:
    body = "┌─────────┐     ┌──────────────┐\n│ API     │────▶│ PostgreSQL   │\n│ Gateway │     │ (primary)    │\n└─────────┘     └──────────────┘"
    drawn = draw(body, Chapter.OVERVIEW)
    found = [f for f in drawn.facts if isinstance(f, Component)]
    assert [(c.label, c.kind) for c in found] == [("API Gateway", ""), ("PostgreSQL (primary)", "database")]
    assert len([f for f in drawn.facts if isinstance(f, Feed)]) == 1
    assert draw(body.replace("▶", "─")).facts == ()


@pytest.mark.parametrize(
    ("line", "left", "left_count", "right_count", "right"),
    [
        ("A (1) ----< (*) B", "A", C.ONE, C.ZERO_OR_MORE, "B"),
        ("User 1---* Post", "User", C.ONE, C.ZERO_OR_MORE, "Post"),
        ("users ──< orders", "users", C.ONE, C.ZERO_OR_MORE, "orders"),
        ("A 1:N B", "A", C.ONE, C.ZERO_OR_MORE, "B"),
        ("A N:1 B", "A", C.ZERO_OR_MORE, C.ONE, "B"),
        ("A (N) ──── (M) B", "A", C.ZERO_OR_MORE, C.ZERO_OR_MORE, "B"),
        ("A (1) ---- (1) B", "A", C.ONE, C.ZERO_OR_ONE, "B"),
        ("Order >── User", "Order", C.ZERO_OR_MORE, C.ONE, "User"),
        ("Team }o--|| Org", "Team", C.ZERO_OR_MORE, C.ONE, "Org"),
        ("A 1 ──── 0..1 B", "A", C.ONE, C.ZERO_OR_ONE, "B"),
        ("A 1 --has-- * B", "A", C.ONE, C.ZERO_OR_MORE, "B"),
    ],
)
def test_lines(line: str, left: str, left_count: Cardinality, right_count: Cardinality, right: str) -> None:
    drawn = draw(line)
    (found,) = drawn.relationships
    assert (found.left, found.left_count, found.right_count, found.right) == (left, left_count, right_count, right)
    drawn.check_spans()


def test_a_chain_and_what_is_said_of_it() -> None:
    found = draw("User 1---* Post 1---* Comment\nusers ──< orders : places\ntag *──* post (via tag_id)").relationships
    assert [(r.left, r.right, r.verb, r.via) for r in found] == [
        ("User", "Post", "", None),
        ("Post", "Comment", "", None),
        ("users", "orders", "places", None),
        ("tag", "post", "", "tag_id"),
    ]


def test_a_flow_downwards() -> None:
    drawn = draw("Raw Data\n   ↓\nValidation\n   |\n   v\nStorage", Chapter.FLOW)
    assert [(f.origin, f.target) for f in drawn.facts if isinstance(f, Feed)] == [
        ("Raw Data", "Validation"),
        ("Validation", "Storage"),
    ]


def test_trees() -> None:
    related = draw("users\n  ├──< orders\n  │     └──< order_items\n  └── addresses (1:N)")
    assert [(r.left, r.right) for r in related.relationships] == [
        ("users", "orders"),
        ("users", "addresses"),
        ("orders", "order_items"),
    ]
    fields = draw("User\n├── id (UUID, PK)\n├── email: string\n└── posts")
    assert [f.name for f in fields.entities["User"].fields] == ["id", "email", "posts"]
    files = draw("src/\n├── main.py\n└── models/\n    └── user.py")
    assert (files.reader, files.facts) == ("read_ascii_tree", ())


@pytest.mark.parametrize(
    "body",
    [
        "plain words\nand more",
        "Users: id, email",
        "$ make test\n-----\nok",
        "a -- b",
        "A → B → C",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "x = 1:1 y\nfoo\nbar",
        "",
    ],
)
def test_what_is_no_drawing_is_declined(body: str) -> None:
    assert draw(body).reader == ""


def test_a_drawing_has_no_language_of_code() -> None:
    assert Drawn(f"```python\n{UNICODE}\n```\n").reader == ""


ATOMS = (
    "┌──┐", "└──┘", "├──┤", "│", "│ id PK │", "+----+", "| id |", "\n", "\n", "  ", "users", "1", "*", "----", "──<", "<", ">", "▶", "→", "↓", "v", "|",
    "├── ", "└── ", "(1)", "1:N", ":", "漢", "email: string", "FK a_id", "(via x_id)", "...",
)  # fmt: skip


@settings(max_examples=500)
@given(
    st.lists(st.sampled_from(ATOMS), max_size=24).map("".join) | st.text(max_size=80),
    st.sampled_from((Chapter.ENTITIES, Chapter.OVERVIEW)),
)
def test_no_drawing_raises_and_every_span_lies_in_it(body: str, chapter: Chapter) -> None:
    drawn = Drawn(f"```\n{body}\n", chapter)
    for fact in drawn.facts:
        assert fact.span in drawn.block.span
        assert drawn.source[fact.span].strip()
    for entity in drawn.entities.values():
        assert drawn.source[entity.name_span] == entity.name


@pytest.mark.parametrize(
    ("line", "ends"),
    [
        (
            "Batch (批次) 1 ──────< N Figure (手办) 1 ────── 0..1 Trade (交易)",
            [("Batch", "Figure"), ("Figure", "Trade")],
        ),
        ("users (1) ──────< (N) teams (N) >────── (1) workspaces", [("users", "teams"), ("teams", "workspaces")]),
        ("clientes (1) -----> (N) vehiculos", [("clientes", "vehiculos")]),
        ("User (1) ──────────< Business (Many)", [("User", "Business")]),
        ("Artists ──< Albums ──< Plays", [("Artists", "Albums"), ("Albums", "Plays")]),
    ],
)
def test_lines_as_people_draw_them(line: str, ends: list[tuple[str, str]]) -> None:
    assert [(r.left, r.right) for r in draw(line).relationships] == ends


def test_a_line_of_dashes_separates_inside_a_box() -> None:
    drawn = draw("┌─────▼─────┐\n│   topic   │\n│ ───────── │\n│ id (PK)   │\n│ user_id   │\n└───────────┘")
    assert [f.name for f in drawn.entities["topic"].fields] == ["id", "user_id"]


def test_a_branch_hangs_from_what_stands_above_its_stem() -> None:
    found = draw(
        "users ──────────< sessions\n  │                  │\n  │                  └───────< messages\n  │\n  ├──────────< documents ──────< chunks\n"
        "  │                                └───< embeddings\n  └──────────< (N) jobs (owner)\n"
    )
    assert found.reader == "read_ascii_tree"
    assert {(r.left, r.right) for r in found.relationships} == {
        ("users", "sessions"),
        ("sessions", "messages"),
        ("users", "documents"),
        ("documents", "chunks"),
        ("chunks", "embeddings"),
        ("users", "jobs"),
    }


TOPIC = "┌─────────┐\n│  Topic  │\n├─────────┤\n│ id (PK) │\n└────┬────┘\n"
QUESTION = "┌────▼─────┐\n│ Question │\n├──────────┤\n│ id (PK)  │\n└──────────┘\n"


@pytest.mark.parametrize(
    "stem",
    [
        "     │ 1\n     │\n     ▼ N\n",
        "     │\n     │ 1:N\n     │\n",
        "     | (1)\n     | (*)\n",
        "     │ has\n     ▼ *\n",
    ],
)
def test_a_line_down_from_box_to_box(stem: str) -> None:
    (found,) = draw(TOPIC + stem + QUESTION).relationships
    assert (found.left, found.left_count, found.right_count, found.right) == (
        "Topic",
        C.ONE,
        C.ZERO_OR_MORE,
        "Question",
    )


def test_a_line_down_without_counts_states_no_relationship() -> None:
    assert draw(TOPIC + "     │\n     ▼\n" + QUESTION).relationships == []


def test_an_arrow_down_between_components_feeds() -> None:
    body = "┌─────┐\n│ API │\n└──┬──┘\n   │\n   ▼\n┌─────────┐\n│ MySQL   │\n└─────────┘"
    assert [(f.origin, f.target) for f in draw(body, Chapter.OVERVIEW).facts if isinstance(f, Feed)] == [
        ("API", "MySQL")
    ]


def test_a_name_may_stand_above_its_box() -> None:
    drawn = draw(
        "USERS                 PROJECTS\n┌────────────┐        ┌─────────────┐\n│ id (PK)    │        │ id (PK)     │\n│ username   │◄───────│ client_id   │\n└────────────┘        └─────────────┘"
    )
    assert {name: len(entity.fields) for name, entity in drawn.entities.items()} == {"USERS": 2, "PROJECTS": 2}
    drawn.check_spans()
