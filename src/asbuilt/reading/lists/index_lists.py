"""Bullets and lines about indexes: `idx_users_email (email) - for login`, `post：title、language、以及 (post_id, created_at)`."""

import re
from functools import lru_cache

from msgspec import Struct

from asbuilt.document.blocks import Block, Item, List, Paragraph
from asbuilt.evidence import Chapter
from asbuilt.model.entities import EntityMention, FieldMention
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.lists.leftovers import facts_in_words
from asbuilt.reading.lists.majorities import read_most
from asbuilt.reading.phrases.index_phrases import LISTED, in_store, indexes_in, listed_indexes
from asbuilt.reading.phrases.pieces import bare, is_identifier
from asbuilt.reading.phrases.placeholders import find_placeholders
from asbuilt.reading.reader import Context, Reading
from asbuilt.reading.tables.table_layouts import INDEX_WORD

_CHAPTERS = frozenset({Chapter.OVERVIEW, Chapter.ENTITIES, Chapter.INTEGRITY, Chapter.VOLUME})
_MUST_HOLD = re.compile(r"包含|include|contain|содерж|포함|含む", re.IGNORECASE)
_LABEL = re.compile(
    r"^\W*(?:indexes|indices|index|索引|индексы|인덱스|インデックス|índices|indeksler|indeks)\W*[:：]\W*(?P<list>.+)$",
    re.IGNORECASE | re.DOTALL,
)


class _Standing(Struct, frozen=True):
    """Whose indexes are listed here, and whether anything above says that indexes are listed."""

    entity: str | None
    is_about_indexes: bool


def read_index_list(block: List, context: Context) -> Reading | None:
    """Read a list most of whose items state indexes."""
    if context.chapter not in _CHAPTERS:
        return None
    standing = _Standing(context.entity, _is_about_indexes(block))
    found = read_most(block.items, lambda item: _facts_of(item, standing, context))
    if found is None:
        return None
    return Reading(
        tuple(
            in_store(fact, context) for item, facts in found for fact in facts or facts_in_words(item, block, context)
        )
    )


def read_index_line(block: Block, context: Context) -> Reading | None:
    """Read a line that lists the indexes of the entity in the heading above.

    Example: `**Indexes**: email, (user_id, created_at)` states two of them.
    """
    if not isinstance(block, Paragraph) or not context.entity or "\n" in block.text.text.strip():
        return None
    label = _LABEL.match(block.text.text)
    if not label or find_placeholders(block.raw):
        return None
    found = tuple(listed_indexes(block.text.cut(*label.span("list")), context.entity, None))
    return Reading(tuple(in_store(index, context) for index in found)) if found else None


def _is_about_indexes(block: List) -> bool:
    label = block.label.text if block.label else ""
    heading = block.heading.text.text if block.heading else ""
    return _names_indexes(label) or _names_indexes(heading)


@lru_cache(maxsize=4096)
def _names_indexes(title: str) -> bool:
    return INDEX_WORD.search(title) is not None


def _facts_of(item: Item, standing: _Standing, context: Context) -> tuple[Fact, ...]:
    """Return what an item states: itself, or, where it only names the entity, its nested items."""
    text = item.text.strip()
    own = indexes_in(text, standing.entity, is_about_indexes=standing.is_about_indexes)
    nested = [child for child in item.children if isinstance(child, List)]
    if own or not nested or not standing.is_about_indexes:
        return own or (_kept_fields(item, context) if standing.is_about_indexes else ())
    name = bare(text).text.rstrip(":：")
    inner = _Standing(name if re.fullmatch(r"[A-Za-z_]\w*", name) else standing.entity, True)
    return tuple(fact for child in nested for one in child.items for fact in _facts_of(one, inner, context))


def _kept_fields(item: Item, context: Context) -> tuple[Fact, ...]:
    """`ai_tasks: must contain category, …` in a list of indexes names fields that have to be there."""
    listed = LISTED.match(item.text.text)
    fields = tuple(
        FieldMention(span=code.span(), form=Form.LISTING, name=code.text, name_span=code.span())
        for code in item.codes
        if is_identifier(code.text)
    )
    if not listed or not fields or not _MUST_HOLD.search(listed["list"]):
        return ()
    owner = item.text.cut(*listed.span("entity"))
    span = item.text.strip().span()
    return (
        EntityMention(
            span=span, form=Form.LISTING, name=owner.text, name_span=owner.span(), fields=fields, store=context.store
        ),
    )
