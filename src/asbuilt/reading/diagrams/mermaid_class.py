"""Mermaid's `classDiagram`: classes with typed members, enumerations, and associations with multiplicities."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from asbuilt.document.blocks import Block
from asbuilt.model.entities import EntityMention, EnumMention, EnumValue, FieldMention
from asbuilt.model.fact import Fact, Form, Stated
from asbuilt.model.types import is_known, type_name
from asbuilt.reading.diagrams.ascii_lines import counts_of, relationship
from asbuilt.reading.diagrams.mermaid_text import diagram_of
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Excerpt, Span

_CLASS = re.compile(
    r"\s*class\s+`?(?P<name>[\w.-]+)`?(?:~[^~\n]*~)?(?:\[[^\]\n]*\])?(?::::?\s*\w+)?\s*\{(?P<rest>[^\n]*)"
)
_MEMBER_OF = re.compile(r"\s*(?P<name>\w+)\s*:\s*(?P<member>[+#~-]?\s*\w[^\n]*)")
_MEMBER = re.compile(
    r"\s*[+#~-]?\s*(?:(?P<name>\w+)\s*:\s*(?P<type>[^\s(){}:]+(?:\(\d[\d, ]*\))?)|(?P<first>[^\s(){}:]+(?:\(\d[\d, ]*\))?)\s+(?P<last>\w+))[$*?]?\s*"
)
_STEREOTYPE = re.compile(r"\s*<<\s*(?P<word>\w+)\s*>>\s*(?P<name>\w+)?\s*")
_ASSOCIATION = re.compile(
    r"\s*(?P<left>\w+)\s*\"(?P<left_count>[^\"\n]*)\"\s*(?P<line>[<>|*o.-]{2,})\s*\"(?P<right_count>[^\"\n]*)\"\s*(?P<right>\w+)\s*(?::(?P<verb>[^\n]*))?"
)
_OTHER_LINE = re.compile(r"\s*(?:namespace\s|note\s|\}|\w+\s*(?:\"[^\"\n]*\"\s*)?[<>|*o.()-]{2,}|class\s+\S+\s*$)")


@dataclass(slots=True)
class _Class:
    name: Excerpt
    end: int
    fields: list[FieldMention] = field(default_factory=list)
    words: list[Excerpt] = field(default_factory=list)
    is_enum: bool = False


@dataclass(slots=True)
class _Drawing:
    """What has been read; `open` is the class whose braces are open."""

    classes: dict[str, _Class] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    prose: list[Span] = field(default_factory=list)
    unread: list[Span] = field(default_factory=list)
    open: _Class | None = None


def read_mermaid_class(block: Block, context: Context) -> Reading | None:
    """Read the classes of a `classDiagram` and their associations; methods and inheritance say nothing of data.

    Example: `class User { +UUID id }` is an entity with a field.
    """
    diagram = diagram_of(block)
    if diagram is None or not diagram.kind.startswith("classDiagram"):
        return None
    drawing = _Drawing(prose=list(diagram.prose))
    for line in diagram.lines:
        _read_line(drawing, line)
    facts = [fact for found in drawing.classes.values() for fact in _facts(found, context)]
    ordered = sorted([*facts, *drawing.facts], key=lambda fact: fact.span)
    return Reading(tuple(ordered), tuple(drawing.prose), tuple(drawing.unread))


def _read_line(drawing: _Drawing, line: Excerpt) -> None:
    if opened := _CLASS.fullmatch(line.text):
        drawing.open = _class(drawing, line.cut(*opened.span("name")))
        rest = line.cut(*opened.span("rest"))
        if rest.text.strip():
            _read_inside(drawing, drawing.open, rest)
    elif drawing.open is not None:
        _read_inside(drawing, drawing.open, line)
    elif drawn := _ASSOCIATION.fullmatch(line.text):
        _read_association(drawing, drawn, line)
    elif member := _MEMBER_OF.fullmatch(line.text):
        _read_member(drawing, _class(drawing, line.cut(*member.span("name"))), line.cut(*member.span("member")))
    elif stereotype := _STEREOTYPE.fullmatch(line.text):
        _mark(drawing, stereotype, line)
    else:
        (drawing.prose if _OTHER_LINE.match(line.text) else drawing.unread).append(line.strip().span())


def _class(drawing: _Drawing, name: Excerpt) -> _Class:
    return drawing.classes.setdefault(name.text, _Class(name, name.span().end))


def _read_inside(drawing: _Drawing, found: _Class, line: Excerpt) -> None:
    """Read a line between a class's braces."""
    end = line.text.find("}")
    inner = line.cut(0, len(line.text) if end < 0 else end).strip()
    stereotype = _STEREOTYPE.fullmatch(inner.text)
    if stereotype:
        found.is_enum = stereotype["word"].lower() in ("enumeration", "enum")
    elif inner.text:
        _read_member(drawing, found, inner)
    if end >= 0:
        drawing.open = None


def _read_member(drawing: _Drawing, found: _Class, member: Excerpt) -> None:
    member = member.strip()
    match = _MEMBER.fullmatch(member.text)
    found.end = max(found.end, member.span().end)
    if match is None or found.is_enum:
        found.words.append(member)
        if not found.is_enum:
            drawing.prose.append(member.span())
        return
    name, kind = ("name", "type") if match["name"] else ("last", "first")
    if not match["name"] and is_known(match["last"]) and not is_known(match["first"]):
        name, kind = kind, name
    written, typed = member.cut(*match.span(name)), member.cut(*match.span(kind))
    stated = type_name(typed.text)
    found.fields.append(
        FieldMention(
            span=member.span(),
            form=Form.CLASS,
            name=written.text,
            name_span=written.span(),
            type=Stated(stated, typed.span()) if stated else None,
        )
    )


def _mark(drawing: _Drawing, stereotype: re.Match[str], line: Excerpt) -> None:
    """Read `<<enumeration>> Status` on a line of its own."""
    if stereotype["name"] and stereotype["word"].lower() in ("enumeration", "enum"):
        _class(drawing, line.cut(*stereotype.span("name"))).is_enum = True
    drawing.prose.append(line.strip().span())


def _read_association(drawing: _Drawing, drawn: re.Match[str], line: Excerpt) -> None:
    counts = counts_of(drawn["left_count"], drawn["right_count"])
    if counts is None:
        drawing.prose.append(line.strip().span())
        return
    ends = line.cut(*drawn.span("left")), line.cut(*drawn.span("right"))
    drawing.facts.append(relationship(*ends, counts, (drawn["verb"] or "").strip(), form=Form.CLASS))


def _facts(found: _Class, context: Context) -> Iterator[Fact]:
    span = Span(found.name.span().start, found.end)
    if found.is_enum and found.words:
        values = tuple(EnumValue(word.text, word.span()) for word in found.words)
        yield EnumMention(span=span, form=Form.CLASS, name=found.name.text, name_span=found.name.span(), values=values)
    elif found.fields:
        yield EntityMention(
            span=span,
            form=Form.CLASS,
            name=found.name.text,
            name_span=found.name.span(),
            fields=tuple(found.fields),
            is_planned=context.is_planned,
            store=context.store,
        )
