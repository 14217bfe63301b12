"""The fields that a rule speaks of: `users.email`, `orders.(user_id, sku)`, `post.slug + post.language`, `email`."""

import re

from msgspec import Struct

from asbuilt.text import Excerpt

_ONE = r"(?:\([^()]*\)|[`\"*]*[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*|\.?\s?\([^()]*\))*[`\"*]*)"
_SUBJECTS = re.compile(rf"\s*(?P<list>{_ONE}(?:\s*(?:[+＋&、,，]|\band\b|和|与)\s*{_ONE})*)\s*")
_GROUP = re.compile(r"\s*(?:[、,，;；]|\band\b|和|与)\s*(?![^()]*\))")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Subject(Struct, frozen=True):
    """Fields of one entity that are spoken of together. `entity` is empty where the text does not name it."""

    entity: str
    columns: tuple[str, ...]
    text: Excerpt


def subjects_in(excerpt: Excerpt) -> tuple[tuple[Subject, ...], Excerpt]:
    """Return the groups of fields at the start of `excerpt`, and the words that follow."""
    found = _SUBJECTS.match(excerpt.text)
    if not found:
        return (), excerpt
    groups: list[Subject] = []
    start, end = found.span("list")
    cuts = [start, *(at for m in _GROUP.finditer(excerpt.text, start, end) for at in m.span()), end]
    for low, high in zip(cuts[::2], cuts[1::2], strict=True):
        group = _group(excerpt.cut(low, high), groups[-1].entity if groups else "")
        if group is not None:
            groups.append(group)
    return tuple(groups), excerpt.cut(found.end(), len(excerpt.text))


def _group(text: Excerpt, entity: str) -> Subject | None:
    columns: list[str] = []
    for part in re.split(r"\s*[+＋&]\s*", text.text):
        owner, names = _split(part.strip('`"* '))
        entity = owner or entity
        columns += names
    return Subject(entity, tuple(columns), text) if columns else None


def _split(part: str) -> tuple[str, list[str]]:
    """`orders.user_id`, `orders.(user_id, sku)`, `orders(user_id, sku)` and a bare `user_id`."""
    bracket = re.fullmatch(r"(?:(?P<entity>[A-Za-z_][\w.]*?)\.?\s*)?\((?P<names>[^()]*)\)", part)
    if bracket:
        return (bracket["entity"] or "").rsplit(".", 1)[-1], _NAME.findall(bracket["names"])
    pieces = part.split(".")
    return (pieces[-2] if len(pieces) > 1 else ""), [pieces[-1]] if _NAME.fullmatch(pieces[-1]) else []
