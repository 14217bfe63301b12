"""The type at the start of a text: `INTEGER PRIMARY KEY`, `VARCHAR(255) NOT NULL`, `Int @id`, `string | null`."""

import re
from functools import lru_cache

from asbuilt.model.types import Family, TypeName, is_known, type_name
from asbuilt.text import Excerpt

_ARGUMENTS = r"(?:\s*\(\s*\d+(?:\s*,\s*\d+)?\s*\)|<[^<>]*>)?"
_PREFIX = re.compile(
    r"^\s*(?P<type>[A-Za-z_][A-Za-z0-9_]*(?:\s+(?:varying|precision))?"
    rf"{_ARGUMENTS}(?:\s+with(?:out)?\s+time\s+zone)?(?:\s+unsigned)?(?:\s*\[\s*\d*\s*\])*"
    rf"(?:\s*/\s*[A-Za-z_][A-Za-z0-9_]*{_ARGUMENTS})*)(?P<null>\?)?(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)


_known = lru_cache(maxsize=8192)(is_known)
_named = lru_cache(maxsize=8192)(type_name)


def type_in(excerpt: Excerpt) -> tuple[TypeName, Excerpt, bool, Excerpt] | None:
    """Return the type that `excerpt` starts with, its place, whether a `?` follows, and the rest; None where there is none.

    A type that is not known counts only where nothing follows it.
    """
    text = excerpt.strip()
    if not text.text.isascii() and (spoken := _named(text.text)) and spoken.family != Family.OTHER:
        return spoken, text, False, text.cut(len(text.text), len(text.text))
    found = _PREFIX.match(text.text)
    if not found:
        return None
    written = text.cut(*found.span("type")).strip()
    rest = text.cut(*found.span("rest"))
    known = _named(written.text)
    if known is not None and known.family == Family.OTHER and written.text.endswith("s") and _known(written.text[:-1]):
        known = _named(written.text[:-1])
    if known is None or (
        known.family == Family.OTHER and (rest.text.strip(" ,;") or not _looks_like_type(written.text))
    ):
        return None
    return known, written, bool(found["null"]), rest


def _looks_like_type(text: str) -> bool:
    """A single word may be the name of an enum or a domain; a word of constraints is neither."""
    return text.upper() not in (
        "PK",
        "FK",
        "UK",
        "UNIQUE",
        "REQUIRED",
        "NULL",
        "NULLABLE",
        "OPTIONAL",
        "INDEX",
        "INDEXED",
        "YES",
        "NO",
    )


_ENUM = re.compile(r"enum\b", re.IGNORECASE)


@lru_cache(maxsize=16384)
def starts_with_type(text: str) -> bool:
    """Tell whether `text` starts with a type that is known."""
    if not text.isascii() and _known(text.strip()):
        return True
    found = _PREFIX.match(text)
    return bool(found and _known(found["type"].strip())) or _ENUM.match(text.strip()) is not None
