"""What remains of a list when its reader has taken what it understands: rules of another kind, and promises in words."""

from asbuilt.document.blocks import Item, List
from asbuilt.model.fact import Fact, Form, Statement
from asbuilt.reading.lists.denormalized import copies_in
from asbuilt.reading.lists.schema_labels import labelled_facts
from asbuilt.reading.lists.universal_rules import rules_in
from asbuilt.reading.phrases.constraint_phrases import constraints_in
from asbuilt.reading.phrases.index_phrases import in_store, indexes_in
from asbuilt.reading.phrases.placeholders import find_placeholders
from asbuilt.reading.reader import Context


def facts_in_words(item: Item, block: List, context: Context) -> tuple[Fact, ...]:
    """Return what an item that no pattern fits states in words, and its nested items; nothing where it is to be filled in."""
    nested = (
        fact
        for child in item.children
        if isinstance(child, List)
        for inner in child.items
        for fact in facts_in_words(inner, block, context)
    )
    return (*_own(item, block, context), *nested)


def _own(item: Item, block: List, context: Context) -> tuple[Fact, ...]:
    text = item.text.strip()
    if not text.text or find_placeholders(item.raw):
        return ()
    subject = block.label or (block.heading.text if block.heading else None)
    if copies := copies_in(text, subject.text if subject else ""):
        return copies
    if labelled := labelled_facts(text, context):
        return labelled
    indexes = indexes_in(text, context.entity, is_about_indexes=False)
    stated = rules_in(text) or constraints_in(text, context) or tuple(in_store(index, context) for index in indexes)
    if stated:
        return stated
    return (
        Statement(
            span=text.span(),
            form=Form.LISTING,
            chapter=context.chapter.value,
            subject=subject.text.strip(" :：") if subject else "",
            text=text.text,
        ),
    )
