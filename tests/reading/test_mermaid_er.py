"""Mermaid's entity diagrams: the whole grammar, and what is written in the comments of attributes."""

import pytest
from diagram_reading import Drawn
from hypothesis import given, settings
from hypothesis import strategies as st

from asbuilt.model.entities import Cardinality, FieldMention, Reference
from asbuilt.model.fact import Form

C = Cardinality


def draw(*lines: str) -> Drawn:
    drawn = Drawn("```mermaid\nerDiagram\n" + "\n".join(lines) + "\n```\n")
    assert drawn.reader == "read_mermaid_er"
    return drawn


def field(attribute: str) -> FieldMention:
    drawn = draw("User {", attribute, "}")
    assert drawn.reading.unread == ()
    (found,) = drawn.entities["User"].fields
    return found


SIDES = [
    ("||", "||", C.ONE, C.ONE), ("|o", "o|", C.ZERO_OR_ONE, C.ZERO_OR_ONE), ("}o", "o{", C.ZERO_OR_MORE, C.ZERO_OR_MORE),
    ("}|", "|{", C.ONE_OR_MORE, C.ONE_OR_MORE), ("||", "o{", C.ONE, C.ZERO_OR_MORE), ("o|", "}o", C.ZERO_OR_ONE, C.ZERO_OR_MORE),
]  # fmt: skip
WORDS = [
    ("one or zero", C.ZERO_OR_ONE), ("zero or one", C.ZERO_OR_ONE), ("one or more", C.ONE_OR_MORE), ("one or many", C.ONE_OR_MORE),
    ("many(1)", C.ONE_OR_MORE), ("1+", C.ONE_OR_MORE), ("zero or more", C.ZERO_OR_MORE), ("zero or many", C.ZERO_OR_MORE),
    ("many(0)", C.ZERO_OR_MORE), ("0+", C.ZERO_OR_MORE), ("only one", C.ONE), ("1", C.ONE),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right", "left_count", "right_count"), SIDES)
@pytest.mark.parametrize(("line", "is_identifying"), [("--", True), ("..", False), (".-", False), ("-.", False)])
def test_cardinalities_in_symbols(
    left: str, right: str, left_count: Cardinality, right_count: Cardinality, line: str, is_identifying: bool
) -> None:
    for space in (" ", ""):
        (found,) = draw(f"User{space}{left}{line}{right}{space}LINE-ITEM : has").relationships
        assert (found.left, found.right, found.verb) == ("User", "LINE-ITEM", "has")
        assert (found.left_count, found.right_count) == (left_count, right_count)
        assert found.is_identifying is is_identifying


@pytest.mark.parametrize(("words", "count"), WORDS)
def test_cardinalities_in_words(words: str, count: Cardinality) -> None:
    (found,) = draw(f"A {words} to {words} B : x").relationships
    assert (found.left_count, found.right_count, found.is_identifying) == (count, count, True)
    (found,) = draw(f"A {words} optionally to o{{ B").relationships
    assert (found.left_count, found.right_count, found.is_identifying) == (count, C.ZERO_OR_MORE, False)


@pytest.mark.parametrize(
    ("label", "verb"), [("", ""), (" : places", "places"), (' : "is placed by"', "is placed by"), (" : is placed by", "is placed by"), (' : ""', "")]
)  # fmt: skip
def test_labels(label: str, verb: str) -> None:
    (found,) = draw(f"A ||--o{{ B{label}").relationships
    assert found.verb == verb


def test_names_quoted_aliased_and_in_any_script() -> None:
    drawn = draw(
        'p["A Person"] ||--o{ "Delivery Address":::big : at',
        "学生 }o--|| 课程 : 选",
        "c[Car] {",
        "}",
        "LONE",
        "p ||--|| c : owns",
    )
    assert [(r.left, r.right) for r in drawn.relationships] == [
        ("A Person", "Delivery Address"),
        ("学生", "课程"),
        ("A Person", "Car"),
    ]
    assert set(drawn.entities) == {"A Person", "Car", "LONE", "Delivery Address", "学生", "课程"}
    drawn.check_spans()


def test_an_alias_in_another_script_is_a_gloss_on_a_name_that_speaks() -> None:
    drawn = draw('READER["读者"] ||--o{ LOAN : has', "READER {", "uuid id PK", "}", 'k["客户"] ||--o{ LOAN : pays')
    assert set(drawn.entities) == {"READER", "LOAN", "客户"}
    assert [(r.left, r.right) for r in drawn.relationships] == [("READER", "LOAN"), ("客户", "LOAN")]
    drawn.check_spans()


def test_one_and_many_stand_alone() -> None:
    (found,) = draw("USER one to many ORDER : places").relationships
    assert (found.left_count, found.right_count) == (Cardinality.ONE, Cardinality.ZERO_OR_MORE)


def test_a_dotted_name_has_a_schema() -> None:
    found = draw('"auth.users" {', "uuid id PK", "}").entities["users"]
    assert found.schema == "auth"


def test_an_entity_as_drawn_is_not_complete() -> None:
    found = draw("User {", "  uuid id", "}").entities["User"]
    assert (found.form, found.is_complete) == (Form.DIAGRAM, False)


@pytest.mark.parametrize(
    ("attribute", "name", "type_name"),
    [
        ("uuid id", "id", "uuid"),
        ("varchar(255) email", "email", "character varying"),
        ("decimal(10,2) total", "total", "numeric"),
        ("string[] tags", "tags", "character varying"),
        ("enum status", "status", "enum"),
        ("timestamp with time zone at", "at", "timestamp with time zone"),
        ("OrderStatus status", "status", "orderstatus"),
        ('string "full name"', "full name", "character varying"),
    ],
)
def test_types_and_names(attribute: str, name: str, type_name: str) -> None:
    found = field(attribute)
    assert found.type is not None
    assert (found.name, found.type.value.name) == (name, type_name)


@pytest.mark.parametrize("keys", ["PK", "FK", "UK", "PK, FK", "PK,FK", "PK FK", "FK, UK"])
def test_keys(keys: str) -> None:
    found = field(f"uuid id {keys}")
    stated = (found.is_primary, found.is_foreign_key, found.is_unique)
    assert [bool(s and s.value) for s in stated] == [key in keys for key in ("PK", "FK", "UK")]


def test_a_star_marks_the_primary_key() -> None:
    found = field("uuid *id")
    assert found.name == "id"
    assert found.is_primary is not None


def test_the_truth_in_comments() -> None:
    assert field('string a "not null"').is_nullable.value is False  # type: ignore[union-attr]
    assert field('string a "nullable"').is_nullable.value is True  # type: ignore[union-attr]
    assert field('string a "unique"').is_unique.value is True  # type: ignore[union-attr]
    assert field('int a "default 80"').default.value == "80"  # type: ignore[union-attr]
    assert field("string a \"'x','y'\"").values.value == ("x", "y")  # type: ignore[union-attr]
    assert field('string a "draft|published"').values.value == ("draft", "published")  # type: ignore[union-attr]
    assert field('enum a "NEW|PAID"').values.value == ("NEW", "PAID")  # type: ignore[union-attr]
    assert field('uuid a FK "references users.id"').references.value == Reference("users", ("id",))  # type: ignore[union-attr]
    assert field('uuid a FK "users.id"').references.value == Reference("users", ("id",))  # type: ignore[union-attr]
    assert field('string a "max length 255"').max_length.value == 255  # type: ignore[union-attr]
    assert field('string a "what the user typed"').description == "what the user typed"


def test_what_mermaid_would_refuse_is_read_as_meant() -> None:
    assert field("string name NOT NULL").is_nullable.value is False  # type: ignore[union-attr]
    assert field("id PK").name == "id"
    drawn = draw("User {", "id uuid PK", "email varchar(255)", "}")
    assert [f.name for f in drawn.entities["User"].fields] == ["id", "email"]
    assert len(draw("A { int id PK string name }").entities["A"].fields) == 2
    unclosed = draw("A {", "  int id", "B {", "  int id", "}", "A ||--o{ B : x")
    assert [len(e.fields) for e in unclosed.entities.values()] == [1, 1]


def test_a_brace_in_a_comment_closes_nothing() -> None:
    found = draw("A {", 'string a "x } y"', "int b", "}").entities["A"]
    assert [f.name for f in found.fields] == ["a", "b"]


def test_what_concerns_the_looks_is_prose() -> None:
    text = (
        "```mermaid\n---\ntitle: T\n---\n%%{init: {\n}}%%\nerDiagram\n  direction TB\n  title X\n  accTitle: a\n  accDescr {\n  b }\n"
        "  %% note\n  A ||--|| B : x\n  style A fill:#fff\n  classDef c fill:#fff\n  class A c\n```\n"
    )
    drawn = Drawn(text)
    assert [type(fact).__name__ for fact in drawn.facts] == ["EntityMention", "RelationshipMention", "EntityMention"]
    assert drawn.reading.unread == ()
    assert len(drawn.reading.prose) == 14


def test_a_line_that_is_no_statement_is_left_unread_and_the_rest_is_read() -> None:
    drawn = draw("A ||--o{ B : x", "A has many B", "C {", "  int id", "  ???", "}")
    assert drawn.texts(drawn.reading.unread) == ["A has many B", "???"]
    assert [f.name for f in drawn.entities["C"].fields] == ["id"]
    assert len(drawn.relationships) == 1


def test_a_diagram_needs_no_language() -> None:
    assert Drawn("```\nerDiagram\n  A ||--o{ B : x\n```\n").reader == "read_mermaid_er"
    assert Drawn("```sql\nerDiagram\n```\n").reader == ""


ATOMS = (
    "User", "A-B", '"x y"', "学生", " ", "  ", "||--o{", "}o..||", "--", "o{", " : ", "label", "{", "}", "\n", "\n", "uuid id PK", "string", "name",
    "PK", ",FK", '"not null"', '"', "a|b", "%%", "title", "[", "]", "alias", ":::", "1", "to", "only one", "optionally", "(", ")", "*", "accDescr", "---", "enum('a')", ".",
)  # fmt: skip


@settings(max_examples=500)
@given(st.lists(st.sampled_from(ATOMS), max_size=20).map("".join) | st.text(max_size=80))
def test_no_diagram_raises_and_every_span_holds_its_text(body: str) -> None:
    Drawn(f"```mermaid\nerDiagram\n{body}\n").check_spans()
