"""Identifier bullets: an entity's fields an item each, nested under the entity's item, or all in one (`Users: id, email`)."""

import re
from collections.abc import Iterator, Sequence

from asbuilt.document.blocks import Item, List
from asbuilt.evidence import Chapter
from asbuilt.model.entities import EntityMention, FieldMention, PrimaryKeyMention, Store, UniqueMention
from asbuilt.model.fact import Fact, Form, Stated
from asbuilt.model.revising import revised
from asbuilt.model.types import Family
from asbuilt.reading.lists.leftovers import facts_in_words
from asbuilt.reading.lists.listed_fields import listed_fields, read_remarks, trimmed
from asbuilt.reading.lists.schema_labels import is_schema_label
from asbuilt.reading.phrases.field_phrases import Understanding, finished
from asbuilt.reading.phrases.pieces import is_identifier
from asbuilt.reading.phrases.placeholders import find_placeholders, is_placeholder
from asbuilt.reading.phrases.type_phrases import starts_with_type
from asbuilt.reading.reader import Context, Reading
from asbuilt.reading.standing import is_other_dialect
from asbuilt.reading.tables.field_cells import add_cells, read_text, understand
from asbuilt.reading.tables.vocabulary import Role, roles_of
from asbuilt.text import Excerpt, Span

_CHAPTERS = frozenset({Chapter.OVERVIEW, Chapter.ENTITIES, Chapter.INTEGRITY})
_FIELDS = re.compile(
    r"\b(?:fields?|columns?|attributes?|properties|schema|structure)\b|字段|列|属性|поля|столбцы|атрибуты|필드|컬럼|속성|カラム|フィールド|項目|campos|atributos|colunas|alanlar|kolom|atribut",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"^[`*\"]*(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<mark>\?)?[`*\"]*(?P<rest>(?:\s*[:：(（\[=,，…—–-]|\s+).*)?$",
    re.DOTALL,
)
_DESCRIPTION = re.compile(r"\s+(?:-|–|—|//|--|#)\s+")
_ENTITY = re.compile(
    r"^[`*\"]*(?P<name>[A-Za-z_][A-Za-z0-9_]*)[`*\"]*(?:\s*(?:table|entity|表|\(table\)))?\s*(?P<gloss>[(（][^()（）]*[)）])?\s*[:：]?\s*(?P<rest>.*)$",
    re.DOTALL | re.IGNORECASE,
)
_PATH = re.compile(
    r"^[`*\"/]*(?:[A-Za-z_]\w*/\{\w+\}/)*(?P<name>[A-Za-z_]\w*)/\{\w+\}[`*\"/]*\s*[:：–—-]?\s*(?P<rest>.*)$", re.DOTALL
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
    found = _each(block.items)
    is_plain = _are_marked(found) or _are_run_together(found)
    known, others = _fields_in(found, is_labelled=is_plain or _is_labelled(block))
    if known is None:
        known, others = _fields_below_a_label(block.items)
    if known is None and any(_keys_in(item, block, context) for item in block.items):
        known, others = [], list(block.items)
    if known is None:
        return None
    known += [_key(code, item) for item in others for code in _keys_in(item, block, context) if not _has(known, code)]
    mention = _mention(context.entity, context.entity_span, _covering(block.items), known, context)
    rest = [fact for item in others for fact in facts_in_words(item, block, context)]
    return Reading(
        (revised(mention, is_complete=_is_labelled(block)), *_uniques(context.entity, known, context), *rest)
    )


def _fields_below_a_label(items: Sequence[Item]) -> tuple[list[Understanding] | None, list[Item]]:
    """Fields listed below an item that says so (`Columns`, `主な列`), beside items that say something else."""
    for item in items:
        nested = [one for child in item.children if isinstance(child, List) for one in child.items]
        if nested and len(item.text.text) < _LONGEST_LABEL and _FIELDS.search(item.text.text):
            known, others = _fields_in(_each(nested), is_labelled=True)
            return known, [*(one for one in items if one is not item), *others]
    return None, []


_LONGEST_LABEL = 32


def _is_labelled(block: List) -> bool:
    label = block.label.text if block.label else ""
    heading = block.heading.text.text if block.heading else ""
    return bool(_FIELDS.search(label) or _FIELDS.search(heading))


def _covering(items: Sequence[Item]) -> Span:
    return Span.cover(item.span for item in items)


Found = list[tuple[Item, tuple[Understanding, ...]]]
"""Items, each with the fields that it names."""


def _each(items: Sequence[Item]) -> Found:
    return [(item, _fields_of(item)) for item in items if item.text.text.strip()]


def _fields_in(found: Found, *, is_labelled: bool) -> tuple[list[Understanding] | None, list[Item]]:
    """Return the fields of a list and the items that are none; None where too few are, or too few say anything."""
    known = [one for _, fields in found for one in fields]
    told = sum(bool(fields) for _, fields in found)
    filled = [item for item, _ in found if not find_placeholders(item.raw)]
    telling = sum(_is_typed(one.field) or _is_constrained(one.field) for one in known)
    if told * 4 < len(filled) * 3 or not known or (telling * 2 < len(known) and not is_labelled):
        return None, []
    return known, [item for item, fields in found if not fields]


def _are_marked(found: Found) -> bool:
    """Tell whether the fields stand in backticks, a key among them: names that need no type to be fields."""
    names = [one.field.name for _, fields in found for one in fields]
    return all(item.codes for item, fields in found if fields) and len(names) > 2 and any(map(_KEY.fullmatch, names))


def _are_run_together(found: Found) -> bool:
    """Tell whether each item is several names and nothing else, a key among them: `id, email, name`."""
    names = [one.field.name for _, fields in found for one in fields]
    is_plain = all(_JOINED.fullmatch(item.text.text.strip()) and len(fields) > 1 for item, fields in found)
    return is_plain and any(map(_KEY.fullmatch, names))


_KEY = re.compile(r"_?id|uuid|\w+_id|\w+Id")


def _keys_in(item: Item, block: List, context: Context) -> tuple[Excerpt, ...]:
    """Return the columns that an item names as the primary key."""
    columns = [
        name
        for fact in facts_in_words(item, block, context)
        if isinstance(fact, PrimaryKeyMention)
        for name in fact.columns
    ]
    return tuple(code for code in item.codes if code.text in columns)


def _key(code: Excerpt, item: Item) -> Understanding:
    field = FieldMention(span=item.text.strip().span(), form=Form.LISTING, name=code.text, name_span=code.span())
    return Understanding(field)


def _has(known: Sequence[Understanding], code: Excerpt) -> bool:
    return any(one.field.name == code.text for one in known)


def _is_typed(field: FieldMention) -> bool:
    return field.type is not None and field.type.value.family != Family.OTHER


def _is_constrained(field: FieldMention) -> bool:
    return any(
        value is not None
        for value in (field.is_primary, field.is_unique, field.is_nullable, field.references, field.is_foreign_key)
    )


def _fields_of(item: Item) -> tuple[Understanding, ...]:
    """Return the fields of an item: one, or several (`created_at, updated_at (timestamps)`)."""
    text = item.text.strip()
    if _GROUP.fullmatch(item.raw.text.strip()):
        return tuple(_field(code, code.cut(0, 0), item, is_optional=False) for code in item.codes)
    joined = _JOINED.match(text.text)
    starts = [(m.start(), m.end()) for m in re.finditer(r"[A-Za-z_]\w*", joined["names"])] if joined else []
    first = _FIELD.match(text.text)
    if is_placeholder(text.text) or not (starts or first) or is_schema_label(text.text):
        return ()
    names = [text.cut(*place) for place in starts] or [text.cut(*first.span("name"))] if first else []
    rest = text.cut(joined.end("names") if joined else first.start("rest") if first else 0, len(text.text))
    if not _follows_a_name(rest.text.lstrip('`*"')):
        return ()
    return tuple(_field(name, rest, item, is_optional=bool(first and first["mark"])) for name in names)


def _field(name: Excerpt, rest: Excerpt, item: Item, *, is_optional: bool) -> Understanding:
    span = item.text.strip().span()
    known = understand(name, (), span, Form.LISTING)
    if rest.text.strip():
        known = _with_remarks(known, rest)
    known = add_cells(known, _details(item))
    if is_optional and known.field.is_nullable is None:
        known = revised(known, field=revised(known.field, is_nullable=Stated(True, span)))
    field = finished(known)
    return known if field is known.field else revised(known, field=field)


_JOINED = re.compile(
    r"^[`*\"]*(?P<names>[A-Za-z_]\w*(?:[`*\"]*\s*[,/]\s*[`*\"]*[A-Za-z_]\w*)+)[`*\"]*(?=\s*(?:[(（:：…]|$))"
)
_GROUP = re.compile(r"[^`:：]{2,32}[:：]\s*`[A-Za-z_]\w*`(?:\s*[,，、/]\s*`[A-Za-z_]\w*`)+")
_DETAIL = re.compile(r"^[`*]*(?P<key>[^:：*`]{2,24})[`*]*\s*[:：]\s*(?P<value>.+)$", re.DOTALL)


def _details(item: Item) -> Iterator[tuple[Role, Excerpt]]:
    """Yield what nested items say of a field: `Type: UUID`, `Required: Yes`, `Default: 0`."""
    for child in item.children:
        for inner in child.items if isinstance(child, List) else ():
            detail = _DETAIL.match(inner.text.text)
            role = next((r for r in _DETAIL_ROLES if detail and r in roles_of(detail["key"])), None)
            if detail and role:
                yield role, inner.text.cut(*detail.span("value"))


_DETAIL_ROLES = (
    Role.TYPE,
    Role.REQUIRED,
    Role.NULLABLE,
    Role.UNIQUE,
    Role.DEFAULT,
    Role.LENGTH,
    Role.REFERENCES,
    Role.CONSTRAINT,
    Role.TEXT,
)


_REMARK = re.compile(
    r"\s*(?:[:：(（\[=,，…]|[-–—]\s|$)|\s+(?:PK|FK|UK|primary\s+key|foreign\s+key|unique|not\s+null|enum)\b",
    re.IGNORECASE,
)


def _follows_a_name(rest: str) -> bool:
    """Tell a field's remarks from the rest of a sentence: a mark, a known type or a constraint comes next."""
    return _REMARK.match(rest) is not None or starts_with_type(rest)


_STARTS = re.compile(
    r"(?:PK|FK|UK|primary|foreign|unique|not\s+null|null|nullable|required|optional|enum|default|references|indexed|auto|[<>]=?)\b|[<>→(（]|主键|外键|唯一",
    re.IGNORECASE,
)


_LEAD = re.compile(r"[`*\"]*\s*(?:[:：…]|[-–—]\s|=)?\s*")
_BRACKET = re.compile(r"[(（](?P<inner>(?:[^()（）]|\([^()]*\))*)[)）]\s*(?:[:：]|[-–—]\s|$)\s*")


def _with_remarks(known: Understanding, rest: Excerpt) -> Understanding:
    """Read `: text, unique - for login`, `(uuid, PK): who it is`: remarks first, a description behind them."""
    lead = _LEAD.match(rest.text)
    body = rest.cut(lead.end() if lead else 0, len(rest.text))
    bracket = _BRACKET.match(body.text)
    if bracket:
        return _with_words(
            read_remarks(known, body.cut(*bracket.span("inner"))), body.cut(bracket.end(), len(body.text))
        )
    dash = _DESCRIPTION.search(body.text)
    remarks = body.cut(0, dash.start() if dash else len(body.text)).strip()
    if not (starts_with_type(remarks.text) or _STARTS.match(remarks.text)):
        return _described(known, body)
    told = read_remarks(known, trimmed(remarks))
    return _with_words(told, body.cut(dash.end(), len(body.text))) if dash else _typed_at_the_end(told, remarks)


def _with_words(known: Understanding, words: Excerpt) -> Understanding:
    return read_text(known, words.strip()) if words.text.strip() else known


def _described(known: Understanding, words: Excerpt) -> Understanding:
    """Words only, perhaps with the type in brackets at their end: `Account status (boolean)`."""
    return _typed_at_the_end(_with_words(known, words), words)


def _typed_at_the_end(known: Understanding, words: Excerpt) -> Understanding:
    found = re.search(r"[(（](?P<inner>[^()（）]+)[)）]\s*\.?$", words.text)
    if known.field.type is not None or not found or not starts_with_type(found["inner"]):
        return known
    return read_remarks(known, words.cut(*found.span("inner")))


def _of_entities(block: List, context: Context) -> Reading | None:
    """Items that are entities: fields in the same line, or nested below."""
    found = [(item, _entity_of(item, context)) for item in block.items]
    told = sum(bool(facts) for _, facts in found)
    mentions = [fact for _, facts in found for fact in facts if isinstance(fact, EntityMention)]
    sound = sum(any(_IDENTITY.match(f.name) or f.type for f in mention.fields) for mention in mentions)
    if not told or sound * 2 <= told or told * 4 < sum(not find_placeholders(item.raw) for item in block.items) * 3:
        return None
    return Reading(tuple(fact for item, facts in found for fact in facts or facts_in_words(item, block, context)))


def _entity_of(item: Item, context: Context) -> tuple[Fact, ...]:
    text = item.text.strip()
    path = _PATH.match(text.text) if "/{" in text.text else None
    found = path or _ENTITY.match(text.text)
    if not found or is_placeholder(text.text):
        return ()
    context = revised(context, store=Store.FIRESTORE) if path else context
    name = text.cut(*found.span("name"))
    nested = [child for child in item.children if isinstance(child, List)]
    for child in nested:
        known, _ = _fields_in(_each(child.items), is_labelled=_is_labelled(child))
        if known is not None:
            mention = _mention(name.text, name.span(), _covering([item]), known, context)
            return (revised(mention, purpose=found["rest"].strip(" -–—:：")), *_uniques(name.text, known, context))
    if found["rest"][:1] in _BETWEEN:
        return ()
    rest = text.cut(*(found.span("gloss") if not path and found["gloss"] and not found["rest"] else found.span("rest")))
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


_BETWEEN = (",", "，", "、", "/")


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
