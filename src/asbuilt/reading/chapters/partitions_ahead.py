"""How far ahead partitions are made: `create partitions 3 months in advance`, `the next 4 partitions are created ahead of time`."""

import re

from asbuilt.evidence import Chapter
from asbuilt.model.chapters import PartitionsAhead
from asbuilt.model.fact import Form
from asbuilt.reading.chapters.entries import Entry
from asbuilt.reading.phrases.quantities import duration
from asbuilt.reading.reader import Context

_PARTITION = re.compile(r"partition|分区|分區|секци|партици|파티션|パーティション|partici|bölüm|partisi", re.IGNORECASE)
_AHEAD = re.compile(
    r"\bahead\b|\bin advance\b|\bbeforehand\b|\bpre-?(?:creat|mak|made)\w*|\bupcoming\b|\b(?:for )?the next\b|\bfuture\b|"
    r"提前|预先|預先|预建|заранее|вперёд|вперед|미리|事前|im voraus|à l'avance|con antelación|com antecedência|önceden",
    re.IGNORECASE,
)
_MADE = re.compile(
    r"\bpre|\bcreat|\bmade\b|\bmake|\bprovision|\badd(?:ed|s)?\b|\bkeep|\bkept|\bexist|创建|建立|创建|созда|생성|作成|erstell|cré|cre[ao]|cria|oluştur",
    re.IGNORECASE,
)
_NUMBERS = {
    word: n for n, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)
}
_COUNT = re.compile(
    rf"\b(?P<n>\d{{1,3}}|{'|'.join(_NUMBERS)})\s+(?:\w+\s+)?(?:partitions|periods)\b|(?P<one>\bthe next (?:partition|period)\b)|"
    r"(?P<m>\d{1,3})\s*个?(?:分区|分區)",
    re.IGNORECASE,
)  # fmt: skip


def read_partitions_ahead(entry: Entry, context: Context) -> tuple[PartitionsAhead, ...]:
    """A line that says how far ahead partitions are made, in time or in partitions; it names them, or what it stands under does."""
    text = entry.words
    if not (_AHEAD.search(text) and _MADE.search(text)) and not (entry.key and _AHEAD.search(entry.key.text)):
        return ()
    if not _PARTITION.search(text) and not (_PARTITION.search(entry.title) and context.chapter != Chapter.CACHE):
        return ()
    counted = _COUNT.search(text)
    periods = _number(counted) if counted else None
    seconds = duration(text) if periods is None else None
    if not periods and not seconds:
        return ()
    return (
        PartitionsAhead(span=entry.span, form=Form.LISTING, subject=text, seconds=seconds, periods=periods, text=text),
    )


def _number(found: re.Match[str]) -> int:
    if found["one"]:
        return 1
    written = found["n"] or found["m"]
    return _NUMBERS.get(written.lower()) or int(written) if written else 1
