"""Markdown to blocks. The parser gives the structure by lines; every offset within a line is found here."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from asbuilt.document.blocks import (
    Block,
    Document,
    Fence,
    FrontMatter,
    Heading,
    Html,
    Item,
    List,
    Paragraph,
    Quote,
    Ruler,
    Table,
    Title,
)
from asbuilt.document.inline import Rendered, render
from asbuilt.document.lines import Container, Lines
from asbuilt.document.tables import read_row
from asbuilt.text import Excerpt, Source, Span

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_BOLD_LEVEL = 7
_INTRODUCED = ("fence", "code_block", "table_open", "bullet_list_open", "ordered_list_open")
_DEFINITION = re.compile(r"^[ >]*\[([^\[\]\n]+)\]:[ \t]*\S", re.MULTILINE)
_YAML = re.compile(r"(?:[\w\"'][^:]*:(?:\s.*)?|[ \t]+.*|-\s.*|[\]}],?|#.*|\s*)")
_TASK = re.compile(r"\[([ xX])\](?:[ \t]+|$)")
_LANGUAGE = re.compile(r"\{?\s*\.?(?:language-)?([^\s{}:,=]+)")


def parse(source: Source) -> Document:
    """Return the blocks of a Markdown document (CommonMark, GFM tables and task lists, YAML front matter).

    It never raises: whatever the text, it has blocks.
    """
    lines = Lines(source)
    front = _front_matter(lines)
    skipped = 0 if front is None else front.skipped
    text = source.text.removeprefix("\ufeff")
    if front is not None:
        text = "\n" * skipped + source.text[lines.starts[skipped] if skipped < lines.count else len(source.text) :]
    tokens = _parser().parse(text.replace("\0", "\ufffd"))
    references = frozenset(m[1].strip().lower() for m in _DEFINITION.finditer(_without_code(lines, tokens)))
    blocks = _Builder(lines, tokens, references).blocks(0, len(tokens), (), [])
    return Document(source, ((front.block, *blocks) if front else blocks))


def _without_code(lines: Lines, tokens: "list[Token]") -> str:
    """Return the text outside of fences, in which `[name]: string;` defines no link."""
    text, kept, at = lines.text, [], 0
    for token in tokens:
        if token.type in ("fence", "code_block") and token.map and lines.starts[token.map[0]] >= at:
            kept.append(text[at : lines.starts[token.map[0]]])
            at = lines.starts[token.map[1]] if token.map[1] < lines.count else len(text)
    return "".join([*kept, text[at:]])


@lru_cache(maxsize=1)
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    from asbuilt.document.table_rule import mark_table

    parser = MarkdownIt("commonmark", {"maxNesting": 60}).enable("table")
    parser.block.ruler.at("table", mark_table, {"alt": ["paragraph", "reference"]})
    return parser.disable(["inline", "text_join", "reference"])


class _Front(Struct, frozen=True):
    block: FrontMatter
    skipped: int


def _front_matter(lines: Lines) -> _Front | None:
    """Return the YAML between `---` lines with which the source begins, and how many lines it takes."""
    if lines.written(0).rstrip() != "---":
        return None
    for line in range(1, lines.count):
        written = lines.written(line).rstrip()
        if written in ("---", "..."):
            start, end = lines.starts[1], lines.starts[line]
            body = Excerpt.at(lines.text[start:end], start)
            return _Front(FrontMatter(Span(lines.starts[0], lines.ends[line]), (), body), line + 1)
        if not _YAML.fullmatch(written):
            return None
    return None


class _Builder:
    """The parser's tokens to blocks, one level of siblings at a time."""

    def __init__(self, lines: Lines, tokens: "list[Token]", references: frozenset[str]) -> None:
        self.lines = lines
        self.tokens = tokens
        self.references = references
        self.closers = _closers(tokens)

    def blocks(
        self, at: int, stop: int, containers: tuple[Container, ...], path: list[Heading], above: Excerpt | None = None
    ) -> tuple[Block, ...]:
        """Return the blocks of `tokens[at:stop]`; `above` is the text directly above the first one."""
        found: list[Block] = []
        while at < stop:
            close = self.closers.get(at, at)
            block = self._block(at, close, containers, path, above)
            if block is not None:
                found.append(block)
                above = _last_line(block, above)
            at = close + 1
        return tuple(found)

    def _block(
        self, at: int, close: int, containers: tuple[Container, ...], path: list[Heading], label: Excerpt | None
    ) -> Block | None:
        token = self.tokens[at]
        first, stop = token.map or (0, 0)
        span = self.lines.span(first, stop, containers)
        if token.type == "heading_open":
            return self._title(at, span, path)
        if token.type == "paragraph_open":
            return self._paragraph(at, span, path)
        if token.type in ("fence", "code_block"):
            return self._fence(token, span, tuple(path), label)
        if token.type == "html_block":
            return self._html(token, span, tuple(path))
        if token.type == "table_open":
            return self._table(token, span, containers, path, label)
        if token.type in ("bullet_list_open", "ordered_list_open"):
            return List(span, tuple(path), tuple(self._items(at + 1, close, containers, path)), label)
        if token.type == "blockquote_open":
            return Quote(span, tuple(path), self.blocks(at + 1, close, (*containers, None), list(path)))
        return Ruler(span, tuple(path)) if token.type == "hr" else None

    def _inline(self, at: int) -> tuple[Excerpt, Rendered]:
        """Return the inline text of the block that opens at token `at`, as written and as rendered."""
        token, inline = self.tokens[at], self.tokens[at + 1]
        first = (token.map or (0, 0))[0]
        if token.type == "heading_open" and token.markup.startswith("#"):
            raw = self._hash_title(first, inline.content)
        else:
            raw = self.lines.excerpt(first, inline.content.split("\n"))
        return raw, render(raw, self.references)

    def _hash_title(self, line: int, content: str) -> Excerpt:
        start = self.lines.starts[line]
        written = self.lines.written(line).replace("\0", "\ufffd")
        at = start + max(written.find(content, written.find("#") + 1), 0)
        return Excerpt.at(self.lines.text[at : at + len(content)], at)

    def _title(self, at: int, span: Span, path: list[Heading]) -> Title:
        raw, shown = self._inline(at)
        _open(path, Heading(span, int(self.tokens[at].tag[1:]), shown.text, raw.text))
        return Title(span, tuple(path))

    def _paragraph(self, at: int, span: Span, path: list[Heading]) -> Paragraph:
        raw, shown = self._inline(at)
        is_followed = at + 3 < len(self.tokens) and self.tokens[at + 3].type in _INTRODUCED
        if is_followed and not self.tokens[at].level and (bold := _only_bold(shown)):
            _open(path, Heading(span, _BOLD_LEVEL, bold, raw.text))
        return Paragraph(span, tuple(path), shown.text, raw)

    def _fence(self, token: "Token", span: Span, path: tuple[Heading, ...], label: Excerpt | None) -> Fence:
        is_fenced = token.type == "fence"
        body = self._content(token, 1 if is_fenced else 0)
        info = token.info.strip() if is_fenced else ""
        word = _LANGUAGE.match(info)
        return Fence(span, path, word[1].lower() if word else "", info, body, label)

    def _content(self, token: "Token", skipped: int) -> Excerpt:
        """Return a block's verbatim content, which begins `skipped` lines below the block."""
        first = (token.map or (0, 0))[0] + skipped
        start = self.lines.starts[first] if first < self.lines.count else len(self.lines.text)
        if self.lines.text.startswith(token.content, start):
            return Excerpt.at(token.content, start)
        contents = token.content.removesuffix("\n").split("\n")
        return self.lines.excerpt(first, contents, ends_with_break=True)

    def _html(self, token: "Token", span: Span, path: tuple[Heading, ...]) -> Html:
        body = self._content(token, 0).strip()
        if not body.text.startswith("<!--"):
            return Html(span, path, body)
        end = body.text.find("-->", 4)
        is_whole = end < 0 or end + 3 == len(body.text)
        if not is_whole:
            return Html(span, path, body)
        return Html(span, path, body.cut(4, len(body.text) if end < 0 else end).strip(), is_comment=True)

    def _table(
        self, token: "Token", span: Span, containers: tuple[Container, ...], path: list[Heading], label: Excerpt | None
    ) -> Table:
        first = (token.map or (0, 0))[0]
        header = read_row(self._row_line(first, containers), None, self.references)
        rows = (self._row_line(line, containers) for line in token.meta["rows"])
        read = tuple(read_row(line, len(header.cells), self.references) for line in rows)
        return Table(span, tuple(path), header, read, label)

    def _row_line(self, line: int, containers: tuple[Container, ...]) -> Excerpt:
        start, end = self.lines.start_within(line, containers), self.lines.ends[line]
        return Excerpt.at(self.lines.text[start:end].rstrip(), start)

    def _items(self, at: int, stop: int, containers: tuple[Container, ...], path: list[Heading]) -> Iterator[Item]:
        while at < stop:
            close = self.closers[at]
            yield self._item(at, close, containers, path)
            at = close + 1

    def _item(self, at: int, close: int, containers: tuple[Container, ...], path: list[Heading]) -> Item:
        token = self.tokens[at]
        first, stop = token.map or (0, 0)
        span = self.lines.span(first, stop, containers)
        inside: tuple[Container, ...] = (*containers, first)
        body, is_checked = at + 1, None
        empty = Excerpt.at("", min(self.lines.start_within(first, inside), span.end))
        raw, shown = empty, Rendered(empty)
        if self.tokens[body].type == "paragraph_open":
            raw, shown = self._inline(body)
            body += 3
        if task := _TASK.match(raw.text):
            is_checked = task[1] != " "
            shown = render(raw.cut(task.end(), len(raw.text)), self.references)
        children = self.blocks(body, close, inside, list(path), shown.text)
        number = int(token.info) if token.info.isdigit() else None
        return Item(span, shown.text, raw, shown.codes, shown.bolds, is_checked, number, children)


def _closers(tokens: "list[Token]") -> dict[int, int]:
    """Return for each token that opens something where it is closed."""
    closers: dict[int, int] = {}
    opened: list[int] = []
    for index, token in enumerate(tokens):
        if token.nesting == 1:
            opened.append(index)
        elif token.nesting == -1:
            closers[opened.pop()] = index
    return closers


def _open(path: list[Heading], heading: Heading) -> None:
    """Put `heading` at the end of `path`, closing those of its level and below."""
    while path and path[-1].level >= heading.level:
        path.pop()
    path.append(heading)


def _only_bold(shown: Rendered) -> Excerpt | None:
    """Return the text of a line that is one bold piece and perhaps a colon, without that colon; else None."""
    if len(shown.bolds) != 1:
        return None
    bold, whole = (e.text.rstrip(":： ") for e in (shown.bolds[0], shown.text))
    return shown.bolds[0].cut(0, len(bold)) if bold and bold == whole else None


def _last_line(block: Block, above: Excerpt | None) -> Excerpt | None:
    """Return the text that introduces what follows `block`."""
    if isinstance(block, Html) and block.is_comment:
        return above
    if isinstance(block, List) and block.items:
        *_, (_, item) = block.walk()
        return item.text if item.text.text else None
    if not isinstance(block, Paragraph):
        return None
    text = block.text
    line = text.cut(text.text.rfind("\n") + 1, len(text.text)).strip()
    return line if line.text else None
