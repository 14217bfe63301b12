"""Reading a piece of Markdown with the readers of code, for their tests."""

from typing import TypeVar

from asbuilt.document import parse
from asbuilt.document.blocks import Block, List
from asbuilt.model.entities import EntityMention, FieldMention
from asbuilt.model.fact import Fact
from asbuilt.reading.chapters.cache_keys import read_cache_fence, read_cache_labels, read_cache_list, read_cache_table
from asbuilt.reading.code.dynamodb import read_dynamodb
from asbuilt.reading.code.firestore import read_firestore
from asbuilt.reading.code.host_classes import read_host_classes
from asbuilt.reading.code.json_examples import read_json
from asbuilt.reading.code.mongodb import read_mongodb
from asbuilt.reading.code.prisma import read_prisma
from asbuilt.reading.code.python_classes import read_python
from asbuilt.reading.code.typescript import read_typescript
from asbuilt.reading.code.yaml_config import read_application_code, read_yaml
from asbuilt.reading.context import contexts
from asbuilt.reading.reader import Reading
from asbuilt.text import Source

F = TypeVar("F", bound=Fact)
CODE_READERS = (
    read_typescript,
    read_prisma,
    read_python,
    read_host_classes,
    read_mongodb,
    read_dynamodb,
    read_firestore,
    read_cache_fence,
    read_cache_list,
    read_cache_table,
    read_cache_labels,
    read_json,
    read_yaml,
    read_application_code,
)


def readings(text: str) -> list[tuple[str, Reading]]:
    """Return who claimed what; no block may have two readers, and a claimed list's inner lists belong to it."""
    document = parse(Source("design.md", text))
    known = contexts(document)
    found: list[tuple[str, Reading]] = []
    claimed: list[Block] = []
    for block in document.walk():
        if isinstance(block, List) and any(block.span in outer.span for outer in claimed):
            continue
        made = [(r.__name__, reading) for r in CODE_READERS if (reading := r(block, known.of(block))) is not None]
        assert len(made) < 2, f"{[name for name, _ in made]} claim {text[block.span.start : block.span.end]!r}"
        claimed += [block] if made else []
        found += made
    return found


def facts(text: str) -> list[Fact]:
    return [fact for _, reading in readings(text) for fact in reading.facts]


def of(text: str, kind: type[F]) -> list[F]:
    return [fact for fact in facts(text) if isinstance(fact, kind)]


def entities(text: str) -> dict[str, EntityMention]:
    return {mention.name: mention for mention in of(text, EntityMention)}


def fields(mention: EntityMention) -> dict[str, FieldMention]:
    return {field.name: field for field in mention.fields}


def said(mention: FieldMention) -> dict[str, object]:
    """Return what is stated of a field, types as SQL, references as text."""
    names = [
        "type",
        "is_nullable",
        "is_primary",
        "is_unique",
        "is_indexed",
        "default",
        "references",
        "values",
        "max_length",
        "is_foreign_key",
    ]
    stated = {name: value.value for name in names if (value := getattr(mention, name)) is not None}
    if "type" in stated:
        stated["type"] = stated["type"].sql
    if "references" in stated:
        key = stated["references"]
        stated["references"] = f"{key.entity}({', '.join(key.columns)}) {key.on_delete or ''}".strip()
    return stated


def fence(language: str, code: str, heading: str = "## Entities") -> str:
    return f"{heading}\n\n```{language}\n{code}\n```\n"
