"""Change logs: tables and lists of versions, dates and what changed."""

import re
from functools import lru_cache

from asbuilt.document.blocks import Block, Row, Table
from asbuilt.model.chapters import ChangeLogEntry
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.chapters.entries import Entry
from asbuilt.reading.reader import Context, Reading

_VERSION = re.compile(
    r"^\W*(?:version|ver\.?|rev(?:ision)?|版本号?|버전|версия|バージョン|版数?|versión|versão|sürüm|versi|fassung)\W*$",
    re.IGNORECASE,
)
_DATE = re.compile(r"date|日期|时间|날짜|일자|дата|日付|更新日|fecha|\bdata\b|datum|tarih|tanggal", re.IGNORECASE)
_CHANGES = re.compile(
    r"change|description|summary|notes?|what|变更|修改|内容|说明|描述|변경|내용|설명|изменени|описание|変更|内容|概要|cambio|descripci|alteraç|mudança|descriç|änderung|değişiklik|perubahan",
    re.IGNORECASE,
)
_AUTHOR = re.compile(
    r"author|\bby\b|\bwho\b|owner|作者|修改人|负责人|작성자|작성|автор|作成者|担当|autor|yazar|penulis", re.IGNORECASE
)
_TITLE = re.compile(
    r"change ?log|(?:revision|version|change|document) history|release notes|变更(?:记录|日志|历史)|版本历史|修订|更新日志|변경 ?이력|개정|история (?:изменений|версий)|変更履歴|改訂|historial|histórico|änderungs|değişiklik",
    re.IGNORECASE,
)
_RENAMED = re.compile(r"\brenamed\b", re.IGNORECASE)
_LINE = re.compile(
    r"[\[(]?(?P<version>(?!\d{4}[-/.年]\d)v?\d+(?:\.\d+){0,3}[\w.-]*)?[\])]?\s*(?:[-–—,(（]|\s)?\s*(?P<date>\d{4}[-/.年]\d{1,2}(?:[-/.月]\d{1,2}日?)?|YYYY-MM-DD)?[)）]?\s*[:：–—-]?\s*(?P<changes>\S.*)?",
    re.DOTALL,
)


def read_change_log_table(block: Block, context: Context) -> Reading | None:
    """Read a table with a column for versions and one for dates or changes; a date may still be a placeholder.

    Example: `| 1.1 | 2024-05-01 | Added orders |` is an entry of the change log.
    """
    if not isinstance(block, Table):
        return None
    heads = [cell.text.text for cell in block.header.cells]
    roles = {
        name: _column(heads, words)
        for name, words in (("version", _VERSION), ("date", _DATE), ("author", _AUTHOR), ("changes", _CHANGES))
    }
    under = any(_TITLE.search(heading.text.text) for heading in block.path)
    is_log = (roles["version"] is not None and (roles["date"] is not None or under)) or (
        under and roles["date"] is not None
    )
    if not is_log or roles["changes"] is None:
        return None
    return Reading(tuple(_rowed(row, roles) for row in block.rows if any(c.text.text.strip() for c in row.cells)))


def _column(heads: list[str], words: re.Pattern[str]) -> int | None:
    return next((i for i, head in enumerate(heads) if words.search(head)), None)


def _rowed(row: Row, roles: dict[str, int | None]) -> ChangeLogEntry:
    version, date, changes, author = (_text(row, roles[name]) for name in ("version", "date", "changes", "author"))
    return ChangeLogEntry(span=row.span, form=Form.LISTING, version=version, date=date, changes=changes, author=author)


def _text(row: Row, column: int | None) -> str:
    return row.cells[column].text.text.strip() if column is not None else ""


@lru_cache(maxsize=4096)
def _is_titled(title: str) -> bool:
    return _TITLE.search(title) is not None


def read_change(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """A line under a heading about changes that opens with a version or a date, or says that something was renamed."""
    match = _LINE.fullmatch(entry.text.text)
    if not _is_titled(entry.title) or match is None:
        return ()
    if not (match["version"] or match["date"] or _RENAMED.search(entry.text.text)):
        return ()
    version, date, changes = (match[name] or "" for name in ("version", "date", "changes"))
    return (ChangeLogEntry(span=entry.span, form=Form.LISTING, version=version, date=date, changes=changes),)
