"""YAML as people write it in documents: nested lines with exact places; repeated keys and loose values are no errors."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from asbuilt.text import Excerpt, Span

_LINE = re.compile(r"[^\n]+")
_PAIR = re.compile(
    r"""^(?P<key>"[^"]*"|'[^']*'|`[^`]*`|[^\s#"'`\[{&*!|>-][^#]*?|\{[^}\s]*\}[^\s#]*?)\s*:(?:\s+(?P<value>.*))?$"""
)
_COMMENT = re.compile(r"(?:^|\s)#\s?(?P<text>.*)$")
_FLOW = re.compile(r"""(?P<key>[\w"'-]+)\s*:\s*(?P<value>"[^"]*"|'[^']*'|`[^`]*`|\[[^\]]*\]|[^,]*)""")


@dataclass
class Node:
    """A key, a list's item or a loose line. `value` is without quotes; `comment` stands beside it, `title` alone above it.

    `written` is the line as it stands, without its indent.
    """

    column: int
    line: Span
    key: Excerpt | None = None
    value: Excerpt | None = None
    comment: Excerpt | None = None
    title: Excerpt | None = None
    written: Excerpt | None = None
    children: list["Node"] = field(default_factory=list)

    @property
    def word(self) -> str:
        """The key in lower case without spaces and the like: `Partition Key` and `partition_key` are one."""
        return re.sub(r"[\s_-]", "", self.key.text).lower() if self.key else ""

    @property
    def text(self) -> str:
        return self.value.text if self.value else ""

    @property
    def span(self) -> Span:
        """The node and everything below it."""
        return Span.cover([self.line, *(child.span for child in self.children)])

    def child(self, *words: str) -> "Node | None":
        """Return the first child whose key is one of `words` (as `word` gives it)."""
        return next((c for c in self.children if c.word in words), None)

    def walk(self) -> Iterator["Node"]:
        yield self
        for child in self.children:
            yield from child.walk()


def parse(body: Excerpt) -> Node:
    """Return a root whose children are the lines at top level."""
    root = Node(-1, body.span())
    open_nodes = [root]
    title: Excerpt | None = None
    for match in _LINE.finditer(body.text):
        line = body.cut(*match.span())
        if not line.text.strip() or line.text.strip() in ("---", "..."):
            title = None
        elif line.text.lstrip().startswith("#"):
            title = line.cut(len(line.text) - len(line.text.lstrip(" \t#")), len(line.text)).strip()
        else:
            for node in _nodes(line):
                node.title, title = title, None
                _attach(open_nodes, node)
    return root


def _attach(open_nodes: list[Node], node: Node) -> None:
    while len(open_nodes) > 1 and open_nodes[-1].column >= node.column:
        open_nodes.pop()
    open_nodes[-1].children.append(node)
    if len(open_nodes) < 200:
        open_nodes.append(node)


def _nodes(line: Excerpt) -> Iterator[Node]:
    """Yield an item for each dash of a line, and what stands behind it."""
    column = len(line.text) - len(line.text.lstrip())
    rest = line.text[column:].rstrip()
    while rest.startswith("- ") or rest == "-":
        behind = len(rest) - len(rest[1:].lstrip())
        yield Node(column, line.cut(column, column + len(rest)).span())
        column, rest = column + behind, rest[behind:]
    if rest:
        yield _content(line, column, rest)


def _content(line: Excerpt, column: int, rest: str) -> Node:
    comment = _COMMENT.search(rest)
    end = len(rest[: comment.start()].rstrip()) if comment and not _is_quoted(rest, comment.start()) else len(rest)
    written = line.cut(column, column + len(rest))
    node = Node(column, written.span(), written=written)
    if end < len(rest) and comment:
        node.comment = line.cut(column + comment.start("text"), column + len(rest)).strip()
    pair = _PAIR.match(rest[:end])
    if pair is None:
        node.value = unquoted(line.cut(column, column + end))
        return node
    node.key = unquoted(line.cut(column + pair.start("key"), column + pair.end("key")))
    if pair["value"]:
        value = line.cut(column + pair.start("value"), column + pair.end("value")).strip()
        node.value = unquoted(value)
        if value.text.startswith("{") and value.text.endswith("}"):
            node.children += _flow(value)
    return node


def _flow(value: Excerpt) -> Iterator[Node]:
    """Yield the members of `{ key: user, ttl: 60 }`."""
    for match in _FLOW.finditer(value.text, 1, len(value.text) - 1):
        found = value.cut(*match.span("value")).strip()
        yield Node(0, value.span(*match.span()), unquoted(value.cut(*match.span("key"))), unquoted(found))


def _is_quoted(text: str, at: int) -> bool:
    return any(text[:at].count(quote) % 2 for quote in "\"'`")


def unquoted(text: Excerpt) -> Excerpt:
    """Return `text` without the quotes around it."""
    if len(text.text) > 1 and text.text[0] == text.text[-1] and text.text[0] in "\"'`":
        return text.cut(1, len(text.text) - 1)
    return text
