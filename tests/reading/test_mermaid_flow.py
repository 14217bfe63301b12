"""Mermaid's flow charts and class diagrams."""

import pytest
from diagram_reading import Drawn
from hypothesis import given, settings
from hypothesis import strategies as st

from asbuilt.model.chapters import Component, Feed
from asbuilt.model.entities import Cardinality, EnumMention


def draw(*lines: str) -> Drawn:
    drawn = Drawn("```mermaid\ngraph TD\n" + "\n".join(lines) + "\n```\n")
    assert drawn.reader == "read_mermaid_flow"
    return drawn


def feeds(drawn: Drawn) -> list[tuple[str, str, str]]:
    return [(f.origin, f.target, f.label) for f in drawn.facts if isinstance(f, Feed)]


def components(drawn: Drawn) -> dict[str, Component]:
    return {f.id: f for f in drawn.facts if isinstance(f, Component)}


@pytest.mark.parametrize(
    ("link", "label"),
    [
        ("-->", ""), ("---", ""), ("--->", ""), ("-.->", ""), ("-.-", ""), ("==>", ""), ("--x", ""), ("--o", ""), ("-->|reads|", "reads"),
        ("-- reads -->", "reads"), ("-. reads .->", "reads"), ("== reads ==>", "reads"), ("--reads-->", "reads"), ('-- "reads" -->', "reads"),
    ],
)  # fmt: skip
def test_links(link: str, label: str) -> None:
    assert feeds(draw(f"A {link} B")) == [("A", "B", label)]


def test_chains_and_several_at_once() -> None:
    assert feeds(draw("A --> B --> C")) == [("A", "B", ""), ("B", "C", "")]
    assert feeds(draw("A & B --> C & D")) == [("A", "C", ""), ("A", "D", ""), ("B", "C", ""), ("B", "D", "")]
    assert feeds(draw("A <--> B; B-->C")) == [("A", "B", ""), ("B", "A", ""), ("B", "C", "")]
    assert feeds(draw("A ~~~ B")) == []


@pytest.mark.parametrize(
    ("node", "label", "kind"),
    [
        ("X[(Users)]", "Users", "database"), ("X[Redis Cache]", "Redis Cache", "cache"), ('X["a <br/> b"]', "a b", ""), ("X((round))", "round", ""),
        ("X{{six}}", "six", ""), ("X([PostgreSQL])", "PostgreSQL", "database"), ("X[/in/]", "in", ""), ("X{if?}", "if?", ""), ("X", "X", ""),
        ('X@{ shape: cyl, label: "Store" }', "Store", "database"), ("X[[Kafka]]:::red", "Kafka", "queue"), ("X[a (b) c]", "a (b) c", ""),
    ],
)  # fmt: skip
def test_shapes(node: str, label: str, kind: str) -> None:
    found = components(draw(f"{node} --> Y"))["X"]
    assert (found.label, found.kind) == (label, kind)


def test_groups_and_later_labels() -> None:
    drawn = draw(
        "A --> B",
        "subgraph one[Cache Layer]",
        "  direction LR",
        "  B[Redis]",
        "end",
        "one --> A",
        "subgraph Other Things",
        "C",
        "end",
    )
    assert {name: c.group for name, c in components(drawn).items()} == {
        "A": "",
        "B": "Cache Layer",
        "C": "Other Things",
    }
    assert components(drawn)["B"].label == "Redis"
    assert drawn.reading.unread == ()


def test_what_is_no_statement_is_left_unread() -> None:
    drawn = draw("A --> B", "!!! nothing", "classDef x fill:#fff", "%% note")
    assert drawn.texts(drawn.reading.unread) == ["!!! nothing"]
    assert len(drawn.reading.prose) == 2


@pytest.mark.parametrize("kind", ["sequenceDiagram", "stateDiagram-v2", "gantt", "C4Context", "pie"])
def test_other_diagrams_are_prose(kind: str) -> None:
    drawn = Drawn(f"```mermaid\n{kind}\n  A->>B: hello\n```\n")
    assert drawn.reader == "read_mermaid_prose"
    assert drawn.facts == ()


def test_classes() -> None:
    drawn = Drawn(
        "```mermaid\nclassDiagram\n  class User {\n    +uuid id\n    -name: String\n    +login() bool\n  }\n  class Status {\n    <<enumeration>>\n"
        '    ACTIVE\n    DONE\n  }\n  User : +int age\n  User "1" --> "0..*" Post : writes\n  User <|-- Admin\n```\n'
    )
    assert drawn.reader == "read_mermaid_class"
    assert [f.name for f in drawn.entities["User"].fields] == ["id", "name", "age"]
    (enum,) = (f for f in drawn.facts if isinstance(f, EnumMention))
    assert [v.value for v in enum.values] == ["ACTIVE", "DONE"]
    (written,) = drawn.relationships
    assert (written.left_count, written.right_count, written.verb) == (
        Cardinality.ONE,
        Cardinality.ZERO_OR_MORE,
        "writes",
    )
    assert drawn.reading.unread == ()


ATOMS = (
    "A", "B-1", "[(x)]", "[", "]", "(", ")", "{", "}", '"', "-->", "---", "--", "-.->", "==>", "|x|", "|", "&", ";", "\n", "\n", " ", "subgraph ", "end",
    "class ", ":", "+uuid id", "<<enumeration>>", '"1"', "*", ":::", "@{", "%%", "~~~", "漢",
)  # fmt: skip


@settings(max_examples=500)
@given(
    st.sampled_from(("graph LR", "flowchart", "classDiagram", "pie", "")),
    st.lists(st.sampled_from(ATOMS), max_size=20).map("".join) | st.text(max_size=80),
)
def test_no_diagram_raises_and_every_span_lies_in_it(kind: str, body: str) -> None:
    drawn = Drawn(f"```mermaid\n{kind}\n{body}\n")
    for fact in drawn.facts:
        assert fact.span in drawn.block.span
        assert drawn.source[fact.span].strip()
    for span in (*drawn.reading.prose, *drawn.reading.unread):
        assert drawn.source[span].strip()


def test_arrows_with_a_head_at_either_end() -> None:
    drawn = draw("a x--x b", "b o--o c", "c <--> d")
    assert feeds(drawn) == [("a", "b", ""), ("b", "c", ""), ("c", "d", ""), ("d", "c", "")]
    assert not drawn.reading.unread
