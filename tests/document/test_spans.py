"""Whatever the text: every piece of a block leads back to where it stands in the source."""

from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from asbuilt.document import parse
from asbuilt.document.blocks import Block, Cell, Fence, Html, Item, List, Paragraph, Quote, Row
from asbuilt.text import Excerpt, Source

ATOMS = (
    "| a | b |\n", "|---|---|\n", "- ", "* ", "1. ", "> ", "  ", "    ", "\t", "\n", "\n\n", "\r\n", "\r", "```", "```sql\n", "~~~", "**bold**",
    "**", "*", "_", "`", "``", "\\", "|", "\\|", "[x](y)", "[", "]", "(", ")", "<br>", "<!--", "-->", "<", "&nbsp;", "&amp;", "\u00a0", "\x00",
    "\ufeff", "word ", "user\\_id", "# ", "===\n", "---\n", "- [ ] ", "é漢", "<div>\n", "[a]: b\n", "**K**:\n", "\x0b", "\x85", "\u2028", "a: b\n",
)  # fmt: skip
MARKDOWN = st.lists(st.sampled_from(ATOMS), max_size=16).map("".join) | st.text(max_size=60)


def excerpts(value: object) -> Iterator[Excerpt]:
    if isinstance(value, Excerpt):
        yield value
    elif isinstance(value, Block | Row | Cell | Item):
        for field in value.__struct_fields__:
            if field != "path":
                yield from excerpts(getattr(value, field))
    elif isinstance(value, tuple):
        for part in value:
            yield from excerpts(part)


def is_undone(shown: str, written: str) -> bool:
    """Tell whether a character is one of those that rendering replaces."""
    if shown == " ":
        return written in "\u00a0\u2007\u202f\n\r&"
    return written == "&" or (shown == "\n" and written in "\r<")


def check_order(blocks: tuple[Any, ...], low: int, high: int) -> None:
    for block in blocks:
        assert low <= block.span.start <= block.span.end <= high
        low = block.span.end
        if isinstance(block, List):
            check_order(block.items, block.span.start, block.span.end)
        elif isinstance(block, Quote | Item):
            check_order(block.children, block.span.start, block.span.end)


@settings(max_examples=400)
@given(MARKDOWN)
def test_every_character_leads_back_to_itself(text: str) -> None:
    for block in parse(Source("design.md", text)).blocks:
        for excerpt in excerpts(block):
            places = [excerpt.offset(index) for index in range(len(excerpt.text))]
            assert places == sorted(places)
            for shown, place in zip(excerpt.text, places, strict=True):
                assert shown == text[place] or is_undone(shown, text[place])


@settings(max_examples=400)
@given(MARKDOWN)
def test_blocks_stand_in_order_and_leave_nothing_out(text: str) -> None:
    document = parse(Source("design.md", text))
    check_order(document.blocks, 0, len(text))
    covered = {place for block in document.blocks for place in range(block.span.start, block.span.end)}
    assert all(char.isspace() or char == "\ufeff" for place, char in enumerate(text) if place not in covered)


@settings(max_examples=300)
@given(MARKDOWN)
def test_a_cell_as_written_is_its_span(text: str) -> None:
    source = Source("design.md", text)
    for block in parse(source).walk():
        for cell in (part for part in _cells(block) if part.raw.text):
            assert source[cell.span] == cell.raw.text


def _cells(value: object) -> Iterator[Cell]:
    if isinstance(value, Cell):
        yield value
    elif isinstance(value, tuple | Row):
        for part in value if isinstance(value, tuple) else value.cells:
            yield from _cells(part)
    elif isinstance(value, Block):
        for field in value.__struct_fields__:
            if field in ("header", "rows"):
                yield from _cells(getattr(value, field))


def test_a_piece_of_a_nested_fence_has_its_exact_place() -> None:
    text = "- item\n\n  ```sql\n  SELECT a\n    FROM b;\n  ```\n"
    source = Source("design.md", text)
    (code,) = (block for block in parse(source).walk() if isinstance(block, Fence))
    for word in ("SELECT", "a", "FROM", "b;"):
        at = code.body.text.index(word)
        assert source[code.body.span(at, at + len(word))] == word


def test_a_piece_of_rendered_text_has_its_exact_place() -> None:
    text = "\ufeff**Key**: a\\_b <!-- x -->`code` [link](http://x)\r\n"
    source = Source("design.md", text)
    (block,) = parse(source).blocks
    assert isinstance(block, Paragraph)
    for word, written in (("Key", "Key"), ("a_b", "a\\_b"), ("code", "code"), ("link", "link")):
        at = block.text.text.index(word)
        assert source[block.text.span(at, at + len(word))] == written


def test_a_long_document_of_every_construct_is_read_whole() -> None:
    part = (
        "# T\n\n**A**: b `c`\n\n- x **y**\n  - z\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```sql\nx\n```\n\n<!-- c -->\n\n"
    )
    document = parse(Source("design.md", part * 1000))
    assert len(document.blocks) == 6 * 1000
    assert sum(isinstance(block, Html) for block in document.blocks) == 1000
