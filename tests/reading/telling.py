"""What a reading found, told in one line a fact: the language in which the constructs and traps state what they expect."""

from collections.abc import Iterator

from asbuilt.document import parse
from asbuilt.model.chapters import DataClass, PersonalField, Retention
from asbuilt.model.entities import (
    CheckMention,
    DenormalizedMention,
    EntityMention,
    EnumMention,
    FieldMention,
    ForeignKeyMention,
    IndexMention,
    PrimaryKeyMention,
    RelationshipMention,
    UniqueMention,
    UniversalRule,
)
from asbuilt.model.fact import Fact, Statement
from asbuilt.model.sql import QueryPattern, SqlStatement
from asbuilt.reading import DocumentReading, read
from asbuilt.text import Source


def read_text(text: str) -> DocumentReading:
    return read(parse(Source("design.md", text)))


def told(text: str) -> list[str]:
    """Return what the document `text` says, a line a fact, in its order."""
    return [line for fact in read_text(text).facts for line in tell(fact)]


def tell(fact: Fact) -> Iterator[str]:
    match fact:
        case EntityMention():
            yield f"entity {fact.name}" + (" (external)" * fact.is_external) + (" (planned)" * fact.is_planned)
            yield from (f"{fact.name}.{field.name}: {said(field)}" for field in fact.fields)
        case EnumMention():
            yield f"enum {fact.name}: {' | '.join(value.value for value in fact.values)}"
        case RelationshipMention():
            via = f" via {fact.via}" if fact.via else ""
            yield f"{fact.left} [{fact.left_count}] - [{fact.right_count}] {fact.right}{via}"
        case PrimaryKeyMention():
            yield f"primary key {fact.entity}({', '.join(fact.columns)})"
        case UniqueMention():
            yield f"unique {fact.entity}({', '.join(fact.columns)})"
        case CheckMention():
            yield f"check {fact.entity}: {fact.condition or fact.text}"
        case ForeignKeyMention():
            action = f" on delete {fact.on_delete.value.lower()}" if fact.on_delete else ""
            yield f"foreign key {fact.entity}({', '.join(fact.columns)}) -> {fact.target}{action}"
        case IndexMention():
            keys = ", ".join(key.text + " desc" * key.is_descending for key in fact.keys)
            yield (
                "unique " * fact.is_unique
                + f"index {fact.entity}({keys})"
                + (f" using {fact.method}" if fact.method else "")
            )
        case DenormalizedMention():
            kept = f", kept by {fact.keeper}" if fact.keeper else ""
            yield f"copy {fact.entity}.{fact.column} of {fact.origin}{kept}"
        case _:
            yield from _tell_around(fact)


def _tell_around(fact: Fact) -> Iterator[str]:
    match fact:
        case UniversalRule():
            yield f"all tables: {', '.join(fact.columns)}"
        case SqlStatement():
            yield f"{fact.role}: {fact.kind}" + "".join(f" {name.name}" for name in fact.creates)
        case QueryPattern():
            served = "".join(f" by {name}" for name, _ in fact.served_by)
            yield f"query {fact.title}{served}"
        case PersonalField():
            yield f"personal {fact.entity}.{fact.field}"
        case DataClass():
            yield f"data class {fact.name}: {fact.text}"
        case Retention():
            yield f"keep {fact.subject} {fact.seconds}"
        case Statement():
            yield f"says: {fact.text}"
        case _:
            yield type(fact).__name__


def said(field: FieldMention) -> str:
    """Return what is stated of a field, in a fixed order."""
    words = [field.type.value.sql if field.type else "?"]
    words += ["primary key"] if field.is_primary and field.is_primary.value else []
    if field.is_nullable:
        words.append("null" if field.is_nullable.value else "not null")
    words += ["unique"] if field.is_unique and field.is_unique.value else []
    words += ["indexed"] if field.is_indexed and field.is_indexed.value else []
    words += [f"default {field.default.value}"] if field.default else []
    words += [f"in {'|'.join(field.values.value)}"] if field.values else []
    words += [f"check {field.check.value}"] if field.check else []
    if field.references:
        target = field.references.value
        words.append(f"-> {target.entity}({', '.join(target.columns)})")
        words += [f"on delete {target.on_delete.lower()}"] if target.on_delete else []
    elif field.is_foreign_key and field.is_foreign_key.value:
        words.append("foreign key")
    return ", ".join(words)
