"""Bare shapes under an entity's heading: `{ id: string; name?: string }`, `{ a: "string" }`; Firestore's index definitions."""

import re
from collections.abc import Iterator

from asbuilt.model.entities import EntityMention, FieldMention, IndexKey, IndexMention, Store
from asbuilt.model.fact import Fact, Form, Stated
from asbuilt.reading.code.entity_names import is_entity_name
from asbuilt.reading.code.example_values import nullable_value, value_type
from asbuilt.reading.code.tokens import Code, Kind
from asbuilt.reading.code.typescript.declarations import Member, Range, members
from asbuilt.reading.code.typescript.entities import field_of
from asbuilt.reading.code.typescript.enums import inside
from asbuilt.reading.code.typescript.types import Enums
from asbuilt.reading.phrases.field_comments import with_remark
from asbuilt.reading.reader import Context
from asbuilt.text import Span

_NAMED = re.compile(
    r"^(?:collections?\s*:?\s*)?/?(?P<name>[A-Za-z_]\w*)(?:/\{\w+\})?\s*(?:collection|document|table|entity|model|schema)?\s*$",
    re.IGNORECASE,
)


def shape_facts(code: Code, enums: Enums, context: Context) -> Iterator[Fact]:
    """Yield an entity for each object that stands by itself and is named by the comment or the heading above it."""
    at = 0
    while at < len(code.tokens):
        if code.word(at) == "{" and at in code.pairs and code.word(at - 1) in ("", "}", ";"):
            yield from _shape(code, (at + 1, code.pairs[at]), enums, context)
        at = code.pairs.get(at, at) + 1


def _shape(code: Code, body: Range, enums: Enums, context: Context) -> Iterator[Fact]:
    found = tuple(members(code, body))
    given = {m.name: m.content for m in found if m.content is not None}
    if "collectionGroup" in given and "fields" in given:
        yield from _firestore_index(code, body, given)
        return
    name = _name(code, body[0] - 1, context)
    fields = tuple(f for m in found if (f := _field(code, m, enums)) is not None)
    if name is not None and any(f.type is not None for f in fields):
        yield EntityMention(
            span=code.span(body[0] - 1, body[1] + 1),
            form=Form.EXAMPLE,
            name=name.value,
            name_span=name.span,
            fields=fields,
            is_planned=context.is_planned,
            store=context.store,
        )


def _name(code: Code, opening: int, context: Context) -> Stated[str] | None:
    comment = code.comment_above(opening)
    match = _NAMED.match(comment.text) if comment else None
    if comment is not None and match is not None and is_entity_name(match["name"]):
        return Stated(match["name"], comment.span(*match.span("name")))
    if context.entity is None or context.entity_span is None or not is_entity_name(context.entity):
        return None
    return Stated(context.entity, context.entity_span)


def _field(code: Code, member: Member, enums: Enums) -> FieldMention | None:
    """A member by its type; one that holds a value shows a type only where the value is a word for it."""
    content = member.type
    if content is None or content[1] - content[0] != 1 or code.tokens[content[0]].kind == Kind.WORD:
        return field_of(code, member, enums)
    found = value_type(code, *content)
    plain = FieldMention(
        span=code.span(*member.tokens),
        form=Form.EXAMPLE,
        name=member.name,
        name_span=member.name_span,
        type=Stated(found, code.span(*content)) if found else None,
        is_nullable=nullable_value(code, *content),
    )
    return with_remark(plain, code.comment_beside(member.tokens[1] - 1))


def _firestore_index(code: Code, body: Range, given: dict[str, Range]) -> Iterator[IndexMention]:
    """`{ collectionGroup: "events", fields: [{ fieldPath: "userId", order: "ASCENDING" }] }`."""
    owner, (start, _) = code.tokens[given["collectionGroup"][0]], given["fields"]
    if owner.kind != Kind.STRING or code.word(start) != "[" or start not in code.pairs:
        return
    keys: list[IndexKey] = []
    for first, _ in code.split(start + 1, code.pairs[start]):
        parts = {m.name: m.content for m in members(code, (first + 1, code.pairs.get(first, first + 1))) if m.content}
        path = parts.get("fieldPath")
        if path is not None and code.tokens[path[0]].kind == Kind.STRING:
            order = parts.get("order")
            span: Span = inside(code, code.tokens[path[0]])
            keys.append(
                IndexKey(
                    code.tokens[path[0]].value, span, is_descending="DESC" in code.text(*order) if order else False
                )
            )
    if keys:
        span = code.span(body[0] - 1, body[1] + 1)
        yield IndexMention(
            span=span, form=Form.CLASS, entity=owner.value, name=None, keys=tuple(keys), store=Store.FIRESTORE
        )
