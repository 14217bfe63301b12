"""The lines of a drawing that name an entity's fields: `id (PK)`, `FK user_id`, `email: string`."""

import re

from asbuilt.model.entities import EntityMention, FieldMention
from asbuilt.model.fact import Form, Stated
from asbuilt.model.revising import revised
from asbuilt.reading.lists.listed_fields import field_in
from asbuilt.reading.reader import Context
from asbuilt.text import Excerpt, Span

LANGUAGES = frozenset({"", "text", "txt", "plain", "plaintext", "ascii", "diagram"})
_KEYS = re.compile(r"(?:[-•+*#]\s+)?(?P<keys>(?:(?:PK|FK|UK|UQ)\b[\s,:/|│]*)*)(?P<field>\S.*)")
_WALL = re.compile(r"[│┃║|]")
_KEY = re.compile(r"PK|FK|UK|UQ")
_LATER_KEY = re.compile(r"\b(?:UK|UQ)\b")
_FIELD_NAME = re.compile(r"id|uuid|\w+_(?:id|at)|\w+(?:Id|At)|name|email|title|slug|status|type")


def box_field(member: Excerpt) -> FieldMention | None:
    """Return the field that a line in a box describes (`PK id: uuid`, `email (unique)`), or None."""
    member = Excerpt(_WALL.sub(" ", member.text), member.anchors).strip() if _WALL.search(member.text) else member
    match = _KEYS.fullmatch(member.text)
    found = field_in(member.cut(*match.span("field")), Form.BOX) if match else None
    if match is None or found is None:
        return None
    keys = {key.group(): member.span(*key.span()) for key in _KEY.finditer(member.text, *match.span("keys"))}
    later = _LATER_KEY.search(member.text)
    unique = keys.get("UK") or keys.get("UQ") or (member.span(*later.span()) if later else None)
    return revised(
        found,
        span=member.span(),
        is_primary=Stated(True, keys["PK"]) if "PK" in keys else found.is_primary,
        is_foreign_key=Stated(True, keys["FK"]) if "FK" in keys else found.is_foreign_key,
        is_unique=found.is_unique or (Stated(True, unique) if unique else None),
    )


def is_telling(mention: FieldMention) -> bool:
    """Tell whether a line in a box can only be a field: it has a type, a key, or a field's name."""
    stated = (mention.type, mention.is_primary, mention.is_foreign_key, mention.is_unique, mention.references)
    return any(stated) or bool(_FIELD_NAME.fullmatch(mention.name))


def entity_drawn(name: Excerpt, fields: list[FieldMention], context: Context) -> EntityMention:
    """Return the entity that a drawing names and the fields that it lists."""
    schema, dot, _ = name.text.rpartition(".")
    bare = name.cut(len(schema) + len(dot), len(name.text))
    return EntityMention(
        span=Span.cover([name.span(), *(f.span for f in fields)]),
        form=Form.BOX,
        name=bare.text,
        name_span=bare.span(),
        schema=schema or None,
        fields=tuple(fields),
        is_planned=context.is_planned,
        store=context.store,
    )
