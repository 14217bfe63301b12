"""Shapes of entities in JSON and YAML: an example object under an entity's heading, or `{ id: "uuid", email: "string" }`."""

import re
from collections.abc import Iterator

from asbuilt.document.blocks import Block, Fence
from asbuilt.evidence import Chapter
from asbuilt.model.chapters import SeedRow
from asbuilt.model.entities import EntityMention, FieldMention
from asbuilt.model.fact import Fact, Form, Stated
from asbuilt.reading.code.entity_names import is_entity, is_entity_name
from asbuilt.reading.code.example_values import nullable_value, value_type
from asbuilt.reading.code.languages import Language, language_of
from asbuilt.reading.code.tokens import Code, tokenize
from asbuilt.reading.code.typescript.declarations import Member, Range, members
from asbuilt.reading.phrases.field_comments import with_remark
from asbuilt.reading.phrases.placeholders import is_placeholder
from asbuilt.reading.reader import Context, Reading

_SHAPES = frozenset({Chapter.OVERVIEW, Chapter.ENTITIES, Chapter.INTEGRITY})
_NO_SHAPE = re.compile(
    r"\b(?:request|response|api|endpoint|payload|webhook|event|message|config\w*|settings?|log|error|output|metric|iam|policy|export|query|result|"
    r"请求|响应|返回|配置|запрос|ответ|リクエスト|レスポンス|요청|응답)\b",
    re.IGNORECASE,
)
_CONFIGURATION = frozenset({"version", "scripts", "dependencies", "devdependencies", "compileroptions", "$schema", "statement", "apiversion", "services",
                            "success", "status_code", "statuscode", "errors", "meta", "pagination", "data", "code", "message"})  # fmt: skip


def read_json(block: Block, context: Context) -> Reading | None:
    """Read what an object under an entity's heading shows of its fields; requests and configuration are prose.

    Example: `{ "email": "string" }` under the heading `users` is a field of `users`.
    """
    if language_of(block) != Language.JSON or not isinstance(block, Fence):
        return None
    code = tokenize(block.body)
    facts: tuple[Fact, ...] = ()
    if not _is_something_else(block, code):
        facts = tuple(_facts(code, context))
    return Reading(facts, prose=(block.span,))


def _is_something_else(block: Fence, code: Code) -> bool:
    title = " ".join(
        text for text in (block.label.text if block.label else "", block.heading.text.text if block.heading else "")
    )
    if _NO_SHAPE.search(title):
        return True
    return bool(set(_top_names(code)) & _CONFIGURATION)


def _top_names(code: Code) -> Iterator[str]:
    body = _first_object(code)
    if body is not None:
        yield from (member.name.lower() for member in members(code, body))


def _first_object(code: Code) -> Range | None:
    at = 1 if code.word(0) == "[" and code.word(1) == "{" else 0
    return (at + 1, code.pairs[at]) if code.word(at) == "{" and at in code.pairs else None


def _facts(code: Code, context: Context) -> Iterator[Fact]:
    """Yield rows in the chapter of seeds; elsewhere the shape of the heading's entity, or of those that the keys name."""
    body = _first_object(code)
    if body is None:
        return
    if context.chapter == Chapter.SEEDING:
        yield from _rows(code, context)
        return
    names = tuple(member.name for member in members(code, body))
    if (
        context.entity is not None
        and len(context.entity.split()) < 3
        and is_entity(context.entity, names, context.chapter)
    ):
        yield from _shape(code, body, context)
        return
    if context.chapter in _SHAPES:
        yield from _named_shapes(code, body, context)


def _shape(code: Code, body: Range, context: Context) -> Iterator[EntityMention]:
    fields = tuple(f for member in members(code, body) if (f := _field(code, member)) is not None)
    if fields and context.entity and context.entity_span:
        yield EntityMention(
            span=code.span(body[0] - 1, body[1] + 1),
            form=Form.EXAMPLE,
            name=context.entity,
            name_span=context.entity_span,
            fields=fields,
            is_planned=context.is_planned,
            store=context.store,
        )


def _named_shapes(code: Code, body: Range, context: Context) -> Iterator[EntityMention]:
    """`{ "users": { "id": "uuid", … }, "posts": [{ … }] }`: every member is an entity, and most of its values are types."""
    for member in members(code, body):
        inner = _object_in(code, member)
        if inner is None or not is_entity_name(member.name):
            continue
        fields = tuple(f for m in members(code, inner) if (f := _field(code, m)) is not None)
        typed = [f for f in fields if f.type is not None]
        if len(fields) > 1 and len(typed) * 2 >= len(fields):
            yield EntityMention(
                span=code.span(*member.tokens),
                form=Form.EXAMPLE,
                name=member.name,
                name_span=member.name_span,
                fields=fields,
                is_planned=context.is_planned,
                store=context.store,
            )


def _object_in(code: Code, member: Member) -> Range | None:
    if member.content is None:
        return None
    at = member.content[0] + (code.word(member.content[0]) == "[")
    return (at + 1, code.pairs[at]) if code.word(at) == "{" and at in code.pairs else None


def _field(code: Code, member: Member) -> FieldMention | None:
    """A member as a field; its type only where the value is a word for one, or an object or a list."""
    if member.content is None or is_placeholder(member.name) or not re.fullmatch(r"[A-Za-z_$][\w$-]*", member.name):
        return None
    start, end = member.content
    found = value_type(code, start, end)
    plain = FieldMention(
        span=code.span(*member.tokens),
        form=Form.EXAMPLE,
        name=member.name,
        name_span=member.name_span,
        type=Stated(found, code.span(start, end)) if found else None,
        is_nullable=nullable_value(code, start, end),
    )
    return with_remark(plain, code.comment_beside(member.tokens[1] - 1))


def _rows(code: Code, context: Context) -> Iterator[SeedRow]:
    """Yield the rows of `[{…}]` under an entity's heading, or of `{ "users": [{…}] }`."""
    if code.word(0) == "[" and 0 in code.pairs and context.entity:
        yield from (
            _row(code, context.entity, part[0]) for part in code.split(1, code.pairs[0]) if code.word(part[0]) == "{"
        )
    body = _first_object(code) if code.word(0) == "{" else None
    for member in members(code, body) if body else ():
        start = member.content[0] if member.content else 0
        if code.word(start) == "[" and start in code.pairs:
            parts = code.split(start + 1, code.pairs[start])
            yield from (_row(code, member.name, part[0]) for part in parts if code.word(part[0]) == "{")


def _row(code: Code, entity: str, opening: int) -> SeedRow:
    closing = code.pairs.get(opening, opening + 1)
    values = tuple(
        (m.name, code.tokens[m.content[0]].value if m.content[1] - m.content[0] == 1 else code.text(*m.content))
        for m in members(code, (opening + 1, closing))
        if m.content is not None
    )
    return SeedRow(span=code.span(opening, closing + 1), form=Form.EXAMPLE, entity=entity, values=values)
