"""What is encrypted or hashed, where and how."""

import re

from asbuilt.evidence import Chapter
from asbuilt.model.chapters import Encryption
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.entries import Entry
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
            r"in[ -]transit|\bTLS\b|\bSSL\b|https|传输|전송|передач|転送|通信|tránsito|trânsito|übertragung",
        ),
        (
            "application level",
            r"application[ -]level|app[ -]level|\bhash|bcrypt|argon2|scrypt|pbkdf|field-level|应用层|哈希|애플리케이션|해시|хеш|хэш|ハッシュ",
        ),
        ("column level", r"column[- ]level|列级|컬럼 ?수준|列レベル"),
        ("at rest", r"at[ -]rest|\bdisk\b|静态|存储|저장|хранени|保管|保存|reposo|repouso|ruhend"),
    )
)
_FIELD = re.compile(r"[a-z_]\w*\.[a-z_]\w*", re.IGNORECASE)
_CHAPTERS = frozenset({Chapter.SECURITY, Chapter.PRIVACY, Chapter.BACKUP, Chapter.FILES})


def read_encryption(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """A line that speaks of encryption, hashing or data at rest or in transit in a chapter about protection;
    elsewhere it must say both what and where.
    One fact for each scope that it names."""
    text = entry.text.text
    is_under = _WORDS.search(entry.title) is not None
    scopes = [name for name, words in _SCOPES if words.search(text)]
    is_spoken_of = _WORDS.search(text) is not None
    is_elsewhere = context.chapter not in _CHAPTERS and not is_under
    if (is_elsewhere and not (scopes and is_spoken_of)) or not (is_spoken_of or (is_under and scopes)):
        return ()
    field = next((code.text for code in entry.codes if _FIELD.fullmatch(code.text)), None)
    found = [field] if field else scopes or [""]
    return tuple(Encryption(span=entry.span, form=Form.LISTING, scope=scope, text=text) for scope in found)
