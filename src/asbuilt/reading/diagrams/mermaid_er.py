"""Mermaid's `erDiagram`: entities, their attributes, and relationships in symbols or in words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from msgspec import Struct

from asbuilt.document.blocks import Block
from asbuilt.model.entities import Cardinality, EntityMention, FieldMention, Reference, RelationshipMention
from asbuilt.model.fact import Fact, Form, Stated
from asbuilt.model.revising import revised
from asbuilt.model.types import Family, is_known, type_name
from asbuilt.reading.diagrams.mermaid_text import Diagram, diagram_of
from asbuilt.reading.phrases.field_comments import with_remark
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Excerpt, Span

C = Cardinality
_SYMBOLS = {"||": C.ONE, "|o": C.ZERO_OR_ONE, "o|": C.ZERO_OR_ONE, "}o": C.ZERO_OR_MORE, "o{": C.ZERO_OR_MORE,
            "}|": C.ONE_OR_MORE, "|{": C.ONE_OR_MORE}  # fmt: skip
_WORDS = {"one or zero": C.ZERO_OR_ONE, "zero or one": C.ZERO_OR_ONE, "one or more": C.ONE_OR_MORE, "one or many": C.ONE_OR_MORE,
          "many(1)": C.ONE_OR_MORE, "1+": C.ONE_OR_MORE, "zero or more": C.ZERO_OR_MORE, "zero or many": C.ZERO_OR_MORE,
          "many(0)": C.ZERO_OR_MORE, "many": C.ZERO_OR_MORE, "0+": C.ZERO_OR_MORE, "only one": C.ONE, "one": C.ONE,
          "1": C.ONE}  # fmt: skip
_COUNT = "|".join(
    [*map(re.escape, _SYMBOLS), *(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(_WORDS, key=len, reverse=True))]
)
_NAME = r'(?:"[^"\n]*"|[^\W\d_][\w$.]*(?:-[\w$.]+)*|[\w$.]+(?:-[\w$.]+)*)'
_ALIAS = r'(?:\s*\[\s*(?P<{0}>"[^"\n]*"|[^\]\n]*?)\s*\])?'
_CLASS = r"(?:\s*:::\s*[\w,-]+)?"
_RELATIONSHIP = re.compile(
    rf"\s*(?P<left>{_NAME}?){_ALIAS.format('left_alias')}{_CLASS}\s*(?P<left_count>{_COUNT})\s*(?P<line>--|\.\.|\.-|-\.|\boptionally\s+to\b|\bto\b)"
    rf"\s*(?P<right_count>{_COUNT})\s*(?P<right>{_NAME}){_ALIAS.format('right_alias')}{_CLASS}\s*(?::(?!::)(?P<label>.*)|;)?\s*$",
    re.IGNORECASE,
)
_ENTITY = re.compile(rf"\s*(?P<name>{_NAME}){_ALIAS.format('alias')}{_CLASS}\s*(?P<open>\{{)?")
_TYPE = (
    r"(?:(?:double\s+precision|character\s+varying|time(?:stamp)?\s+with(?:out)?\s+time\s+zone)\b|[^\s\"'{}()\[\],;:]+)"
    r"(?:\s?\([^()\n]*\))?(?:\[\s*\d*\s*\])*\??"
)
_ATTRIBUTE = re.compile(
    rf"[\s,;]*(?P<type>{_TYPE})(?:[ \t]+(?P<name>\*?(?:\"[^\"\n]+\"|[^\s\"{{}},;]+)))?"
    r"(?P<keys>(?:[ \t]*,?[ \t]*\b(?:PK|FK|UK)\b)*)[ \t]*(?P<comment>\"[^\"\n]*\"?)?",
)
_SPEAKING = 3
"""Letters of a name that says something by itself; a shorter one stands for its alias."""
_WORD = re.compile(r"\w")
_KEY = re.compile(r"\b(?:PK|FK|UK)\b")
_TARGET = re.compile(r"\s*(?P<entity>[A-Za-z_]\w*)\.(?P<column>\w+)\s*")
_VALUES = re.compile(r"\s*[\w-]+(?:\s*\|\s*[\w-]+)+\s*")
_BARE_VALUES = re.compile(r"\benum\s*\((?P<values>[^()]+)\)", re.IGNORECASE)


class _Attribute(Struct, frozen=True):
    """An attribute as it stands: the words before its name and after it."""

    type: Excerpt | None
    name: Excerpt
    keys: Excerpt
    comment: Excerpt | None
    span: Span


@dataclass(slots=True)
class _Box:
    """An entity and its attributes; `id` is what relationships call it."""

    id: str
    name: Excerpt
    span: Span
    attributes: list[_Attribute] = field(default_factory=list)


@dataclass(slots=True)
class _Drawing:
    """What has been read of a diagram; `open` is the entity whose braces are still open."""

    boxes: list[_Box] = field(default_factory=list)
    lines: list[tuple[re.Match[str], Excerpt]] = field(default_factory=list)
    unread: list[Span] = field(default_factory=list)
    open: _Box | None = None


def read_mermaid_er(block: Block, context: Context) -> Reading | None:
    """Read the entities, attributes and relationships of an `erDiagram`; a line that is none of them is left unread.

    Example: `USER ||--o{ ORDER : places` relates one user to any number of orders.
    """
    diagram = diagram_of(block)
    if diagram is None or diagram.kind != "erDiagram":
        return None
    drawing = _drawn(diagram)
    names = {box.id: box.name for box in drawing.boxes if box.id != box.name.text}
    is_swapped = _is_swapped(drawing)
    facts: list[Fact] = [_entity(box, is_swapped, context) for box in drawing.boxes]
    facts += [_relationship(match, line, names) for match, line in drawing.lines]
    facts += _only_related(drawing, context)
    return Reading(tuple(sorted(facts, key=lambda f: f.span)), diagram.prose, tuple(drawing.unread))


def _drawn(diagram: Diagram) -> _Drawing:
    drawing = _Drawing()
    for line in diagram.lines:
        if drawing.open is not None and not _is_statement(line.text):
            _read_attributes(drawing, drawing.open, line, is_alone=True)
        elif match := _RELATIONSHIP.match(line.text):
            _read_relationship(drawing, match, line)
        else:
            _read_entity(drawing, line)
    return drawing


def _is_statement(text: str) -> bool:
    """Tell whether a line inside braces shows that they were never closed."""
    entity = _ENTITY.match(text)
    return bool(entity and entity["open"]) or bool(_RELATIONSHIP.match(text))


def _read_relationship(drawing: _Drawing, match: re.Match[str], line: Excerpt) -> None:
    if not match["left"]:
        drawing.unread.append(line.strip().span())
        return
    drawing.open = None
    drawing.lines.append((match, line))
    for side in ("left", "right"):
        if match[f"{side}_alias"]:
            name, alias = (_unquoted(line, *match.span(group)) for group in (side, f"{side}_alias"))
            span = line.span(match.start(side), match.end(f"{side}_alias"))
            drawing.boxes.append(_Box(name.text, _named(name, alias), span))


def _named(name: Excerpt, alias: Excerpt) -> Excerpt:
    """Return what names an entity: its alias, unless that is a gloss in another script on a name that speaks."""
    is_gloss = not alias.text.isascii() and name.text.isascii() and len(name.text) >= _SPEAKING
    return name if is_gloss else alias


def _read_entity(drawing: _Drawing, line: Excerpt) -> None:
    match = _ENTITY.match(line.text)
    rest = line.text[match.end() :].strip() if match else ""
    if match is None or (rest and not match["open"]):
        if line.text.strip() != "}":
            drawing.unread.append(line.strip().span())
        return
    name = _unquoted(line, *match.span("name"))
    shown = _named(name, _unquoted(line, *match.span("alias"))) if match["alias"] else name
    box = _Box(name.text, shown, line.cut(match.start("name"), match.end()).strip().span())
    drawing.boxes.append(box)
    if match["open"]:
        drawing.open = box
        _read_attributes(drawing, box, line.cut(match.end(), len(line.text)), is_alone=False)


def _read_attributes(drawing: _Drawing, box: _Box, line: Excerpt, is_alone: bool) -> None:
    """Read the attributes on a line inside braces; where one stands alone, whatever follows it is a remark on it."""
    end = _closing(line.text)
    stop = len(line.text) if end is None else end
    at = 0
    while at < stop and (match := _ATTRIBUTE.match(line.text, at, stop)):
        if not _WORD.search(match["name"] or match["type"]):
            break
        rest = line.cut(match.end(), stop).strip() if is_alone and end is None else line.cut(stop, stop)
        box.attributes.append(_attribute(line, match, rest))
        at = stop if rest.text else match.end()
    left_over = line.cut(at, stop).strip()
    if left_over.text.strip(",;"):
        drawing.unread.append(left_over.span())
    box.span = Span(box.span.start, max(box.span.end, line.strip().span().end))
    if end is not None:
        drawing.open = None


def _closing(text: str) -> int | None:
    """Return where the `}` stands that ends an entity, or None; one in a comment does not."""
    found = re.match(r'(?:[^"}]|"[^"]*"|"(?=[^"]*$))*\}', text)
    return found.end() - 1 if found else None


def _attribute(line: Excerpt, match: re.Match[str], rest: Excerpt) -> _Attribute:
    comment = _unquoted(line, *match.span("comment")) if match["comment"] else None
    comment = rest if comment is None and rest.text else comment
    end = max(match.end("type"), match.end("name"), match.end("keys"), match.end("comment"))
    span = Span(
        line.offset(match.start("type")),
        max(line.span(match.start("type"), end).end, rest.span().end if rest.text else 0),
    )
    kind, keys = line.cut(*match.span("type")), line.cut(*match.span("keys"))
    if match["name"] is None or _KEY.fullmatch(match["name"]):
        keys = keys if match["name"] is None else line.cut(match.start("name"), match.end("keys"))
        return _Attribute(None, kind, keys, comment, span)
    return _Attribute(kind, line.cut(*match.span("name")), keys, comment, span)


def _is_swapped(drawing: _Drawing) -> bool:
    """Tell whether the diagram writes names before types (`id uuid`), against mermaid's order."""
    pairs = [(a.type.text, a.name.text) for box in drawing.boxes for a in box.attributes if a.type is not None]
    right = sum(is_known(kind) and not is_known(name) for kind, name in pairs)
    return sum(is_known(name) and not is_known(kind) for kind, name in pairs) > right


def _entity(box: _Box, is_swapped: bool, context: Context) -> EntityMention:
    schema, dot, _ = box.name.text.rpartition(".")
    name = box.name.cut(len(schema) + len(dot), len(box.name.text))
    return EntityMention(
        span=box.span,
        form=Form.DIAGRAM,
        name=name.text,
        name_span=name.span(),
        schema=schema or None,
        fields=tuple(_field(a, is_swapped) for a in box.attributes),
        is_planned=context.is_planned,
        store=context.store,
    )


def _only_related(drawing: _Drawing, context: Context) -> Iterator[EntityMention]:
    """Yield the entities that stand in nothing but relationships, each where it stands first."""
    known = {name for box in drawing.boxes for name in (box.id, box.name.text)}
    for match, line in drawing.lines:
        for side in ("left", "right"):
            name = _unquoted(line, *match.span(side))
            if name.text not in known:
                known.add(name.text)
                yield _entity(_Box(name.text, name, name.span()), False, context)


def _field(attribute: _Attribute, is_swapped: bool) -> FieldMention:
    kind, name = attribute.type, attribute.name
    if is_swapped and kind is not None:
        kind, name = name, kind
    is_starred = name.text.startswith("*")
    star = name.cut(0, 1).span()
    name = _unquoted(name, 1 if is_starred else 0, len(name.text))
    keys = dict(_keys(attribute.keys))
    primary = keys.get("PK") or (Stated(True, star) if is_starred else None)
    known = FieldMention(
        span=attribute.span,
        form=Form.DIAGRAM,
        name=name.text,
        name_span=name.span(),
        is_primary=primary,
        is_unique=keys.get("UK"),
        is_foreign_key=keys.get("FK"),
    )
    return _with_target(with_remark(_with_type(known, kind), attribute.comment), attribute.comment)


def _keys(keys: Excerpt) -> Iterator[tuple[str, Stated[bool]]]:
    for match in _KEY.finditer(keys.text):
        yield match.group(), Stated(True, keys.span(*match.span()))


def _with_type(known: FieldMention, kind: Excerpt | None) -> FieldMention:
    found = type_name(kind.text) if kind is not None else None
    if kind is None or found is None:
        return known
    if kind.text.endswith("?"):
        known = revised(known, is_nullable=Stated(True, kind.span()))
    if found.family == Family.ENUM and (listed := _BARE_VALUES.search(kind.text)):
        values = tuple(v.strip(" '\"`") for v in re.split(r"[,|]", listed["values"]))
        known = revised(known, values=Stated(values, kind.span(*listed.span("values"))))
    return revised(known, type=Stated(found, kind.span()))


def _with_target(known: FieldMention, comment: Excerpt | None) -> FieldMention:
    """Add what a comment says that is nothing but a key's target (`users.id`) or values between bars (`NEW|PAID`)."""
    if comment is None:
        return known
    if known.is_foreign_key and not known.references and (match := _TARGET.fullmatch(comment.text)):
        reference = Reference(match["entity"], (match["column"],))
        return revised(known, references=Stated(reference, comment.strip().span()))
    if known.values is None and _VALUES.fullmatch(comment.text):
        values = tuple(v.strip() for v in comment.text.split("|"))
        return revised(known, values=Stated(values, comment.strip().span()))
    return known


def _relationship(match: re.Match[str], line: Excerpt, names: dict[str, Excerpt]) -> RelationshipMention:
    left, right = (_unquoted(line, *match.span(side)) for side in ("left", "right"))
    label = match["label"] or ""
    return RelationshipMention(
        span=line.strip().span(),
        form=Form.DIAGRAM,
        left=names.get(left.text, left).text,
        right=names.get(right.text, right).text,
        left_span=left.span(),
        right_span=right.span(),
        left_count=_count(match["left_count"]),
        right_count=_count(match["right_count"]),
        verb=label.strip(" \t;").strip('"').strip(),
        is_identifying=match["line"].lower() in ("--", "to"),
    )


def _count(written: str) -> Cardinality:
    text = " ".join(written.lower().split())
    return _SYMBOLS.get(text) or _WORDS[text]


def _unquoted(excerpt: Excerpt, start: int, end: int) -> Excerpt:
    """Return `text[start:end]` without the quotes around it, closed or not."""
    text = excerpt.text[start:end]
    if not text.startswith('"'):
        return excerpt.cut(start, end)
    return excerpt.cut(start + 1, end - 1 if len(text) > 1 and text.endswith('"') else end)
