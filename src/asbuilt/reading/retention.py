"""How long something is kept: retention tables, `Retention period: 30 days`, `audit logs: 7 years`."""

import re

from asbuilt.document.blocks import Block, Table
from asbuilt.model.chapters import Retention
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.entries import Entry
from asbuilt.reading.placeholders import find_placeholders
from asbuilt.reading.quantities import seconds
from asbuilt.reading.reader import Context, Reading

_WORDS = re.compile(
    r"retention|retain(?:ed)?\b|\bkept\b|\bkeep\b|\bstored for\b|\bpurged? after|\bdeleted? after|\barchived? after|\bexpires? after|\b(?:deleted?|removed?|purged?|anonymi[sz]ed) within|удал\w+ (?:через|после)|后(?:自动)?删除|삭제|保留|保存|"
    r"留存|保持期間|보존|보관|хран|retenci|retenç|conservaci|aufbewahr|saklama|penyimpanan|rétention",
    re.IGNORECASE,
)
_GENERIC = re.compile(
    r"^(?:data )?(?:retention|retain|keep|kept)(?: period| policy| time)?$|^保留(?:期|时间|期限|策略)?$|^보존 ?기간$",
    re.IGNORECASE,
)
_COPULA = re.compile(r"\s+(?:is|are|will be|must be)$", re.IGNORECASE)
_FOREVER = re.compile(
    r"\b(?:forever|indefinite(?:ly)?|permanent(?:ly)?|never deleted|unlimited)\b|永久|영구|бессрочно|永続",
    re.IGNORECASE,
)


def read_retention(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """A line under a heading about retention that states a time, or any line with a word for it and a time."""
    length = seconds(entry.value.text)
    if length is None and not _FOREVER.search(entry.value.text):
        return ()
    if not _WORDS.search(entry.text.text) and not _WORDS.search(entry.title):
        return ()
    return (
        Retention(span=entry.span, form=Form.LISTING, subject=_subject(entry), seconds=length, text=entry.text.text),
    )


def read_retention_table(block: Block, context: Context) -> Reading | None:
    """A table with a column for how long, one fact a row; rows that state no time stay prose."""
    if not isinstance(block, Table) or len(block.header.cells) < 2:
        return None
    column = next((i for i, cell in enumerate(block.header.cells) if i and _WORDS.search(cell.text.text)), None)
    if column is None or not any(seconds(row.cells[column].text.text) for row in block.rows):
        return None
    facts = []
    for row in block.rows:
        cell = row.cells[column].text
        if not find_placeholders(cell) and cell.text.strip():
            subject = row.cells[0].text.text.strip()
            facts.append(
                Retention(span=row.span, form=Form.LISTING, subject=subject, seconds=seconds(cell.text), text=cell.text)
            )
    return Reading(tuple(facts))


def _subject(entry: Entry) -> str:
    if entry.key and not _GENERIC.match(entry.key.text.strip()):
        return entry.key.text
    if entry.key is None and (match := _WORDS.search(entry.text.text)) and match.start() > 2:
        return _COPULA.sub("", entry.text.text[: match.start()].strip(" -,，:："))
    return entry.subject
