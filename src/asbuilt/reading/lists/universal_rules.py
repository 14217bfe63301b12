"""Sentences about all tables: `all tables have id, created_at and updated_at`, `所有表都包含 …`."""

import re

from asbuilt.model.entities import UniversalRule
from asbuilt.model.fact import Form
from asbuilt.text import Excerpt

_ALL = re.compile(
    r"\b(?:all|every|each)\s+(?:(?:of\s+)?(?:the|our)\s+)?(?:\w+\s+)?(?:tables?|entit(?:y|ies)|models?|collections?)\b|(?:所有|全部|每个|每张)(?:的)?(?:数据)?(?:表|实体)|"
    r"(?:все|каждая)\s+таблиц\w*|모든\s*(?:테이블|엔티티)|(?:すべて|全て|全)の?(?:テーブル|エンティティ)|tod[ao]s\s+[al][ao]?s\s+(?:tablas|tabelas|entidades)|"
    r"tüm\s+tablolar\w*|her\s+tablo\w*|semua\s+tabel|setiap\s+tabel|alle\s+tabellen|toutes\s+les\s+tables",
    re.IGNORECASE,
)
_NOUN = re.compile(
    "table|entit|model|collection|表|实体|таблиц|테이블|엔티티|テーブル|エンティティ|tablas|tabel|entidades|tablo"
)  # one of them stands in whatever `_ALL` finds, and is looked for in a tenth of the time
_HAVE = re.compile(
    r"\b(?:ha(?:ve|s)|includes?|contains?|carry|carries|uses?|share|get|must\s+(?:have|include|contain))\b|包含|都有|包括|具有|含有|содерж\w+|имеют|имеет|"
    r"가진다|포함|갖는다|있다|持つ|持ち|含む|tienen|contienen|incluyen|possuem|têm|contêm|incluem|içerir|sahip|memiliki|mempunyai|haben|enthalten|ont\b|contiennent",
    re.IGNORECASE,
)
_EXCEPT = re.compile(
    r"\b(?:except(?:\s+for)?|excluding|other\s+than|apart\s+from)\b|除了?|кроме|제외|を除く|excepto|exceto|hariç|kecuali|außer|sauf",
    re.IGNORECASE,
)
_COLUMN = re.compile(
    r"(?<![A-Za-z0-9_.])(?:[a-z][a-z0-9]*(?:_[a-z0-9]+)+|[a-z]+(?:[A-Z][a-z0-9]+)+|id|uuid)(?![A-Za-z0-9_(])"
)
_NAME = re.compile(r"(?<![A-Za-z0-9_])[A-Za-z_][A-Za-z0-9_]*(?![A-Za-z0-9_])")
_NOT_NAMES = frozenset(["and", "or", "the", "table", "tables", "for", "y", "e", "и", "join", "junction"])
_SENTENCE = re.compile(r"[^.。!！\n]+(?:\.(?=\w)[^.。!！\n]*)*[.。!！]?")


def rules_in(text: Excerpt) -> tuple[UniversalRule, ...]:
    """Return the rules about all entities that `text` states, one a sentence."""
    if not _NOUN.search(text.text.lower()):
        return ()
    found = (_rule(text.cut(*m.span()).strip()) for m in _SENTENCE.finditer(text.text) if _ALL.search(m[0]))
    return tuple(rule for rule in found if rule)


def _rule(sentence: Excerpt) -> UniversalRule | None:
    every = _ALL.search(sentence.text)
    have = _HAVE.search(sentence.text)
    if not every or not have:
        return None
    cut = _EXCEPT.search(sentence.text)
    before = sentence.text[: cut.start()] if cut and cut.start() > every.start() else sentence.text
    columns = tuple(dict.fromkeys(_COLUMN.findall(before)))
    if "id" in columns:
        columns = tuple(column for column in columns if column != "uuid")
    if not columns:
        return None
    named = _NAME.findall(sentence.text[cut.end() :]) if cut else []
    exceptions = tuple(n for n in named if n.lower() not in _NOT_NAMES and n not in columns)
    return UniversalRule(
        span=sentence.span(), form=Form.PROSE, text=sentence.text, columns=columns, exceptions=exceptions
    )
