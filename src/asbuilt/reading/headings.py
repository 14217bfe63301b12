"""Headings and labels that name an entity: what exactly the name is, or that there is none."""

import re
from functools import lru_cache

from asbuilt.model.names import words
from asbuilt.reading.chapter_names import chapter_named
from asbuilt.text import Excerpt

_NUMBER = re.compile(r"^\s*(?:(?:\d+(?:\.\d+)*|[IVX]+|[A-Z])[.)、:]?\s+|\d+(?:\.\d+)*[.)、]\s*)")
_GLOSS = re.compile(r"\s*(?:[-–—:：|]\s|[(（\[【]|\s[-–—]{1,2}\s).*$", re.DOTALL)
_NOUNS = "table|tables|entity|collection|model|таблица|сущность|tabela|tabla|tabel|tablo|entidade|entidad|表|資料表|テーブル|테이블"
_NOUN = re.compile(rf"^(?:the\s+)?(?:{_NOUNS})(?:\s+\d+(?:\.\d+)*\s*[:：.]|\s*[:：]|\s)\s*", re.IGNORECASE)
_TAIL = re.compile(
    r"\s*(?:tables?|entit(?:y|ies)|collections?|models?|schema|表|資料表|テーブル|테이블|엔티티|таблица)\s*$",
    re.IGNORECASE,
)
_NAME = re.compile(r"^[A-Za-z_][\w.$]*(?:[ -][A-Za-z_]\w*){0,2}$", re.ASCII)
_CODE = re.compile(r"`([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)`", re.ASCII)
_BRACKETED = re.compile(r"[(（\[【]\s*([A-Za-z_]\w*)\s*[)）\]】]", re.ASCII)
_BESIDE_NOUN = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\s*(?:테이블|资料表|資料表|数据表|表|テーブル|таблиц)", re.ASCII)

_GENERIC = frozenset(
    "core main common shared base basic general key other additional entity entities table tables field fields column columns "
    "attribute attributes schema schemas data database databases db model models definition definitions specification "
    "specifications description details overview purpose example examples notes note structure design diagram summary list "
    "reference types type sql nosql implementation index indexes indices relationship relationships relations constraint "
    "constraints lifecycle values enum enums ddl erd trigger triggers function functions view views rules policies policy "
    "properties json interface typescript usage queries query management mongo mongodb dynamo dynamodb redis postgre postgresql postgres my mysql "
    "mariadb sqlite firestore firebase elasticsearch opensearch pii gdpr uniqueness polymorphic partitioned referencing self one "
    "many to introduction conclusion glossary appendix".split()
)
_PARTS = frozenset(
    "field fields column columns attribute attributes schema index indexes indices relationship relationships relations constraint "
    "constraints purpose lifecycle notes note values trigger triggers rules ddl sql definition structure description example examples "
    "properties key keys business validation uniqueness integrity checks check rule 业务规则 规则 правила 규칙 字段 字段定义 字段说明 表结构 结构 索引 约束 说明 关系 поля индексы 필드 컬럼 인덱스 フィールド カラム インデックス campos "
    "índices".split()
)
# A last word that opens a chapter or a section, where the rest speaks of one too.
_ABSTRACT = frozenset(
    "strategy strategies plan plans planning policies policy control controls security management trail testing monitoring "
    "maintenance schedule schedules procedure procedures pattern patterns optimization optimisation considerations performance "
    "integrity validation recovery backup backups caching cache migration migrations retention privacy encryption compliance keys "
    "projections projection targets partitioning indexing seeding fixtures scenarios observability versioning rollback access crud "
    "flow sources synchronization transformations uploads storage checklist steps log changelog requirements handling layer api "
    "volume metrics alerts checks erasure anonymization classification deletion search scaling sharding replication logging "
    "authentication authorization".split()
)
# A last word that never names an entity, whatever stands before it.
_SECTION = frozenset(
    "stack links operations design issues debt setup sequence fetching strategy considerations guidelines conventions principles "
    "decisions questions goals assumptions architecture procedures practices improvements enhancements overview summary".split()
)


def entity_named(title: Excerpt, raw: str = "") -> Excerpt | None:
    """Return the entity that a heading or label names, as written there, or None; `raw` has its backticks.

    `2.1 users - 用户表`, `Users Table`, `Table 1: users`, `` `public.users` 컬럼 `` and `用户表（users）` name one;
    `Core Entities` and `Backup Strategy` do not.
    """
    place = _entity_at(title.text, raw)
    return title.cut(*place) if place else None


@lru_cache(maxsize=4096)
def _entity_at(title: str, raw: str) -> tuple[int, int] | None:
    """Return where in a heading's text the name of an entity stands."""
    pointed = _collection_at(title) or _pointed_at(title, raw)
    if pointed is not None:
        return pointed
    start, end = _trim(title)
    name = title[start:end]
    return (start, end) if _NAME.match(name) and not _is_section(name, title) else None


def is_path(title: str) -> bool:
    """Tell whether a heading is a path of documents (`users/{userId}/orders/{orderId}`)."""
    return _collection_at(title) is not None


def _collection_at(title: str) -> tuple[int, int] | None:
    path = _PATH.match(title) if "/{" in title else None
    return path.span("name") if path else None


_PATH = re.compile(
    r"\s*(?:[\d.]+\s+)?(?:collection|subcollection)?\s*:?\s*[`/]*(?:[A-Za-z_]\w*/\{\w+\}/)*(?P<name>[A-Za-z_]\w*)/\{\w+\}[`/]*\s*(?:[(（:–—-].*)?$",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def names_plainly(title: str, raw: str = "") -> bool:
    """Tell whether a heading or label leaves no doubt that it names a table: a noun beside the name, backticks, `_`."""
    bare = title.rstrip(" :：*")
    return bool(_TAIL.search(bare) or _NOUN.match(bare) or _pointed_at(title, raw) or re.fullmatch(r"\w+_\w+", bare))


def names_a_part(title: str) -> bool:
    """Tell whether a heading opens a part of the entity above it (`Fields`, `索引`)."""
    bare = _NUMBER.sub("", title).strip()
    spoken = set(words(bare))
    return bare in _PARTS or (bool(spoken) and spoken <= _PARTS | {"and", "of", "the"})


def _pointed_at(text: str, raw: str) -> tuple[int, int] | None:
    """Return where an identifier stands that backticks, brackets or a noun of another script point at."""
    code = _CODE.search(raw)
    if code and (at := text.find(code[1])) >= 0:
        return at, at + len(code[1])
    bracketed = _BRACKETED.search(text)
    if bracketed and not text[: bracketed.start()].isascii():
        return bracketed.span(1)
    beside = _BESIDE_NOUN.search(text)
    return beside.span(1) if beside else None


def _trim(text: str) -> tuple[int, int]:
    """Return where the bare name stands in a heading's text: no number, noun, gloss, quotes."""
    number = _NUMBER.match(text)
    start = number.end() if number else 0
    while start < len(text) and not (text[start].isalnum() or text[start] in "_[{<("):
        start += 1
    noun = _NOUN.match(text[start:])
    start += noun.end() if noun else 0
    gloss = _GLOSS.search(text, start)
    end = gloss.start() if gloss and gloss.start() > start else len(text)
    tail = _TAIL.search(text[start:end])
    if tail and tail.start() > 0:
        end = start + tail.start()
    while end > start and text[end - 1] in " `*\"':：":
        end -= 1
    return start, end


def _is_section(name: str, title: str) -> bool:
    """`Backup Strategy` opens a section; `backup_jobs`, `User Sessions` and `Roles Table` name an entity."""
    spoken = words(name)
    if not spoken or all(word in _GENERIC for word in spoken):
        return True
    if "_" in name or _TAIL.search(title):
        return False
    if len(spoken) > 1 and spoken[-1] in _SECTION:
        return True
    return chapter_named(name) is not None and spoken[-1] in _GENERIC | _ABSTRACT
