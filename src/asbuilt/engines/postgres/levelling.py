"""One expression, one text: where PostgreSQL deparses the same thing in two ways, the one that it comes to in the end.

`status IN ('a', 'b')` over a `varchar` becomes `ANY ((ARRAY['a'::character varying, …])::text[])`; that text, parsed again as
happens when the column's type changes or a dump is restored, becomes `ANY (ARRAY[('a'::character varying)::text, …])`.
`a BETWEEN 1 AND 9 AND b` becomes `((a >= 1) AND (a <= 9)) AND b`, and that, parsed again, one `AND` of three.
"""

import re

_ELEMENT = r"'(?:[^']|'')*'::character varying(?:\(\d+\))?"
_LIST = rf"{_ELEMENT}(?:, {_ELEMENT})*"
_COERCED = re.compile(rf"\(ARRAY\[(?P<plain>{_LIST})\]\)::text\[\]|ARRAY\[(?P<pretty>{_LIST})\]::text\[\]")
_EACH = re.compile(_ELEMENT)
_NESTED = re.compile(r"\)\)? (?:AND|OR) ")
_MARK = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[()]| (?:AND|OR)\s+")


def levelled(definition: str) -> str:
    """Return a deparsed definition as it reads once it has been parsed again."""
    if "]::text[]" in definition or "])::text[]" in definition:
        definition = _COERCED.sub(_again, definition)
    return _flat(definition) if len(_NESTED.findall(definition)) > 1 else definition


def _again(found: re.Match[str]) -> str:
    if found["pretty"]:
        return "ARRAY[" + _EACH.sub(r"\g<0>::text", found["pretty"]) + "]"
    return "ARRAY[" + _EACH.sub(r"(\g<0>)::text", found["plain"]) + "]"


def _flat(text: str) -> str:
    """Return the text without the brackets around a first operand that is joined by the same word itself."""
    gone: set[int] = set()
    stack: list[_Group] = [_Group(-1)]
    for mark in _MARK.finditer(text):
        word = mark[0].strip()
        if word == "(":
            stack.append(_Group(mark.start()))
        elif word == ")" and len(stack) > 1:
            closed = stack.pop()
            stack[-1].last = (closed, mark.start())
        elif word in ("AND", "OR"):
            group = stack[-1]
            if not group.word and group.last and _is_first(text, group, mark.start(), word):
                gone |= {group.last[0].start, group.last[1]}
            group.word = group.word or word
    return "".join(char for at, char in enumerate(text) if at not in gone) if gone else text


class _Group:
    """What stands between two brackets: where it opens, the word that joins it, and the last group closed in it."""

    __slots__ = ("last", "start", "word")

    def __init__(self, start: int) -> None:
        self.start = start
        self.word = ""
        self.last: tuple[_Group, int] | None = None


def _is_first(text: str, group: _Group, joined_at: int, word: str) -> bool:
    """Tell whether the last group closed is the whole first operand, and joined by the same word."""
    assert group.last is not None
    inner, end = group.last
    before = text[group.start + 1 : inner.start] if group.start >= 0 else text[: inner.start]
    is_alone = not before.strip() or (group.start < 0 and before.endswith(("WHERE ", "CHECK ", "ON ", "HAVING ")))
    return is_alone and end + 1 == joined_at and inner.word == word


def levelled_if_any(definition: str | None) -> str | None:
    return None if definition is None else levelled(definition)
