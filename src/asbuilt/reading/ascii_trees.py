"""Trees drawn with `├──`: relationships below an entity, an entity's fields, or a listing of files, which is prose."""

import re
from dataclasses import dataclass

from asbuilt.document.blocks import Block, Fence
from asbuilt.evidence import Chapter
from asbuilt.model.entities import EntityMention, FieldMention
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.ascii_boxes import LANGUAGES, box_field, is_telling
from asbuilt.reading.ascii_grid import boxes_in
from asbuilt.reading.ascii_lines import counts_of, relationship
from asbuilt.reading.cardinalities import cardinality_in
from asbuilt.reading.mermaid_text import diagram_of, lines_of
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Excerpt, Span

_BRANCH = re.compile(
    r"(?P<indent>[\s│┃|]*)(?P<branch>[├└┣┗╰]|[+`|](?=--))(?P<line>[─━-]*[<>*]?)\s*(?P<text>[^\s┤┼┐┘┬┴+][^\n]*)?"
)
_NAME = re.compile(r"[*`]*(?P<name>[A-Za-z_][A-Za-z0-9_]*)[*`]*(?P<rest>(?:\s|[(:（]).*|)")
_SCHEMA = frozenset({Chapter.ENTITIES, Chapter.INTEGRITY, Chapter.OVERVIEW})


@dataclass(frozen=True, slots=True)
class _Node:
    """A line of a tree: how deep its branch stands, the branch as drawn, the words behind it, its parent's place."""

    depth: int
    branch: Excerpt
    text: Excerpt
    parent: int | None


def read_ascii_tree(block: Block, context: Context) -> Reading | None:
    """Read a tree in a fence without a language; one that names no entities is a listing and claimed as prose."""
    if not isinstance(block, Fence) or block.language not in LANGUAGES:
        return None
    nodes = _nodes(block.body)
    if nodes is None or boxes_in(lines_of(block.body)) or diagram_of(block):
        return None
    facts = _facts(nodes, context) if context.chapter in _SCHEMA else []
    return Reading(tuple(facts)) if facts else Reading(prose=(block.body.strip().span(),))


def _nodes(body: Excerpt) -> list[_Node] | None:
    """Return the lines of a tree, or None where the body is none: at least half of its lines must be branches."""
    nodes: list[_Node] = []
    above: list[int] = []
    branches = 0
    for line in lines_of(body):
        if not line.text.strip(" \t│┃|"):
            continue
        match = _BRANCH.fullmatch(line.text)
        depth = match.start("branch") if match else -1
        while above and nodes[above[-1]].depth >= depth:
            above.pop()
        branches += match is not None
        text = line.cut(*match.span("text")) if match and match["text"] else line.cut(0, 0) if match else line.strip()
        branch = line.cut(*match.span("line")) if match else line.cut(0, 0)
        nodes.append(_Node(depth, branch, text.strip(), above[-1] if above else None))
        above.append(len(nodes) - 1)
    return nodes if branches >= 2 and branches * 2 >= len(nodes) else None


def _facts(nodes: list[_Node], context: Context) -> list[Fact]:
    """Return the relationships that branches with a crow's foot or a cardinality draw, and the entities with telling fields."""
    facts: list[Fact] = []
    children: dict[int, list[_Node]] = {}
    for node in nodes:
        if node.parent is not None:
            children.setdefault(node.parent, []).append(node)
    for index, below in children.items():
        owner = _NAME.fullmatch(nodes[index].text.text)
        if owner is None:
            continue
        name = nodes[index].text.cut(*owner.span("name"))
        fields: list[FieldMention] = []
        for node in below:
            drawn = _relationship(name, node)
            facts += [drawn] if drawn else []
            found = None if drawn else box_field(node.text)
            fields += [found] if found else []
        if any(map(is_telling, fields)) and len(fields) * 2 >= len(below):
            facts.append(_entity(name, fields, context))
    return sorted(facts, key=lambda fact: fact.span)


def _relationship(owner: Excerpt, node: _Node) -> Fact | None:
    match = _NAME.fullmatch(node.text.text)
    if match is None:
        return None
    counts = cardinality_in(match["rest"]) if match["rest"] else None
    if counts is None and node.branch.text.endswith(("<", "*")):
        counts = counts_of(None, "*")
    if counts is None:
        return None
    return relationship(owner, node.text.cut(*match.span("name")), counts, "")


def _entity(name: Excerpt, fields: list[FieldMention], context: Context) -> EntityMention:
    return EntityMention(
        span=Span.cover([name.span(), *(f.span for f in fields)]),
        form=Form.BOX,
        name=name.text,
        name_span=name.span(),
        fields=tuple(fields),
        is_planned=context.is_planned,
        store=context.store,
    )
