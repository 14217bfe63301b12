"""Interfaces, types and classes that describe entities, TypeORM's decorators included."""

from asbuilt.model.entities import EntityMention, FieldMention, Store
from asbuilt.model.fact import Fact, Form, Stated
from asbuilt.reading.code.entity_names import is_entity
from asbuilt.reading.code.tokens import Code, Kind
from asbuilt.reading.code.typescript.declarations import Declaration, Member, Range, members
from asbuilt.reading.code.typescript.decorators import columns_of, entity_decorator, relationships_of
from asbuilt.reading.code.typescript.types import Enums, type_facts
from asbuilt.reading.phrases.field_comments import with_remark
from asbuilt.reading.phrases.placeholders import is_placeholder
from asbuilt.reading.reader import Context


def entity_facts(code: Code, declaration: Declaration, enums: Enums, context: Context) -> tuple[Fact, ...]:
    """Return the entity that an interface, a type or a class describes, with its relationships; nothing where it is none."""
    body = _body(code, declaration)
    if body is None or is_placeholder(declaration.name):
        return ()
    found = tuple(members(code, body))
    table = entity_decorator(code, declaration)
    if table is None and any(m.parameters is not None for m in found) and declaration.kind != "class":
        return ()
    fields = tuple(f for m in found if (f := field_of(code, m, enums)) is not None)
    if table is None and not is_entity(declaration.name, tuple(f.name for f in fields), context.chapter):
        return ()
    if not fields:
        return ()
    name, name_span = table or Stated(declaration.name, declaration.name_span), declaration.name_span
    entity = EntityMention(
        span=code.span(*declaration.tokens),
        form=Form.CLASS if declaration.kind == "class" else Form.INTERFACE,
        name=name.value,
        name_span=name.span if table else name_span,
        fields=fields,
        is_complete=table is not None,
        is_planned=context.is_planned,
        store=_store(declaration, context),
        purpose="",
    )
    return (entity, *relationships_of(code, entity, found))


def _store(declaration: Declaration, context: Context) -> Store:
    return Store.MONGODB if any(d.name in ("Schema", "modelOptions") for d in declaration.decorators) else context.store


def _body(code: Code, declaration: Declaration) -> Range | None:
    """The members stand between the braces of an interface or class, or of `type X = { … }`, or behind `Base &`."""
    if declaration.kind in ("interface", "class"):
        return declaration.body
    if declaration.kind != "type" or declaration.value is None:
        return None
    start, end = declaration.value
    opening = next((i for i in range(start, end) if code.word(i) == "{"), None)
    if opening is None or opening not in code.pairs or (opening > start and code.word(opening - 1) != "&"):
        return None
    return opening + 1, code.pairs[opening]


def field_of(code: Code, member: Member, enums: Enums) -> FieldMention | None:
    """Return the field that a member declares; methods, relations, placeholders and nested classes are none."""
    if member.parameters is not None or member.is_static or is_placeholder(member.name) or member.name.startswith("["):
        return None
    column = columns_of(code, member, enums)
    if column is None and (member.type is None or (member.decorators and _is_relation(member))):
        return None
    field = column or _bare(code, member, enums)
    if field is None:
        return None
    return with_remark(field, code.comment_beside(member.tokens[1] - 1))


def _is_relation(member: Member) -> bool:
    return any(
        d.name in ("ManyToOne", "OneToMany", "OneToOne", "ManyToMany", "HasMany", "BelongsTo", "HasOne")
        for d in member.decorators
    )


def _bare(code: Code, member: Member, enums: Enums) -> FieldMention | None:
    """A member without decorators: its type says all."""
    if member.type is None or "=>" in [code.word(i) for i in range(*member.type)]:
        return None
    facts = type_facts(code, member.type, enums)
    if facts.is_relation:
        return None
    optional = Stated(True, code.span(member.optional, member.optional + 1)) if member.optional is not None else None
    return FieldMention(
        span=code.span(*member.tokens),
        form=Form.INTERFACE,
        name=member.name,
        name_span=member.name_span,
        type=facts.type,
        is_nullable=optional or facts.is_nullable,
        values=facts.values,
        default=_default(code, member.value),
    )


def _default(code: Code, value: Range | None) -> Stated[str] | None:
    if (
        value is None
        or value[1] - value[0] != 1
        or code.tokens[value[0]].kind not in (Kind.STRING, Kind.NUMBER, Kind.WORD)
    ):
        return None
    return Stated(code.text(*value), code.span(*value))
