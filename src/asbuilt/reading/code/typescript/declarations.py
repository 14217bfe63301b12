"""Declarations of TypeScript and JavaScript, and the members between their braces, by place in the tokens."""

from collections.abc import Iterator

from msgspec import Struct

from asbuilt.reading.code.tokens import Code, Kind
from asbuilt.text import Excerpt, Span

Range = tuple[int, int]
_MODIFIERS = frozenset(
    {
        "export",
        "default",
        "declare",
        "abstract",
        "async",
        "public",
        "private",
        "protected",
        "readonly",
        "static",
        "override",
    }
)
_KINDS = frozenset({"interface", "enum", "type", "class", "const", "let", "var", "function"})
_GOES_ON = frozenset({":", "|", "&", "=", "=>", ".", "?.", "+", "-", "*", "?", "<", "("})
_JOINS = frozenset({"|", "&", "=>", ".", "?.", "?", ":", "=", "+", ")", "]", "}", ">", "as", "satisfies", "extends"})


class Decorator(Struct, frozen=True):
    """`@Column({ … })`: its name, and the tokens between its brackets."""

    name: str
    tokens: Range
    arguments: Range | None


class Declaration(Struct, frozen=True):
    """`body` is between the braces of an interface, enum, class or function; `value` what follows `=`."""

    kind: str
    name: str
    name_span: Span
    tokens: Range
    body: Range | None
    value: Range | None = None
    decorators: tuple[Decorator, ...] = ()


class Member(Struct, frozen=True):
    """A member of a body or an object. `type` follows `:`, `value` follows `=` (or `:` in an object)."""

    name: str
    name_span: Span
    tokens: Range
    type: Range | None = None
    value: Range | None = None
    parameters: Range | None = None
    optional: int | None = None
    decorators: tuple[Decorator, ...] = ()
    is_static: bool = False

    @property
    def content(self) -> Range | None:
        """What an object's member holds."""
        return self.type or self.value


def declarations(code: Code) -> Iterator[Declaration]:
    """Yield the declarations that stand in no bracket, in order."""
    at, first = 0, None
    decorators: list[Decorator] = []
    while at < len(code.tokens):
        word = code.word(at)
        if word == "@" and (decorator := _decorator(code, at)):
            first, at = at if first is None else first, decorator.tokens[1]
            decorators.append(decorator)
            continue
        if word in _MODIFIERS or (word == "const" and code.word(at + 1) == "enum"):
            first, at = at if first is None else first, at + 1
            continue
        found = (
            _declaration(code, at, first if first is not None else at, tuple(decorators)) if word in _KINDS else None
        )
        decorators, first = [], None
        if found is not None:
            yield found
            at = found.tokens[1]
        else:
            at = code.pairs.get(at, at) + 1


def _declaration(code: Code, at: int, first: int, decorators: tuple[Decorator, ...]) -> Declaration | None:
    kind = code.word(at)
    name = _name(code, at + 1)
    if name is None:
        return None
    text, end = name
    if kind in ("type", "const", "let", "var"):
        return _assignment(code, "type" if kind == "type" else "const", text, (first, end))
    opening = _opening(code, end, "{")
    closing = code.pairs.get(opening) if opening is not None else None
    if opening is None or closing is None:
        return Declaration(kind, text.text, text.span(), (first, end), None, None, decorators)
    return Declaration(kind, text.text, text.span(), (first, closing + 1), (opening + 1, closing), None, decorators)


def _assignment(code: Code, kind: str, name: Excerpt, tokens: Range) -> Declaration | None:
    start = tokens[1]
    while start < len(code.tokens) and code.word(start) not in ("=", ";", "{"):
        start = code.pairs.get(start, start) + 1
    if code.word(start) != "=":
        return None
    end = end_of(code, start + 1, len(code.tokens), ";")
    return Declaration(kind, name.text, name.span(), (tokens[0], end), None, (start + 1, end))


def _name(code: Code, at: int) -> tuple[Excerpt, int] | None:
    """Return a name, or a placeholder for one (`[EntityName]`), and the token behind it."""
    if code.word(at) == "[" and at in code.pairs:
        end = code.pairs[at] + 1
        return code.excerpt(at, end), end
    if at < len(code.tokens) and code.tokens[at].kind == Kind.WORD:
        return code.excerpt(at, at + 1), at + 1
    return None


def _opening(code: Code, at: int, bracket: str) -> int | None:
    """Return where the next `bracket` opens, brackets of other kinds skipped."""
    while at < len(code.tokens) and code.word(at) != ";":
        if code.word(at) == bracket:
            return at
        at = code.pairs.get(at, at) + 1
    return None


def _decorator(code: Code, at: int) -> Decorator | None:
    if at + 1 >= len(code.tokens) or code.tokens[at + 1].kind != Kind.WORD:
        return None
    end = at + 2
    while code.word(end) == "." and end + 1 < len(code.tokens):
        end += 2
    name = code.word(end - 1)
    if code.word(end) == "(" and end in code.pairs:
        return Decorator(name, (at, code.pairs[end] + 1), (end + 1, code.pairs[end]))
    return Decorator(name, (at, end), None)


def end_of(code: Code, start: int, end: int, separators: str = ",;") -> int:
    """Return where the piece of code that begins at `start` ends: a separator, or a line that does not go on."""
    at, angles = start, 0
    while at < end:
        word = code.word(at)
        if word in separators and not angles:
            return at
        angles = max(0, angles + (word == "<") - (word == ">"))
        last = min(code.pairs.get(at, at), end - 1)
        at = last + 1
        if at < end and _breaks(code, last, at):
            return at
    return end


def _breaks(code: Code, last: int, following: int) -> bool:
    if code.tokens[last].line + code.tokens[last].text.count("\n") >= code.tokens[following].line:
        return False
    return code.word(last) not in _GOES_ON and code.word(following) not in _JOINS


def members(code: Code, body: Range) -> Iterator[Member]:
    """Yield the members between braces; what is none is passed over to the next separator or line."""
    at, end = body
    while at < end:
        if code.word(at) in ",;":
            at += 1
            continue
        member = _member(code, at, end)
        if member is not None:
            yield member
            at = max(member.tokens[1], at + 1)
        else:
            at = max(end_of(code, at, end), at + 1)


def _member(code: Code, first: int, end: int) -> Member | None:
    at, decorators = _decorators(code, first, end)
    start = at
    while (
        at + 1 < end
        and code.word(at) in _MODIFIERS
        and (code.tokens[at + 1].kind == Kind.WORD or code.word(at + 1) in "[#")
    ):
        at += 1
    is_static = "static" in [code.word(i) for i in range(start, at)]
    name = _member_name(code, at)
    if name is None or name[1] > end:
        return None
    text, at = name
    optional = at if code.word(at) == "?" else None
    at += code.word(at) in ("?", "!")
    if at < end and code.word(at) in ("(", "<"):
        return _method(code, text, (first, at), end)
    stop = end_of(code, at, end) if at < end and code.word(at) not in (",", ";") else at
    kind, value = _halves(code, at, stop)
    return Member(text.text, text.span(), (first, stop), kind, value, None, optional, decorators, is_static)


def _decorators(code: Code, at: int, end: int) -> tuple[int, tuple[Decorator, ...]]:
    found: list[Decorator] = []
    while at < end and code.word(at) == "@" and (decorator := _decorator(code, at)):
        found.append(decorator)
        at = decorator.tokens[1]
    return at, tuple(found)


def _halves(code: Code, at: int, stop: int) -> tuple[Range | None, Range | None]:
    """Return what stands behind `:` and behind `=`."""
    if at >= stop or code.word(at) not in (":", "="):
        return None, None
    if code.word(at) == "=":
        return None, ((at + 1, stop) if at + 1 < stop else None)
    equals = at + 1
    while equals < stop and code.word(equals) != "=":
        equals = code.pairs.get(equals, equals) + 1
    equals = min(equals, stop)
    kind = (at + 1, equals) if at + 1 < equals else None
    return kind, ((equals + 1, stop) if equals + 1 < stop else None)


def _method(code: Code, name: Excerpt, tokens: Range, end: int) -> Member | None:
    first, at = tokens
    opening = _opening(code, at, "(")
    if opening is None or opening not in code.pairs or code.pairs[opening] >= end:
        return None
    closing = code.pairs[opening]
    at, returns = closing + 1, None
    if code.word(at) == ":":
        stop = _type_end(code, at + 1, end)
        returns, at = (at + 1, stop), stop
    if code.word(at) == "{" and at in code.pairs:
        at = code.pairs[at] + 1
    return Member(name.text, name.span(), (first, min(at, end)), returns, None, (opening + 1, closing))


def _type_end(code: Code, start: int, end: int) -> int:
    """A return type ends at its method's body: a brace that nothing before it asks for."""
    at = start
    while at < end and code.word(at) not in ";,":
        if code.word(at) == "{" and at > start and code.word(at - 1) not in _GOES_ON:
            return at
        if at > start and code.word(at - 1) != "<" and _breaks(code, at - 1, at):
            return at
        at = code.pairs.get(at, at) + 1
    return min(at, end)


def _member_name(code: Code, at: int) -> tuple[Excerpt, int] | None:
    if at < len(code.tokens) and code.tokens[at].kind == Kind.STRING:
        token = code.tokens[at]
        return code.body.cut(token.start + 1, token.end - 1), at + 1
    return _name(code, at)
