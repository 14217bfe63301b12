"""Firestore's collections as paths (`users/{userId}`), their fields below them, indented or drawn as a tree."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from asbuilt.document.blocks import Block, Fence
from asbuilt.model.entities import EntityMention, FieldMention, Store
from asbuilt.model.fact import Form, Stated
from asbuilt.reading.code.host_types import host_type
from asbuilt.reading.code.languages import Language, language_of
from asbuilt.reading.diagrams.mermaid_text import lines_of
from asbuilt.reading.phrases.field_comments import with_remark
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Excerpt, Span

_LEAD = re.compile(r"[\s│┃├└─━┬|`+*•-]*")
_REST = r"/?\s*(?:[:(#→—–-].*)?$"
PATH = re.compile(r"/?(?:[A-Za-z_]\w*/\{[^{}\s]+\}/)*(?P<name>[A-Za-z_]\w*)(?P<document>/\{[^{}\s]+\})?" + _REST)
"""A collection, or a document in one; the collections above it come first."""
_COLLECTION = re.compile(r"/?(?P<name>[A-Za-z_]\w*)(?:/|\s*\((?:sub-?)?collection\))\s*(?:[:(#].*)?$", re.IGNORECASE)
_DOCUMENT = re.compile(r"\{[^{}\s]+\}" + _REST)
_FIELD = re.compile(
    r"(?P<name>[A-Za-z_]\w*)(?P<optional>\?)?\s*(?:[:：]\s*(?P<type>[^#(,]*[^#(,\s])|\((?P<bracket>[^()]+)\))?\s*(?P<remark>(?:[#(,]|//|[-–—]\s).*)?$"
)


@dataclass(slots=True)
class _Open:
    """A line that others may stand below: a collection with its fields, or a field, whose own parts are left out."""

    column: int
    name: Excerpt | None = None
    lines: list[Span] = field(default_factory=list)
    fields: list[FieldMention] = field(default_factory=list)
    is_certain: bool = False


def read_firestore(block: Block, context: Context) -> Reading | None:
    """Read Firestore's collections: `users/{userId}`, with their fields below them."""
    if language_of(block) != Language.FIRESTORE or not isinstance(block, Fence):
        return None
    facts = tuple(_mention(one, context) for one in _collections(block.body) if one.fields or one.is_certain)
    has_fields = any(fact.fields for fact in facts)
    return Reading(facts, prose=(block.span,)) if has_fields or (facts and context.store == Store.FIRESTORE) else None


def _collections(body: Excerpt) -> Iterator[_Open]:
    """Yield the collections in the order of the text, each when all that stands below it is known."""
    found: list[_Open] = []
    above: list[_Open] = []
    for line in lines_of(body):
        lead = _LEAD.match(line.text)
        text = line.cut(lead.end() if lead else 0, len(line.text)).strip()
        if not text.text:
            continue
        column = lead.end() if lead else 0
        while above and above[-1].column >= column:
            above.pop()
        opened = _opened(text, column, above)
        above.append(opened)
        found += [opened] if opened.name else []
    yield from found


def _opened(text: Excerpt, column: int, above: list[_Open]) -> _Open:
    """Return what a line opens; a field is added to the collection right above it."""
    path = PATH.match(text.text)
    collection = path if path and "{" in text.text.partition(":")[0] else _COLLECTION.match(text.text)
    if collection:
        is_certain = "document" in collection.groupdict() and bool(collection["document"])
        return _Open(column, text.cut(*collection.span("name")), [text.span()], is_certain=is_certain)
    owner = above[-1] if above else None
    if owner and owner.name and _DOCUMENT.match(text.text):
        owner.is_certain = True
        return _Open(column, None, owner.lines, owner.fields)
    named = _field(text) if owner and owner.lines else None
    if owner and named:
        owner.fields.append(named)
        owner.lines.append(text.span())
    return _Open(column)


def _field(text: Excerpt) -> FieldMention | None:
    match = _FIELD.match(text.text)
    if match is None:
        return None
    group = "type" if match["type"] else "bracket"
    kind = text.cut(*match.span(group)).strip() if match[group] else None
    found = host_type(kind.text, date_is_instant=True) if kind else None
    mention = FieldMention(
        span=text.span(),
        form=Form.LISTING,
        name=match["name"],
        name_span=text.span(*match.span("name")),
        type=Stated(found, kind.span()) if found and kind else None,
        is_nullable=Stated(True, text.span(*match.span("optional"))) if match["optional"] else None,
    )
    remark = text.cut(*match.span("remark")) if match["remark"] else None
    return with_remark(mention, remark)


def _mention(opened: _Open, context: Context) -> EntityMention:
    name = opened.name
    assert name is not None
    return EntityMention(
        span=Span.cover(opened.lines),
        form=Form.LISTING,
        name=name.text,
        name_span=name.span(),
        fields=tuple(opened.fields),
        is_planned=context.is_planned,
        store=Store.FIRESTORE,
    )
