"""Fields in one line: `id, email (unique), name?, created_at timestamptz`."""

import re

from asbuilt.model.entities import FieldMention
from asbuilt.model.fact import Form, Stated
from asbuilt.model.revising import revised
from asbuilt.reading.phrases.field_phrases import Understanding, apply_phrases, finished
from asbuilt.reading.phrases.pieces import bare, split
from asbuilt.reading.tables.field_cells import read_type, understand
from asbuilt.text import Excerpt

_FIELD = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<mark>\s*[?!*])?(?P<rest>(?:\s*[:：(（\[\s→-].*)?)", re.DOTALL)
_ELISION = re.compile(r"(?:\.{2,}|…|etc\.?|等(?:等)?|и т\.?\s?д\.?|и др\.?|기타|など|others?)[.。]?", re.IGNORECASE)


def listed_fields(excerpt: Excerpt, form: Form, separators: str = ",，、;；\n") -> tuple[FieldMention, ...] | None:
    """Return the fields of a list in one line, or None where a piece of it is no field. `…` is left out."""
    text = excerpt.strip()
    if text.text[:1] in ("(", "{", "[") and text.text[-1:] in (")", "}", "]"):
        text = text.cut(1, len(text.text) - 1)
    pieces = [piece for piece in split(text, separators) if not _ELISION.fullmatch(piece.text)]
    fields: list[FieldMention] = []
    for piece in pieces:
        field = field_in(bare(piece), form)
        if field is None:
            return None
        fields.append(field)
    return tuple(fields) or None


def field_in(piece: Excerpt, form: Form) -> FieldMention | None:
    """Return the field that a piece of a list describes (`email (unique)`, `total decimal(10,2)`), or None."""
    found = _FIELD.fullmatch(piece.text)
    if not found:
        return None
    known = understand(piece.cut(*found.span("name")), (), piece.span(), form)
    rest = trimmed(piece.cut(*found.span("rest")))
    if rest.text:
        known = read_remarks(known, rest)
        if _says_nothing(known):
            return None
    if (found["mark"] or "").strip() == "?" and known.field.is_nullable is None:
        known = revised(known, field=revised(known.field, is_nullable=Stated(True, piece.span())))
    return finished(known)


def read_remarks(known: Understanding, rest: Excerpt) -> Understanding:
    """Read what follows a field's name: a type first, constraints, in brackets or not."""
    known = read_type(known, rest)
    for piece in split(rest, ",，、;；|\n"):
        inner = trimmed(piece)
        if known.field.type is None:
            known = read_type(known, inner)
        known = apply_phrases(known, inner)[0]
    return known


def trimmed(rest: Excerpt) -> Excerpt:
    """Return `rest` without a leading colon or dash and the brackets around all of it."""
    text = rest.strip()
    while text.text and text.text[0] in ":：-–— ":
        text = text.cut(1, len(text.text)).strip()
    if text.text[:1] in ("(", "（", "[") and text.text[-1:] in (")", "）", "]"):
        text = text.cut(1, len(text.text) - 1).strip()
    return text


def _says_nothing(known: Understanding) -> bool:
    """Words behind a name of which nothing could be understood: then it was no field."""
    field = known.field
    stated = (
        field.type,
        field.is_nullable,
        field.is_primary,
        field.is_unique,
        field.is_indexed,
        field.default,
        field.references,
    )
    more = (field.values, field.check, field.max_length, field.generated, field.is_foreign_key)
    return all(value is None for value in (*stated, *more)) and known.together is None
