"""What the document says of its entities and fields in words, for the comments of generated code."""

from collections.abc import Mapping

from asbuilt.access.schema import Schema
from asbuilt.model.design import Design

Words = Mapping[tuple[str, str], str]
"""Words by table and column; the table's own under an empty column."""


def words_of(schema: Schema, design: Design) -> Words:
    """Return what the document says, the first mention's words first; what it does not describe is not there."""
    found: dict[tuple[str, str], str] = {}
    for table in schema.tables:
        entity = design.entity(table.name)
        if entity is None:
            continue
        found[table.name, ""] = next((m.purpose for m in entity.mentions if m.purpose), "")
        for column in table.columns:
            field = entity.field(column.name)
            mentions = field.mentions if field else ()
            found[table.name, column.name] = next((m.description for m in mentions if m.description), "")
    return {key: " ".join(words.split()) for key, words in found.items() if words}
