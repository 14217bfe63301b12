"""DynamoDB's tables in YAML: short forms (`Table`, `PartitionKey`) and CloudFormation's."""

import re
from collections.abc import Iterator

from asbuilt.document.blocks import Block, Fence
from asbuilt.model.entities import EntityMention, FieldMention, IndexKey, IndexMention, PrimaryKeyMention, Store
from asbuilt.model.fact import Fact, Form, Stated
from asbuilt.model.types import TypeName
from asbuilt.reading.code.host_types import host_type
from asbuilt.reading.code.languages import Language, language_of
from asbuilt.reading.code.yaml_lines import Node, parse
from asbuilt.reading.phrases.field_comments import with_remark
from asbuilt.reading.phrases.pieces import is_nothing
from asbuilt.reading.phrases.placeholders import is_placeholder
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Excerpt, Span

_TABLE = ("table", "tablename")
_PARTITION = ("partitionkey", "hashkey", "pk", "partition")
_SORT = ("sortkey", "rangekey", "sk", "sort")
_INDEXES = (
    "globalsecondaryindexes",
    "localsecondaryindexes",
    "gsi",
    "gsis",
    "lsi",
    "lsis",
    "indexes",
    "secondaryindexes",
)
_ATTRIBUTES = ("attributes", "attributedefinitions", "fields", "properties")
_LETTERS = {
    "s": "string",
    "n": "number",
    "b": "binary",
    "bool": "bool",
    "m": "map",
    "l": "list",
    "ss": "list",
    "ns": "list",
    "list": "list",
}
_KEY = re.compile(r"^(?P<name>[\w.#-]+)\s*(?:\(\s*(?P<type>\w+)[^)]*\)|:\s*(?P<other>\w+))?")
_TYPE = re.compile(r"^(?P<type>\w+)(?P<rest>.*)$", re.DOTALL)


def read_dynamodb(block: Block, context: Context) -> Reading | None:
    """Read tables, keys, attributes and secondary indexes.

    Example: `Table: Orders` with `PartitionKey: userId` below it is an entity and its key.
    """
    if language_of(block) != Language.DYNAMODB or not isinstance(block, Fence):
        return None
    facts: list[Fact] = []
    for group in _tables(parse(block.body)):
        facts += _table(group, context)
    unread = () if facts else (block.body.strip().span(),)
    return Reading(tuple(sorted(facts, key=lambda f: f.span)), prose=(block.span,), unread=unread)


def _tables(node: Node) -> Iterator[list[Node]]:
    """Yield for each table the lines that belong to it: those from its name to the next one's, beside it."""
    starts = [i for i, child in enumerate(node.children) if child.word in _TABLE and child.text]
    for start, end in zip(starts, [*starts[1:], len(node.children)], strict=False):
        if not is_placeholder(node.children[start].text):
            yield node.children[0 if len(starts) == 1 else start : end]
    if not starts:
        for child in node.children:
            yield from _tables(child)


def _table(lines: list[Node], context: Context) -> Iterator[Fact]:
    name = next(line for line in lines if line.word in _TABLE and line.text)
    if name.value is None:
        return
    span = Span.cover(line.span for line in lines)
    keys = [k for k in (_key(lines, _PARTITION, "HASH"), _key(lines, _SORT, "RANGE")) if k is not None]
    attributes = [f for line in lines if line.word in _ATTRIBUTES for f in _attributes(line)]
    missing = [f for key in keys if (f := _key_field(key)) and f.name not in {a.name for a in attributes}]
    entity = EntityMention(
        span=span,
        form=Form.YAML,
        name=name.value.text,
        name_span=name.value.span(),
        fields=(*missing, *attributes),
        is_complete=any(line.word in ("attributes", "fields") for line in lines),
        is_planned=context.is_planned,
        store=Store.DYNAMODB,
    )
    yield entity
    if keys:
        yield _primary_key(entity, keys)
    for line in lines:
        if line.word in _INDEXES:
            yield from _indexes(line, entity)


def _primary_key(entity: EntityMention, keys: list[tuple[Node, Excerpt, Excerpt | None]]) -> PrimaryKeyMention:
    span = Span.cover(node.line for node, _, _ in keys)
    return PrimaryKeyMention(
        span=span, form=Form.YAML, entity=entity.name, columns=tuple(n.text for _, n, _ in keys), store=Store.DYNAMODB
    )


def _key(lines: list[Node], words: tuple[str, ...], kind: str) -> tuple[Node, Excerpt, Excerpt | None] | None:
    """Return the line that states a key, the attribute's name, and its type where the line gives one."""
    line = next((n for n in lines if n.word in words and n.value is not None and not is_nothing(n.text)), None)
    if line is not None and line.value is not None:
        match = _KEY.match(line.text)
        if match is None:
            return None
        group = "type" if match["type"] else "other"
        return line, line.value.cut(*match.span("name")), line.value.cut(*match.span(group)) if match[group] else None
    schema = next((n for n in lines if n.word == "keyschema"), None)
    for item in schema.children if schema else ():
        attribute, type_ = item.child("attributename"), item.child("keytype")
        if attribute and attribute.value and type_ and type_.text.upper() == kind:
            return item, attribute.value, None
    return None


def _key_field(key: tuple[Node, Excerpt, Excerpt | None]) -> FieldMention | None:
    node, name, kind = key
    found = _type(kind.text) if kind else None
    return FieldMention(
        span=node.line,
        form=Form.YAML,
        name=name.text,
        name_span=name.span(),
        type=Stated(found, kind.span()) if found and kind else None,
        is_nullable=Stated(False, name.span()),
    )


def _type(word: str) -> TypeName | None:
    found = host_type(_LETTERS.get(word.lower(), word))
    return TypeName(word, found.name, found.family, found.arguments, found.is_array) if found else None


def _attributes(node: Node) -> Iterator[FieldMention]:
    """Yield the attributes: `userId: String`, or CloudFormation's pairs of `AttributeName` and `AttributeType`."""
    for child in node.children:
        name, kind = child.child("attributename", "name"), child.child("attributetype", "type")
        if name is not None and name.value is not None:
            yield _attribute(child.span, name.value, kind.value if kind else None, None)
        elif child.key is not None and not is_placeholder(child.key.text):
            yield _attribute(child.line, child.key, child.value, child.comment)


def _attribute(span: Span, name: Excerpt, value: Excerpt | None, comment: Excerpt | None) -> FieldMention:
    match = _TYPE.match(value.text) if value else None
    found = _type(match["type"]) if match else None
    plain = FieldMention(
        span=span,
        form=Form.YAML,
        name=name.text,
        name_span=name.span(),
        type=Stated(found, value.cut(*match.span("type")).span()) if found and value and match else None,
    )
    note = value.cut(*match.span("rest")) if value and match and match["rest"].strip() else comment
    return with_remark(plain, _bare(note) if note else None)


def _bare(note: Excerpt) -> Excerpt:
    """Return a note without the brackets around it."""
    note = note.strip()
    return note.cut(1, len(note.text) - 1) if note.text.startswith("(") and note.text.endswith(")") else note


def _indexes(node: Node, entity: EntityMention) -> Iterator[IndexMention]:
    for item in node.children:
        lines = item.children
        name = item.child("indexname", "name", "index")
        keys = [k for k in (_key(lines, _PARTITION, "HASH"), _key(lines, _SORT, "RANGE")) if k is not None]
        if not keys:
            continue
        written = name.value if name and name.value else item.key
        projection = item.child("projection", "projectiontype")
        yield IndexMention(
            span=item.span,
            form=Form.YAML,
            entity=entity.name,
            name=written.text if written else None,
            keys=tuple(IndexKey(n.text, n.span()) for _, n, _ in keys),
            rationale=f"projection: {projection.text}" if projection and projection.text else "",
            store=Store.DYNAMODB,
        )
