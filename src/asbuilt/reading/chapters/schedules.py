"""What happens again and again: backups, maintenance, imports (`Daily: Full backup`, `0 2 * * *`)."""

import re
from functools import lru_cache

from asbuilt.evidence import Chapter
from asbuilt.model.chapters import Schedule
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.chapters.entries import Entry
from asbuilt.reading.phrases.quantities import period, seconds
from asbuilt.reading.reader import Context

_CHAPTERS = frozenset(
    {Chapter.BACKUP, Chapter.MONITORING, Chapter.FLOW, Chapter.PRIVACY, Chapter.SECURITY, Chapter.VOLUME, Chapter.FILES}
)
CRON = re.compile(
    r"(?<![\w*/])(?:(?:\*(?:/\d+)?|\d+(?:[-,/]\d+)*)[ ]+){4}(?:\*|[\d,\-]+|(?:MON|TUE|WED|THU|FRI|SAT|SUN)[A-Z,\-]*)(?![\w*])"
)
_EVERY = re.compile(
    r"(?:\b(?:every|each|per|cada|alle|toutes les|setiap|her)\s+|кажд\w*\s+|[每毎매]\s*)"
    r"(?P<length>(?:\d+(?:[.,]\d+)?|[a-z]{3,6}|[一二两三四五六七八九十半])\s*[^\W\d_]+)",
    re.IGNORECASE,
)
CONTINUOUS = re.compile(
    r"\bcontinuous(?:ly)?\b|连续|持续|常時|지속|непрерывн|continu[oa]\b|fortlaufend|sürekli", re.IGNORECASE
)
TITLE = re.compile(
    r"schedule|frequency|计划|計劃|频率|頻率|周期|스케줄|주기|일정|расписание|スケジュール|頻度|horario|frecuencia|frequência|zeitplan",
    re.IGNORECASE,
)
_BACKUP = re.compile(r"backup|备份|備份|백업|резервн|バックアップ|respaldo|sicherung|yedek|cadangan", re.IGNORECASE)


@lru_cache(maxsize=4096)
def _is_titled(title: str) -> bool:
    return TITLE.search(title) is not None or _BACKUP.search(title) is not None


def read_schedule(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """A line of an operations chapter that says how often, in words or as a cron expression."""
    text = entry.words
    cron = CRON.search(text)
    if context.chapter not in _CHAPTERS and not _is_titled(entry.title) and not cron:
        return ()
    every = interval(text)
    if every is None and not cron and not CONTINUOUS.search(text):
        return ()
    return (
        Schedule(
            span=entry.span,
            form=Form.LISTING,
            subject=_subject(entry),
            chapter=context.chapter,
            every_seconds=every,
            text=text,
            cron=cron[0] if cron else None,
        ),
    )


def interval(text: str) -> int | None:
    """Return the seconds between two times of something that happens `every 6 hours` or `daily`."""
    stated = _EVERY.search(text)
    return (seconds(stated["length"]) if stated else None) or period(text)


def _subject(entry: Entry) -> str:
    """What happens: the side of the colon that does not say how often; the heading where that is all there is."""
    if entry.key is None:
        return entry.text.text
    if CRON.search(entry.key.text) or period(entry.key.text) is not None or CONTINUOUS.search(entry.key.text):
        return entry.value.text
    return entry.subject if TITLE.search(entry.key.text) else entry.key.text
