"""Lists about the schema: which kind a list is, decided in one order, so that no two readers take the same one."""

import re
from collections.abc import Callable

from asbuilt.document.blocks import Block, Item, List
from asbuilt.model.revising import revised
from asbuilt.reading.lists.constraint_lists import read_constraint_list
from asbuilt.reading.lists.enum_lists import read_enum_list
from asbuilt.reading.lists.field_lists import read_field_list
from asbuilt.reading.lists.index_lists import read_index_list
from asbuilt.reading.lists.labelled_lists import read_labelled_list
from asbuilt.reading.lists.leftovers import facts_in_words
from asbuilt.reading.lists.partitioning_lists import read_partitioning_list
from asbuilt.reading.lists.relationship_lists import read_relationship_list
from asbuilt.reading.lists.universal_rules import rules_in
from asbuilt.reading.phrases.placeholders import find_placeholders
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Excerpt

_KINDS: tuple[Callable[[List, Context], Reading | None], ...] = (
    read_labelled_list,
    read_partitioning_list,
    read_relationship_list,
    read_enum_list,
    read_constraint_list,
    read_index_list,
    read_field_list,
)


def read_schema_list(block: Block, context: Context) -> Reading | None:
    """Read a list of relationships, values, constraints, indexes, partitions, fields or rules about all tables.

    Example: ``- `email`: varchar(255), unique`` under the heading `users` is a field of `users`.
    """
    if not isinstance(block, List):
        return None
    reading = _first(block, context)
    if reading is None and any(find_placeholders(item.raw) for item in block.items):
        named = revised(context, entity=context.entity or "entity", entity_span=context.entity_span or block.span)
        reading = Reading() if _first(_filled(block), named) else None
    return reading or _universal(block, context)


def _first(block: List, context: Context) -> Reading | None:
    return next((reading for kind in _KINDS if (reading := kind(block, context)) is not None), None)


def _universal(block: List, context: Context) -> Reading | None:
    """A list with a rule about all tables in it; the other items keep their words."""
    if not any(rules_in(item.text) for item in block.items):
        return None
    return Reading(tuple(fact for item in block.items for fact in facts_in_words(item, block, context)))


def _filled(block: List) -> List:
    """Return a list that still is to be filled in as it looks with names in it, to tell what it will be."""
    return revised(block, items=tuple(_with_names(item) for item in block.items))


def _with_names(item: Item) -> Item:
    return revised(item, text=_named(item.text), raw=_named(item.text), codes=(), bolds=())


def _named(text: Excerpt) -> Excerpt:
    filled = re.sub(r"\[([A-Za-z]\w*)\]", r"_\1_", text.text)
    return Excerpt(filled, text.anchors)
