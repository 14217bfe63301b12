"""One expression, one text: where PostgreSQL deparses the same thing in two ways, the one that it comes to in the end.

`status IN ('a', 'b')` over a `varchar` becomes `ANY ((ARRAY['a'::character varying, …])::text[])`; that text, parsed again as
happens when the column's type changes or a dump is restored, becomes `ANY (ARRAY[('a'::character varying)::text, …])`.
"""

import re

_ELEMENT = r"'(?:[^']|'')*'::character varying(?:\(\d+\))?"
_LIST = rf"{_ELEMENT}(?:, {_ELEMENT})*"
_COERCED = re.compile(rf"\(ARRAY\[(?P<plain>{_LIST})\]\)::text\[\]|ARRAY\[(?P<pretty>{_LIST})\]::text\[\]")
_EACH = re.compile(_ELEMENT)


def levelled(definition: str) -> str:
    """Return a deparsed definition as it reads once it has been parsed again."""
    return _COERCED.sub(_again, definition) if "]::text[]" in definition or "])::text[]" in definition else definition


def _again(found: re.Match[str]) -> str:
    if found["pretty"]:
        return "ARRAY[" + _EACH.sub(r"\g<0>::text", found["pretty"]) + "]"
    return "ARRAY[" + _EACH.sub(r"(\g<0>)::text", found["plain"]) + "]"


def levelled_if_any(definition: str | None) -> str | None:
    return None if definition is None else levelled(definition)
