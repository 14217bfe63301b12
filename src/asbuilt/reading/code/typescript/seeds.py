"""Seed data as objects: `const seedUsers = [{ email: 'a', name: 'b' }]`."""

import re
from collections.abc import Iterator

from asbuilt.evidence import Chapter
from asbuilt.model.chapters import SeedRow
from asbuilt.model.fact import Form
from asbuilt.reading.code.tokens import Code, Kind
from asbuilt.reading.code.typescript.declarations import Declaration, Range, members
from asbuilt.reading.reader import Context

_AFFIX = re.compile(
    r"^(?:seed|mock|test|sample|initial|default|demo|fixture|dummy|fake)s?(?=[A-Z_])_?|(?<=\w)_?(?:Seeds?|Fixtures?|Data|Mocks?|Samples?|_seed|_data)$",
    re.IGNORECASE,
)


def seed_rows(code: Code, declaration: Declaration, context: Context) -> Iterator[SeedRow]:
    """Yield a row for each object of an array that holds test data."""
    if declaration.value is None or declaration.kind != "const":
        return
    entity = _AFFIX.sub("", _AFFIX.sub("", declaration.name))
    if context.chapter != Chapter.SEEDING and entity == declaration.name:
        return
    start = declaration.value[0]
    if code.word(start) == "{":
        row = _row(code, entity, start)
        if row is not None:
            yield row
    if code.word(start) != "[" or start not in code.pairs:
        return
    for first, _ in code.split(start + 1, code.pairs[start]):
        row = _row(code, entity, first) if code.word(first) == "{" else None
        if row is not None:
            yield row


def _row(code: Code, entity: str, opening: int) -> SeedRow | None:
    """Return the row that the object at `opening` is, or None where it holds nothing plain."""
    if opening not in code.pairs or not entity:
        return None
    values = tuple(
        (member.name, _text(code, member.content))
        for member in members(code, (opening + 1, code.pairs[opening]))
        if member.content is not None and _is_plain(code, member.content)
    )
    span = code.span(opening, code.pairs[opening] + 1)
    return SeedRow(span=span, form=Form.EXAMPLE, entity=entity, values=values) if values else None


def _is_plain(code: Code, place: Range) -> bool:
    """A literal, `null`, `-1` or `new Date('…')`; anything computed is not."""
    start, end = place
    if end - start == 1:
        return code.tokens[start].kind in (Kind.STRING, Kind.NUMBER) or code.word(start) in ("true", "false", "null")
    return code.text(start, end).startswith(("-", "new Date('", 'new Date("'))


def _text(code: Code, place: Range) -> str:
    start, end = place
    if code.word(start) == "new":
        return next((code.tokens[i].value for i in range(start, end) if code.tokens[i].kind == Kind.STRING), "")
    return code.tokens[start].value if end - start == 1 else code.text(start, end)
