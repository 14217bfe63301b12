"""The enumeration or field that a heading or label names: `OrderStatus`, `order.status`, `5.1 Enum: UserRole`."""

import re
from collections.abc import Sequence

from asbuilt.document.blocks import Heading
from asbuilt.reading.phrases.placeholders import find_placeholders
from asbuilt.text import Excerpt

_NUMBER = r"^\s*(?:\d+(?:\.\d+)*[.)]?\s*)?"
_NOISE = (
    r"(?:the\s+)?(?:enum(?:eration)?s?\b|枚举|перечисление|열거형|列挙型|values?\b|取值|constants?\b|types?\s+of\b)"
)
_NAME = r"[`'\"*]*(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_]\w*)?(?:\s+[A-Za-z]\w*)?)[`'\"*]*"
_SHAPES = (
    re.compile(rf"{_NUMBER}{_NOISE}\s*[:：]?\s*(?:for\s+|of\s+)?{_NAME}\s*(?:$|[(（:：\-–—])", re.IGNORECASE),
    re.compile(
        rf"{_NUMBER}{_NAME}\s*(?:enum(?:eration)?|values?|枚举(?:值)?|取值|перечисление|열거형|列挙型)?\s*(?:$|[(（:：\-–—])",
        re.IGNORECASE,
    ),
)
_GENERIC = re.compile(
    r"(?:enums?|enumerations?|values?|constants?|allowed|possible|description|notes?|enums? and constants|data types|types)(?:\s+(?:values?|and|enums?|types?))*",
    re.IGNORECASE,
)


def enum_named(label: Excerpt | None, path: Sequence[Heading]) -> Excerpt | None:
    """Return the name that the label, else the innermost heading that names anything, gives to a list of values."""
    for title in ([label] if label else []) + [heading.text for heading in reversed(path) if heading.level > 1][:2]:
        name = name_in(title)
        if name is not None:
            return name
    return None


def name_in(title: Excerpt) -> Excerpt | None:
    if find_placeholders(title):
        return None
    for shape in _SHAPES:
        found = shape.match(title.text)
        if found and not _GENERIC.fullmatch(found["name"]):
            trimmed = re.sub(r"\s+(?:values?|enum|types)$", "", found["name"], flags=re.IGNORECASE)
            return title.cut(found.start("name"), found.start("name") + len(trimmed))
    return None
