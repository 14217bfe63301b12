"""Documents written from states: what a database calls things survives, and large schemas come in groups."""

import pytest

from asbuilt.document import parse
from asbuilt.document.blocks import Paragraph, Quote
from asbuilt.engines.state import ColumnState, ConstraintState, DatabaseState, IndexState, Item, TableState
from asbuilt.text import Source
from asbuilt.writing import Subject, written
from asbuilt.writing.diagram import diagram
from asbuilt.writing.groups import MOST, Group, groups_of
from asbuilt.writing.markdown import code, prose, quote, sql

ID = ColumnState("id", 0, "integer", is_nullable=False)


def table(name: str, *targets: str, is_required: bool = True, is_unique: bool = False) -> TableState:
    columns = tuple(ColumnState(f"{t}_id", 1, "integer", not is_required) for t in targets)
    keys = tuple(
        ConstraintState(
            f"{name}_{t}", "foreign key", (f"{t}_id",), f"FOREIGN KEY ({t}_id) REFERENCES {t}(id)", target=t
        )
        for t in targets
    )
    uniques = tuple(IndexState(f"{name}_{t}_u", name, "", (f"{t}_id",), is_unique=True) for t in targets if is_unique)
    return TableState(name, "table", (ID, *columns), constraints=keys, indexes=uniques)


def state(*tables: TableState) -> DatabaseState:
    return DatabaseState((18, 0), {t.name: t for t in tables})


@pytest.mark.parametrize("name", ["users", "a`b", "``", "Order Items", "größe"])
def test_a_name_as_code_is_read_as_it_is(name: str) -> None:
    [block] = parse(Source("x.md", code(name))).blocks
    assert isinstance(block, Paragraph)
    assert block.text.text == name


@pytest.mark.parametrize(
    "text", ["plain", "*a* _b_ [c](d) <e> | f", "# no heading", "- no list", "1. no list", "a\n\n- b", "`code` & &amp;"]
)
def test_prose_shows_what_is_said_and_is_nothing_else(text: str) -> None:
    blocks = parse(Source("x.md", prose(text))).blocks
    assert all(isinstance(block, Paragraph) for block in blocks)
    assert "\n\n".join(block.text.text for block in blocks if isinstance(block, Paragraph)) == text


def test_a_quotation_holds_all_paragraphs() -> None:
    [block] = parse(Source("x.md", quote("one\n\n- two"))).blocks
    assert isinstance(block, Quote)
    assert len(block.children) == 2


def test_statements_of_a_kind_stand_together_and_fences_hold_backticks() -> None:
    text = sql(
        [
            "CREATE TABLE a (\n    id int\n)",
            "CREATE INDEX a1 ON a (id)",
            "CREATE UNIQUE INDEX a2 ON a (id)",
            "SELECT '```'",
        ]
    )
    assert text == (
        "````sql\nCREATE TABLE a (\n    id int\n);\n\nCREATE INDEX a1 ON a (id);\nCREATE UNIQUE INDEX a2 ON a (id);\n\nSELECT '```';\n````"
    )


@pytest.mark.parametrize(
    ("options", "counts"),
    [({}, "||--o{"), ({"is_required": False}, "|o--o{"), ({"is_unique": True}, "||--o|")],
)
def test_a_diagram_says_how_many(options: dict[str, bool], counts: str) -> None:
    drawn = diagram(state(table("users"), table("posts", "users", **options)), Group("public", ("posts", "users")))
    assert f"    users {counts} posts : users_id" in drawn.splitlines()


def test_names_that_mermaid_keeps_or_cannot_read_are_quoted() -> None:
    drawn = diagram(state(table("end"), table("app.users")), Group("public", ("app.users", "end")))
    assert drawn.splitlines()[2:-1] == ['    "app.users"', '    "end"']


def test_a_small_schema_is_one_group_and_each_schema_its_own() -> None:
    found = groups_of(state(table("a"), table("b", "a"), table("x.c")))
    assert [(g.schema, g.tables, g.hub) for g in found] == [("public", ("a", "b"), ""), ("x", ("x.c",), "")]


def test_a_large_schema_gathers_around_its_hubs() -> None:
    families = [table(f"{hub}_{n:02}", hub) for hub in ("cat", "dog") for n in range(20)]
    found = groups_of(state(table("cat"), table("dog", "cat"), *families, *(table(f"lone_{n}") for n in range(5))))
    assert [(g.hub, len(g.tables), g.is_rest) for g in found] == [("cat", 21, False), ("dog", 21, False), ("", 5, True)]
    assert sum(len(g.tables) for g in found) == 47
    assert all(len(g.tables) <= MOST for g in found)


def test_each_statement_stands_in_the_document_once() -> None:
    tables = state(table("a"), table("b", "a"))
    statements = {Item("table", name): (f"CREATE TABLE {name} ()",) for name in tables.tables}
    text = written(Subject("Shop", "PostgreSQL 18", "here", "2026-01-02", "What it is for."), tables, statements)
    assert text.startswith("# Shop – Data Design\n\n## 1. Overview\n\nWhat it is for.\n")
    assert [text.count(sql[0]) for sql in statements.values()] == [1, 1]
    assert "- **Holds**: 2 tables" in text
