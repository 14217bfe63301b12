"""The blocks of a Markdown document, each with the exact place of everything in it.

Text inside a block is an `Excerpt`: as the reader of the rendered page sees it (escapes undone, emphasis and
code marks gone, `<br>` as a line break), every character leading back to the source. `raw` is as written.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from msgspec import Struct

from asbuilt.text import Excerpt, Source, Span


class Heading(Struct, frozen=True, gc=False):
    """A heading and its level, 1 to 6. A line that is all bold and opens a section counts as level 7.

    `raw` is the heading's text as written, its marks included.
    """

    span: Span
    level: int
    text: Excerpt
    raw: str = ""


class Block(Struct, frozen=True):
    """What every block has: its place and the headings above it, outermost first."""

    span: Span
    path: tuple[Heading, ...]

    @property
    def heading(self) -> Heading | None:
        return self.path[-1] if self.path else None


class Title(Block, frozen=True):
    """A heading as a block of its own; `path` ends with the heading itself."""


class Paragraph(Block, frozen=True):
    """Running text. `text` is as rendered, `raw` as written; both keep line breaks."""

    text: Excerpt
    raw: Excerpt


class Fence(Block, frozen=True):
    """A fenced (or indented) code block.

    `language` is the first word of the info string in lower case (`sql`, `""` where there is none), `info` all of
    it; `body` is the content with the fence's own indent undone. `label` is the text that introduces the fence:
    the paragraph line, list item or bold line directly above it.
    """

    language: str
    info: str
    body: Excerpt
    label: Excerpt | None = None


class Cell(Struct, frozen=True, gc=False):
    """A table's cell. `codes` are the pieces of `text` that stand in backticks."""

    span: Span
    text: Excerpt
    raw: Excerpt
    codes: tuple[Excerpt, ...] = ()


class Row(Struct, frozen=True):
    """A table's row; missing cells are filled up, empty, to the header's width."""

    span: Span
    cells: tuple[Cell, ...]


class Table(Block, frozen=True):
    """A GFM table. `label` as for a fence."""

    header: Row
    rows: tuple[Row, ...]
    label: Excerpt | None = None


class Item(Struct, frozen=True):
    """A list item: its first paragraph, and the blocks nested below (lists, fences, further paragraphs).

    `codes` are its pieces in backticks, `bolds` those in `**`; `is_checked` is None where it is no task.
    `number` is None in a bullet list.
    """

    span: Span
    text: Excerpt
    raw: Excerpt
    codes: tuple[Excerpt, ...] = ()
    bolds: tuple[Excerpt, ...] = ()
    is_checked: bool | None = None
    number: int | None = None
    children: tuple[Block, ...] = ()


class List(Block, frozen=True):
    """A bullet, numbered or task list. `label` is the paragraph or bold line that introduces it."""

    items: tuple[Item, ...]
    label: Excerpt | None = None

    def walk(self) -> Iterator[tuple[int, Item]]:
        """Yield every item with its depth, nested ones included, in the order of the document."""
        for item in self.items:
            yield 0, item
            for child in item.children:
                if isinstance(child, List):
                    yield from ((depth + 1, inner) for depth, inner in child.walk())


class Quote(Block, frozen=True):
    """A block quote and the blocks inside."""

    children: tuple[Block, ...]


class FrontMatter(Block, frozen=True):
    """YAML between `---` lines at the very start; `body` without those lines."""

    body: Excerpt


class Html(Block, frozen=True):
    """Raw HTML; a comment's `body` is what stands between `<!--` and `-->`."""

    body: Excerpt
    is_comment: bool = False


class Ruler(Block, frozen=True):
    """A thematic break."""


@dataclass(frozen=True)
class Document:
    """A document's blocks at top level, in order. Front matter comes first."""

    source: Source
    blocks: tuple[Block, ...] = field(repr=False)

    def walk(self) -> Iterator[Block]:
        """Yield every block, those nested in lists and quotes included, outer before inner."""
        for block in self.blocks:
            yield from walk(block)


def walk(block: Block) -> Iterator[Block]:
    """Yield `block` and the blocks nested in it."""
    yield block
    if isinstance(block, Quote):
        nested = block.children
    elif isinstance(block, List):
        nested = tuple(child for item in block.items for child in item.children)
    else:
        return
    for child in nested:
        yield from walk(child)
