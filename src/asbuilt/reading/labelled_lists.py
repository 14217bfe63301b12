"""An entity told in labels: `**Primary Key**: user_id`, `**Fields**: email (unique), name`, `**Indexes**: email, (a, b)`."""

import re

from asbuilt.document.blocks import Item, List
from asbuilt.evidence import Chapter
from asbuilt.model.entities import EntityMention, FieldMention, PrimaryKeyMention
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.index_phrases import in_store, listed_indexes
from asbuilt.reading.leftovers import facts_in_words
from asbuilt.reading.listed_fields import listed_fields
from asbuilt.reading.pieces import names_in
from asbuilt.reading.placeholders import is_placeholder
from asbuilt.reading.reader import Context, Reading
from asbuilt.reading.table_layouts import INDEX_WORD
from asbuilt.reading.vocabulary import Role, roles_of
from asbuilt.text import Excerpt

_LABELLED = re.compile(r"^[`*]*(?P<label>[^:：*`]{2,30})[`*]*\s*[:：]\s*(?P<value>.+)$", re.DOTALL)
_PRIMARY = re.compile(
    r"primary\s+key|主键|первичный\s+ключ|기본\s?키|主キー|chave\s+primária|clave\s+primaria", re.IGNORECASE
)
_TYPED = re.compile(r"\s*[(（].*$", re.DOTALL)


def read_labelled_list(block: List, context: Context) -> Reading | None:
    """Read a list under an entity's heading one of whose labels lists the fields."""
    if (
        context.chapter not in (Chapter.ENTITIES, Chapter.OVERVIEW)
        or not context.entity
        or is_placeholder(context.entity)
    ):
        return None
    found = [(item, _facts_of(item, context)) for item in block.items]
    if not any(isinstance(fact, EntityMention) for _, facts in found for fact in facts):
        return None
    return Reading(tuple(fact for item, facts in found for fact in facts or facts_in_words(item, block, context)))


def _facts_of(item: Item, context: Context) -> tuple[Fact, ...]:
    text = item.text.strip()
    found = _LABELLED.match(text.text)
    if not found or not context.entity:
        return ()
    value = text.cut(*found.span("value"))
    if _PRIMARY.fullmatch(found["label"].strip()):
        return _primary_key(text, value, context)
    if INDEX_WORD.fullmatch(found["label"].strip()):
        return tuple(in_store(index, context) for index in listed_indexes(value, context.entity, None))
    return _fields(text, value, context) if Role.FIELDS in roles_of(found["label"]) else ()


def _primary_key(text: Excerpt, value: Excerpt, context: Context) -> tuple[Fact, ...]:
    gloss = _TYPED.search(value.text)
    names = names_in(value.cut(0, gloss.start()) if gloss and gloss.start() else value)
    if not names or not context.entity:
        return ()
    columns = tuple(name.text for name in names)
    return (
        PrimaryKeyMention(
            span=text.span(), form=Form.LISTING, entity=context.entity, columns=columns, store=context.store
        ),
    )


def _fields(text: Excerpt, value: Excerpt, context: Context) -> tuple[Fact, ...]:
    fields: tuple[FieldMention, ...] | None = listed_fields(value, Form.LISTING)
    if not fields or len(fields) < 2 or not context.entity or not context.entity_span:
        return ()
    return (
        EntityMention(
            span=text.span(),
            form=Form.LISTING,
            name=context.entity,
            name_span=context.entity_span,
            fields=fields,
            is_planned=context.is_planned,
            store=context.store,
        ),
    )
