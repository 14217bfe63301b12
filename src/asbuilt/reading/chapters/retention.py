"""How long something is kept: `Retention period: 30 days`, `audit logs: 7 years`."""

import re
from functools import lru_cache

from asbuilt.model.chapters import Retention
from asbuilt.model.fact import Form
from asbuilt.reading.chapters.aging import aged, fate_of
from asbuilt.reading.chapters.entries import Entry
from asbuilt.reading.phrases.pieces import split
from asbuilt.reading.phrases.quantities import duration
from asbuilt.reading.reader import Context
from asbuilt.text import Excerpt

WORDS = re.compile(
    r"retention|retain(?:ed)?\b|\bkept\b|\bkeep\b|\bstored for\b|\bpurged? after|\bdeleted? after|\barchived? after|\bexpires? after|\b(?:deleted?|removed?|purged?|anonymi[sz]ed) within|удал\w+ (?:через|после)|后(?:自动)?删除|삭제|保留|保存|"
    r"留存|保持期間|보존|보관|хран|retenci|retenç|conservaci|conserv(?:an?\b|ad[oa]|ar\b)|aufbewahr|saklama|penyimpanan|rétention",
    re.IGNORECASE,
)
# A part of any of them, each opened by a letter of its own: looked for in a tenth of the time.
_LIKELY = re.compile(
    "ret|kept|keep|stored for|after|within|удал|后|삭제|保|留存|보|хран|conserv|aufbewahr|saklama|penyimpanan|rét"
)
_GENERIC = re.compile(
    r"^(?:data )?(?:retention|retain|keep|kept)(?: period| policy| time)?$|^保留(?:期|时间|期限|策略)?$|^보존 ?기간$",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?P<name>[^\d:：]*[^\W\d_])\s*[:：(（]?\s*\d")
_FILLER = re.compile(
    r"\b(?:at least|for|up to|min(?:imum)?|max(?:imum)?|about|approx\w*|around|not less than|after|every)\b|至少|约|最多|不少于|не менее|до\b|최소|最低",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\W*(?:keep|retain|store|preserve)\s+(?:the\s+|all\s+)?(?P<subject>[^.;:,]{2,60}?)\s+(?:for|at least|up to|until)\b",
    re.IGNORECASE,
)
_COPULA = re.compile(r"\s+(?:is|are|will be|must be|se)$", re.IGNORECASE)
FOREVER = re.compile(
    r"\b(?:forever|indefinite(?:ly)?|permanent(?:ly)?|never deleted|unlimited)\b|永久|영구|бессрочно|永続",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def _is_titled(title: str) -> bool:
    return WORDS.search(title) is not None


def read_retention(entry: Entry, context: Context) -> tuple[Retention, ...]:
    """A line under a heading about retention that states a time, or any line with a word for it and a time."""
    if old := aged(entry.words):
        return (_retention(entry, context, *old),)
    is_spoken_of = _LIKELY.search(entry.text.text.lower()) and WORDS.search(entry.text.text)
    if not is_spoken_of and not _is_titled(entry.title):
        return ()
    if entry.key and _GENERIC.match(entry.key.text.strip()) and (parts := _parts(entry.value, context)):
        return parts
    length = _length(entry.value.text)
    if length is None and not FOREVER.search(entry.value.text):
        return ()
    return (_retention(entry, context, _subject(entry), length),)


def _retention(entry: Entry, context: Context, subject: str, seconds: int | None) -> Retention:
    text = entry.words
    return Retention(
        span=entry.span,
        form=Form.LISTING,
        subject=subject,
        seconds=seconds,
        text=text,
        chapter=context.chapter,
        fate=fate_of(text),
    )


def _length(text: str) -> int | None:
    """The time behind the word for keeping, else the first one (`每小时一次，保留 30 天` is 30 days)."""
    word = WORDS.search(text)
    behind = duration(text[word.end() :]) if word else None
    return behind if behind is not None else duration(text)


def _parts(value: Excerpt, context: Context) -> tuple[Retention, ...]:
    """`logs 30d; sessions 7 days`: each part that names something and how long."""
    found = []
    for piece in split(value):
        named = _NAMED.match(piece.text)
        if (
            named
            and not _FILLER.search(named["name"])
            and not WORDS.search(named["name"])
            and (length := duration(piece.text)) is not None
        ):
            found.append(
                Retention(
                    span=piece.span(),
                    form=Form.LISTING,
                    subject=named["name"],
                    seconds=length,
                    text=piece.text,
                    chapter=context.chapter,
                    fate=fate_of(piece.text),
                )
            )
    return tuple(found)


def _subject(entry: Entry) -> str:
    if asked := _ASKED.match(entry.text.text):
        return asked["subject"]
    if entry.key and not _GENERIC.match(entry.key.text.strip()):
        return entry.key.text
    if entry.key is None and (match := WORDS.search(entry.text.text)) and match.start() > 2:
        return _COPULA.sub("", entry.text.text[: match.start()].strip(" -,，:："))
    return entry.subject
