"""Columns that repeat another's value, and what keeps them true: `orders.user_email copies users.email, kept by a trigger`."""

import re

from asbuilt.model.entities import DenormalizedMention
from asbuilt.model.fact import Form
from asbuilt.text import Excerpt, Span

_REPEATS = (
    r"(?:is\s+)?(?:an?\s+)?(?:(?:denormali[sz]ed|redundant|cached)\s+)?(?:copies|copy\s+of|copied\s+from|duplicates?(?:\s+of)?|duplicated\s+from|mirrors|repeats|"
    r"denormali[sz]ed\s+from|redundant\s+with|taken\s+from|冗余自?|复制自?|拷贝自?|来自|来源于?|копи\w+\s+(?:из)?|дублирует|복사|중복|コピー|copia\s+de|cópia\s+de|duplica)"
)
_NAME = r"[A-Za-z_]\w*\.[A-Za-z_]\w*"
_ORIGIN = re.compile(rf"{_REPEATS}\s*[:：]?\s*`?(?P<origin>{_NAME})", re.IGNORECASE)
_COPY = re.compile(
    rf"^\W*(?P<entity>[A-Za-z_]\w*)\.(?P<column>[A-Za-z_]\w*)[`*]*\s*[(（:：,，=←<–—-]*\s*(?:{_REPEATS}\s*[:：]?|←|<-)\s*`?(?P<origin>{_NAME})",
    re.IGNORECASE,
)
_COLUMN = re.compile(r"^\W*(?P<entity>[A-Za-z_]\w*)\.(?P<column>[A-Za-z_]\w*)(?![\w.(])")
_KEEPER = re.compile(
    r"(?:\b(?:kept|maintained|updated|synced|synchroni[sz]ed|refreshed|filled|recomputed)\b[^.;,。]{0,24}?\b(?:by|via|with|through)\b|\bkeeper\s*[:：])"
    r"\s*(?:(?:the|an?)\s+)?(?P<keeper>[^.;,。，()\n]+)|(?:由|通过)\s*(?P<other>[^,，。;；]+?)\s*(?:维护|更新|同步|保持)",
    re.IGNORECASE,
)
_TITLE = re.compile(r"denormali[sz]|反范式|冗余|비정규화|денормализ|非正規化|desnormaliza", re.IGNORECASE)


def copies_in(text: Excerpt, title: str) -> tuple[DenormalizedMention, ...]:
    """Return the copy that a bullet or a sentence states: one that names its origin, or stands under a heading about copies."""
    found = _COPY.match(text.text) or (_COLUMN.match(text.text) if _TITLE.search(title) else None)
    if found is None:
        return ()
    rest = text.text[found.end("column") :]
    return (
        DenormalizedMention(
            span=text.strip().span(),
            form=Form.LISTING,
            entity=found["entity"],
            column=found["column"],
            origin=found.groupdict().get("origin") or _origin(rest),
            keeper=keeper_in(rest),
        ),
    )


def added_copy(table: str, column: str, words: str, span: Span) -> DenormalizedMention | None:
    """Return the copy that `ALTER TABLE … ADD COLUMN` makes, where the comments beside it name the origin."""
    origin = _origin(words)
    if origin is None:
        return None
    return DenormalizedMention(
        span=span, form=Form.SQL, entity=table, column=column, origin=origin, keeper=keeper_in(words)
    )


def keeper_in(words: str) -> str | None:
    """Return what `words` say keeps a copy true (`trigger sync_user_email`), or None where they do not say."""
    found = _KEEPER.search(words)
    return (found["keeper"] or found["other"]).strip(" `*") if found else None


def _origin(words: str) -> str | None:
    found = _ORIGIN.search(words)
    return found["origin"] if found else None
