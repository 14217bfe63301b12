"""Values in examples that are words for types: `"uuid"`, `"string | null"`, `{ … }`."""

import re

from asbuilt.model.fact import Stated
from asbuilt.model.names import words
from asbuilt.model.types import Family, TypeName, is_known, type_name
from asbuilt.reading.code.host_types import host_type
from asbuilt.reading.code.tokens import Code, Kind


def nullable_value(code: Code, start: int, end: int) -> Stated[bool] | None:
    """Tell whether a value says that it may be missing: `"string | null"`, `"string?"`."""
    words_ = [code.word(i) for i in range(start, end)]
    text = code.tokens[start].value if end - start == 1 else ""
    if (end - start > 1 and "null" in words_) or re.search(r"\|\s*null\b|\?$", text):
        return Stated(True, code.span(start, end))
    return None


def value_type(code: Code, start: int, end: int) -> TypeName | None:
    """Return the type that a value is a word for; an ordinary value tells none."""
    token = code.tokens[start]
    if token.text == "{":
        return TypeName("object", "jsonb", Family.JSON)
    if token.kind not in (Kind.STRING, Kind.WORD) or token.text in ("true", "false", "null"):
        return None
    word = re.sub(r"\s*(?:\|\s*null|\?)\s*$", "", token.value).strip()
    if not re.fullmatch(r"[A-Za-z]\w*(?:\(\d+(?:,\s*\d+)?\))?(?:\[\])?", word) or len(words(word)) > 2:
        return None
    native = type_name(word)
    is_plain = token.kind == Kind.STRING and word.lower() in (
        "name",
        "email",
        "url",
        "slug",
        "image",
        "list",
        "year",
        "value",
        "data",
    )
    return (
        None
        if is_plain
        else (native if native and is_known(word) and native.arguments else host_type(word, date_is_instant=True))
    )
