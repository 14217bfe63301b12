"""MongoDB: shapes of documents, mongoose's schemas, `$jsonSchema` validators and `createIndex` calls."""

import re
from collections.abc import Iterator

from msgspec import Struct

from asbuilt.document.blocks import Block, Fence
from asbuilt.model.entities import EntityMention, FieldMention, IndexKey, IndexMention, Store
from asbuilt.model.fact import Fact, Form, Stated
from asbuilt.model.types import Family, TypeName
from asbuilt.reading.code.host_types import host_type
from asbuilt.reading.code.languages import Language, language_of
from asbuilt.reading.code.tokens import Code, Kind, tokenize
from asbuilt.reading.code.typescript.declarations import Member, Range, members
from asbuilt.reading.code.typescript.decorators import options_at
from asbuilt.reading.code.typescript.enums import inside
from asbuilt.reading.code.typescript.types import literal_values
from asbuilt.reading.phrases.field_comments import with_remark
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Excerpt, Span

_COLLECTION = re.compile(
    r"^\s*(?:collections?\s*:?\s*)?[`'\"]?(?P<name>[A-Za-z_][\w-]*)[`'\"]?\s*(?:collection|document|schema|集合|文档|コレクション|컬렉션)?\s*(?:$|[-–(:])",
    re.IGNORECASE,
)
_INDEX_CALLS = frozenset({"createIndex", "ensureIndex"})
_LONGEST_PATH = 8


def read_mongodb(block: Block, context: Context) -> Reading | None:
    """Read the collections and indexes that a fence describes; other calls of the shell are examples, prose.

    Example: `db.users.createIndex({ email: 1 }, { unique: true })` is a unique index.
    """
    if language_of(block) != Language.MONGODB or not isinstance(block, Fence):
        return None
    code = tokenize(block.body)
    shapes = tuple(_shapes(code, context))
    facts = [e for shape in shapes if (e := _collection(code, shape, context)) is not None]
    indexes = tuple(_indexes(code, facts, context))
    unread = () if facts or indexes else tuple(code.span(s.body[0] - 1, s.body[1] + 1) for s in shapes)
    return Reading(tuple(sorted([*facts, *indexes], key=lambda f: f.span)), prose=(block.span,), unread=unread)


class _Shape(Struct, frozen=True):
    """The braces that hold a collection's fields, and the name that belongs to them."""

    name: str
    name_span: Span
    body: Range
    is_json_schema: bool = False


def _shapes(code: Code, context: Context) -> Iterator[_Shape]:
    """Yield the objects that describe documents: bare ones under a comment, `new Schema({…})`, validators."""
    at = 0
    while at < len(code.tokens):
        shape = _schema_call(code, at) or _validator(code, at) or _bare(code, at, context)
        if shape is not None:
            yield shape
            at = shape.body[1] + 1
        else:
            at = at + 1 if code.word(at) in ("(", "=", "export") or at not in code.pairs else code.pairs[at] + 1


def _schema_call(code: Code, at: int) -> _Shape | None:
    """`const userSchema = new mongoose.Schema({ … })`."""
    if code.word(at) != "Schema" or code.word(at - 1) not in ("new", "."):
        return None
    opening = next((i for i in range(at + 1, min(at + 12, len(code.tokens))) if code.word(i) == "("), None)
    if opening is None or code.word(opening + 1) != "{" or opening + 1 not in code.pairs:
        return None
    equals = next((i for i in range(at, max(at - 8, 0), -1) if code.word(i) == "="), None)
    if equals is None:
        return None
    named = next(
        (i for i in range(equals - 1, max(equals - 12, -1), -1) if code.word(i - 1) in ("const", "let", "var")),
        equals - 1,
    )
    model = _model_name(code, code.word(named))
    name, span = model or _bare_name(code, named)
    return _Shape(name, span, (opening + 2, code.pairs[opening + 1])) if name else None


def _bare_name(code: Code, at: int) -> tuple[str, Span]:
    """`userSchema` is about `user`: the name without what says that it is a schema, and where that stands."""
    name = re.sub(r"_?[Ss]chema$", "", code.word(at))
    start = code.span(at, at + 1).start
    return name, Span(start, start + len(name))


def _model_name(code: Code, schema: str) -> tuple[str, Span] | None:
    """`mongoose.model('User', userSchema)` gives the collection its name."""
    for at in range(len(code.tokens) - 4):
        if (
            code.word(at) in ("model", "model<")
            and code.word(at + 1) == "("
            and code.tokens[at + 2].kind == Kind.STRING
        ) and code.word(at + 4) == schema:
            return code.tokens[at + 2].value, inside(code, code.tokens[at + 2])
    return None


def _validator(code: Code, at: int) -> _Shape | None:
    """`db.createCollection('users', { validator: { $jsonSchema: { properties: { … } } } })`."""
    if code.word(at) != "createCollection" or code.word(at + 1) != "(" or at + 1 not in code.pairs:
        return None
    name = code.tokens[at + 2]
    schema = next((i for i in range(at, code.pairs[at + 1]) if code.tokens[i].value == "$jsonSchema"), None)
    if name.kind != Kind.STRING or schema is None or code.word(schema + 2) != "{" or schema + 2 not in code.pairs:
        return None
    return _Shape(name.value, inside(code, name), (schema + 3, code.pairs[schema + 2]), is_json_schema=True)


def _bare(code: Code, at: int, context: Context) -> _Shape | None:
    """An object by itself, named by the comment or label above it, by the constant that it is given to, or by the heading."""
    if code.word(at) != "{" or at not in code.pairs or code.word(at - 1) in ("(", ",", "=>", ")"):
        return None
    body = (at + 1, code.pairs[at])
    if code.word(at - 1) in ("=", ":") and at > 1 and code.tokens[at - 2].kind == Kind.WORD:
        name, span = _bare_name(code, at - 2)
        return _Shape(name, span, body) if name else None
    comment = code.comment_above(at)
    match = _COLLECTION.match(comment.text) if comment else None
    if comment is not None and match is not None:
        return _Shape(match["name"], comment.span(*match.span("name")), body)
    if context.entity is not None and context.entity_span is not None and "mongo" not in context.entity.lower():
        return _Shape(context.entity, context.entity_span, body)
    return None


def _collection(code: Code, shape: _Shape, context: Context) -> EntityMention | None:
    if shape.is_json_schema:
        fields = tuple(_json_schema(code, shape.body, ""))
    else:
        fields = tuple(_fields(code, shape.body, "", 0))
    if not fields:
        return None
    body = code.span(shape.body[0] - 1, shape.body[1] + 1)
    return EntityMention(
        span=Span(min(body.start, shape.name_span.start), body.end)
        if shape.name_span.start > body.start - 400
        else body,
        form=Form.CLASS,
        name=shape.name,
        name_span=shape.name_span,
        fields=fields,
        is_complete=True,
        is_planned=context.is_planned,
        store=Store.MONGODB,
    )


def _fields(code: Code, body: Range, prefix: str, depth: int) -> Iterator[FieldMention]:
    """Yield the fields of an object; those of an object or an array of objects inside it have dotted names."""
    for member in members(code, body):
        if member.content is None or depth > _LONGEST_PATH:
            continue
        name = prefix + member.name
        nested, is_array = _nested(code, member.content)
        given = options_at(code, nested) if nested else {}
        if nested is None or ("type" in given and not _is_field_named_type(code, given)):
            yield with_remark(_field(code, member, name, given), code.comment_beside(member.tokens[1] - 1))
        else:
            yield _object(code, member, name, is_array)
            yield from _fields(code, nested, name + ".", depth + 1)


def _is_field_named_type(code: Code, given: dict[str, Range]) -> bool:
    """In `{ type: { type: String }, street: String }` the first `type` is a field like any other."""
    start, end = given["type"]
    if code.word(start) != "{" or start not in code.pairs:
        return False
    return end - start > 2 and len(given) > 1


def _nested(code: Code, place: Range) -> tuple[Range | None, bool]:
    """Return the inside of the object that a member holds, and whether an array is around it."""
    start, end = place
    is_array = code.word(start) == "["
    if is_array and code.word(start + 1) == "{":
        start += 1
    if code.word(start) != "{" or start not in code.pairs or code.pairs[start] >= end:
        return None, is_array
    return (start + 1, code.pairs[start]), is_array


def _object(code: Code, member: Member, name: str, is_array: bool) -> FieldMention:
    content = member.content or member.tokens
    kind = TypeName("object[]" if is_array else "object", "jsonb", Family.JSON, (), is_array)
    return FieldMention(
        span=code.span(*member.tokens),
        form=Form.CLASS,
        name=name,
        name_span=member.name_span,
        type=Stated(kind, code.span(*content)),
    )


def _field(code: Code, member: Member, name: str, given: dict[str, Range]) -> FieldMention:
    """A field by its type alone (`String`) or by an object of options (`{ type: String, required: true }`)."""
    content = given.get("type") or member.content or member.tokens
    required = _true(code, given, "required")
    values = _enum(code, given.get("enum"))
    return FieldMention(
        span=code.span(*member.tokens),
        form=Form.CLASS,
        name=name,
        name_span=member.name_span,
        type=_type(code, content),
        is_nullable=Stated(not required.value, required.span) if required else None,
        is_primary=Stated(True, member.name_span) if name == "_id" else None,
        is_unique=_true(code, given, "unique"),
        is_indexed=_true(code, given, "index"),
        default=Stated(code.text(*given["default"]), code.span(*given["default"])) if "default" in given else None,
        values=values,
        max_length=_number(code, given.get("maxlength") or given.get("maxLength")),
    )


def _type(code: Code, place: Range) -> Stated[TypeName] | None:
    start, end = place
    text = code.text(start, end)
    if code.word(start) == "[" and start in code.pairs:
        inner = (
            host_type(code.text(start + 1, code.pairs[start]).strip("'\""), date_is_instant=True)
            if end - start > 2
            else None
        )
        base = inner or TypeName(text, "jsonb", Family.JSON)
        return Stated(TypeName(text, base.name, base.family, base.arguments, True), code.span(start, end))
    found = host_type(text.strip("'\""), date_is_instant=True) or _of_example(code, place)
    return Stated(found, code.span(start, end)) if found else None


def _of_example(code: Code, place: Range) -> TypeName | None:
    """`ObjectId("…")` and `ISODate("…")` are values whose type their words tell."""
    if code.word(place[0]) == "ISODate" or (code.word(place[0]) == "new" and code.word(place[0] + 1) == "Date"):
        return TypeName("Date", "timestamp with time zone", Family.TIMESTAMP)
    return TypeName("ObjectId", "uuid", Family.UUID) if code.word(place[0]) == "ObjectId" else None


def _true(code: Code, given: dict[str, Range], name: str) -> Stated[bool] | None:
    """`required: true` or `required: [true, 'message']`."""
    place = given.get(name)
    if place is None:
        return None
    at = place[0] + (code.word(place[0]) == "[")
    return Stated(code.word(at) == "true", code.span(*place)) if code.word(at) in ("true", "false") else None


def _enum(code: Code, place: Range | None) -> Stated[tuple[str, ...]] | None:
    if place is None or code.word(place[0]) != "[" or place[0] not in code.pairs:
        return None
    values = literal_values(code, list(code.split(place[0] + 1, code.pairs[place[0]])))
    return Stated(values, code.span(*place)) if values else None


def _number(code: Code, place: Range | None) -> Stated[int] | None:
    text = code.text(*place) if place else ""
    return Stated(int(text), code.span(*place)) if place and re.fullmatch(r"[0-9]{1,9}", text) else None


def _json_schema(code: Code, body: Range, prefix: str, depth: int = 0) -> Iterator[FieldMention]:
    """Yield the properties of a JSON schema; `required` lists those that must be there."""
    given = options_at(code, body)
    properties = _inside(code, given.get("properties"))
    if properties is None or depth > _LONGEST_PATH:
        return
    place = _inside(code, given.get("required"), "[")
    required = (
        {code.tokens[i].value: code.span(i, i + 1) for i in range(*place) if code.tokens[i].kind == Kind.STRING}
        if place
        else {}
    )
    for member in members(code, properties):
        inner = _inside(code, member.content)
        if inner is None:
            continue
        options = options_at(code, inner)
        kind = options.get("bsonType") or options.get("type")
        word = code.text(*kind).strip("'\"") if kind else ""
        found = host_type(word, date_is_instant=True)
        yield FieldMention(
            span=code.span(*member.tokens),
            form=Form.CLASS,
            name=prefix + member.name,
            name_span=member.name_span,
            type=Stated(found, code.span(*kind)) if kind and found else None,
            is_nullable=Stated(False, required[member.name]) if member.name in required else None,
            is_primary=Stated(True, member.name_span) if prefix + member.name == "_id" else None,
            values=_enum(code, options.get("enum")),
            max_length=_number(code, options.get("maxLength")),
        )
        yield from _json_schema(code, inner, f"{prefix}{member.name}.", depth + 1)


def _inside(code: Code, place: Range | None, bracket: str = "{") -> Range | None:
    if place is None or code.word(place[0]) != bracket or place[0] not in code.pairs:
        return None
    return place[0] + 1, code.pairs[place[0]]


def _indexes(code: Code, facts: list[EntityMention], context: Context) -> Iterator[Fact]:
    """Yield the indexes that `db.users.createIndex({ email: 1 }, { unique: true })` and `userSchema.index({…})` make."""
    for at in range(2, len(code.tokens) - 2):
        is_schema = code.word(at) == "index" and code.word(at - 2).lower().endswith("schema")
        if (
            (code.word(at) not in _INDEX_CALLS and not is_schema)
            or code.word(at + 1) != "("
            or at + 1 not in code.pairs
        ):
            continue
        owner = _owner(code, at, context) if not is_schema else _schema_owner(code, at, facts)
        given = [_inside(code, part) for part in code.split(at + 2, code.pairs[at + 1])]
        if owner is not None and given and given[0] is not None:
            yield _index(
                code,
                owner,
                (at, code.pairs[at + 1] + 1),
                given[0],
                options_at(code, given[1]) if len(given) > 1 and given[1] else {},
            )


def _owner(code: Code, at: int, context: Context) -> tuple[str, int] | None:
    """Return the collection before `.createIndex`, and the token where the call begins."""
    before = at - 2
    if code.word(before) == ")":
        opening = next((o for o, c in code.pairs.items() if c == before), None)
        if opening is not None and code.tokens[opening + 1].kind == Kind.STRING:
            return code.tokens[opening + 1].value, max(opening - 3, 0)
        return None
    if code.word(before) == "collection" and context.entity:
        return context.entity, max(before - 2, 0)
    return (
        (code.word(before), before - 2 if code.word(before - 1) == "." else before)
        if code.tokens[before].kind == Kind.WORD
        else None
    )


def _schema_owner(code: Code, at: int, facts: list[EntityMention]) -> tuple[str, int]:
    name, _ = _bare_name(code, at - 2)
    return next((f.name for f in facts if f.name.lower() == name.lower()), name), at - 2


def _index(code: Code, owner: tuple[str, int], call: Range, keys: Range, options: dict[str, Range]) -> IndexMention:
    name, start = owner
    found = tuple(
        IndexKey(
            m.name,
            m.name_span,
            is_descending=code.text(*m.content).replace(" ", "") == "-1",
            opclass=_kind(code, m.content),
        )
        for m in members(code, keys)
        if m.content
    )
    named = options.get("name")
    partial = options.get("partialFilterExpression")
    return IndexMention(
        span=code.span(start, call[1]),
        form=Form.CLASS,
        entity=name,
        name=code.text(*named).strip("'\"") if named else None,
        keys=found,
        method=next((k.opclass for k in found if k.opclass), None),
        is_unique=bool((flag := _true(code, options, "unique")) and flag.value),
        predicate=code.text(*partial) if partial else None,
        rationale=_rationale(code.comment_beside(call[1] - 1)),
        store=Store.MONGODB,
    )


def _kind(code: Code, place: Range) -> str | None:
    """`'text'`, `'2dsphere'` and `'hashed'` are kinds of index."""
    token = code.tokens[place[0]]
    return token.value if token.kind == Kind.STRING else None


def _rationale(comment: Excerpt | None) -> str:
    return comment.text.strip() if comment else ""
