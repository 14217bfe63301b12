"""What comments in SQL say: titles, the index that serves a query, targets, lists of values, elisions."""

import re
from collections.abc import Iterator

from asbuilt.model.fact import Stated
from asbuilt.model.types import Family
from asbuilt.reading.phrases.quantities import milliseconds
from asbuilt.reading.sql.lexing import Token, comment_text
from asbuilt.text import Excerpt, Span

_SERVED = re.compile(
    r"\b(?:optimi[sz]ed\s+(?:by|with|using)|(?:uses?|using|served\s+by|backed\s+by|supported\s+by|covered\s+by|relies\s+on)\s*(?:the\s+)?(?:index(?:es)?)?"
    r"|index(?:es)?(?:\s+used)?)\s*[:：]|\b(?:optimi[sz]ed\s+by|served\s+by|uses?\s+(?:the\s+)?index(?:es)?)\s+"
    r"|(?:使用索引|索引|インデックス|индекс\w*|인덱스|índices?)\s*[:：]",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z_][\w$.]*")
_JOINT = re.compile(r"[,+&/、]|\band\b")
_PLAIN = frozenset(
    {
        "on",
        "and",
        "or",
        "the",
        "index",
        "indexes",
        "for",
        "with",
        "primary",
        "key",
        "scan",
        "only",
        "none",
        "unique",
        "composite",
    }
)
_TARGET = re.compile(
    r"(?:\btarget\b|\bp\d\d\b|\bSLA\b|\bSLO\b|\blatency\b|\bexpected\b|\bresponse\b|<=?|under|目标|延迟|цель|目標)[^\n]*?\d[^\n]*?(?:ms|µs|us|s|sec|seconds?|millis\w*|毫秒|秒|мс)\b",
    re.IGNORECASE,
)
_QUOTED_LIST = re.compile(r"(?:'[^'\n]*'|\"[^\"\n]*\")(?:\s*(?:[,|/]|,?\s+or)\s*(?:'[^'\n]*'|\"[^\"\n]*\"))+")
_LEAD = re.compile(
    r"^(?:enum|allowed(?:\s+values)?|values?|one\s+of|status|type|options?|可选值|取值|枚举|значения)\s*[:：]\s*",
    re.IGNORECASE,
)
_VALUE = r"[^\W\d][\w-]*"
_BARE_LIST = re.compile(rf"^{_VALUE}(?:\s*(?P<mark>[,|/])\s*{_VALUE})(?:\s*(?P=mark)\s*{_VALUE})*\.?$")
_OPEN = re.compile(r"\be\.?g\b|such as|for example|\betc\b|\.\.\.|…|例如|например", re.IGNORECASE)
_ATTRIBUTES = frozenset(
    ["nullable", "optional", "required", "unique", "indexed", "encrypted", "hashed", "pii", "sensitive", "deprecated", "json", "utc", "primary", "key", "pk", "fk", "foreign", "null", "auto", "generated", "internal", "immutable", "readonly", "phi", "gdpr", "masked", "personal", "secret", "denormalized", "computed", "cached"]
)  # fmt: skip
_ELIDED = re.compile(
    r"\W*(?:\.{3,}|…)|(?:and\s+)?(?:other|more|additional|remaining|rest\s+of(?:\s+the)?)\s+(?:columns?|fields?|attributes?)\b",
    re.IGNORECASE,
)
PERSONAL = re.compile(
    r"\bPII\b|\bPHI\b|personal(?:ly)?\s+(?:data|identif\w+)|个人信息|个人数据|персональн\w+|dados\s+pessoais",
    re.IGNORECASE,
)
_TEXTUAL = (Family.STRING, Family.ENUM, Family.OTHER)


def words_of(text: str, comments: tuple[Token, ...]) -> str:
    """Return the words of several comments, those that name an index or target left out, joined by spaces."""
    found = (comment_text(text[c.start : c.end]) for c in comments)
    return " ".join(words for words in found if words and not speaks_of_index(words) and not _TARGET.search(words))


def speaks_of_index(comment: str) -> bool:
    """Tell whether a comment says which index serves a query."""
    return _SERVED.search(comment) is not None


def served_by(body: Excerpt, comments: tuple[Token, ...]) -> tuple[tuple[str, Span], ...]:
    """Return the indexes that comments say serve a query, each with its place."""
    found: list[tuple[str, Span]] = []
    for comment in comments:
        lead = _SERVED.search(body.text, comment.start, comment.end)
        if lead is not None:
            found += _listed(body, lead.end(), comment.end)
    return tuple(found)


def _listed(body: Excerpt, start: int, end: int) -> Iterator[tuple[str, Span]]:
    """Yield the names of a list; it ends where a name follows another without a comma or an `and`."""
    last: int | None = None
    for name in _NAME.finditer(body.text, start, end):
        if name[0].lower() in _PLAIN:
            continue
        if last is not None and not _JOINT.search(body.text, last, name.start()):
            return
        last = name.end()
        word = name[0].rstrip(".")
        yield word, body.span(name.start(), name.start() + len(word))


def target_ms(body: Excerpt, comments: tuple[Token, ...]) -> float | None:
    """Return the latency that comments state for a query, in milliseconds."""
    texts = (comment_text(body.text[c.start : c.end]) for c in comments)
    return next((milliseconds(text) for text in texts if _TARGET.search(text)), None)


def values_listed(comment: Excerpt, family: Family) -> Stated[tuple[str, ...]] | None:
    """Return the allowed values that a column's comment lists (`'Post', 'User'`, `INSERT, UPDATE, DELETE`), if it does."""
    if _OPEN.search(comment.text) or family not in _TEXTUAL:
        return None
    quoted = _QUOTED_LIST.search(comment.text)
    if quoted:
        values = tuple(v[1:-1] for v in re.findall(r"'[^']*'|\"[^\"]*\"", quoted[0]))
        return Stated(values, comment.span(*quoted.span()))
    lead = _LEAD.match(comment.text)
    start = lead.end() if lead else 0
    if not _BARE_LIST.match(comment.text[start:]):
        return None
    values = tuple(re.findall(_VALUE, comment.text[start:]))
    if any(v.lower() in _ATTRIBUTES for v in values):
        return None
    return Stated(values, comment.span(start, start + len(comment.text[start:].rstrip("."))))


def is_elision(comment: str) -> bool:
    """Tell whether a comment stands for columns left out (`-- ... other columns`)."""
    return _ELIDED.match(comment_text(comment)) is not None
