"""How long what a change would destroy is kept: `Keep the old column for 30 days`, `Rollback window: 7 days`."""

import re

from asbuilt.evidence import Chapter
from asbuilt.model.chapters import KeptAside
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.chapters.entries import Entry
from asbuilt.reading.chapters.procedures import read_step
from asbuilt.reading.phrases.quantities import duration
from asbuilt.reading.reader import Context

_WINDOW = re.compile(
    r"\broll(?:-| )?back (?:window|period|horizon)\b|回滚(?:窗口|期)|ロールバック期間|окно отката", re.IGNORECASE
)
_ACT = re.compile(
    r"\b(?:keep|kept|retain(?:ed)?|preserved?|drop(?:ped)?|remove[ds]?|delete[ds]?|purged?|stays?|remains?)\b|"
    r"保留|保持|保存|删除|削除|хран|удал|conserv|aufbewahr|behalten|löschen|gelöscht",
    re.IGNORECASE,
)
_OLD = re.compile(
    r"\b(?:old|previous|legacy|deprecated|original|former|renamed|obsolete|unused|dropped|removed|backup|backed[ -]up|shadow|temporary)"
    r"(?:[ -]\w+)? (?:columns?|tables?|fields?|schemas?|values|structures?)\b|"
    r"旧(?:的)?(?:字段|列|表|カラム|テーブル)|стар\w+ (?:столб|колон|пол|таблиц)\w*|(?:columna|tabla|campo|coluna|tabela)s? antig[uao]\w*|"
    r"alte[nrs]? (?:spalte|tabelle|feld)\w*|ancien\w* (?:colonne|table|champ)s?",
    re.IGNORECASE,
)
_LATER = re.compile(r"\bdrop(?:ped)?\b.{0,40}\bafter\b", re.IGNORECASE)
_ABOUT = re.compile(
    r"migrat|rollback|roll back|contract|clean-?up|deprecat|schema change|迁移|回滚|移行|миграц|откат", re.IGNORECASE
)


def read_kept_aside(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """A line that names a rollback window, or, where changes are spoken of, how long what is old stays; a step of a procedure stays one."""
    at = _stated(entry.words, is_about=context.chapter == Chapter.MIGRATION or _ABOUT.search(entry.title) is not None)
    if at is None or (seconds := duration(entry.words[at:]) or duration(entry.words)) is None:
        return ()
    fact = KeptAside(span=entry.span, form=Form.LISTING, seconds=seconds, text=entry.words)
    return (fact, *read_step(entry, context))


def _stated(text: str, *, is_about: bool) -> int | None:
    """Return where the time is to be looked for first; None where none is stated."""
    if window := _WINDOW.search(text):
        return window.end()
    act = _ACT.search(text)
    if act and is_about and (_OLD.search(text) or _LATER.search(text)):
        return act.end()
    return None
