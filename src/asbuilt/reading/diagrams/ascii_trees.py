"""Trees drawn with `├──`: relationships below an entity, an entity's fields, or a listing of files, which is prose."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from asbuilt.document.blocks import Block, Fence
from asbuilt.evidence import Chapter
from asbuilt.model.entities import Cardinality
from asbuilt.model.fact import Fact
from asbuilt.reading.code.languages import Language, language_of
from asbuilt.reading.diagrams.ascii_fields import LANGUAGES, box_field, entity_drawn, is_telling
from asbuilt.reading.diagrams.ascii_flows import begins_with_a_flow
from asbuilt.reading.diagrams.ascii_grid import boxes_in
from asbuilt.reading.diagrams.ascii_lines import COUNT, counts_of, relationship, relationships_in
from asbuilt.reading.diagrams.mermaid_text import diagram_of, lines_of
from asbuilt.reading.phrases.cardinalities import cardinality_in
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Excerpt

_BRANCH = re.compile(
    rf"(?P<branch>[├└┣┗╰]|[+`|](?=--))[─━-]+(?P<foot>[<>*]?)\s*(?P<count>{COUNT})?\s*(?P<text>[^\s│┃|┤┐┘+][^│┃├└]*)"
)
_NAME = re.compile(r"[*`]*(?P<name>[A-Za-z_][A-Za-z0-9_]*)[*`]*(?![\w./-])(?:\s*\((?P<gloss>[^()]*)\))?")
_LETTER = re.compile(r"[^\W\d_]")
_DOWN = tuple("│┃|├┣┼┆")
_STEM = re.compile(r"[│┃|├┣┼┆]")
_REACH = 4
_SCHEMA = frozenset({Chapter.ENTITIES, Chapter.INTEGRITY, Chapter.OVERVIEW})


@dataclass(slots=True)
class _Node:
    """A name in a tree, the columns that it takes, and the texts of the branches below it."""

    name: Excerpt
    start: int
    end: int
    below: list[Excerpt] = field(default_factory=list)


@dataclass(slots=True)
class _Tree:
    """What has been read, and what the next line hangs from: the last line, its names, the node above each branch."""

    facts: list[Fact] = field(default_factory=list)
    nodes: list[_Node] = field(default_factory=list)
    last: str = ""
    names: list[_Node] = field(default_factory=list)
    above: dict[int, _Node] = field(default_factory=dict)


def read_ascii_tree(block: Block, context: Context) -> Reading | None:
    """Read a tree in a fence without a language; one that names no entities is a listing of files, prose.

    Example: `├── posts (1:N)` below `users` relates a user to many posts.
    """
    if not isinstance(block, Fence) or block.language not in LANGUAGES:
        return None
    lines = lines_of(block.body)
    is_other = language_of(block) == Language.FIRESTORE or begins_with_a_flow(lines)
    if not is_tree(lines) or diagram_of(block) or boxes_in(lines) or is_other:
        return None
    facts = _facts(lines, context) if context.chapter in _SCHEMA else []
    return Reading(tuple(facts)) if facts else Reading(prose=(block.body.strip().span(),))


def is_tree(lines: Sequence[Excerpt]) -> bool:
    """Tell whether at least half of the lines with words, and two of them, are branches."""
    branches = sum(_BRANCH.search(line.text) is not None for line in lines)
    return branches >= 2 and branches * 2 >= sum(_LETTER.search(line.text) is not None for line in lines)


def _facts(lines: Sequence[Excerpt], context: Context) -> list[Fact]:
    tree = _Tree()
    for line in lines:
        if line.text.strip():
            _read_line(tree, line)
    for node in tree.nodes:
        found = [box_field(text) for text in node.below]
        fields = [field for field in found if field is not None]
        if any(map(is_telling, fields)) and len(fields) * 2 >= len(node.below):
            tree.facts.append(entity_drawn(node.name, fields, context))
    return sorted(tree.facts, key=lambda fact: fact.span)


def _read_line(tree: _Tree, line: Excerpt) -> None:
    """Read the branches on a line, or the names of a line that is none."""
    branches = list(_BRANCH.finditer(line.text))
    columns = {match.start() for match in _STEM.finditer(line.text)} | {match.start("branch") for match in branches}
    above = {column: _parent(tree, column) for column in columns}
    tree.above = {column: node for column, node in above.items() if node is not None}
    names: list[_Node] = []
    for match in branches:
        names += _read_branch(tree, match, line, tree.above.get(match.start("branch")))
    if not branches:
        names += _read_chain(tree, line, 0)
    if names or branches:
        tree.names = names
    tree.nodes += names
    tree.last = line.text


def _parent(tree: _Tree, column: int) -> _Node | None:
    """Return the node that a branch in `column` hangs from: through the line above it, or the name nearest to it."""
    if tree.last[column : column + 1] in _DOWN:
        return tree.above.get(column) or _nearest(tree.names, column)
    return _nearest(tree.names, column)


def _nearest(names: list[_Node], column: int) -> _Node | None:
    found = min(names, key=lambda node: _distance(node, column), default=None)
    return found if found is not None and _distance(found, column) <= _REACH else None


def _distance(node: _Node, column: int) -> int:
    return max(node.start - column, column - node.end + 1, 0)


def _read_branch(tree: _Tree, match: re.Match[str], line: Excerpt, parent: _Node | None) -> Iterator[_Node]:
    named = _NAME.match(line.text, match.start("text"))
    counts = _counts(match, named)
    if parent is not None and named is not None and counts is not None:
        tree.facts.append(relationship(parent.name, line.cut(*named.span("name")), counts, ""))
    elif parent is not None:
        parent.below.append(line.cut(*match.span("text")).strip())
    yield from _read_chain(tree, line, match.start("text"))


def _counts(match: re.Match[str], named: re.Match[str] | None) -> tuple[Cardinality, Cardinality] | None:
    """Return what a branch says of how many: a crow's foot, a count, or a gloss behind the name."""
    if match["foot"] in ("<", "*") or match["count"]:
        return counts_of(None, match["count"] or "*")
    return cardinality_in(named["gloss"]) if named and named["gloss"] else None


def _read_chain(tree: _Tree, line: Excerpt, at: int) -> Iterator[_Node]:
    """Read the name at an offset and those that lines join to it."""
    first = _NAME.match(line.text, at + len(line.text[at:]) - len(line.text[at:].lstrip()))
    if first is None:
        return
    chain = tuple(relationships_in(line.cut(at, len(line.text))))
    tree.facts += chain
    yield _node(line, first.start("name"), first.end("name"))
    start = line.offset(0)
    for drawn in chain:
        yield _node(line, drawn.right_span.start - start, drawn.right_span.end - start)


def _node(line: Excerpt, start: int, end: int) -> _Node:
    return _Node(line.cut(start, end), start, end)
