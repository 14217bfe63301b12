"""Reading a piece of Markdown with the readers of tables, lists and plain-text schemas, for their tests."""

from asbuilt.document import parse
from asbuilt.document.blocks import List, walk
from asbuilt.model.entities import EntityMention, FieldMention
from asbuilt.model.fact import Fact
from asbuilt.reading.chapters.chapter_lists import read_sentences
from asbuilt.reading.context import contexts
from asbuilt.reading.lists.index_lists import read_index_line
from asbuilt.reading.lists.plain_schemas import read_plain_schema
from asbuilt.reading.lists.schema_lists import read_schema_list
from asbuilt.reading.reader import Reading
from asbuilt.reading.tables.schema_tables import read_schema_table
from asbuilt.text import Source

SCHEMA_READERS = (
    read_schema_table,
    read_schema_list,
    read_index_line,
    read_plain_schema,
)


def readings(text: str) -> list[tuple[str, Reading]]:
    """Return who claimed what, top-level blocks and what is nested in blocks that nobody claimed."""
    document = parse(Source("design.md", text))
    known = contexts(document)
    found: list[tuple[str, Reading]] = []
    for top in document.blocks:
        claimed = False
        for block in walk(top):
            if claimed and isinstance(block, List):
                continue
            made = [(r.__name__, reading) for r in SCHEMA_READERS if (reading := r(block, known.of(block))) is not None]
            if not made and (sentences := read_sentences(block, known.of(block))) is not None and sentences.facts:
                made = [("read_sentences", sentences)]
            assert len(made) < 2, f"{[name for name, _ in made]} claim {text[block.span.start : block.span.end]!r}"
            claimed = claimed or (block is top and bool(made))
            found += made
    return found


def facts(text: str) -> list[Fact]:
    return [fact for _, reading in readings(text) for fact in reading.facts]


def entity(text: str) -> EntityMention:
    found = [fact for fact in facts(text) if isinstance(fact, EntityMention)]
    assert len(found) == 1, found
    return found[0]


def field(text: str) -> FieldMention:
    found = entity(text).fields
    assert len(found) == 1, found
    return found[0]


def said(mention: FieldMention) -> dict[str, object]:
    """Return what is stated of a field, types as SQL, without places and words."""
    names = [
        "type",
        "is_nullable",
        "is_primary",
        "is_unique",
        "is_indexed",
        "default",
        "references",
        "values",
        "check",
        "max_length",
        "generated",
        "is_foreign_key",
    ]
    stated = {name: value.value for name in names if (value := getattr(mention, name)) is not None}
    if "type" in stated:
        stated["type"] = stated["type"].sql
    return stated
