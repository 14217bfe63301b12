"""The keys of an index as documents list them: `(user_id, created_at DESC)`, `lower(email)`, `title、language`."""

import re
from collections.abc import Sequence

from asbuilt.model.entities import IndexKey
from asbuilt.reading.phrases.pieces import bare, split
from asbuilt.text import Excerpt

_KEY = re.compile(
    r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:\s+(?P<opclass>[a-z_]+_ops))?(?:\s*(?P<order>ASC|DESC|↓|↑))?(?:\s+NULLS\s+(?:FIRST|LAST))?",
    re.IGNORECASE,
)
_EXPRESSION = re.compile(r"[A-Za-z_]\w*\s*\(.*\)|.+(?:->>?|\|\||::).+", re.DOTALL)
METHODS = {
    "btree": "btree", "b-tree": "btree", "b+tree": "btree", "btrees": "btree", "hash": "hash", "gin": "gin", "gist": "gist",
    "spgist": "spgist", "sp-gist": "spgist", "brin": "brin", "fulltext": "gin", "full-text": "gin", "full text": "gin",
    "ivfflat": "ivfflat", "hnsw": "hnsw",
}  # fmt: skip
_METHOD = re.compile(
    "|".join(rf"(?<![a-z]){re.escape(word)}(?![a-z])" for word in sorted(METHODS, key=len, reverse=True)), re.IGNORECASE
)
FUNCTIONS = frozenset(
    [
        "lower",
        "upper",
        "date",
        "date_trunc",
        "coalesce",
        "to_tsvector",
        "md5",
        "trim",
        "extract",
        "abs",
        "length",
        "concat",
    ]
)
_UNIQUE = re.compile(
    r"\bunique\b|唯一|уникальн|유니크|고유|ユニーク|一意|\búnic[oa]\b|benzersiz|\bunik\b", re.IGNORECASE
)


def keys_in(excerpt: Excerpt, separators: str = ",，、+;；") -> tuple[IndexKey, ...] | None:
    """Return the keys that `excerpt` lists, or None where a piece is no key. Brackets around the list are left out."""
    text = _unbracketed(excerpt.strip())
    keys = [_key(bare(piece)) for piece in split(text, separators)]
    return tuple(key for key in keys if key) if keys and all(keys) else None


def _unbracketed(text: Excerpt) -> Excerpt:
    trimmed = bare(text)
    if trimmed.text[:1] in "(（[" and trimmed.text[-1:] in ")）]" and trimmed.text:
        return trimmed.cut(1, len(trimmed.text) - 1)
    return trimmed


def _key(piece: Excerpt) -> IndexKey | None:
    simple = _KEY.fullmatch(piece.text)
    if simple:
        name = piece.cut(*simple.span("name"))
        is_descending = (simple["order"] or "").upper() in ("DESC", "↓")
        return IndexKey(name.text, name.span(), is_descending=is_descending, opclass=simple["opclass"])
    if _EXPRESSION.fullmatch(piece.text) and not re.search(r"[\u3000-\uffff]", piece.text):
        return IndexKey(piece.text, piece.span(), is_expression=True)
    return None


def groups_in(excerpt: Excerpt) -> Sequence[Excerpt]:
    """Return what an index each stands on in `email, (user_id, created_at)`: pieces outside brackets."""
    return split(excerpt, ",，、;；")


def method_in(text: str) -> str | None:
    """Return the access method that `text` names, as PostgreSQL calls it."""
    found = _METHOD.search(text)
    return METHODS[found[0].lower()] if found else None


def says_unique(text: str) -> bool:
    return _UNIQUE.search(text) is not None
