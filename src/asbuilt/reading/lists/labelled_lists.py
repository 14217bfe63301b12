"""An entity told in labels: `**Primary Key**: user_id`, `**Fields**: email (unique), name`, `**Indexes**: email, (a, b)`."""

from asbuilt.document.blocks import Item, List
from asbuilt.evidence import Chapter
from asbuilt.model.entities import EntityMention, FieldMention
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.lists.leftovers import facts_in_words
from asbuilt.reading.lists.listed_fields import listed_fields
from asbuilt.reading.lists.schema_labels import LABELLED, labelled_facts
from asbuilt.reading.phrases.placeholders import is_placeholder
from asbuilt.reading.reader import Context, Reading
from asbuilt.reading.tables.vocabulary import Role, roles_of
from asbuilt.text import Excerpt


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
    found = LABELLED.match(text.text)
    if not found or not context.entity:
        return ()
    if stated := labelled_facts(text, context):
        return stated
    value = text.cut(*found.span("value"))
    return _fields(text, value, context) if Role.FIELDS in roles_of(found["label"]) else ()


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
