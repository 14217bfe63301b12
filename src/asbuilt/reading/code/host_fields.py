"""Fields of host languages' classes: where name, type, annotations and tags stand in each language's lines."""

import re
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from asbuilt.model.entities import FieldMention
from asbuilt.model.fact import Form, Stated
from asbuilt.reading.code.host_types import host_type
from asbuilt.reading.code.languages import Language
from asbuilt.reading.code.tokens import Code, Kind
from asbuilt.reading.phrases.field_comments import with_remark

Range = tuple[int, int]
_MODIFIERS = frozenset({"public", "private", "protected", "internal", "final", "readonly", "pub", "late", "required", "lateinit", "override", "virtual",
                        "transient", "volatile", "open", "weak", "this", "init", "external"})  # fmt: skip
_STATIC = frozenset(
    {
        "static",
        "const",
        "abstract",
        "return",
        "throw",
        "import",
        "package",
        "using",
        "factory",
        "if",
        "for",
        "constructor",
    }
)


class FieldLine(Struct, frozen=True):
    """A field's tokens: its name, its type, the annotations before it, Go's tag behind it."""

    tokens: Range
    name: int
    type: Range
    annotations: Range
    tag: int | None = None


FieldReader = Callable[[Code, Range], tuple[FieldLine, ...]]


def _lead(code: Code, at: int, end: int) -> int:
    """Return where a declaration's own words begin, behind annotations (`@Id`, `[Key]`, `#[serde]`) and modifiers."""
    while at < end:
        if code.word(at) == "@":
            at += 2
            while code.word(at) in (".", ":") and at < end:
                at += 2
            at = code.pairs[at] + 1 if code.word(at) == "(" and at in code.pairs else at
        elif code.word(at) == "#" and code.word(at + 1) == "[" and at + 1 in code.pairs:
            at = code.pairs[at + 1] + 1
        elif code.word(at) == "[" and at in code.pairs:
            at = code.pairs[at] + 1
        elif code.word(at) in _MODIFIERS:
            at = (
                code.pairs[at + 1] + 1
                if code.word(at) == "pub" and code.word(at + 1) == "(" and at + 1 in code.pairs
                else at + 1
            )
        else:
            return at
    return at


def _statements(code: Code, body: Range) -> Iterator[Range]:
    """Yield what ends with `;` or with a block of its own (`{ get; set; }`, a method's body)."""
    at = start = body[0]
    while at < body[1]:
        word = code.word(at)
        last = min(code.pairs.get(at, at), body[1] - 1)
        if word == ";" or word == "{":
            if start < at:
                yield start, at
            at = start = last + 1
            while word == "{" and code.word(at) == "=" and at < body[1]:
                at = start = next((i + 1 for i in range(at, body[1]) if code.word(i) == ";"), body[1])
        else:
            at = last + 1


def _type_before_name(code: Code, body: Range) -> tuple[FieldLine, ...]:
    """C#, Java, Dart: `public string? Name { get; set; }`, `private String name;`, `final DateTime? seenAt;`."""
    return tuple(line for place in _statements(code, body) if (line := _typed(code, place)) is not None)


def _typed(code: Code, place: Range) -> FieldLine | None:
    start, end = place
    own = _lead(code, start, end)
    stop = next((i for i in range(own, end) if code.word(i) == "="), end)
    name = stop - 1
    if name <= own or code.tokens[name].kind != Kind.WORD or code.word(own) in _STATIC:
        return None
    if any(code.word(i) in ("(", "=>", "class", "enum", "interface") for i in range(own, stop)):
        return None
    return FieldLine((start, end), name, (own, name), (start, own))


def _record(code: Code, body: Range) -> tuple[FieldLine, ...]:
    """C#'s and Java's records: `record User(Guid Id, string Name)`; anything else by statements."""
    if code.word(body[0] - 1) != "(":
        return _type_before_name(code, body)
    return tuple(line for place in code.split(*body) if (line := _typed(code, place)) is not None)


def _name_before_type(code: Code, body: Range) -> tuple[FieldLine, ...]:
    """Kotlin, Swift, Rust: `val name: String?`, `pub email: Option<String>`."""
    return tuple(line for place in _pieces(code, body) if (line := _coloned(code, place)) is not None)


def _pieces(code: Code, body: Range) -> Iterator[Range]:
    """Yield what commas or lines part."""
    for start, end in code.split(*body, ",;"):
        at = begin = start
        while at < end:
            last = min(code.pairs.get(at, at), end - 1)
            ends = last + 1 >= end or (
                code.tokens[last + 1].line > code.tokens[last].line and _is_whole(code, begin, last + 1)
            )
            if ends:
                yield begin, last + 1
                begin = last + 1
            at = last + 1


def _is_whole(code: Code, start: int, end: int) -> bool:
    """Annotations on lines of their own belong to what follows them."""
    return _lead(code, start, end) < end and any(code.word(i) == ":" for i in range(start, end))


def _coloned(code: Code, place: Range) -> FieldLine | None:
    start, end = place
    own = _lead(code, start, end)
    while code.word(own) in ("val", "var", "let", "mut") or code.word(own) in _MODIFIERS:
        own += 1
    if (
        own + 2 >= end
        or code.tokens[own].kind != Kind.WORD
        or code.word(own + 1) != ":"
        or code.word(own) in ("fun", "func", "fn", "case")
    ):
        return None
    stop = next((i for i in range(own + 2, end) if code.word(i) in ("=", "{")), end)
    return FieldLine((start, end), own, (own + 2, stop), (start, own)) if own + 2 < stop else None


def _go(code: Code, body: Range) -> tuple[FieldLine, ...]:
    """Go: ``Email string `json:"email" gorm:"unique"` ``; an embedded struct has no name and is none."""
    found: list[FieldLine] = []
    at = body[0]
    while at < body[1]:
        end = at + 1
        while end < body[1] and code.tokens[end].line == code.tokens[at].line:
            end = min(code.pairs.get(end, end), body[1] - 1) + 1
        tag = end - 1 if code.tokens[end - 1].kind == Kind.TEMPLATE else None
        stop = tag if tag is not None else end
        if stop - at >= 2 and code.tokens[at].kind == Kind.WORD and code.word(at + 1) != ".":
            found.append(FieldLine((at, end), at, (at + 1, stop), (at, at), tag))
        at = end
    return tuple(found)


def _php(code: Code, body: Range) -> tuple[FieldLine, ...]:
    """PHP's typed properties: `private ?string $name;`."""
    return tuple(line for line in _type_before_name(code, body) if code.word(line.name).startswith("$"))


FIELD_READERS: Mapping[Language, FieldReader] = {
    Language.CSHARP: _record,
    Language.JAVA: _record,
    Language.KOTLIN: _name_before_type,
    Language.GO: _go,
    Language.DART: _type_before_name,
    Language.RUST: _name_before_type,
    Language.SWIFT: _name_before_type,
    Language.PHP: _php,
}
_INSTANT_DATES = frozenset({Language.JAVA, Language.KOTLIN, Language.SWIFT})
_WRAPPED = re.compile(r"^(?:Option|Optional|Nullable)\s*<(.*)>$", re.DOTALL)


def field_of(code: Code, line: FieldLine, language: Language) -> FieldMention | None:
    """Return the field that a line declares; one whose type is another class is a relation and none."""
    raw = code.text(*line.type)
    wrapped = _WRAPPED.match(raw)
    is_optional = (
        wrapped is not None
        or raw.endswith("?")
        or (raw.startswith(("*", "?")) and language in (Language.GO, Language.PHP))
    )
    bare = (wrapped[1] if wrapped else raw).strip("?* ")
    found = host_type(bare, date_is_instant=language in _INSTANT_DATES)
    notes = code.text(*line.annotations) + (" " + code.tokens[line.tag].text if line.tag is not None else "")
    if found is None and not _is_enum(bare, notes):
        return None
    name = _name(code, line)
    field = FieldMention(
        span=code.span(*line.tokens),
        form=Form.CLASS,
        name=name.value,
        name_span=name.span,
        type=Stated(found, code.span(*line.type)) if found else None,
        is_nullable=_nullable(code, line, notes, is_optional),
        is_primary=_noted(code, line, notes, r"\[Key\b|@Id\b|primaryKey|primary_key|@PrimaryKey", True),
        is_unique=_noted(code, line, notes, r"unique\s*=\s*true|\bunique(?:Index)?\b", True),
        is_indexed=_noted(code, line, notes, r"\[Index\b|\bindex\b", True),
        max_length=_length(code, line, notes),
        is_foreign_key=_noted(code, line, notes, r"\[ForeignKey\b", True),
    )
    return with_remark(field, code.comment_beside(line.tokens[1] - 1))


def _is_enum(bare: str, notes: str) -> bool:
    """A type that no list knows is a column where its name or an annotation says that it is one."""
    return (
        bare.endswith(("Status", "Type", "Role", "State", "Kind", "Level"))
        or "@Enumerated" in notes
        or "@Column" in notes
    )


def _name(code: Code, line: FieldLine) -> Stated[str]:
    """Return the column's name where a tag or an annotation gives one, else the field's."""
    if line.tag is not None:
        tag = code.tokens[line.tag]
        match = re.search(r"column:([A-Za-z_]\w*)", tag.text) or re.search(
            r'\b(?:db|bson|json):"([A-Za-z_]\w*)', tag.text
        )
        if match:
            return Stated(match[1], code.body.span(tag.start + match.start(1), tag.start + match.end(1)))
    text = code.text(*line.annotations)
    match = re.search(r'(?:@(?:Join)?Column\s*\([^)]*\bname\s*=\s*|\[Column\(\s*)"(\w+)"', text)
    if match:
        start = code.tokens[line.annotations[0]].start
        return Stated(match[1], code.body.span(start + match.start(1), start + match.end(1)))
    token = code.tokens[line.name]
    dollar = int(token.text.startswith("$"))
    return Stated(token.text[dollar:], code.body.span(token.start + dollar, token.end))


def _nullable(code: Code, line: FieldLine, notes: str, is_optional: bool) -> Stated[bool] | None:
    if is_optional:
        return Stated(True, code.span(*line.type))
    if re.search(r"\[Required\b|@NotNull|@NotBlank|nullable\s*=\s*false|not null", notes, re.IGNORECASE):
        where = line.annotations if line.annotations[0] < line.annotations[1] else line.tokens
        return Stated(False, code.span(*where))
    return None


def _noted(code: Code, line: FieldLine, notes: str, pattern: str, value: bool) -> Stated[bool] | None:
    if not re.search(pattern, notes):
        return None
    if line.tag is not None:
        return Stated(value, code.span(line.tag, line.tag + 1))
    return Stated(value, code.span(*line.annotations))


def _length(code: Code, line: FieldLine, notes: str) -> Stated[int] | None:
    match = re.search(
        r"(?:MaxLength|StringLength)\s*\(\s*(\d{1,9})|length\s*=\s*(\d{1,9})|@Size\([^)]*max\s*=\s*(\d{1,9})|size:(\d{1,9})",
        notes,
    )
    if match is None:
        return None
    where = (line.tag, line.tag + 1) if line.tag is not None else line.annotations
    return Stated(int(next(g for g in match.groups() if g)), code.span(*where))


def annotated_table(code: Code, start: int, name: int) -> Stated[str] | None:
    """Return the table that `@Table(name = "users")` or `[Table("users")]` names, or the class's name under `@Entity`."""
    text = code.text(start, name + 1)
    match = re.search(r'Table\s*\(\s*(?:name\s*=\s*)?"(\w+)"|tableName\s*=\s*"(\w+)"', text)
    if match:
        group = 1 if match[1] else 2
        offset = code.tokens[start].start
        return Stated(match[group], code.body.span(offset + match.start(group), offset + match.end(group)))
    return Stated(code.word(name), code.span(name, name + 1)) if re.search(r"@Entity\b|\[Table\b", text) else None
