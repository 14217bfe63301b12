"""What is encrypted or hashed, where and how."""

import re
from functools import lru_cache

from asbuilt.evidence import Chapter
from asbuilt.model.chapters import Encryption
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.chapters.entries import Entry
from asbuilt.reading.reader import Context

_WORDS = re.compile(
    r"encrypt|decrypt|cipher|\bTLS\b|\bSSL\b|\bAES\b|AES-?\d|\bKMS\b|\bhash|bcrypt|argon2|scrypt|pbkdf|pgcrypto|加密|哈希|散列|암호화|해시|шифрован|"
    r"хеширован|хэширован|暗号|ハッシュ|cifrad|criptograf|verschl[üu]ssel|chiffr|şifrele|enkripsi",
    re.IGNORECASE,
)
_SCOPES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (scope, re.compile(words, re.IGNORECASE))
    for scope, words in (
        (
            "in transit",
            r"in[ -]transit|\bTLS\b|\bSSL\b|https|传输|傳輸|전송|передач|転送|通信|tránsito|trânsito|übertragung",
        ),
        (
            "application level",
            r"application[ -]level|app[ -]level|\bhash|bcrypt|argon2|scrypt|pbkdf|field-level|应用层|哈希|애플리케이션|해시|хеш|хэш|ハッシュ",
        ),
        ("column level", r"column[- ]level|列级|컬럼 ?수준|列レベル"),
        ("at rest", r"at[ -]rest|\bdisk\b|静态|靜態|存储|저장|хранени|保管|保存|reposo|repouso|ruhend"),
    )
)
_FIELD = re.compile(r"[a-z_]\w*\.[a-z_]\w*", re.IGNORECASE)
_CHAPTERS = frozenset({Chapter.SECURITY, Chapter.PRIVACY, Chapter.BACKUP, Chapter.FILES})


@lru_cache(maxsize=4096)
def _is_titled(title: str) -> bool:
    return _WORDS.search(title) is not None


def read_encryption(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """One fact for each scope that a line names (`at rest`), in a chapter about protection; elsewhere it must also say what."""
    text = entry.words
    is_under = _is_titled(entry.title)
    is_spoken_of = _WORDS.search(text) is not None
    if not is_under and not is_spoken_of:
        return ()
    scopes = [name for name, words in _SCOPES if words.search(text)]
    is_protected = context.chapter in _CHAPTERS or is_under
    if not scopes and not (is_spoken_of and is_protected):
        return ()
    field = next((code.text for code in entry.codes if _FIELD.fullmatch(code.text)), None)
    found = [field] if field else scopes or [""]
    return tuple(Encryption(span=entry.span, form=Form.LISTING, scope=scope, text=text) for scope in found)
