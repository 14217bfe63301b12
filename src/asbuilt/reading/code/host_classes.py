"""Classes of C#, Java, Kotlin, Go, Dart, Rust, Swift, PHP and Ruby: names, types and optionality of what holds rows."""

from msgspec import Struct

from asbuilt.document.blocks import Block, Fence
from asbuilt.model.entities import EntityMention, EnumMention, EnumValue, FieldMention, Store
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.code.entity_names import is_entity
from asbuilt.reading.code.host_fields import FIELD_READERS, FieldLine, annotated_table, field_of
from asbuilt.reading.code.languages import Language, language_of
from asbuilt.reading.code.migrations import migration_facts
from asbuilt.reading.code.tokens import Code, Kind, tokenize
from asbuilt.reading.phrases.placeholders import is_placeholder
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Span

_KEYWORDS = frozenset({"class", "struct", "record", "enum", "interface"})
_MODIFIERS = frozenset(
    {"public", "private", "protected", "internal", "static", "final", "abstract", "sealed", "partial", "open", "data", "export", "pub", "readonly",
     "const", "mut", "override", "virtual", "lateinit", "late", "required", "var", "let", "val", "inline", "transient", "volatile", "new"}
)  # fmt: skip


def read_host_classes(block: Block, context: Context) -> Reading | None:
    """Read classes that are entities, enumerations and migrations; services, requests and the like are application code, prose."""
    language = language_of(block)
    if not isinstance(block, Fence) or language is None:
        return None
    if language in (Language.PHP, Language.RUBY) and (facts := tuple(migration_facts(block.body, context))):
        return Reading(facts, prose=(block.span,))
    if language == Language.RUBY:
        return Reading(prose=(block.span,))
    if language not in FIELD_READERS:
        return None
    code = tokenize(block.body)
    facts = tuple(f for found in _classes(code) for f in (_fact(code, found, language, context),) if f is not None)
    return Reading(facts, prose=(block.span,))


class _Class(Struct, frozen=True):
    """A declared class: its name's token, where its members stand, what is written before it."""

    kind: str
    name: int
    start: int
    body: tuple[int, int]


def _classes(code: Code) -> list[_Class]:
    """Return the classes, structs, records and enumerations; a record's members stand in its brackets."""
    found: list[_Class] = []
    for at in range(len(code.tokens) - 2):
        name, kind = _declared(code, at)
        if name is None:
            continue
        opening = _opening(code, name + 1)
        if opening is not None and opening in code.pairs:
            found.append(_Class(kind, name, _first(code, at), (opening + 1, code.pairs[opening])))
    return found


def _declared(code: Code, at: int) -> tuple[int | None, str]:
    """Return the token of a declared name: `class User`, `enum class Role`, Go's `type User struct`."""
    word = code.word(at)
    if word == "type" and code.word(at + 2) == "struct" and code.tokens[at + 1].kind == Kind.WORD:
        return at + 1, "struct"
    if word not in _KEYWORDS or code.word(at - 1) in (".", ":", "enum", "record") or code.word(at - 2) == "type":
        return None, ""
    name = at + 1 + (code.word(at + 1) in ("class", "struct"))
    is_name = name < len(code.tokens) and code.tokens[name].kind == Kind.WORD
    return (name, word) if is_name and word != "interface" else (None, "")


def _opening(code: Code, at: int) -> int | None:
    """Return where the members' bracket opens: a brace, or the brackets of a record or a Kotlin class."""
    while at < len(code.tokens) and code.word(at) not in (";", "}", "class"):
        if code.word(at) in ("{", "("):
            return at
        at = code.pairs.get(at, at) + 1
    return None


def _first(code: Code, at: int) -> int:
    """Return where the declaration begins, its modifiers and annotations included."""
    closings = {closing: opening for opening, closing in code.pairs.items()}
    while at > 0:
        before = at - 1
        if code.word(before) in _MODIFIERS:
            at = before
        elif (
            code.word(before) == "]"
            and before in closings
            and code.word(closings[before] - 1) in ("#", "}", ";", "]", "")
        ):
            at = closings[before] - (code.word(closings[before] - 1) == "#")
        elif code.word(before - 1) == "@" and code.tokens[before].kind == Kind.WORD:
            at = before - 1
        elif code.word(before) == ")" and before in closings and code.word(closings[before] - 2) == "@":
            at = closings[before] - 2
        else:
            return at
    return at


def _fact(code: Code, found: _Class, language: Language, context: Context) -> Fact | None:
    if is_placeholder(code.word(found.name)):
        return None
    return _enum(code, found) if found.kind == "enum" else _entity(code, found, language, context)


def _span(code: Code, found: _Class) -> Span:
    return code.span(found.start, found.body[1] + 1)


def _enum(code: Code, found: _Class) -> EnumMention | None:
    """An enumeration of plain names; one whose members carry data is application code."""
    values: list[EnumValue] = []
    for start, end in code.split(*found.body, ",;"):
        at = start + (code.word(start) == "case")
        if code.tokens[at].kind != Kind.WORD:
            continue
        text = next((i for i in range(at, end) if code.tokens[i].kind == Kind.STRING), None)
        value = code.tokens[text] if text is not None else code.tokens[at]
        span = code.body.span(value.start + (text is not None), value.end - (text is not None))
        values.append(EnumValue(value.value, span, code.word(at)))
    if not values:
        return None
    name = code.span(found.name, found.name + 1)
    return EnumMention(
        span=_span(code, found), form=Form.CLASS, name=code.word(found.name), name_span=name, values=tuple(values)
    )


def _entity(code: Code, found: _Class, language: Language, context: Context) -> EntityMention | None:
    lines = FIELD_READERS[language](code, found.body)
    fields = tuple(f for line in lines if (f := field_of(code, line, language)) is not None)
    table = annotated_table(code, found.start, found.name)
    name = code.word(found.name)
    if not fields or (table is None and not is_entity(name, tuple(f.name for f in fields), context.chapter)):
        return None
    span = code.span(found.name, found.name + 1)
    return EntityMention(
        span=_span(code, found),
        form=Form.CLASS,
        name=table.value if table else name,
        name_span=table.span if table else span,
        fields=fields,
        is_planned=context.is_planned,
        store=_store(code, lines, fields, context),
    )


def _store(code: Code, lines: tuple[FieldLine, ...], fields: tuple[FieldMention, ...], context: Context) -> Store:
    """Tags tell the store: `redis:"id"` alone is Redis, `bson:"_id"` is MongoDB."""
    tags = " ".join(code.tokens[line.tag].text for line in lines if line.tag is not None)
    if "gorm:" in tags or "db:" in tags:
        return context.store
    if "bson:" in tags:
        return Store.MONGODB
    return Store.REDIS if "redis:" in tags else context.store
