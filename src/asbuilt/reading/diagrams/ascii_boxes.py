"""ASCII and Unicode drawings: boxes that list an entity's fields, boxes of an architecture, lines between them."""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from asbuilt.document.blocks import Block, Fence
from asbuilt.evidence import Chapter
from asbuilt.model.chapters import Component, Feed
from asbuilt.model.entities import Cardinality, FieldMention
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.diagrams.ascii_fields import LANGUAGES, box_field, entity_drawn, is_telling
from asbuilt.reading.diagrams.ascii_flows import begins_with_a_flow, flow_in
from asbuilt.reading.diagrams.ascii_grid import Box, boxes_in, char_at, columns_of
from asbuilt.reading.diagrams.ascii_lines import LINE, counts_drawn, relationship, relationships_in
from asbuilt.reading.diagrams.ascii_stems import stems_in
from asbuilt.reading.diagrams.ascii_trees import is_tree
from asbuilt.reading.diagrams.component_kinds import kind_named
from asbuilt.reading.diagrams.mermaid_text import diagram_of, lines_of
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Excerpt, Span

_SCHEMA = frozenset({Chapter.ENTITIES, Chapter.INTEGRITY})
_TITLE = re.compile(
    r"[^A-Za-z_\n]*(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_]\w*)?)(?:\s+(?i:table|entity)|\s*\([^()]*\))?[^A-Za-z_\n]*"
)
_WORD = re.compile(r"\w")


@dataclass(slots=True)
class _Drawing:
    """What has been read of a drawing; `names` are the boxes that can stand at the end of a line, `entities` those with fields."""

    facts: list[Fact] = field(default_factory=list)
    unread: list[Span] = field(default_factory=list)
    names: dict[int, Excerpt] = field(default_factory=dict)
    entities: list[Excerpt] = field(default_factory=list)


def read_ascii_boxes(block: Block, context: Context) -> Reading | None:
    """Read a drawing of boxes and lines in a fence without a language; a fence that is no drawing is declined.

    Example: `User (1) ----< (*) Order` relates one user to many orders.
    """
    if not isinstance(block, Fence) or block.language not in LANGUAGES:
        return None
    lines = lines_of(block.body)
    boxes = boxes_in(lines)
    if diagram_of(block) or (not boxes and is_tree(lines) and not begins_with_a_flow(lines)):
        return None
    drawing = _Drawing()
    for index, box in enumerate(boxes):
        if not box.is_group:
            _read_box(drawing, index, box, _title(box, lines), context)
    _read_joints(drawing, boxes, lines)
    _read_stems(drawing, boxes, lines)
    _read_lines(drawing, boxes, lines)
    if not drawing.facts and not boxes:
        drawing.facts += flow_in(lines)
    if not drawing.facts and not boxes:
        return None
    return Reading(tuple(sorted(drawing.facts, key=lambda f: f.span)), _prose(block, drawing), tuple(drawing.unread))


def _prose(block: Fence, drawing: _Drawing) -> tuple[Span, ...]:
    """Everything in a drawing that states nothing: borders, joints, titles of groups."""
    return (block.body.strip().span(),) if not drawing.facts else ()


def _title(box: Box, lines: tuple[Excerpt, ...]) -> Excerpt | None:
    """Return the line that names a box: its first one, or the one above a box that begins with its key."""
    first = box.texts[0] if box.texts else None
    found = box_field(first) if first is not None and len(box.sections) == 1 else None
    if found is None or not (found.is_primary or found.is_foreign_key) or box.top == 0:
        return first
    above = lines[box.top - 1]
    columns = columns_of(above.text)
    start, end = char_at(columns, box.walls[0]), char_at(columns, box.walls[1])
    written = above.cut(start or 0, len(above.text) if end is None else end).strip()
    return written if _TITLE.fullmatch(written.text) else first


def _read_box(drawing: _Drawing, index: int, box: Box, title: Excerpt | None, context: Context) -> None:
    """Read a box as an entity if it lists fields, else as a component; in a schema's drawing a bare box is only a name."""
    if title is None:
        return
    texts = box.texts
    match = _TITLE.fullmatch(title.text)
    name = title.cut(*match.span("name")) if match else title
    drawing.names[index] = name
    fields, left_over = _fields(_members(box) if title == texts[0] else texts)
    if match and fields and len(fields) >= len(left_over) and any(map(is_telling, fields)):
        drawing.entities.append(name)
        drawing.facts.append(entity_drawn(name, fields, context))
        drawing.unread += [text.span() for text in left_over]
    elif context.chapter not in _SCHEMA:
        label = " ".join(text.text for text in texts)
        drawing.facts.append(
            Component(
                span=Span(texts[0].span().start, texts[-1].span().end),
                form=Form.BOX,
                id=name.text,
                label=label,
                kind=kind_named(label),
            )
        )


def _members(box: Box) -> list[Excerpt]:
    """Return the lines below a box's title."""
    first, *others = [[t for t in section if t.text] for section in box.sections]
    below = [text for section in others for text in section]
    return below if first and below else box.texts[1:]


def _fields(members: list[Excerpt]) -> tuple[list[FieldMention], list[Excerpt]]:
    fields: list[FieldMention] = []
    left_over: list[Excerpt] = []
    for member in members:
        found = box_field(member)
        if found is not None:
            fields.append(found)
        elif _WORD.search(member.text):
            left_over.append(member)
    return fields, left_over


def _read_joints(drawing: _Drawing, boxes: list[Box], lines: tuple[Excerpt, ...]) -> None:
    """Read what is drawn between boxes that stand side by side."""
    by_row: dict[int, list[tuple[int, int, int]]] = {}
    for index in drawing.names:
        for row, (left, right) in boxes[index].edges.items():
            by_row.setdefault(row, []).append((left, right, index))
    for row, places in by_row.items():
        placed = sorted(places)
        for (_, end, one), (start, _, two) in pairwise(placed):
            _read_joint(drawing, lines[row].cut(end + 1, start), drawing.names[one], drawing.names[two])


def _read_joint(drawing: _Drawing, joint: Excerpt, left: Excerpt, right: Excerpt) -> None:
    drawn = LINE.fullmatch(joint.text)
    if drawn is None:
        return
    is_arrow = bool(drawn["arrow"] or drawn["right_foot"])
    _join(drawing, left, right, counts_drawn(drawn), (drawn["verb"] or "").strip(), is_arrow)


def _read_stems(drawing: _Drawing, boxes: list[Box], lines: tuple[Excerpt, ...]) -> None:
    """Read what is drawn between boxes that stand one below the other."""
    for stem in stems_in(lines, boxes):
        upper, lower = drawing.names.get(stem.upper), drawing.names.get(stem.lower)
        if upper is not None and lower is not None:
            _join(drawing, upper, lower, stem.counts, "", stem.is_arrow)


def _join(
    drawing: _Drawing,
    left: Excerpt,
    right: Excerpt,
    counts: tuple[Cardinality, Cardinality] | None,
    verb: str,
    is_arrow: bool,
) -> None:
    """State a relationship where counts are drawn; an arrow without any says what feeds what, except between entities."""
    if counts is not None:
        drawing.facts.append(relationship(left, right, counts, verb))
    elif is_arrow and left not in drawing.entities:
        span = Span.cover((left.span(), right.span()))
        drawing.facts.append(Feed(span=span, form=Form.BOX, origin=left.text, target=right.text, label=verb))


def _read_lines(drawing: _Drawing, boxes: list[Box], lines: tuple[Excerpt, ...]) -> None:
    """Read the relationships that stand in lines of their own; without boxes most lines must be some."""
    rows = {row for box in boxes for row in range(box.top, box.bottom + 1)}
    free = [line for row, line in enumerate(lines) if row not in rows and line.text.strip()]
    found = [tuple(relationships_in(line)) for line in free]
    if boxes or sum(map(bool, found)) * 2 >= len(free):
        drawing.facts += [fact for facts in found for fact in facts]
