"""Bullets that constrain: `users.email must be unique`, `post.slug + post.language 唯一`, `x.y must be between 1 and 5`."""

from asbuilt.document.blocks import Item, List
from asbuilt.evidence import Chapter
from asbuilt.model.fact import Fact
from asbuilt.reading.lists.leftovers import facts_in_words
from asbuilt.reading.lists.majorities import read_most
from asbuilt.reading.phrases.constraint_phrases import constraints_in
from asbuilt.reading.reader import Context, Reading


def read_constraint_list(block: List, context: Context) -> Reading | None:
    """Read a list most of whose items say what must be unique, what a value may be or what references what."""
    if context.chapter not in (Chapter.INTEGRITY, Chapter.ENTITIES, Chapter.OVERVIEW, Chapter.VOLUME):
        return None
    found = read_most(block.items, lambda item: constraints_in(item.text, context))
    if found is None:
        return None
    facts: list[Fact] = []
    for item, stated in found:
        facts += stated or facts_in_words(_childless(item), block, context)
        facts += [
            fact
            for child in item.children
            if isinstance(child, List)
            for inner in child.items
            for fact in facts_in_words(inner, block, context)
        ]
    return Reading(tuple(facts))


def _childless(item: Item) -> Item:
    return Item(item.span, item.text, item.raw, item.codes, item.bolds, item.is_checked, item.number)
