"""Identifier bullets: an entity's fields an item each, nested under the entity's item, or all in one (`Users: id, email`)."""

import re
from collections.abc import Sequence
from dataclasses import replace

from asbuilt.document.blocks import Item, List
from asbuilt.evidence import Chapter
from asbuilt.model.entities import EntityMention, FieldMention, UniqueMention
from asbuilt.model.fact import Fact, Form, Stated
from asbuilt.model.types import Family
from asbuilt.reading.field_cells import understand
from asbuilt.reading.field_phrases import Understanding, finished
from asbuilt.reading.leftovers import facts_in_words
from asbuilt.reading.listed_fields import listed_fields, read_remarks, trimmed
from asbuilt.reading.pieces import is_identifier
from asbuilt.reading.placeholders import find_placeholders, is_placeholder
from asbuilt.reading.reader import Context, Reading
from asbuilt.reading.standing import is_other_dialect
from asbuilt.reading.type_phrases import starts_with_type
from asbuilt.text import Excerpt, Span

_CHAPTERS = frozenset({Chapter.OVERVIEW, Chapter.ENTITIES, Chapter.INTEGRITY})
_FIELDS = re.compile(
    r"\b(?:fields?|columns?|attributes?|properties|schema|structure)\b|字段|列|属性|поля|столбцы|атрибуты|필드|컬럼|속성|カラム|フィールド|項目|campos|atributos|colunas|alanlar|kolom|atribut",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"^[`*\"]*(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<mark>\?)?[`*\"]*(?P<rest>(?:\s*[:：(（\[=,，—–-]|\s+).*)?$", re.DOTALL
)
_DESCRIPTION = re.compile(r"\s+(?:-|–|—|//|--|#)\s+")
_ENTITY = re.compile(
    r"^[`*\"]*(?P<name>[A-Za-z_][A-Za-z0-9_]*)[`*\"]*(?:\s*(?:table|entity|表|\(table\)))?\s*(?P<gloss>[(（][^()（）]*[)）])?\s*[:：]?\s*(?P<rest>.*)$",
    re.DOTALL | re.IGNORECASE,
)
_IDENTITY = re.compile(r"^(?:id|uuid|\w+_id|\w+Id|\w+_at|\w+At|name|email|title|slug)$")


def read_field_list(block: List, context: Context) -> Reading | None:
    """Read a list of fields under an entity's heading or label, or a list of entities with their fields."""
    if context.chapter not in _CHAPTERS:
        return None
    reading = _of_one_entity(block, context) or _of_entities(block, context)
    return Reading(prose=(block.span,)) if reading and is_other_dialect(context) else reading


def _of_one_entity(block: List, context: Context) -> Reading | None:
    if not context.entity or not context.entity_span or is_placeholder(context.entity):
        return None
    known, others = _fields_in(block.items, is_labelled=_is_labelled(block))
    if known is None:
        return None
    mention = _mention(context.entity, context.entity_span, _covering(block.items), known, context)
    rest = [fact for item in others for fact in facts_in_words(item, block, context)]
    return Reading(
        (replace(mention, is_complete=_is_labelled(block)), *_uniques(context.entity, known, context), *rest)
    )


def _is_labelled(block: List) -> bool:
    label = block.label.text if block.label else ""
    heading = block.heading.text.text if block.heading else ""
    return bool(_FIELDS.search(label) or _FIELDS.search(heading))


def _covering(items: Sequence[Item]) -> Span:
    return Span.cover(item.span for item in items)


def _fields_in(items: Sequence[Item], *, is_labelled: bool) -> tuple[list[Understanding] | None, list[Item]]:
    """Return the fields of a list and the items that are none; None where too few are, or too few say anything."""
    found = [(item, _field_of(item)) for item in items if item.text.text.strip()]
    known = [one for _, one in found if one is not None]
    filled = [item for item, _ in found if not find_placeholders(item.raw)]
    telling = sum(_is_typed(one.field) or _is_constrained(one.field) for one in known)
    if len(known) * 4 < len(filled) * 3 or not known or (telling * 2 < len(known) and not is_labelled):
        return None, []
    return known, [item for item, one in found if one is None]


def _is_typed(field: FieldMention) -> bool:
    return field.type is not None and field.type.value.family != Family.OTHER


def _is_constrained(field: FieldMention) -> bool:
    return any(
        value is not None
        for value in (field.is_primary, field.is_unique, field.is_nullable, field.references, field.is_foreign_key)
    )


def _field_of(item: Item) -> Understanding | None:
    text = item.text.strip()
    found = _FIELD.match(text.text)
    if not found or is_placeholder(text.text) or not _follows_a_name(found["rest"] or ""):
        return None
    span = text.span()
    known = understand(text.cut(*found.span("name")), (), span, Form.LISTING)
    if found["rest"]:
        known = _with_remarks(known, text.cut(*found.span("rest")))
    if found["mark"] and known.field.is_nullable is None:
        known = replace(known, field=replace(known.field, is_nullable=Stated(True, span)))
    return replace(known, field=finished(known))


_REMARK = re.compile(
    r"\s*(?:[:：(（\[=,，]|[-–—]\s|$)|\s+(?:PK|FK|UK|primary\s+key|foreign\s+key|unique|not\s+null|enum)\b",
    re.IGNORECASE,
)


def _follows_a_name(rest: str) -> bool:
    """Tell a field's remarks from the rest of a sentence: a mark, a known type or a constraint comes next."""
    return _REMARK.match(rest) is not None or starts_with_type(rest)


def _with_remarks(known: Understanding, rest: Excerpt) -> Understanding:
    """Read `: text, unique - for login`: remarks up to the dash, a description behind it."""
    lead = re.match(r"\s*(?:[:：]|[-–—]\s|=)?\s*", rest.text)
    start = lead.end() if lead else 0
    dash = _DESCRIPTION.search(rest.text, start)
    remarks = rest.cut(start, dash.start() if dash else len(rest.text))
    told = read_remarks(known, trimmed(remarks))
    words = rest.text[dash.end() :] if dash else "" if told.field.type else remarks.text
    return replace(told, field=replace(told.field, description=told.field.description or words.strip()))


def _of_entities(block: List, context: Context) -> Reading | None:
    """Items that are entities: fields in the same line, or nested below."""
    facts: list[Fact] = []
    told = 0
    for item in block.items:
        found = _entity_of(item, context)
        told += bool(found)
        facts += found or facts_in_words(item, block, context)
    filled = [item for item in block.items if not find_placeholders(item.raw)]
    mentions = [fact for fact in facts if isinstance(fact, EntityMention)]
    sound = sum(any(_IDENTITY.match(f.name) or f.type for f in mention.fields) for mention in mentions)
    return Reading(tuple(facts)) if told and told * 4 >= len(filled) * 3 and sound * 2 > told else None


def _entity_of(item: Item, context: Context) -> tuple[Fact, ...]:
    text = item.text.strip()
    found = _ENTITY.match(text.text)
    if not found or is_placeholder(text.text):
        return ()
    name = text.cut(*found.span("name"))
    nested = [child for child in item.children if isinstance(child, List)]
    for child in nested:
        known, _ = _fields_in(child.items, is_labelled=_is_labelled(child))
        if known is not None:
            mention = _mention(name.text, name.span(), _covering([item]), known, context)
            return (replace(mention, purpose=found["rest"].strip(" -–—:：")), *_uniques(name.text, known, context))
    rest = text.cut(*(found.span("gloss") if found["gloss"] and not found["rest"] else found.span("rest")))
    fields = listed_fields(rest, Form.LISTING) if rest.text else None
    if not fields or len(fields) < 2 or not is_identifier(name.text):
        return ()
    return (
        EntityMention(
            span=text.span(),
            form=Form.LISTING,
            name=name.text,
            name_span=name.span(),
            fields=fields,
            is_planned=context.is_planned,
            store=context.store,
        ),
    )


def _mention(name: str, name_span: Span, span: Span, known: Sequence[Understanding], context: Context) -> EntityMention:
    return EntityMention(
        span=span,
        form=Form.LISTING,
        name=name,
        name_span=name_span,
        fields=tuple(one.field for one in known),
        is_planned=context.is_planned,
        store=context.store,
    )


def _uniques(entity: str, known: Sequence[Understanding], context: Context) -> tuple[UniqueMention, ...]:
    return tuple(
        UniqueMention(
            span=one.together.span,
            form=Form.LISTING,
            store=context.store,
            entity=entity,
            columns=(one.field.name, *one.together.value),
        )
        for one in known
        if one.together
    )
