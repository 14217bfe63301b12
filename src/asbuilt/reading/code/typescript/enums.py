"""Enumerations: `enum`, `const … as const`, a union of literals, `z.enum`, `pgEnum`."""

from collections.abc import Iterable

from asbuilt.model.entities import EnumMention, EnumValue
from asbuilt.model.fact import Form
from asbuilt.reading.code.tokens import Code, Kind, Token
from asbuilt.reading.code.typescript.declarations import Declaration, Range, members
from asbuilt.reading.phrases.placeholders import is_placeholder
from asbuilt.text import Span

_CALLS = frozenset({"enum", "nativeEnum", "pgEnum", "mysqlEnum"})


def enum_of(code: Code, declaration: Declaration) -> EnumMention | None:
    """Return the enumeration that `declaration` declares, if it does."""
    if is_placeholder(declaration.name):
        return None
    values = tuple(_values(code, declaration))
    if not values:
        return None
    return EnumMention(
        span=code.span(*declaration.tokens),
        form=Form.INTERFACE,
        name=declaration.name,
        name_span=declaration.name_span,
        values=values,
    )


def _values(code: Code, declaration: Declaration) -> Iterable[EnumValue]:
    if declaration.kind == "enum" and declaration.body:
        return _labelled(code, declaration.body)
    if declaration.value is None:
        return ()
    start, end = declaration.value
    if declaration.kind == "type":
        parts = [p for p in code.split(start, end, "|") if code.text(*p) not in ("null", "undefined")]
        return _literals(code, parts, least=2)
    if declaration.kind == "const":
        return _constant(code, start, end)
    return ()


def _constant(code: Code, start: int, end: int) -> Iterable[EnumValue]:
    """`[…] as const`, `{…} as const`, `z.enum([…])` or `pgEnum('status', […])`."""
    if code.word(end - 2) == "as" and code.word(end - 1) == "const" and start in code.pairs:
        inside = (start + 1, code.pairs[start])
        return (
            _labelled(code, inside) if code.word(start) == "{" else _literals(code, list(code.split(*inside)), least=2)
        )
    call = next(
        (i for i in range(start, min(start + 4, end)) if code.word(i) in _CALLS and code.word(i + 1) == "("), None
    )
    opening = (
        next((i for i in range(call, min(call + 6, end)) if code.word(i) == "["), None) if call is not None else None
    )
    if opening is None or opening not in code.pairs:
        return ()
    return _literals(code, list(code.split(opening + 1, code.pairs[opening])), least=1)


def _literals(code: Code, parts: list[Range], least: int) -> tuple[EnumValue, ...]:
    if len(parts) < least or any(e - s != 1 or code.tokens[s].kind != Kind.STRING for s, e in parts):
        return ()
    return tuple(EnumValue(code.tokens[s].value, inside(code, code.tokens[s])) for s, _ in parts)


def _labelled(code: Code, body: Range) -> tuple[EnumValue, ...]:
    """Members with a literal value each; a member of an `enum` without one is its own value."""
    found: list[EnumValue] = []
    for member in members(code, body):
        content = member.value or member.type
        if member.parameters is not None or is_placeholder(member.name):
            return ()
        if content is None:
            found.append(EnumValue(member.name, member.name_span, member.name))
            continue
        token = code.tokens[content[0]]
        if content[1] - content[0] != 1 or token.kind not in (Kind.STRING, Kind.NUMBER):
            return ()
        found.append(EnumValue(token.value, inside(code, token), member.name))
    return tuple(found)


def inside(code: Code, token: Token) -> Span:
    """Return the place of a token's value, its quotes left out."""
    quote = 1 if token.kind in (Kind.STRING, Kind.TEMPLATE) else 0
    return code.body.span(token.start + quote, token.end - quote)
