"""Markdown in, blocks out: what each construct becomes."""

import pytest

from asbuilt.document import Document, parse
from asbuilt.document.blocks import Block, Fence, FrontMatter, Html, Item, List, Paragraph, Quote, Ruler, Table, Title
from asbuilt.text import Source


def read(text: str) -> Document:
    return parse(Source("design.md", text))


def only(text: str) -> Block:
    (block,) = read(text).blocks
    return block


def table(text: str) -> Table:
    block = only(text)
    assert isinstance(block, Table)
    return block


def fence(text: str) -> Fence:
    block = only(text)
    assert isinstance(block, Fence)
    return block


def items(text: str) -> tuple[Item, ...]:
    block = only(text)
    assert isinstance(block, List)
    return block.items


def rows(block: Table) -> list[list[str]]:
    return [[cell.text.text for cell in row.cells] for row in block.rows]


def titles(block: Block) -> list[tuple[int, str]]:
    return [(heading.level, heading.text.text) for heading in block.path]


def test_headings_nest_and_close_those_of_their_level() -> None:
    blocks = read("# A\n\n### B ###\n\n## `C` *d*\n\nSetext\n===\n\ntext\n").blocks
    assert [titles(block) for block in blocks] == [
        [(1, "A")],
        [(1, "A"), (3, "B")],
        [(1, "A"), (2, "C d")],
        [(1, "Setext")],
        [(1, "Setext")],
    ]
    assert isinstance(blocks[3], Title)


@pytest.mark.parametrize(
    "line", ["**User Management**:", "**User Management:**", "__User Management__", "**User Management**"]
)
@pytest.mark.parametrize("below", ["```sql\nSELECT 1;\n```", "| a | b |\n|---|---|\n| 1 | 2 |", "- item"])
def test_a_bold_line_before_a_block_labels_it_and_is_a_heading(line: str, below: str) -> None:
    _, paragraph, block = read(f"## Tables\n\n{line}\n\n{below}\n").blocks
    assert isinstance(block, Fence | Table | List)
    assert block.label is not None
    assert block.label.text.rstrip(":") == "User Management"
    assert titles(block) == [(2, "Tables"), (7, "User Management")]
    assert titles(paragraph) == titles(block)


def test_a_bold_line_holds_until_the_next_one_or_the_next_heading() -> None:
    text = "# T\n\n**A**\n\n- x\n\nmore\n\n**B**\n\n- y\n\n# U\n\ntext\n"
    paths = [titles(block)[-1][1] for block in read(text).blocks]
    assert paths == ["T", "A", "A", "A", "B", "B", "U", "U"]


def test_a_bold_line_before_running_text_is_no_heading() -> None:
    bold, text = read("**Note**\n\ntext\n").blocks
    assert (titles(bold), titles(text)) == ([], [])


def test_key_and_value_lines_stay_in_their_paragraph() -> None:
    block = only("**Owner**: me  \n**Database**: `pg` 15\n")
    assert isinstance(block, Paragraph)
    assert block.text.text == "Owner: me\nDatabase: pg 15"
    assert block.raw.text == "**Owner**: me  \n**Database**: `pg` 15"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("user\\_id", "user_id"),
        ("**bold** and __more__ and *em* and ~~gone~~", "bold and more and em and gone"),
        ("user_id and 2 * 3 * 4", "user_id and 2 * 3 * 4"),
        ("***both***", "both"),
        ("`` a ` b ``", "a ` b"),
        ("`a\\_b`", "a\\_b"),
        ('[text](http://x "t") and ![alt](y)', "text and alt"),
        ("[e.g., X] and [Entity Name] and [x]", "[e.g., X] and [Entity Name] and [x]"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<b>a</b> <!-- no --> Array<string> <uuid>", "a  Array<string> <uuid>"),
        ("a &lt; b &amp; c&nbsp;d &nope;", "a < b & c d &nope;"),
        ("NOT\u00a0NULL", "NOT NULL"),
        ("<https://x.org/a_b_c>", "https://x.org/a_b_c"),
        ("line  \nnext\\\nlast", "line\nnext\nlast"),
        ("A (1) ----< (*) B", "A (1) ----< (*) B"),
        ("字段**名**", "字段名"),
    ],
)
def test_text_is_as_rendered(written: str, shown: str) -> None:
    block = only(written + "\n")
    assert isinstance(block, Paragraph)
    assert block.text.text == shown
    assert block.raw.text == written


def test_a_link_by_reference_needs_its_definition() -> None:
    block = read("see [the docs][d] and [other][e]\n\n[d]: http://x\n").blocks[0]
    assert isinstance(block, Paragraph)
    assert block.text.text == "see the docs and [other][e]"


def test_table_cells() -> None:
    block = table("| a\\_b | `c` |\n|:--|:-:|\n| x\\|y | `p\\|q` and **z** |\n| one\n| 1 | 2 | 3 |\n")
    assert [cell.text.text for cell in block.header.cells] == ["a_b", "c"]
    assert rows(block) == [["x|y", "p|q and z"], ["one", ""], ["1", "2"]]
    assert [code.text for code in block.rows[0].cells[1].codes] == ["p|q"]
    assert block.rows[0].cells[1].raw.text == "`p\\|q` and **z**"


def test_a_table_needs_no_outer_pipes() -> None:
    assert rows(table("a | b\n--|--\n1 | 2\n3 |\n")) == [["1", "2"], ["3", ""]]


def test_a_pipe_in_backticks_stays_where_the_row_would_be_too_wide() -> None:
    assert rows(table("| a | b |\n|---|---|\n| `x|y` | 2 |\n")) == [["x|y", "2"]]


def test_list_items() -> None:
    first, second, third = items("- [ ] **name**: `id` (uuid)\n  more\n- [x] done\n- plain\n")
    assert (first.text.text, first.is_checked) == ("name: id (uuid)\nmore", False)
    assert ([c.text for c in first.codes], [b.text for b in first.bolds]) == (["id"], ["name"])
    assert (second.text.text, second.is_checked, second.raw.text) == ("done", True, "[x] done")
    assert (third.text.text, third.is_checked, third.number) == ("plain", None, None)


def test_numbered_and_loose_lists() -> None:
    assert [(i.number, i.text.text) for i in items("3. a\n\n4. b\n")] == [(3, "a"), (4, "b")]


def test_blocks_nest_in_items() -> None:
    (item,) = items(
        "- **Query**:\n\n  ```sql\n  SELECT 1;\n    x\n  ```\n\n  more\n\n  - inner\n    | a | b |\n    |---|---|\n    | 1 | 2 |\n"
    )
    code, paragraph, inner = item.children
    assert isinstance(code, Fence)
    assert isinstance(paragraph, Paragraph)
    assert isinstance(inner, List)
    assert code.body.text == "SELECT 1;\n  x\n"
    assert code.label is not None
    assert code.label.text == "Query:"
    (nested,) = inner.items[0].children
    assert isinstance(nested, Table)
    assert rows(nested) == [["1", "2"]]


def test_walking_a_list_gives_its_depths() -> None:
    block = only("- a\n  - b\n    - c\n- d\n")
    assert isinstance(block, List)
    assert [(depth, item.text.text) for depth, item in block.walk()] == [(0, "a"), (1, "b"), (2, "c"), (0, "d")]


def test_blocks_nest_in_quotes() -> None:
    block = only("> text\n> - item\n>   ```\n>   code\n>   ```\n> | a | b |\n> |---|---|\n> | 1 | 2 |\n")
    assert isinstance(block, Quote)
    assert [type(child).__name__ for child in block.children] == ["Paragraph", "List", "Table"]
    found = next(b for b in Document(Source("", ""), (block,)).walk() if isinstance(b, Fence))
    assert found.body.text == "code\n"


@pytest.mark.parametrize(
    ("info", "language"),
    [("sql", "sql"), ("SQL", "sql"), ('sql title="x"', "sql"), ("{.sql}", "sql"), ("sql:file.sql", "sql"), ("", ""), ("c++", "c++"), ("sql{1,3}", "sql")],
)  # fmt: skip
def test_the_language_is_the_first_word(info: str, language: str) -> None:
    found = fence(f"```{info}\nx\n```\n")
    assert (found.language, found.info) == (language, info)


@pytest.mark.parametrize(
    "text",
    ["~~~\na\n  b\n~~~\n", "```\na\n  b\n```", "    a\n      b\n", "```\na\n  b\n", "  ```\n  a\n    b\n  ```\n"],
)
def test_fences_of_every_make(text: str) -> None:
    assert fence(text).body.text == "a\n  b\n"


def test_front_matter_comes_first() -> None:
    front, title = read("---\ntitle: x\ntags:\n  - a\n---\n# T\n").blocks
    assert isinstance(front, FrontMatter)
    assert front.body.text == "title: x\ntags:\n  - a\n"
    assert titles(title) == [(1, "T")]


def test_a_ruler_at_the_start_is_no_front_matter() -> None:
    assert isinstance(read("---\n\nSome text here.\n\n---\n").blocks[0], Ruler)


def test_what_is_commented_out_stays_html() -> None:
    block = only("<!--\n```sql\nDROP TABLE x;\n```\n-->\n")
    assert isinstance(block, Html)
    assert block.is_comment
    assert block.body.text == "```sql\nDROP TABLE x;\n```"
    other = only("<details>\n<summary>x</summary>\n")
    assert isinstance(other, Html)
    assert not other.is_comment


@pytest.mark.parametrize("text", ["", "\n", "\ufeff", "\x00\x01\xff", "```", "|", "- ", ">", "---", "[", "<!--", "\r"])
def test_nothing_raises(text: str) -> None:
    assert read(text).source.text == text


def test_a_byte_order_mark_and_carriage_returns_change_nothing() -> None:
    text = "# T\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```sql\nx\n  y\n```\n"
    plain, odd = read(text), read("\ufeff" + text.replace("\n", "\r\n"))
    assert [type(b) for b in plain.blocks] == [type(b) for b in odd.blocks]
    title, _, code = odd.blocks
    assert titles(title) == [(1, "T")]
    assert isinstance(code, Fence)
    assert code.body.text == "x\n  y\n"


def test_a_label_is_the_text_directly_above() -> None:
    blocks = read("First line.\nUsers table:\n\n```\nx\n```\n\n<!-- note -->\n\n# T\n\n```\ny\n```\n").blocks
    labels = [block.label.text if block.label else None for block in blocks if isinstance(block, Fence)]
    assert labels == ["Users table:", None]


def test_a_fence_behind_a_list_is_labelled_by_its_last_item() -> None:
    code = read("1. Create the table:\n```sql\nx\n```\n").blocks[1]
    assert isinstance(code, Fence)
    assert code.label is not None
    assert code.label.text == "Create the table:"
