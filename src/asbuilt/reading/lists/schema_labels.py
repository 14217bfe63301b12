"""Labels under an entity: `**Primary Key**: id`, `**Unique**: email`, `**Indexes**: email, (user_id, created_at)`."""

import re

from asbuilt.model.entities import PrimaryKeyMention, UniqueMention
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.phrases.index_phrases import in_store, listed_indexes
from asbuilt.reading.phrases.pieces import bare, is_nothing, names_in, split
from asbuilt.reading.phrases.placeholders import find_placeholders, is_placeholder
from asbuilt.reading.reader import Context
from asbuilt.text import Excerpt

LABELLED = re.compile(r"^[`*]*(?P<label>[^:：*`]{2,30})[`*]*\s*[:：]\s*[`*]*\s*(?P<value>.+)$", re.DOTALL)
_PRIMARY = re.compile(
    r"(?:composite\s+)?primary\s+keys?|主键|第?主鍵|первичный\s+ключ|기본\s?키|主キー|chave\s+primária|clave\s+primaria|PK",
    re.IGNORECASE,
)
_UNIQUE = re.compile(
    r"uniques?(?:\s+(?:constraints?|keys?|fields?|columns?))?|唯一(?:约束|键|約束)?|уникальн\w+|고유(?:\s?키)?|유니크|ユニーク|únic[oa]s?",
    re.IGNORECASE,
)
_INDEXES = re.compile(
    r"(?:recommended\s+|key\s+|important\s+|main\s+|database\s+)?ind(?:ex(?:es)?|ices)|索引|индексы?|인덱스|インデックス|indeks(?:ler)?|índices?|dizin(?:ler)?",
    re.IGNORECASE,
)
_TYPED = re.compile(r"\s*[(（].*$", re.DOTALL)


def labelled_facts(text: Excerpt, context: Context) -> tuple[Fact, ...]:
    """Return what a label line or bullet says of the entity above; nothing where the label is none of the schema's."""
    found = LABELLED.match(text.text)
    if not found or not context.entity or is_placeholder(context.entity) or find_placeholders(text):
        return ()
    label, value = found["label"].strip(), text.cut(*found.span("value"))
    if _PRIMARY.fullmatch(label):
        return _primary_key(text, value, context.entity, context)
    if _INDEXES.fullmatch(label):
        return tuple(in_store(index, context) for index in listed_indexes(value, context.entity, None))
    return _uniques(value, context.entity, context) if _UNIQUE.fullmatch(label) else ()


def is_schema_label(text: str) -> bool:
    """Tell whether a bullet is such a label, and so no field named `Indexes`."""
    found = LABELLED.match(text)
    label = found["label"].strip() if found else ""
    return any(pattern.fullmatch(label) for pattern in (_PRIMARY, _INDEXES, _UNIQUE)) and label != label.lower()


def _primary_key(text: Excerpt, value: Excerpt, entity: str, context: Context) -> tuple[Fact, ...]:
    gloss = _TYPED.search(value.text)
    names = names_in(value.cut(0, gloss.start()) if gloss and gloss.start() else value)
    if not names:
        return ()
    columns = tuple(name.text for name in names)
    return (
        PrimaryKeyMention(span=text.span(), form=Form.LISTING, entity=entity, columns=columns, store=context.store),
    )


def _uniques(value: Excerpt, entity: str, context: Context) -> tuple[Fact, ...]:
    """`email, (tenant_id, slug)`: one for each column and each bracket; nothing where a piece is neither."""
    pieces = [bare(piece) for piece in split(value) if not is_nothing(piece.text)]
    groups = [names_in(piece) for piece in pieces]
    if not all(groups):
        return ()
    return tuple(
        UniqueMention(
            span=piece.span(),
            form=Form.LISTING,
            entity=entity,
            columns=tuple(name.text for name in group or ()),
            store=context.store,
        )
        for piece, group in zip(pieces, groups, strict=True)
    )
